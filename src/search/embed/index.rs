//! An index that also finds what a question means, whatever its words.

use std::sync::Arc;

use async_trait::async_trait;

use super::Embedder;
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};
use crate::search::index::fuse::fused;
use crate::search::index::vectors::{Near, Vectors};
use crate::search::index::{Changes, Found, Hit, Index, Query, Rebuild};

/// Passages that are embedded and kept as one step.
const STEP: usize = 512;

/// An engine together with a model that embeds what goes into it and what is asked of it.
///
/// Without the model it is the engine alone: what cannot be embedded is found by its words, and embedded by the next
/// run over the documents.
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
        for passages in passages.chunks(STEP) {
            let vectors = self.embedder.passages(passages).await?;
            let ids = passages.iter().map(|passage| passage.id.clone());
            let space = self.embedder.space().await?;
            self.engine
                .keep_vectors(space, ids.zip(vectors).collect())
                .await?;
        }
        Ok(())
    }

    /// Embeds what is in the index without a vector of this model: because the model was down, or is another one.
    async fn catch_up(&self) -> anyhow::Result<()> {
        let mut before: Option<PassageId> = None;
        loop {
            let space = self.embedder.space().await?;
            let missing = self.engine.without_vector(space, STEP).await?;
            let first = missing.first().map(|passage| passage.id.clone());
            // What is still without one after it was given one would be given one for ever.
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

/// Says that the words alone must do.
fn warn(error: &anyhow::Error, what: &str) {
    tracing::warn!(error = format!("{error:#}"), "{what}");
}

#[async_trait]
impl Index for Embedding {
    async fn search(&self, query: &Query<'_>) -> anyhow::Result<Found> {
        let (found, near) = tokio::join!(self.engine.search(query), self.nearest(query));
        let found = found?;
        match near {
            Ok(near) => Ok(together(found, near, query.limit)),
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

/// Both lists in one, by reciprocal rank. What names a code of the question stays in front.
fn together(found: Found, near: Vec<Near>, limit: usize) -> Found {
    let similarity = near.first().map(|near| near.similarity);
    let hits = near.into_iter().map(|near| Hit {
        passage: near.passage,
        score: near.similarity,
        exact: false,
    });
    let by_meaning = Found {
        hits: hits.collect(),
        ..Found::default()
    };
    let mut both = fused(by_meaning, found);
    both.hits.truncate(limit);
    both.similarity = similarity;
    both
}
