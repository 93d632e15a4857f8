//! From passages to the index and the catalogue.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};

use super::plan::Task;
use super::read::Outcome;
use super::{FailedFile, SyncProgress, SyncReport};
use crate::domain::document::DocumentId;
use crate::domain::passage::Passage;
use crate::ingest::catalog::{CatalogEntry, DocumentState};
use crate::ingest::stores::SyncContext;
use crate::recipes::record::RecipeRecord;
use crate::search::index::Changes;

/// Passages per commit. Each commit of the index has a fixed cost.
const BATCH: usize = 4_000;
/// Longest time between commits: the work that is lost at most if the program is killed.
const COMMIT_INTERVAL: Duration = Duration::from_secs(1);
/// Time to the first commit; each wait is twice the one before, so that the index of a few files is built while the last
/// of them are read.
const FIRST_COMMIT: Duration = Duration::from_millis(200);

/// Writes what was read to the index, the recipe store and the catalog.
pub(super) async fn write(
    context: SyncContext<'_>,
    dry_run: bool,
    mut receiver: mpsc::Receiver<(Task, Outcome)>,
    progress: &watch::Sender<SyncProgress>,
    report: &mut SyncReport,
) -> anyhow::Result<()> {
    let mut batch = Batch::default();
    let (mut written, mut wait) = (Instant::now(), FIRST_COMMIT);
    while let Some((task, outcome)) = receiver.recv().await {
        note(&task, &outcome, progress, report);
        batch.add(task, outcome);
        let is_due = batch.is_full() || written.elapsed() >= wait;
        if is_due && !dry_run {
            batch.write(context).await?;
            written = Instant::now();
            wait = COMMIT_INTERVAL.min(2 * wait);
        }
    }
    if dry_run {
        Ok(())
    } else {
        batch.write(context).await
    }
}

/// Counts an outcome.
fn note(
    task: &Task,
    outcome: &Outcome,
    progress: &watch::Sender<SyncProgress>,
    report: &mut SyncReport,
) {
    let mut passages = 0;
    match outcome {
        Outcome::Unchanged => report.unchanged += 1,
        Outcome::StillFailing(fault)
        | Outcome::Failed { fault, .. }
        | Outcome::Unavailable(fault) => {
            report.failed.push(FailedFile {
                path: task.display_path(),
                reason: fault.clone(),
            });
        }
        Outcome::WouldChange | Outcome::Read(_) if task.was_read() => report.changed += 1,
        Outcome::WouldChange | Outcome::Read(_) => report.added += 1,
    }
    if let Outcome::Read(built) = outcome {
        passages = built.entry.passages as usize;
        if !built.entry.notes.is_empty() {
            tracing::info!(
                path = task.display_path(),
                notes = ?built.entry.notes,
                "not all of a document was read"
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

/// What is written to the index and then to the catalog in one step.
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

    pub(super) fn add(&mut self, task: Task, outcome: Outcome) {
        let id = task.file.id.clone();
        match outcome {
            Outcome::Read(built) => {
                self.remove.push(id.clone());
                self.passages.extend(built.passages);
                self.records.extend(built.record);
                self.entries.insert(id, built.entry);
            }
            Outcome::Failed { entry, .. } => {
                self.remove.push(id.clone());
                self.entries.insert(id, *entry);
            }
            Outcome::Unchanged | Outcome::StillFailing(_) => {
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
            Outcome::Unavailable(_) | Outcome::WouldChange => {}
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
