//! One run that brings the index and the catalogue up to date with the configured folders.
//!
//! Whatever ends a run early costs only time: the index is committed first and the catalogue after it, so what is
//! not in the catalogue is done again by the next run.

mod doubts;
mod plan;
mod read;
mod standing;
mod write;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use self::plan::{Again, Plan, Task};
use self::read::Outcome;
use super::catalog::{Catalog, Entry};
use super::mirror;
use super::revisions::Conflict;
use crate::config::settings::Config;
use crate::domain::fault::Fault;
use crate::domain::passage::Passage;
use crate::extract::pool::Extractor;
use crate::recipes::shelf::Shelf;
use crate::runtime::clock::Clock;
use crate::search::index::{Changes, Index};

/// What a run works with.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    pub config: &'a Config,
    pub index: &'a dyn Index,
    pub catalog: &'a Catalog,
    /// Where recipes and alarms are kept.
    pub shelf: &'a Shelf,
    pub extractor: &'a Extractor,
    pub clock: &'a Clock,
}

/// What a run is to do.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Reads everything again, changed or not.
    pub full: bool,
    /// Of a full run, when it first began, in milliseconds since 1970: what was read since then is not read again.
    pub since: Option<i64>,
    /// Only reports what would be done.
    pub dry_run: bool,
    /// Only these files or folders; all where there are none.
    pub paths: Vec<PathBuf>,
    /// Only the sources of these names; all where there are none.
    pub sources: Vec<String>,
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncProgress {
    /// Files to be looked into.
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    /// Passages made so far.
    pub passages: usize,
    /// Path of the file that was finished last.
    pub current: Option<String>,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
    pub unchanged: usize,
    /// Every file that cannot be read, also those that could not be read before.
    pub failed: Vec<FailedFile>,
    /// What the documents contradict one another in.
    pub conflicts: Vec<Conflict>,
    /// In the index after the run, as are the next two.
    pub documents: u64,
    pub pages: u64,
    pub passages: u64,
    pub seconds: f64,
    /// The run was stopped before its end; the next one goes on with the rest.
    #[serde(skip)]
    pub stopped: bool,
}

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedFile {
    pub path: String,
    #[serde(serialize_with = "crate::runtime::encoding::as_words")]
    pub reason: Fault,
}

/// Brings the index up to date.
///
/// # Errors
/// A source cannot be listed, or the index or the catalogue fails. A file that cannot be read is no error; it is in
/// the report.
pub async fn run(
    parts: Parts<'_>,
    options: &Options,
    progress: &watch::Sender<SyncProgress>,
    stop: &CancellationToken,
) -> anyhow::Result<Report> {
    let begin = Instant::now();
    let known = parts.catalog.entries().await?;
    let recover = if options.dry_run {
        false
    } else {
        reconcile(parts, &known).await?
    };
    let again = match (options.full, options.since) {
        _ if recover => Again::All,
        (true, Some(time)) => Again::Before(time),
        (true, None) => Again::All,
        (false, _) => Again::Changed,
    };
    let missed = fetch(parts, options, stop).await?;
    let plan = plan::make(parts.config, options, known, again, &missed)?;
    let mut report = Report {
        unchanged: plan.unchanged,
        failed: plan.failed.clone(),
        ..Report::default()
    };
    progress.send_replace(SyncProgress {
        total: plan.tasks.len(),
        ..SyncProgress::default()
    });
    if options.dry_run {
        report.removed = plan.gone.len();
    } else {
        remove(parts, &plan, &mut report).await?;
        let new: Vec<Entry> = plan
            .tasks
            .iter()
            .filter(|task| task.known.is_none())
            .map(Task::pending)
            .collect();
        parts.catalog.record(&new).await?;
    }
    Box::pin(work(
        parts,
        options,
        plan.tasks,
        progress,
        stop,
        &mut report,
    ))
    .await?;
    report.conflicts = standing::settle(parts, options, stop).await?;
    parts.extractor.rest();
    if !options.dry_run && !stop.is_cancelled() {
        parts.shelf.mark_filled().await?;
    }
    let totals = parts.catalog.totals().await?;
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

/// The passages that a document gives when it is read now.
///
/// # Errors
/// It cannot be read, or its source is no longer configured.
pub async fn passages(parts: Parts<'_>, entry: &Entry) -> anyhow::Result<Vec<Passage>> {
    let task = Task::again(parts.config, entry.clone())
        .with_context(|| format!("the source \"{}\" is not configured any more", entry.source))?;
    match read::read(parts, &task, false).await {
        Outcome::Read { passages, .. } => Ok(passages),
        Outcome::Failed { fault, .. } | Outcome::Elsewhere(fault) => bail!("{fault}"),
        Outcome::Same | Outcome::SameFailure(_) | Outcome::Differs => Ok(Vec::new()),
    }
}

/// Brings the copies of remote sources up to date. Returns what could not be had.
async fn fetch(
    parts: Parts<'_>,
    options: &Options,
    stop: &CancellationToken,
) -> anyhow::Result<Vec<FailedFile>> {
    let mut missed = Vec::new();
    if options.dry_run || !options.paths.is_empty() {
        return Ok(missed);
    }
    for source in plan::chosen(parts.config, options)? {
        if !source.is_remote() || stop.is_cancelled() {
            continue;
        }
        let fetched = Box::pin(mirror::refresh(parts.config, &source, stop)).await?;
        let failed = fetched.failed.into_iter();
        missed.extend(failed.map(|(path, reason)| FailedFile {
            path: format!("{}: {path}", source.name),
            reason,
        }));
    }
    Ok(missed)
}

/// Brings an index of another version up to date, and settles what it and the catalogue do not agree on because one of
/// them was deleted; whether everything has to be read again.
async fn reconcile(parts: Parts<'_>, known: &[Entry]) -> anyhow::Result<bool> {
    parts.index.upgrade().await?;
    let held = parts.index.size().await?;
    let expected: u32 = known.iter().map(|entry| entry.passages).sum();
    if known.is_empty() && held > 0 {
        tracing::warn!(
            passages = held,
            "the index holds passages of unknown documents; it is emptied"
        );
        parts.index.clear().await?;
        parts.shelf.clear().await?;
    }
    let unfilled = expected > 0 && !parts.shelf.is_filled().await?;
    Ok(held == 0 && expected > 0 || unfilled)
}

async fn remove(parts: Parts<'_>, plan: &Plan, report: &mut Report) -> anyhow::Result<()> {
    if plan.gone.is_empty() {
        return Ok(());
    }
    parts
        .index
        .apply(Changes {
            remove: plan.gone.clone(),
            add: Vec::new(),
        })
        .await?;
    parts.shelf.apply(&plan.gone, &[]).await?;
    parts.catalog.forget(&plan.gone).await?;
    report.removed = plan.gone.len();
    Ok(())
}

/// Reads files side by side, and hands what they give to the index at the same time.
async fn work(
    parts: Parts<'_>,
    options: &Options,
    tasks: Vec<Task>,
    progress: &watch::Sender<SyncProgress>,
    stop: &CancellationToken,
    report: &mut Report,
) -> anyhow::Result<()> {
    // One more than can be read, so that no reader waits while a file is cut into passages.
    let side_by_side = parts.extractor.workers() + 1;
    let (sender, receiver) = mpsc::channel::<(Task, Outcome)>(2 * side_by_side);
    let enough = stop.child_token();
    let readers = async {
        let sender = sender;
        futures::stream::iter(tasks)
            .take_until(enough.cancelled())
            .map(|task| async move {
                let outcome = read::read(parts, &task, options.dry_run).await;
                (task, outcome)
            })
            .buffer_unordered(side_by_side)
            .for_each(|done| async {
                // The writer is gone only if it failed, and then its error is the one to report.
                let _ = sender.send(done).await;
            })
            .await;
    };
    let writer = async {
        let written = write::write(parts, options.dry_run, receiver, progress, report).await;
        enough.cancel();
        written
    };
    let ((), written) = tokio::join!(readers, writer);
    written
}
