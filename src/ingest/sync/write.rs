//! From passages to the index and the catalogue.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};

use super::plan::Task;
use super::read::Outcome;
use super::{FailedFile, Parts, Report, SyncProgress};
use crate::domain::document::DocumentId;
use crate::domain::passage::Passage;
use crate::ingest::catalog::{Entry, State};
use crate::recipes::record::Record;
use crate::search::index::Changes;

/// How many passages are handed to the index at once. Each commit of the index has a price of its own.
const BATCH: usize = 4_000;
/// So much work, at most, is lost where the program is killed.
const COMMITTED_EACH: Duration = Duration::from_secs(1);
/// The first commit comes after so long, and each wait is twice the one before: the index of a few files is made while
/// the last of them are read.
const FIRST_COMMIT: Duration = Duration::from_millis(200);

/// Hands what was read to the index and the catalogue.
pub(super) async fn write(
    parts: Parts<'_>,
    dry_run: bool,
    mut receiver: mpsc::Receiver<(Task, Outcome)>,
    progress: &watch::Sender<SyncProgress>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut batch = Batch::default();
    let (mut written, mut wait) = (Instant::now(), FIRST_COMMIT);
    while let Some((task, outcome)) = receiver.recv().await {
        note(&task, &outcome, progress, report);
        batch.add(task, outcome);
        let is_due = batch.is_full() || written.elapsed() >= wait;
        if is_due && !dry_run {
            batch.write(parts).await?;
            written = Instant::now();
            wait = COMMITTED_EACH.min(2 * wait);
        }
    }
    if dry_run {
        Ok(())
    } else {
        batch.write(parts).await
    }
}

/// Counts an outcome.
fn note(
    task: &Task,
    outcome: &Outcome,
    progress: &watch::Sender<SyncProgress>,
    report: &mut Report,
) {
    let mut passages = 0;
    match outcome {
        Outcome::Same => report.unchanged += 1,
        Outcome::SameFailure(fault) | Outcome::Failed { fault, .. } | Outcome::Elsewhere(fault) => {
            report.failed.push(FailedFile {
                path: task.shown(),
                reason: fault.clone(),
            });
        }
        Outcome::Differs | Outcome::Read { .. } if task.was_read() => report.changed += 1,
        Outcome::Differs | Outcome::Read { .. } => report.added += 1,
    }
    if let Outcome::Read { entry, .. } = outcome {
        passages = entry.passages as usize;
        if !entry.notes.is_empty() {
            tracing::info!(
                path = task.shown(),
                notes = ?entry.notes,
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

/// What goes into the index and then into the catalogue as one step.
#[derive(Default)]
pub(super) struct Batch {
    remove: Vec<DocumentId>,
    passages: Vec<Passage>,
    records: Vec<Record>,
    entries: BTreeMap<DocumentId, Entry>,
}

impl Batch {
    pub(super) fn is_full(&self) -> bool {
        self.passages.len() >= BATCH
    }

    /// Takes what is known of a document whose passages stay as they are.
    pub(super) fn renew(&mut self, entry: Entry) {
        self.entries.insert(entry.id.clone(), entry);
    }

    pub(super) fn add(&mut self, task: Task, outcome: Outcome) {
        let id = task.file.id.clone();
        match outcome {
            Outcome::Read {
                entry,
                passages,
                record,
            } => {
                self.remove.push(id.clone());
                self.passages.extend(passages);
                self.records.extend(record.map(|record| *record));
                self.entries.insert(id, *entry);
            }
            Outcome::Failed { entry, .. } => {
                self.remove.push(id.clone());
                self.entries.insert(id, *entry);
            }
            Outcome::Same | Outcome::SameFailure(_) => {
                if let Some(known) = task.known {
                    let file = task.file;
                    let entry = Entry {
                        size: file.size,
                        modified: file.modified,
                        file: file.file,
                        ..known
                    };
                    self.entries.insert(id, entry);
                }
            }
            Outcome::Elsewhere(_) | Outcome::Differs => {}
        }
    }

    pub(super) async fn write(&mut self, parts: Parts<'_>) -> anyhow::Result<()> {
        let batch = std::mem::take(self);
        if !batch.remove.is_empty() {
            parts.shelf.apply(&batch.remove, &batch.records).await?;
            parts
                .index
                .apply(Changes {
                    remove: batch.remove,
                    add: batch.passages,
                })
                .await?;
        }
        let entries: Vec<Entry> = batch.entries.into_values().collect();
        debug_assert!(entries.iter().all(|entry| entry.state != State::Pending));
        parts.catalog.record(&entries).await
    }
}
