//! `epibot reindex`: brings the index up to date with the documents.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::services::Services;
use crate::app::storage::Storage;
use crate::config::settings::Config;
use crate::config::sources::Source;
use crate::ingest::catalog::CatalogEntry;
use crate::ingest::reindex::lock::ReindexLock;
use crate::ingest::source;
use crate::ingest::sync;
use crate::ingest::sync::{SyncOptions, SyncProgress, SyncReport};
use crate::runtime::lifecycle;

use super::output::Output;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only these files and folders; with no sources configured, folders to index
    paths: Vec<PathBuf>,
    /// Only this source; may be repeated
    #[arg(long, value_name = "NAME")]
    source: Vec<String>,
    /// Read every document again, changed or not
    #[arg(long)]
    full: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(
    mut config: Config,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let (mut paths, mut sources) = (arguments.paths, arguments.source);
    if config.sources.is_empty() {
        let catalog = Storage::open(&config).await?.catalog().await?;
        let catalogued = catalog.entries().await?;
        let named = with_unique_names(folders_as_sources(&paths)?, &catalogued);
        if sources.is_empty() {
            sources = named.iter().map(|source| source.name.clone()).collect();
        }
        let earlier = source::from_catalog(&catalogued);
        config.sources = named;
        // Sources that were indexed before are kept.
        let is_new = |source: &Source| !sources.contains(&source.name);
        config.sources.extend(earlier.into_iter().filter(is_new));
        paths.clear();
    }
    let app = Services::open(&config).await?;
    let options = SyncOptions {
        full: arguments.full,
        since: None,
        dry_run: arguments.dry_run,
        paths,
        sources,
    };
    let postgres = Storage::open(&config).await?.postgres;
    let lock = ReindexLock::acquire(&config, postgres.as_ref()).await?;
    let _lock = lock.map_err(|holder| {
        anyhow!(
            "{holder} is indexing the same documents; wait for it to end, or stop it there (in Slack: {} cancel)",
            config.reindex.command
        )
    })?;
    let report = reindex(&app, &config, &options, output).await?;
    show(&report, arguments.dry_run, output);
    output.document(&report)?;
    Ok(if report.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs with a progress bar. Ctrl-C stops it early; the next run continues.
pub(super) async fn reindex(
    app: &Services,
    config: &Config,
    options: &SyncOptions,
    output: Output,
) -> anyhow::Result<SyncReport> {
    let (progress, mut updates) = watch::channel(SyncProgress::default());
    let bar = output.bar("{bar:32} {pos}/{len} files · {msg} · {eta} left")?;
    let watch = async {
        while updates.changed().await.is_ok() {
            let state = updates.borrow_and_update().clone();
            bar.set_length(state.total as u64);
            bar.set_position(state.done as u64);
            bar.set_message(format!(
                "{} passages, {} failed",
                state.passages, state.failed
            ));
        }
        std::future::pending::<()>().await;
    };
    let stop = CancellationToken::new();
    let stopper = async {
        lifecycle::shutdown_signal().await;
        stop.cancel();
        std::future::pending::<()>().await;
    };
    let report = tokio::select! {
        report = sync::run(app.sync_context(config), options, &progress, &stop) => report,
        () = watch => unreachable!("the watch ends only with the run"),
        () = stopper => unreachable!("the run ends soon after it is stopped"),
    };
    bar.finish_and_clear();
    report
}

fn show(report: &SyncReport, dry_run: bool, output: Output) {
    output.line(format!(
        "{}{} added, {} changed, {} removed, {} unchanged, {} failed: {} passages of {} pages in {} documents, {:.1} s",
        if dry_run { "would be: " } else { "" },
        report.added,
        report.changed,
        report.removed,
        report.unchanged,
        report.failed.len(),
        report.passages,
        report.pages,
        report.documents,
        report.seconds
    ));
    for failure in &report.failed {
        output.line(format!("  {}: {}", failure.path, failure.reason));
    }
    for conflict in &report.conflicts {
        let documents = conflict.documents.join(" and ");
        output.line(format!("  {documents}: {}", conflict.reason));
    }
}

/// Gives folders with the same name different source names, by prefixing parent folders.
fn with_unique_names(mut sources: Vec<Source>, catalogued: &[CatalogEntry]) -> Vec<Source> {
    for at in 0..sources.len() {
        let path = sources[at].path.clone();
        let mut parents = path.ancestors().skip(1).filter_map(Path::file_name);
        let is_taken = |name: &str| {
            let mut others = sources.iter().enumerate();
            let of_another =
                |entry: &CatalogEntry| entry.source == name && !entry.file.starts_with(&path);
            others.any(|(other, source)| other != at && source.name == name && source.path != path)
                || catalogued.iter().any(of_another)
        };
        let mut name = sources[at].name.clone();
        while is_taken(&name)
            && let Some(parent) = parents.next()
        {
            name = format!("{}/{name}", parent.to_string_lossy());
        }
        sources[at].name = name;
    }
    sources
}

/// Turns folders into sources, each named after its folder.
pub(super) fn folders_as_sources(paths: &[PathBuf]) -> anyhow::Result<Vec<Source>> {
    anyhow::ensure!(
        !paths.is_empty(),
        "there is nothing to index: no [[sources]] are configured; name a folder (`epibot reindex FOLDER`) \
         or a configuration file (`--config FILE`)"
    );
    paths
        .iter()
        .map(|path| {
            let path = path
                .canonicalize()
                .with_context(|| format!("{} cannot be found", path.display()))?;
            anyhow::ensure!(
                path.is_dir(),
                "{} is no folder; name the folder that it lies in",
                path.display()
            );
            let name = path.file_name().map_or_else(
                || "documents".to_owned(),
                |name| name.to_string_lossy().into_owned(),
            );
            Ok(Source {
                name,
                path,
                collection: "documents".to_owned(),
                ..Source::default()
            })
        })
        .collect()
}
