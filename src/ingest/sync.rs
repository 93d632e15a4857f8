//! One run that brings the index and the catalog up to date with the configured sources.
//!
//! A run that ends early only costs time: the index is committed before the catalog, so the next run repeats what is not
//! in the catalog.

mod build;
mod fingerprint;
mod name_check;
mod plan;
mod read;
mod superseded;
mod write;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use self::plan::{Plan, Reread, Task};
use self::read::ReadOutcome;
use super::catalog::CatalogEntry;
use super::mirror;
use super::revisions::Conflict;
use super::stores::SyncContext;
use crate::domain::fault::Fault;
use crate::domain::passage::Passage;
use crate::search::index::Changes;

/// What a run does.
#[derive(Clone, Debug, Default)]
pub struct SyncOptions {
    /// Reads everything again, changed or not.
    pub full: bool,
    /// When a full run first started, in milliseconds since 1970: what was read since then is not read again.
    pub since: Option<i64>,
    /// Only reports what would be done.
    pub dry_run: bool,
    /// Only these files or folders; all if empty.
    pub paths: Vec<PathBuf>,
    /// Only the sources of these names; all if empty.
    pub sources: Vec<String>,
}

/// The progress of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncProgress {
    /// Files to read.
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    /// Number of passages so far.
    pub passages: usize,
    /// Path of the file that was finished last.
    pub current: Option<String>,
}

/// The result of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SyncReport {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
    pub unchanged: usize,
    /// Every file that cannot be read, also those that could not be read before.
    pub failed: Vec<FailedFile>,
    /// Where documents contradict one another or themselves.
    pub conflicts: Vec<Conflict>,
    /// Number in the index after the run, as are the next two.
    pub documents: u64,
    pub pages: u64,
    pub passages: u64,
    pub seconds: f64,
    /// The run was stopped early; the next one continues.
    #[serde(skip)]
    pub stopped: bool,
}

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedFile {
    pub path: String,
    #[serde(serialize_with = "crate::runtime::encoding::as_display")]
    pub reason: Fault,
}

/// Brings the index up to date.
///
/// # Errors
/// A source cannot be listed, or the index or the catalog fails. A file that cannot be read is no error; it is in
/// the report.
pub async fn run(
    context: SyncContext<'_>,
    options: &SyncOptions,
    progress: &watch::Sender<SyncProgress>,
    stop: &CancellationToken,
) -> anyhow::Result<SyncReport> {
    let begin = Instant::now();
    let entries = context.stores.catalog.entries().await?;
    let reread_all = if options.dry_run {
        false
    } else {
        reconcile(context, &entries).await?
    };
    let reread = match (options.full, options.since) {
        _ if reread_all => Reread::All,
        (true, Some(time)) => Reread::Before(time),
        (true, None) => Reread::All,
        (false, _) => Reread::Changed,
    };
    let fetch_failures = fetch(context, options, stop).await?;
    let plan = plan::build(context.config, options, entries, reread, &fetch_failures)?;
    let mut report = SyncReport {
        unchanged: plan.unchanged,
        failed: plan.failed.clone(),
        ..SyncReport::default()
    };
    progress.send_replace(SyncProgress {
        total: plan.tasks.len(),
        ..SyncProgress::default()
    });
    if options.dry_run {
        report.removed = plan.removed.len();
    } else {
        remove(context, &plan, &mut report).await?;
        let new: Vec<CatalogEntry> = plan
            .tasks
            .iter()
            .filter(|task| task.previous.is_none())
            .map(Task::pending)
            .collect();
        context.stores.catalog.record(&new).await?;
    }
    Box::pin(process(
        context,
        options,
        plan.tasks,
        progress,
        stop,
        &mut report,
    ))
    .await?;
    report.conflicts = superseded::update(context, options, stop).await?;
    context.stores.extractor.stop_idle();
    if !options.dry_run && !stop.is_cancelled() {
        context.stores.recipes.mark_filled().await?;
    }
    let totals = context.stores.catalog.totals().await?;
    report
        .failed
        .sort_by(|one, other| one.path.cmp(&other.path));
    report.documents = totals.documents;
    report.pages = totals.pages;
    report.passages = totals.passages;
    report.seconds = begin.elapsed().as_secs_f64();
    report.stopped = stop.is_cancelled();
    Ok(report)
}

/// Reads a document, and returns its passages.
///
/// # Errors
/// It cannot be read, or its source is no longer configured.
pub async fn passages(
    context: SyncContext<'_>,
    entry: &CatalogEntry,
) -> anyhow::Result<Vec<Passage>> {
    let task = Task::reread(context.config, entry.clone())
        .with_context(|| format!("the source \"{}\" is not configured any more", entry.source))?;
    match read::read(context, &task, false).await {
        ReadOutcome::Read(built) => Ok(built.passages),
        ReadOutcome::Failed { fault, .. } | ReadOutcome::Unavailable(fault) => bail!("{fault}"),
        ReadOutcome::Unchanged | ReadOutcome::StillFailing(_) | ReadOutcome::WouldChange => {
            Ok(Vec::new())
        }
    }
}

/// Updates the mirrors of remote sources. Returns what could not be fetched.
async fn fetch(
    context: SyncContext<'_>,
    options: &SyncOptions,
    stop: &CancellationToken,
) -> anyhow::Result<Vec<FailedFile>> {
    let mut fetch_failures = Vec::new();
    if options.dry_run || !options.paths.is_empty() {
        return Ok(fetch_failures);
    }
    for source in plan::selected_sources(context.config, options)? {
        if !source.is_remote() || stop.is_cancelled() {
            continue;
        }
        let fetched = Box::pin(mirror::refresh(context.config, &source, stop)).await?;
        let failed = fetched.failed.into_iter();
        fetch_failures.extend(failed.map(|(path, reason)| FailedFile {
            path: format!("{}: {path}", source.name),
            reason,
        }));
    }
    Ok(fetch_failures)
}

/// Upgrades an index of another version, and resolves differences between it and the catalog because one of them was
/// deleted. Returns whether everything has to be read again.
async fn reconcile(context: SyncContext<'_>, entries: &[CatalogEntry]) -> anyhow::Result<bool> {
    context.stores.index.upgrade().await?;
    let indexed = context.stores.index.size().await?;
    let expected: u32 = entries.iter().map(|entry| entry.passages).sum();
    if entries.is_empty() && indexed > 0 {
        tracing::warn!(
            passages = indexed,
            "clearing the index, which contains passages of unknown documents"
        );
        context.stores.index.clear().await?;
        context.stores.recipes.clear().await?;
    }
    let recipes_missing = expected > 0 && !context.stores.recipes.is_filled().await?;
    Ok(indexed == 0 && expected > 0 || recipes_missing)
}

async fn remove(
    context: SyncContext<'_>,
    plan: &Plan,
    report: &mut SyncReport,
) -> anyhow::Result<()> {
    if plan.removed.is_empty() {
        return Ok(());
    }
    context
        .stores
        .index
        .apply(Changes {
            remove: plan.removed.clone(),
            add: Vec::new(),
        })
        .await?;
    context.stores.recipes.apply(&plan.removed, &[]).await?;
    context.stores.catalog.forget(&plan.removed).await?;
    report.removed = plan.removed.len();
    Ok(())
}

/// Reads files in parallel, while a writer adds the results to the index.
async fn process(
    context: SyncContext<'_>,
    options: &SyncOptions,
    tasks: Vec<Task>,
    progress: &watch::Sender<SyncProgress>,
    stop: &CancellationToken,
    report: &mut SyncReport,
) -> anyhow::Result<()> {
    // One more than can be read, so that no reader waits while a file is split into passages.
    let parallel = context.stores.extractor.workers() + 1;
    let (sender, receiver) = mpsc::channel::<(Task, ReadOutcome)>(2 * parallel);
    let stop_reading = stop.child_token();
    let readers = async {
        let sender = sender;
        futures::stream::iter(tasks)
            .take_until(stop_reading.cancelled())
            .map(|task| async move {
                let outcome = read::read(context, &task, options.dry_run).await;
                (task, outcome)
            })
            .buffer_unordered(parallel)
            .for_each(|done| async {
                // The receiver is closed only if the writer failed, and then its error is reported.
                let _ = sender.send(done).await;
            })
            .await;
    };
    let writer = async {
        let written = write::write(context, options.dry_run, receiver, progress, report).await;
        stop_reading.cancel();
        written
    };
    let ((), written) = tokio::join!(readers, writer);
    written
}
