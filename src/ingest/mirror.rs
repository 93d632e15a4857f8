//! Documents that lie elsewhere: fetched into a folder of their own, which is then read as any other.
//!
//! What was fetched before is asked for only if it has changed, and kept where the other side does not answer.

mod bucket;
mod state;
mod web;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::config::settings::Config;
use crate::config::sources::Source;
use crate::domain::fault::Fault;
use state::State;

/// How a look at the other side went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Files that came anew.
    pub new: usize,
    /// Files that are as they were.
    pub same: usize,
    /// What could not be had, with the reason.
    pub failed: Vec<(String, Fault)>,
}

/// Brings the copies of a source up to date.
///
/// # Errors
/// The folder of the copies cannot be written, or the settings of the source cannot work.
pub async fn refresh(
    config: &Config,
    source: &Source,
    stop: &CancellationToken,
) -> anyhow::Result<Fetched> {
    let folder = &source.path;
    std::fs::create_dir_all(folder).with_context(|| {
        format!(
            "the folder {} for copies of source \"{}\" cannot be made; correct data.dir",
            folder.display(),
            source.name
        )
    })?;
    let mut state = State::open(folder)?;
    let fetched = match (&source.web, &source.bucket) {
        (Some(site), _) => web::fetch(source, site, &mut state, stop).await,
        (None, Some(place)) => bucket::fetch(config, source, place, &mut state, stop).await,
        (None, None) => Ok(Fetched::default()),
    };
    state.save()?;
    fetched
}

/// The address that the copy at a path was fetched from.
pub fn addresses(source: &Source) -> impl Fn(&str) -> Option<String> + use<> {
    let state = source
        .web
        .as_ref()
        .and_then(|_| State::open(&source.path).ok());
    move |path: &str| state.as_ref()?.address(path)
}
