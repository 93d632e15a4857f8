//! `epibot backup` and `epibot restore`: writes the state to a file, and restores it.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use serde_json::json;

use super::output::Output;
use crate::app::storage::Storage;
use crate::config::settings::Config;
use crate::runtime::clock::Clock;
use crate::storage::backup::Counts;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The backup
    file: PathBuf,
    /// Put it in the place of what is there
    #[arg(long)]
    force: bool,
}

/// Writes a backup, also while the program runs.
pub(super) async fn backup(
    config: &Config,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let path = &arguments.file;
    ensure!(
        arguments.force || !path.exists(),
        "{} is there already; name another file, or add --force",
        path.display()
    );
    let stores = Storage::open(config).await?.stores().await?;
    let partial = partial_path(path);
    let written = async {
        // Readable by the owner only, since it contains questions and the link key.
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)?;
        let mut out = BufWriter::new(file);
        let counts = stores.write(Clock::system().now(), &mut out).await?;
        out.into_inner()?.sync_all()?;
        fs::rename(&partial, path)?;
        anyhow::Ok(counts)
    };
    let counts = written.await.with_context(|| {
        let _ = fs::remove_file(&partial);
        format!("the backup {} cannot be written", path.display())
    })?;
    print_counts("Backed up", counts, path, output)?;
    Ok(ExitCode::SUCCESS)
}

/// Replaces the state by a backup; the program must not be running.
pub(super) async fn restore(
    config: &Config,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let path = &arguments.file;
    let file = File::open(path).with_context(|| {
        format!(
            "the backup {} cannot be read; check its path and permissions",
            path.display()
        )
    })?;
    let state = Storage::open(config).await?;
    let mut restoring = state.restore_target().await?;
    ensure!(
        arguments.force || restoring.stores.is_empty().await?,
        "there are questions and answers already, which the backup would take the place of; add --force if they may go"
    );
    let counts = restoring
        .stores
        .read(&mut BufReader::new(file))
        .await
        .with_context(|| format!("the backup {} cannot be restored", path.display()))?;
    state
        .replace_link_key(restoring.stores.link_key.as_deref())
        .await?;
    print_counts("Restored", counts, path, output)?;
    Ok(ExitCode::SUCCESS)
}

/// The path of the incomplete backup.
fn partial_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn print_counts(action: &str, counts: Counts, path: &Path, output: Output) -> anyhow::Result<()> {
    output.line(format!(
        "{action}: {} questions and orders, {} answers, {} votes, {} remarks ({}). Documents are not part of it: \
         `epibot reindex --full` reads them again.",
        counts.jobs,
        counts.answers,
        counts.votes,
        counts.remarks,
        path.display()
    ));
    output.document(&json!({ "file": path, "rows": counts }))
}
