//! Rebuilds: fills a second index while the first one is searched, and swaps the two.

use std::sync::Arc;

use anyhow::ensure;
use async_trait::async_trait;
use serde::Deserialize;

use super::Writer;
use crate::domain::passage::Passage;
use crate::search::index::journal::Rebuilding;
use crate::search::index::meilisearch::error::MeilisearchError;
use crate::search::index::meilisearch::record::version;
use crate::search::index::meilisearch::schema::only_passages;
use crate::search::index::{Changes, Rebuild};

/// Number of passages that are copied at once.
const PAGE_SIZE: usize = 1_000;

/// An index that is being filled on the server.
pub(crate) struct NextIndex {
    writer: Arc<Writer>,
    rebuilding: Rebuilding,
    added: bool,
}

/// Creates the new index, after deleting what an unfinished rebuild has left.
pub(crate) async fn begin(writer: Arc<Writer>) -> anyhow::Result<NextIndex> {
    writer.prepare().await?;
    let lock = writer.journal.lock_for_writing().await?;
    let rebuilding = writer.journal.begin_rebuild()?;
    drop(lock);
    writer.server.delete(&writer.next).await?;
    writer.server.create(&writer.next).await?;
    Ok(NextIndex {
        writer,
        rebuilding,
        added: false,
    })
}

#[async_trait]
impl Rebuild for NextIndex {
    async fn apply(&mut self, changes: Changes) -> anyhow::Result<()> {
        self.added |= !changes.add.is_empty();
        self.writer
            .write(&self.writer.next, &Arc::new(changes))
            .await
    }

    async fn finish(self: Box<Self>) -> anyhow::Result<()> {
        let writer = &self.writer;
        let _one_at_a_time = writer.writing.lock().await;
        let _lock = writer.journal.lock_for_writing().await?;
        for changes in self.rebuilding.changes_since_start()? {
            writer.write(&writer.next, &Arc::new(changes)).await?;
        }
        ensure!(
            !self.added || contains_passages(writer).await?,
            "the new index on the Meilisearch server is empty though it was filled; the old one stays in place"
        );
        writer.server.swap(&writer.live, &writer.next).await?;
        writer.server.delete(&writer.next).await?;
        Ok(())
    }
}

async fn contains_passages(writer: &Writer) -> anyhow::Result<bool> {
    let first = page(writer, &writer.next, 0, 1).await?;
    Ok(!first.is_empty())
}

/// Rebuilds an index of another version from its own passages.
pub(crate) async fn upgrade(writer: &Arc<Writer>) -> anyhow::Result<()> {
    if !writer.server.exists(&writer.live).await? {
        return Ok(());
    }
    let found = writer.server.description(&writer.live).await?;
    if found.as_deref() == Some(version().as_str()) {
        return Ok(());
    }
    tracing::info!(
        index = writer.live,
        "the index was made by another version of epibot; rebuilding it from its own passages"
    );
    let mut next = Box::new(begin(Arc::clone(writer)).await?);
    let mut offset = 0;
    loop {
        let records = page(writer, &writer.live, offset, PAGE_SIZE).await?;
        offset += records.len();
        let is_last = records.len() < PAGE_SIZE;
        let add: Vec<Passage> = records
            .into_iter()
            .filter_map(|record| record.passage)
            .collect();
        next.apply(Changes {
            remove: Vec::new(),
            add,
        })
        .await?;
        if is_last {
            return next.finish().await;
        }
    }
}

#[derive(Deserialize)]
struct PassageRecord {
    passage: Option<Passage>,
}

/// Returns a page of the passages of an index.
async fn page(
    writer: &Writer,
    index: &str,
    offset: usize,
    limit: usize,
) -> Result<Vec<PassageRecord>, MeilisearchError> {
    writer
        .page(index, &only_passages(), (offset, limit), &["passage"])
        .await
}
