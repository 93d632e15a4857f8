//! Embeddings: texts as vectors, for search by meaning, from any server with an OpenAI-compatible `/embeddings`.

mod cache;
mod endpoint;
mod index;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout};

pub use index::Embedding;

use self::cache::Cache;
use self::endpoint::Endpoint;
use crate::config;
use crate::domain::passage::Passage;
use crate::llm::tokens;
use crate::runtime::clock::Clock;
use crate::search::index::vectors::Space;

/// Concurrent requests while passages are embedded; a server works on several as fast as on one.
const CONCURRENT_REQUESTS: usize = 4;
/// Circuit-breaker cooldown after a failed query embedding: otherwise each question would wait for the timeout.
const COOLDOWN: Duration = Duration::from_secs(30);

/// An embedding model behind a base address. Cheap to clone.
#[derive(Clone)]
pub struct Embedder(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    cache: Cache,
    config: config::search::Embeddings,
    space: OnceCell<Space>,
    failed: Mutex<Option<Instant>>,
}

impl Embedder {
    /// Opens the configured model, with its cache of earlier texts in `file`; returns `None` if none is configured.
    ///
    /// # Errors
    /// If the file cannot be opened, or the key is not valid in a header.
    pub async fn open(
        config: &config::search::Embeddings,
        file: &Path,
        clock: Clock,
    ) -> anyhow::Result<Option<Self>> {
        if config.base_url.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self(Arc::new(Inner {
            endpoint: Endpoint::new(config)?,
            cache: Cache::open(file, clock).await?,
            config: config.clone(),
            space: OnceCell::new(),
            failed: Mutex::default(),
        }))))
    }

    /// Returns the model's vector space. Its dimensions are requested once.
    ///
    /// # Errors
    /// If the model cannot be reached.
    pub async fn space(&self) -> anyhow::Result<&Space> {
        let ask = || async {
            let vectors = self.0.endpoint.with_retries(&["length"]).await?;
            self.space_of(&vectors[0])
        };
        self.0.space.get_or_try_init(ask).await
    }

    /// Returns the vector of a question, of unit length. It is not retried, because a person waits.
    ///
    /// # Errors
    /// If the model does not answer in time, or failed within the cooldown.
    pub async fn question(&self, text: &str) -> anyhow::Result<Vec<f32>> {
        let failed_at = *self.failed();
        ensure!(
            failed_at.is_none_or(|since| since.elapsed() > COOLDOWN),
            "the embedding model failed a moment ago and is not asked again yet"
        );
        let config = &self.0.config;
        let text = format!("{}{text}", config.query_prefix);
        let text = tokens::truncate(&text, config.max_tokens);
        let within = Duration::from_millis(config.timeout_ms);
        let response = timeout(within, self.0.endpoint.once(&[text])).await;
        let response = response.unwrap_or_else(|_| {
            Err(anyhow::anyhow!(
                "the embedding model did not answer within {} ms; raise embeddings.timeout_ms, or give the server more \
                 to work with",
                within.as_millis()
            ))
        });
        *self.failed() = response.is_err().then(Instant::now);
        let vector = response?.swap_remove(0);
        self.check_dimensions(&vector)?;
        Ok(vector)
    }

    /// Returns the vectors of passages in order, each of unit length. Cached ones are not requested again.
    ///
    /// # Errors
    /// If the model cannot be reached, or the cache cannot be used.
    pub async fn passages(&self, passages: &[Passage]) -> anyhow::Result<Vec<Vec<f32>>> {
        let space = self.space().await?;
        let config = &self.0.config;
        let texts: Vec<String> = passages
            .iter()
            .map(|passage| {
                let text = format!("{}{}", config.passage_prefix, passage.with_context());
                tokens::truncate(&text, config.max_tokens).to_owned()
            })
            .collect();
        let mut vectors = self.0.cache.get(space, &texts).await?;
        let missing: Vec<usize> = (0..texts.len())
            .filter(|at| vectors[*at].is_none())
            .collect();
        let requests: Vec<_> = missing
            .chunks(config.batch)
            .map(|indices| self.request(indices, &texts))
            .collect();
        let mut responses = futures::stream::iter(requests).buffered(CONCURRENT_REQUESTS);
        while let Some((indices, embedded)) = responses.try_next().await? {
            let new = indices.iter().map(|at| texts[*at].as_str()).zip(&embedded);
            self.0.cache.keep(space, new).await?;
            for (at, vector) in indices.iter().zip(embedded) {
                self.check_dimensions(&vector)?;
                vectors[*at] = Some(vector);
            }
        }
        let vectors = vectors.into_iter().collect::<Option<Vec<_>>>();
        vectors.context("a text was not embedded")
    }

    /// Requests the vectors of the texts at these indices.
    async fn request<'a>(
        &self,
        indices: &'a [usize],
        texts: &[String],
    ) -> anyhow::Result<(&'a [usize], Vec<Vec<f32>>)> {
        let texts: Vec<&str> = indices.iter().map(|at| texts[*at].as_str()).collect();
        Ok((indices, self.0.endpoint.with_retries(&texts).await?))
    }

    /// Drops cached vectors of other models and of texts that have not been used for long.
    ///
    /// # Errors
    /// If the cache cannot be used.
    async fn tidy(&self) -> anyhow::Result<()> {
        self.0.cache.tidy(self.space().await?).await
    }

    fn space_of(&self, vector: &[f32]) -> anyhow::Result<Space> {
        let config = &self.0.config;
        ensure!(
            vector.len().is_multiple_of(8),
            "the embedding model gives vectors of {} numbers, which is no multiple of 8; set embeddings.dimensions to \
             one that is, or embeddings.model to another model",
            vector.len()
        );
        Ok(Space {
            model: format!("{}\n{}", config.model, config.passage_prefix),
            dimensions: vector.len(),
        })
    }

    /// Rejects vectors of another length, as from a server that was switched to another model under the same name.
    fn check_dimensions(&self, vector: &[f32]) -> anyhow::Result<()> {
        let expected = self.0.space.get().map(|space| space.dimensions);
        ensure!(
            expected.is_none_or(|expected| vector.len() == expected),
            "the embedding model gives vectors of another length than before; restart epibot, and run `epibot reindex`"
        );
        Ok(())
    }

    fn failed(&self) -> parking_lot::MutexGuard<'_, Option<Instant>> {
        self.0.failed.lock()
    }
}
