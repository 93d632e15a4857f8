//! A Meilisearch server as the engine: it stores, filters and finds passages; ranking is done here.
//!
//! The server's own search of a whole question gives poor results (docs/RETRIEVAL.md). So it is sent the terms of our
//! analysis, encoded so that it does not split them again, and searched for each of them separately.

mod candidate_queries;
mod error;
mod keys;
mod multi_search;
mod record;
mod schema;
mod search;
mod server;
mod settings;
mod statistics;
mod tasks;

mod wire;
mod write;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

pub use error::MeilisearchError;
pub use keys::{Keys, create_keys};

use self::search::Searcher;
use self::write::Writer;
use super::journal::Journal;
use super::vectors::{Near, Space, Vectors};
use super::{Changes, Index, Query, Rebuild, SearchResults};
use crate::config;
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};

/// The oldest version of the server that supports every setting in use.
pub const MIN_VERSION: &str = "1.14";

/// The index on a server.
pub struct Meilisearch {
    searcher: Searcher,
    /// `None` if there is no key for writing.
    writer: Option<Arc<Writer>>,
}

impl Meilisearch {
    /// Opens the index on the configured server. No request is sent yet, so the program starts while the server is down,
    /// and reports that when it searches.
    ///
    /// `folder` contains the journal of what is written during a rebuild.
    ///
    /// # Errors
    /// If a key is not valid in a header.
    pub fn open(config: &config::index::Meilisearch, folder: &Path) -> anyhow::Result<Self> {
        let writer = match config.index_key {
            // A server without a master key accepts requests without keys.
            None if config.search_key.is_some() => None,
            _ => Some(Arc::new(Writer::new(config, Journal::new(folder))?)),
        };
        Ok(Self {
            searcher: Searcher::new(config)?,
            writer,
        })
    }

    /// Returns the server's version, if there is a key that may ask for it.
    ///
    /// # Errors
    /// If the server cannot be reached, is too old, or rejects the key.
    pub async fn version(&self) -> Result<Option<String>, MeilisearchError> {
        match &self.writer {
            Some(writer) => writer.version().await,
            None => Ok(None),
        }
    }

    fn writer(&self) -> anyhow::Result<&Arc<Writer>> {
        self.writer.as_ref().ok_or_else(|| {
            anyhow::anyhow!(
                "meilisearch.search_key may only search; set meilisearch.index_key where documents are indexed"
            )
        })
    }
}

#[async_trait]
impl Index for Meilisearch {
    async fn search(&self, query: &Query<'_>) -> anyhow::Result<SearchResults> {
        self.searcher.search(query).await
    }

    async fn passage(&self, id: &PassageId, access: &Access) -> anyhow::Result<Option<Passage>> {
        self.searcher.passage(id, access).await
    }

    async fn apply(&self, changes: Changes) -> anyhow::Result<()> {
        self.writer()?.apply(changes).await?;
        self.searcher.forget_statistics();
        Ok(())
    }

    async fn rebuild(&self) -> anyhow::Result<Box<dyn Rebuild>> {
        let rebuild = write::rebuild::begin(Arc::clone(self.writer()?)).await?;
        Ok(Box::new(rebuild))
    }

    async fn upgrade(&self) -> anyhow::Result<()> {
        match &self.writer {
            Some(writer) => write::rebuild::upgrade(writer).await,
            None => Ok(()),
        }
    }

    async fn clear(&self) -> anyhow::Result<()> {
        self.writer()?.clear().await?;
        self.searcher.forget_statistics();
        Ok(())
    }

    async fn size(&self) -> anyhow::Result<u64> {
        self.searcher.size().await
    }
}

#[async_trait]
impl Vectors for Meilisearch {
    async fn nearest(
        &self,
        space: &Space,
        vector: &[f32],
        access: &Access,
        limit: usize,
    ) -> anyhow::Result<Vec<Near>> {
        self.searcher.nearest(space, vector, access, limit).await
    }

    async fn without_vector(&self, space: &Space, limit: usize) -> anyhow::Result<Vec<Passage>> {
        write::vectors::missing(self.writer()?, space, limit).await
    }

    async fn store_vectors(
        &self,
        space: &Space,
        vectors: Vec<(PassageId, Vec<f32>)>,
    ) -> anyhow::Result<()> {
        self.writer()?.store_vectors(space, vectors).await
    }

    /// A vector is removed with its passage, and replaced by one of another space, so nothing is left to delete.
    async fn tidy_vectors(&self, _space: &Space) -> anyhow::Result<()> {
        Ok(())
    }
}
