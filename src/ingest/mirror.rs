//! Mirrors of remote sources: local copies in a folder, which is then read like any other.
//!
//! Files are fetched again only if they have changed, and kept if the remote side does not answer.

mod bucket;
mod state;
mod web;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::config::settings::Config;
use crate::config::sources::Source;
use crate::domain::fault::Fault;
use state::MirrorState;

/// The result of updating a mirror.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchReport {
    /// Files that were fetched.
    pub new: usize,
    /// Files that are unchanged.
    pub same: usize,
    /// What could not be fetched, with the reason.
    pub failed: Vec<(String, Fault)>,
}

/// Updates the mirror of a source.
///
/// # Errors
/// The folder of the mirror cannot be written, or the settings of the source are invalid.
pub async fn refresh(
    config: &Config,
    source: &Source,
    stop: &CancellationToken,
) -> anyhow::Result<FetchReport> {
    let folder = &source.path;
    std::fs::create_dir_all(folder).with_context(|| {
        format!(
            "the folder {} for copies of source \"{}\" cannot be created; correct data.dir",
            folder.display(),
            source.name
        )
    })?;
    let mut state = MirrorState::open(folder)?;
    let fetched = match (&source.web, &source.bucket) {
        (Some(site), _) => web::fetch(source, site, &mut state, stop).await,
        (None, Some(bucket)) => bucket::fetch(config, source, bucket, &mut state, stop).await,
        (None, None) => Ok(FetchReport::default()),
    };
    state.save()?;
    fetched
}

/// Returns a function from the path of a mirrored file to the address it was fetched from.
pub fn addresses(source: &Source) -> impl Fn(&str) -> Option<String> + use<> {
    let state = source
        .web
        .as_ref()
        .and_then(|_| MirrorState::open(&source.path).ok());
    move |path: &str| state.as_ref()?.address(path)
}
