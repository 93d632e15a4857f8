//! The last step of a run: marks superseded documents.

use tokio_util::sync::CancellationToken;

use super::SyncOptions;
use super::plan::Task;
use super::read::{self, ReadOutcome};
use super::write::Batch;
use crate::ingest::catalog::CatalogEntry;
use crate::ingest::revisions;
use crate::ingest::revisions::Conflict;
use crate::ingest::stores::SyncContext;

/// Compares the revisions of all documents, and updates the index where one is superseded or no longer is. A run that
/// is killed here is repaired by the next one, since every run compares all documents. Returns the conflicts.
pub(super) async fn update(
    context: SyncContext<'_>,
    options: &SyncOptions,
    stop: &CancellationToken,
) -> anyhow::Result<Vec<Conflict>> {
    let entries = context.stores.catalog.entries().await?;
    let today = context.clock.now().strftime("%Y-%m-%d").to_string();
    let report = revisions::compare_all(&entries, &today);
    if options.dry_run {
        return Ok(report.conflicts);
    }
    let mut batch = Batch::default();
    for entry in entries {
        let superseded_by = report.superseded.get(&entry.id).cloned();
        if superseded_by == entry.superseded_by || stop.is_cancelled() {
            continue;
        }
        if superseded_by.is_some() == entry.superseded_by.is_some() {
            // Only the superseding document has changed, which passages do not mention.
            batch.update_entry(CatalogEntry {
                superseded_by,
                ..entry
            });
            continue;
        }
        let Some(mut task) = Task::reread(context.config, entry) else {
            continue;
        };
        task.superseded_by = superseded_by;
        match read::read(context, &task, false).await {
            // The next run retries what cannot be read now.
            ReadOutcome::Unavailable(_) | ReadOutcome::Failed { .. } => {}
            outcome => batch.add(task, outcome),
        }
        if batch.is_full() {
            batch.write(context).await?;
        }
    }
    batch.write(context).await?;
    Ok(report.conflicts)
}
