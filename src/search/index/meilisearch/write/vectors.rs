//! Vectors of the passages on the server, computed by us.

use anyhow::ensure;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Writer;
use crate::domain::passage::{Passage, PassageId};
use crate::search::index::meilisearch::error::MeilisearchError;
use crate::search::index::meilisearch::schema::{
    EMBEDDER, METADATA_KEY, RecordVectors, of_space, safe_id,
};
use crate::search::index::meilisearch::tasks::{Accepted, done};
use crate::search::index::vectors::Space;

/// As many records are looked through at once.
const PAGE: usize = 1_000;

/// What is written to a record that is there.
#[derive(Serialize)]
struct Update<'a> {
    key: String,
    space: &'a str,
    #[serde(rename = "_vectors")]
    vectors: RecordVectors,
}

#[derive(Deserialize)]
struct Kept {
    passage: Option<Passage>,
}

#[derive(Deserialize)]
struct Keyed {
    key: String,
}

#[derive(Deserialize)]
struct Page<R> {
    results: Vec<R>,
}

/// Passages without a vector of this space.
pub(in crate::search::index::meilisearch) async fn missing(
    writer: &Writer,
    space: &Space,
    limit: usize,
) -> anyhow::Result<Vec<Passage>> {
    let index = writer.live();
    let path = format!("/indexes/{index}/documents/fetch");
    let filter = format!("NOT {} AND NOT key = \"{METADATA_KEY}\"", of_space(space));
    let body = json!({ "filter": filter, "limit": limit, "fields": ["passage"] });
    match writer
        .wire()
        .send::<Page<Kept>>(Method::POST, &path, &body)
        .await
    {
        Ok(page) => Ok(page
            .results
            .into_iter()
            .filter_map(|kept| kept.passage)
            .collect()),
        // Nothing was indexed yet.
        Err(error) if error.is_missing_index() => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Writes vectors to records that are there. To be called by who holds the turn to write.
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

/// Tells the server how long the vectors are, unless it knows.
async fn prepare(writer: &Writer, space: &Space) -> anyhow::Result<()> {
    let path = format!("/indexes/{}/settings/embedders", writer.live());
    let found: Value = writer.wire().get(&path).await?;
    let wanted = json!(space.dimensions);
    let known = &found[EMBEDDER]["dimensions"];
    if *known == wanted {
        return Ok(());
    }
    if !known.is_null() {
        // Vectors of another length have to go first: the server keeps them when it forgets what they are for.
        forget(writer).await?;
        set(writer, &path, &json!({ EMBEDDER: null })).await?;
    }
    let embedder = json!({ "source": "userProvided", "dimensions": wanted });
    Ok(set(writer, &path, &json!({ EMBEDDER: embedder })).await?)
}

/// Takes the vectors out of all records.
async fn forget(writer: &Writer) -> anyhow::Result<()> {
    let path = format!("/indexes/{}/documents/fetch", writer.live());
    let mut offset = 0;
    loop {
        let body = json!({ "offset": offset, "limit": PAGE, "fields": ["key"] });
        let page: Page<Keyed> = writer.wire().send(Method::POST, &path, &body).await?;
        let updates: Vec<Update> = page
            .results
            .iter()
            .map(|Keyed { key }| Update {
                key: key.clone(),
                space: "",
                vectors: RecordVectors::none(),
            })
            .collect();
        writer.update(&updates).await?;
        if updates.len() < PAGE {
            return Ok(());
        }
        offset += PAGE;
    }
}

async fn set(writer: &Writer, path: &str, embedders: &Value) -> Result<(), MeilisearchError> {
    let accepted: Accepted = writer.wire().send(Method::PATCH, path, embedders).await?;
    done(writer.wire(), accepted).await
}
