//! Vectors of the passages on the server, computed by us.

use std::collections::HashMap;

use anyhow::ensure;
use meilisearch_sdk::settings::{Embedder, EmbedderSource};
use serde::{Deserialize, Serialize};

use super::Writer;
use crate::domain::passage::{Passage, PassageId};
use crate::search::index::meilisearch::error::MeilisearchError;
use crate::search::index::meilisearch::schema::{
    EMBEDDER, RecordVectors, of_space, only_passages, safe_id,
};
use crate::search::index::meilisearch::tasks::{Accepted, done};
use crate::search::index::vectors::Space;

/// Number of records in one page.
const PAGE_SIZE: usize = 1_000;

/// An update of an existing record.
#[derive(Serialize)]
struct Update<'a> {
    key: String,
    space: &'a str,
    #[serde(rename = "_vectors")]
    vectors: RecordVectors,
}

#[derive(Deserialize)]
struct PassageRecord {
    passage: Option<Passage>,
}

#[derive(Deserialize)]
struct RecordKey {
    key: String,
}

/// Returns passages without a vector of this space.
pub(in crate::search::index::meilisearch) async fn missing(
    writer: &Writer,
    space: &Space,
    limit: usize,
) -> anyhow::Result<Vec<Passage>> {
    let filter = format!("NOT {} AND {}", of_space(space), only_passages());
    let page = writer
        .page::<PassageRecord>(&writer.live, &filter, (0, limit), &["passage"])
        .await;
    match page {
        Ok(page) => Ok(page
            .into_iter()
            .filter_map(|record| record.passage)
            .collect()),
        // Nothing has been indexed yet.
        Err(error) if error.is_missing_index() => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Writes vectors to existing records. The caller holds the write lock.
pub(in crate::search::index::meilisearch) async fn keep(
    writer: &Writer,
    space: &Space,
    vectors: Vec<(PassageId, Vec<f32>)>,
) -> anyhow::Result<()> {
    prepare(writer, space).await?;
    let space_name = space.name();
    let mut updates = Vec::with_capacity(vectors.len());
    for (id, embeddings) in vectors {
        ensure!(
            embeddings.len() == space.dimensions,
            "a vector of {} numbers among those of {}",
            embeddings.len(),
            space.dimensions
        );
        updates.push(Update {
            key: safe_id(&id.0),
            space: &space_name,
            vectors: RecordVectors::supplied(embeddings),
        });
    }
    writer.update(&updates).await
}

/// Configures the dimensions of the vectors on the server, if they are not configured yet.
async fn prepare(writer: &Writer, space: &Space) -> anyhow::Result<()> {
    let index = writer.server.client().index(&writer.live);
    let known = index
        .get_embedders()
        .await
        .map_err(MeilisearchError::from)?;
    let dimensions = known.get(EMBEDDER).map(|embedder| embedder.dimensions);
    if dimensions == Some(Some(space.dimensions)) {
        return Ok(());
    }
    if dimensions.is_some() {
        // Vectors of other dimensions have to be removed first: the server keeps them when their embedder is reset.
        remove_all(writer).await?;
        let reset = index.reset_embedders().await;
        finished(writer, reset.map_err(MeilisearchError::from)?.task_uid).await?;
    }
    let embedder = Embedder {
        source: EmbedderSource::UserProvided,
        dimensions: Some(space.dimensions),
        ..Embedder::default()
    };
    let embedders = HashMap::from([(EMBEDDER.to_owned(), embedder)]);
    let set = index.set_embedders(&embedders).await;
    finished(writer, set.map_err(MeilisearchError::from)?.task_uid).await?;
    Ok(())
}

/// Removes the vectors from all records.
async fn remove_all(writer: &Writer) -> anyhow::Result<()> {
    let mut offset = 0;
    loop {
        let page: Vec<RecordKey> = writer
            .page(
                &writer.live,
                &only_passages(),
                (offset, PAGE_SIZE),
                &["key"],
            )
            .await?;
        let updates: Vec<Update> = page
            .iter()
            .map(|RecordKey { key }| Update {
                key: key.clone(),
                space: "",
                vectors: RecordVectors::none(),
            })
            .collect();
        writer.update(&updates).await?;
        if updates.len() < PAGE_SIZE {
            return Ok(());
        }
        offset += PAGE_SIZE;
    }
}

async fn finished(writer: &Writer, task_uid: u32) -> Result<(), MeilisearchError> {
    done(&writer.server.wire, Accepted { task_uid }).await
}
