//! Writes results to the index, the recipe store and the catalog.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};

use super::plan::Task;
use super::read::ReadOutcome;
use super::{FailedFile, SyncProgress, SyncReport};
use crate::domain::document::DocumentId;
use crate::domain::passage::Passage;
use crate::ingest::catalog::{CatalogEntry, DocumentState};
use crate::ingest::stores::SyncContext;
use crate::recipes::record::RecipeRecord;
use crate::search::index::Changes;

/// Passages per commit, since each commit of the index has a fixed cost.
const BATCH: usize = 4_000;
/// Maximum time between commits: the work that is lost if the program is killed.
const COMMIT_INTERVAL: Duration = Duration::from_secs(1);
/// Time to the first commit. Each interval is twice the one before, so that a few files are indexed while the last of them
/// are read.
const FIRST_COMMIT: Duration = Duration::from_millis(200);

/// Writes what was read to the index, the recipe store and the catalog.
pub(super) async fn write(
    context: SyncContext<'_>,
    dry_run: bool,
    mut receiver: mpsc::Receiver<(Task, ReadOutcome)>,
    progress: &watch::Sender<SyncProgress>,
    report: &mut SyncReport,
) -> anyhow::Result<()> {
    let mut batch = Batch::default();
    let (mut last_commit, mut interval) = (Instant::now(), FIRST_COMMIT);
    while let Some((task, outcome)) = receiver.recv().await {
        count_outcome(&task, &outcome, progress, report);
        batch.add(task, outcome);
        let is_due = batch.is_full() || last_commit.elapsed() >= interval;
        if is_due && !dry_run {
            batch.write(context).await?;
            last_commit = Instant::now();
            interval = COMMIT_INTERVAL.min(2 * interval);
        }
    }
    if dry_run {
        Ok(())
    } else {
        batch.write(context).await
    }
}

/// Counts an outcome in progress and report.
fn count_outcome(
    task: &Task,
    outcome: &ReadOutcome,
    progress: &watch::Sender<SyncProgress>,
    report: &mut SyncReport,
) {
    let mut passages = 0;
    match outcome {
        ReadOutcome::Unchanged => report.unchanged += 1,
        ReadOutcome::StillFailing(fault)
        | ReadOutcome::Failed { fault, .. }
        | ReadOutcome::Unavailable(fault) => {
            report.failed.push(FailedFile {
                path: task.display_path(),
                reason: fault.clone(),
            });
        }
        ReadOutcome::WouldChange | ReadOutcome::Read(_) if task.was_read() => report.changed += 1,
        ReadOutcome::WouldChange | ReadOutcome::Read(_) => report.added += 1,
    }
    if let ReadOutcome::Read(built) = outcome {
        passages = built.entry.passages as usize;
        if !built.entry.notes.is_empty() {
            tracing::info!(
                path = task.display_path(),
                notes = ?built.entry.notes,
                "a document was not read completely"
            );
        }
    }
    progress.send_modify(|progress| {
        progress.done += 1;
        progress.failed = report.failed.len();
        progress.passages += passages;
        progress.current = Some(task.file.path.clone());
    });
}

/// Changes that are written together: to the recipe store, the index, and then the catalog.
#[derive(Default)]
pub(super) struct Batch {
    remove: Vec<DocumentId>,
    passages: Vec<Passage>,
    records: Vec<RecipeRecord>,
    entries: BTreeMap<DocumentId, CatalogEntry>,
}

impl Batch {
    pub(super) fn is_full(&self) -> bool {
        self.passages.len() >= BATCH
    }

    /// Adds the new entry of a document whose passages stay as they are.
    pub(super) fn update_entry(&mut self, entry: CatalogEntry) {
        self.entries.insert(entry.id.clone(), entry);
    }

    pub(super) fn add(&mut self, task: Task, outcome: ReadOutcome) {
        let id = task.file.id.clone();
        match outcome {
            ReadOutcome::Read(built) => {
                self.remove.push(id.clone());
                self.passages.extend(built.passages);
                self.records.extend(built.record);
                self.entries.insert(id, built.entry);
            }
            ReadOutcome::Failed { entry, .. } => {
                self.remove.push(id.clone());
                self.entries.insert(id, *entry);
            }
            ReadOutcome::Unchanged | ReadOutcome::StillFailing(_) => {
                if let Some(previous) = task.previous {
                    let file = task.file;
                    let entry = CatalogEntry {
                        size: file.size,
                        modified: file.modified,
                        file: file.file,
                        ..previous
                    };
                    self.entries.insert(id, entry);
                }
            }
            ReadOutcome::Unavailable(_) | ReadOutcome::WouldChange => {}
        }
    }

    pub(super) async fn write(&mut self, context: SyncContext<'_>) -> anyhow::Result<()> {
        let batch = std::mem::take(self);
        if !batch.remove.is_empty() {
            context
                .stores
                .recipes
                .apply(&batch.remove, &batch.records)
                .await?;
            context
                .stores
                .index
                .apply(Changes {
                    remove: batch.remove,
                    add: batch.passages,
                })
                .await?;
        }
        let entries: Vec<CatalogEntry> = batch.entries.into_values().collect();
        debug_assert!(
            entries
                .iter()
                .all(|entry| entry.state != DocumentState::Pending)
        );
        context.stores.catalog.record(&entries).await
    }
}
