//! Rebuilds the index in a separate folder, and then switches to it.

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use tantivy::{IndexWriter, TantivyDocument};
use tokio::task::spawn_blocking;

use super::fields::PASSAGE;
use super::open::{self, Generation};
use super::{Embedded, change};
use crate::domain::passage::Passage;
use crate::search::index::journal::Rebuilding;
use crate::search::index::low_priority;
use crate::search::index::{Changes, Rebuild};
use tantivy::schema::Value;

/// Number of passages that are copied at once.
const PAGE_SIZE: usize = 1_000;

/// A generation that is being filled.
pub(super) struct NextGeneration {
    engine: Embedded,
    generation: Generation,
    writer: Arc<IndexWriter>,
    rebuilding: Rebuilding,
}

/// Creates an empty generation.
pub(super) async fn begin(engine: Embedded) -> anyhow::Result<NextGeneration> {
    let lock = engine.journal.lock_for_writing().await?;
    let rebuilding = engine.journal.begin_rebuild()?;
    drop(lock);
    let make = move || {
        let number = open::current(&engine.root)? + 1;
        let generation = open::create(&engine.root, number, &engine.fields)?;
        let writer = generation.writer()?;
        anyhow::Ok(NextGeneration {
            engine,
            generation,
            writer: Arc::new(writer),
            rebuilding,
        })
    };
    spawn_blocking(move || low_priority::run(make)).await?
}

impl NextGeneration {
    async fn add(&self, changes: Changes) -> anyhow::Result<()> {
        let (fields, writer) = (self.engine.fields.clone(), Arc::clone(&self.writer));
        spawn_blocking(move || low_priority::run(|| change(&fields, &writer, &changes)))
            .await?
            .with_context(|| {
                format!(
                    "the new index in {} cannot be written",
                    self.engine.root.display()
                )
            })
    }
}

#[async_trait]
impl Rebuild for NextGeneration {
    async fn apply(&mut self, changes: Changes) -> anyhow::Result<()> {
        self.add(changes).await
    }

    async fn finish(self: Box<Self>) -> anyhow::Result<()> {
        let engine = self.engine.clone();
        let _one_at_a_time = engine.writing.lock().await;
        let _lock = engine.journal.lock_for_writing().await?;
        for changes in self.rebuilding.changes_since_start()? {
            self.add(changes).await?;
        }
        let NextGeneration {
            engine,
            generation,
            writer,
            rebuilding,
        } = *self;
        let root = engine.root.clone();
        let swap = move || {
            let mut writer = Arc::into_inner(writer).context("it is still being written to")?;
            writer.commit()?;
            writer.wait_merging_threads()?;
            open::set_current(&engine.root, generation.number)?;
            // From here on the new generation is searched; only now may the old one be removed.
            let current = engine.generation()?;
            open::remove_others(&engine.root, current.number);
            drop(rebuilding);
            anyhow::Ok(())
        };
        spawn_blocking(move || low_priority::run(swap))
            .await?
            .with_context(|| format!("the new index in {} cannot be finished", root.display()))
    }
}

/// Rebuilds an index of another version from its own passages.
pub(super) async fn upgrade(engine: &Embedded) -> anyhow::Result<()> {
    let this = engine.clone();
    let old = spawn_blocking(move || this.generation()).await??;
    if old.is_current && old.is_known {
        return Ok(());
    }
    tracing::info!(
        folder = %engine.root.display(),
        "the index was made by another version of epibot; rebuilding it from its own passages"
    );
    let next = Box::new(begin(engine.clone()).await?);
    let (fields, writer, root) = (
        engine.fields.clone(),
        Arc::clone(&next.writer),
        engine.root.clone(),
    );
    let copy = move || {
        let mut page = Changes::default();
        for passage in passages(&old)? {
            page.add.push(passage?);
            if page.add.len() == PAGE_SIZE {
                change(&fields, &writer, &std::mem::take(&mut page))?;
            }
        }
        change(&fields, &writer, &page)
    };
    spawn_blocking(move || low_priority::run(copy))
        .await?
        .with_context(|| open::damaged(&root))?;
    next.finish().await
}

/// Returns every passage of a generation of any version.
fn passages(
    generation: &Generation,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Passage>>> {
    let field = generation.index.schema().get_field(PASSAGE)?;
    let searcher = generation.reader.searcher();
    let mut addresses = Vec::new();
    for (segment, reader) in (0..).zip(searcher.segment_readers()) {
        let alive = reader.doc_ids_alive();
        addresses.extend(alive.map(|id| tantivy::DocAddress::new(segment, id)));
    }
    Ok(addresses.into_iter().map(move |address| {
        let document: TantivyDocument = searcher.doc(address)?;
        let bytes = document
            .get_first(field)
            .and_then(|value| value.as_bytes().map(<[u8]>::to_vec))
            .unwrap_or_default();
        Ok(serde_json::from_slice(&bytes)?)
    }))
}
