//! The end of a run: which documents are superseded now, after all that was added, changed and removed.

use tokio_util::sync::CancellationToken;

use super::plan::Task;
use super::read::{self, Outcome};
use super::write::Batch;
use super::{Options, Parts};
use crate::ingest::catalog::Entry;
use crate::ingest::revisions;
use crate::ingest::revisions::Conflict;

/// Judges the documents and brings the index up to date with the judgement. A run that dies here is made up for by
/// the next one, since all documents are judged by every run. Returns what they contradict one another in.
pub(super) async fn settle(
    parts: Parts<'_>,
    options: &Options,
    stop: &CancellationToken,
) -> anyhow::Result<Vec<Conflict>> {
    let entries = parts.catalog.entries().await?;
    let today = parts.clock.now().strftime("%Y-%m-%d").to_string();
    let standing = revisions::judge(&entries, &today);
    if options.dry_run {
        return Ok(standing.conflicts);
    }
    let mut batch = Batch::default();
    for entry in entries {
        let now = standing.superseded.get(&entry.id).cloned();
        if now == entry.superseded_by || stop.is_cancelled() {
            continue;
        }
        if now.is_some() == entry.superseded_by.is_some() {
            // Only by which one has changed, and passages do not say that.
            batch.renew(Entry {
                superseded_by: now,
                ..entry
            });
            continue;
        }
        let Some(mut task) = Task::again(parts.config, entry) else {
            continue;
        };
        task.superseded_by = now;
        match read::read(parts, &task, false).await {
            // What cannot be read now is tried again by the next run.
            Outcome::Elsewhere(_) | Outcome::Failed { .. } => {}
            outcome => batch.add(task, outcome),
        }
        if batch.is_full() {
            batch.write(parts).await?;
        }
    }
    batch.write(parts).await?;
    Ok(standing.conflicts)
}
