//! An index that also searches by meaning, with vectors.

use std::sync::Arc;

use async_trait::async_trait;

use super::Embedder;
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};
use crate::domain::search_params::FusionParams;
use crate::search::index::fusion::fuse;
use crate::search::index::vectors::{Near, Vectors};
use crate::search::index::{Changes, Hit, Index, Query, Rebuild, SearchResults};

/// Number of passages that are embedded and stored in one step.
const BATCH_SIZE: usize = 512;

/// An engine combined with a model that embeds passages and questions.
///
/// While the model is down, only the engine is used: passages that cannot be embedded are found by words, and embedded
/// in the next run over the documents.
pub struct Embedding {
    engine: Arc<dyn Vectors>,
    embedder: Embedder,
}

impl Embedding {
    #[must_use]
    pub fn new(engine: Arc<dyn Vectors>, embedder: Embedder) -> Self {
        Self { engine, embedder }
    }

    async fn nearest(&self, query: &Query<'_>) -> anyhow::Result<Vec<Near>> {
        if query.text.trim().is_empty() || query.limit == 0 {
            return Ok(Vec::new());
        }
        let vector = self.embedder.question(query.text).await?;
        let space = self.embedder.space().await?;
        self.engine
            .nearest(space, &vector, query.access, query.limit)
            .await
    }

    async fn embed(&self, passages: &[Passage]) -> anyhow::Result<()> {
        for passages in passages.chunks(BATCH_SIZE) {
            let vectors = self.embedder.passages(passages).await?;
            let ids = passages.iter().map(|passage| passage.id.clone());
            let space = self.embedder.space().await?;
            self.engine
                .store_vectors(space, ids.zip(vectors).collect())
                .await?;
        }
        Ok(())
    }

    /// Embeds the passages without a vector of this model, because it was down or is new.
    async fn catch_up(&self) -> anyhow::Result<()> {
        let mut before: Option<PassageId> = None;
        loop {
            let space = self.embedder.space().await?;
            let missing = self.engine.without_vector(space, BATCH_SIZE).await?;
            let first = missing.first().map(|passage| passage.id.clone());
            // A passage that has no vector after it was stored would cause an endless loop.
            if first.is_none() || first == before {
                self.engine.tidy_vectors(space).await?;
                return self.embedder.tidy().await;
            }
            tracing::info!(passages = missing.len(), "embedding passages");
            self.embed(&missing).await?;
            before = first;
        }
    }
}

/// Logs that a search falls back to words.
fn warn(error: &anyhow::Error, what: &str) {
    tracing::warn!(error = format!("{error:#}"), "{what}");
}

#[async_trait]
impl Index for Embedding {
    async fn search(&self, query: &Query<'_>) -> anyhow::Result<SearchResults> {
        let (found, near) = tokio::join!(self.engine.search(query), self.nearest(query));
        let found = found?;
        match near {
            Ok(near) => Ok(hybrid(found, near, query.limit, query.params.fusion)),
            Err(error) => {
                warn(&error, "searched by words alone, without vectors");
                Ok(found)
            }
        }
    }

    async fn passage(&self, id: &PassageId, access: &Access) -> anyhow::Result<Option<Passage>> {
        self.engine.passage(id, access).await
    }

    async fn apply(&self, changes: Changes) -> anyhow::Result<()> {
        let added = changes.add.clone();
        self.engine.apply(changes).await?;
        if let Err(error) = self.embed(&added).await {
            warn(
                &error,
                "passages are found by their words alone until they are embedded",
            );
        }
        Ok(())
    }

    async fn rebuild(&self) -> anyhow::Result<Box<dyn Rebuild>> {
        self.engine.rebuild().await
    }

    async fn upgrade(&self) -> anyhow::Result<()> {
        self.engine.upgrade().await?;
        if let Err(error) = self.catch_up().await {
            warn(&error, "not every passage could be embedded");
        }
        Ok(())
    }

    async fn clear(&self) -> anyhow::Result<()> {
        self.engine.clear().await
    }

    async fn size(&self) -> anyhow::Result<u64> {
        self.engine.size().await
    }
}

/// Merges both lists by reciprocal rank; exact hits stay in front.
fn hybrid(
    by_words: SearchResults,
    near: Vec<Near>,
    limit: usize,
    params: FusionParams,
) -> SearchResults {
    let similarity = near.first().map(|near| near.similarity);
    let hits = near.into_iter().map(|near| Hit {
        passage: near.passage,
        score: near.similarity,
        word_score: None,
        vector_score: Some(near.similarity),
        exact: false,
    });
    let by_meaning = SearchResults {
        hits: hits.collect(),
        ..SearchResults::default()
    };
    let mut both = fuse(by_meaning, by_words, params);
    both.hits.truncate(limit);
    both.similarity = similarity;
    both
}
