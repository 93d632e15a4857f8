//! The composition root: the only place that selects backends and connects the services.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use url::Url;

use crate::answer::answerer::Answerer;
use crate::answer::links::Links;
use crate::app::link_key;
use crate::app::storage::Storage;
use crate::config::access::AccessRules;
use crate::config::index::Engine;
use crate::config::settings::Config;
use crate::extract::pool::Extractor;
use crate::ingest::stores::{Stores, SyncContext};
use crate::llm::client::Llm;
use crate::recipes::import::table::ColumnMap;
use crate::runtime::clock::Clock;
use crate::search::embed::{Embedder, Embedding};
use crate::search::index::Index;
use crate::search::index::meilisearch::Meilisearch;
use crate::search::index::tantivy::Embedded;
use crate::search::index::vectors::Vectors;
use crate::search::retrieve::Retriever;
use crate::storage::database::Postgres;
use crate::web::read_access::ReadAccess;
use crate::web::state::WebState;

/// The services that answer questions, independent of who asks.
pub struct Services {
    pub postgres: Option<Postgres>,
    pub clock: Clock,
    pub stores: Stores,
    pub links: Links,
    pub access: AccessRules,
    pub retriever: Arc<Retriever>,
    pub answerer: Arc<Answerer>,
}

impl Services {
    /// Opens the configured services.
    ///
    /// # Errors
    /// The data folder cannot be used, or the index or catalogue in it is corrupt.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let data = &config.data.dir;
        std::fs::create_dir_all(data).with_context(|| {
            format!(
                "the data folder {} cannot be created; set data.dir to a folder that epibot may write",
                data.display()
            )
        })?;
        let index = with_vectors(open_index(config)?, config, clock.clone()).await?;
        let storage = Box::pin(Storage::open(config)).await?;
        let (catalog, recipe_store) = (storage.catalog().await?, storage.recipe_store().await?);
        // Reports errors in a column map before any table is read with it.
        ColumnMap::load(&config.recipes.maps)?;
        let extractor = Arc::new(Extractor::new(executable()?, config));
        let base = match config.web.base_url.as_str() {
            "" => None,
            address => Some(
                Url::parse(address).with_context(|| format!("web.base_url is \"{address}\""))?,
            ),
        };
        let links = Links::new(
            base,
            &Box::pin(link_key::load_or_create(config, storage.postgres.as_ref())).await?,
            config.web.link_hours,
            clock.clone(),
        );
        let llm = Llm::new(&config.llm)?;
        let retriever = Arc::new(Retriever::new(Arc::clone(&index), llm.as_ref(), config)?);
        let answerer = Arc::new(Answerer::new(
            Arc::clone(&retriever),
            Some(recipe_store.clone()),
            llm,
            links.clone(),
            config,
            clock.clone(),
        ));
        Ok(Self {
            postgres: storage.postgres,
            clock,
            stores: Stores {
                index,
                catalog,
                recipes: recipe_store,
                extractor,
            },
            links,
            access: config.access.clone(),
            retriever,
            answerer,
        })
    }

    /// Returns the state of the web server.
    #[must_use]
    pub fn web_state(&self) -> WebState {
        WebState {
            index: Arc::clone(&self.stores.index),
            catalog: self.stores.catalog.clone(),
            extractor: Arc::clone(&self.stores.extractor),
            links: self.links.clone(),
            read_access: ReadAccess::new(self.access.clone()),
        }
    }

    /// Returns the context of a reindex run.
    #[must_use]
    pub fn sync_context<'a>(&'a self, config: &'a Config) -> SyncContext<'a> {
        SyncContext {
            config,
            stores: &self.stores,
            clock: &self.clock,
        }
    }
}

/// Opens the configured index engine.
///
/// # Errors
/// The data folder cannot be used, or the index in it is corrupt.
pub fn open_index(config: &Config) -> anyhow::Result<Arc<dyn Vectors>> {
    let data = &config.data.dir;
    Ok(match config.index.engine {
        Engine::Embedded => Arc::new(Embedded::open(&data.join("index"))?),
        Engine::Meilisearch => Arc::new(Meilisearch::open(
            &config.meilisearch,
            &data.join("meilisearch"),
        )?),
    })
}

/// Adds the embedding model to the engine, if one is configured.
async fn with_vectors(
    engine: Arc<dyn Vectors>,
    config: &Config,
    clock: Clock,
) -> anyhow::Result<Arc<dyn Index>> {
    let file = config.data.dir.join("embeddings.sqlite");
    Ok(
        match Embedder::open(&config.embeddings, &file, clock).await? {
            Some(embedder) => Arc::new(Embedding::new(engine, embedder)),
            None => engine,
        },
    )
}

/// Returns the path of this executable, which reads documents in child processes.
fn executable() -> anyhow::Result<PathBuf> {
    std::env::current_exe()
        .context("the path of the executable, which is started to read documents, cannot be found")
}
