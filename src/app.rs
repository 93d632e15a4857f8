//! The composition root: the only place that picks backends and puts the parts together.

mod documents;
mod key;
pub mod serve;
pub mod state;
mod tidy;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use url::Url;

use self::state::State;
use crate::answer::Answerer;
use crate::answer::link::Links;
use crate::config::access::AccessRules;
use crate::config::index::Engine;
use crate::config::settings::Config;
use crate::extract::pool::Extractor;
use crate::ingest::catalog::Catalog;
use crate::ingest::sync::Parts;
use crate::llm::client::Llm;
use crate::recipes::import::table::ColumnMap;
use crate::recipes::shelf::Shelf;
use crate::runtime::clock::Clock;
use crate::search::embed::{Embedder, Embedding};
use crate::search::index::Index;
use crate::search::index::meilisearch::Meilisearch;
use crate::search::index::tantivy::Embedded;
use crate::search::index::vectors::Vectors;
use crate::search::retrieve::Retriever;
use crate::storage::database::Postgres;
use crate::web::{Readers, WebState};

/// Everything that answers questions, whoever asks.
pub struct App {
    pub postgres: Option<Postgres>,
    pub clock: Clock,
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    pub shelf: Shelf,
    pub extractor: Arc<Extractor>,
    pub links: Links,
    pub access: AccessRules,
    pub retriever: Arc<Retriever>,
    pub answerer: Arc<Answerer>,
}

impl App {
    /// Opens what the configuration names.
    ///
    /// # Errors
    /// The data folder cannot be used, or the index or catalogue in it is broken.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let data = &config.data.dir;
        std::fs::create_dir_all(data).with_context(|| {
            format!(
                "the data folder {} cannot be made; set data.dir to a folder that epibot may write",
                data.display()
            )
        })?;
        let index = with_vectors(open_index(config)?, config, clock.clone()).await?;
        let state = Box::pin(State::open(config)).await?;
        let (catalog, shelf) = (state.catalog().await?, state.shelf().await?);
        // Tells what is wrong with a map before any table is read with it.
        ColumnMap::load(&config.recipes.maps)?;
        let extractor = Arc::new(Extractor::new(program()?, config));
        let base = match config.web.base_url.as_str() {
            "" => None,
            address => Some(
                Url::parse(address).with_context(|| format!("web.base_url is \"{address}\""))?,
            ),
        };
        let links = Links::new(
            base,
            &Box::pin(key::of(config, state.postgres.as_ref())).await?,
            config.web.link_hours,
            clock.clone(),
        );
        let llm = Llm::new(&config.llm)?;
        let retriever = Arc::new(Retriever::new(Arc::clone(&index), llm.as_ref(), config)?);
        let answerer = Answerer::new(
            Arc::clone(&retriever),
            llm,
            links.clone(),
            config,
            clock.clone(),
        );
        let answerer = Arc::new(answerer.with_recipes(shelf.clone()));
        Ok(Self {
            postgres: state.postgres,
            clock,
            index,
            catalog,
            shelf,
            extractor,
            links,
            access: config.access.clone(),
            retriever,
            answerer,
        })
    }

    /// What the source pages are made from.
    #[must_use]
    pub fn web_state(&self) -> WebState {
        WebState {
            index: Arc::clone(&self.index),
            catalog: self.catalog.clone(),
            extractor: Arc::clone(&self.extractor),
            links: self.links.clone(),
            readers: Readers::new(self.access.clone()),
        }
    }

    /// What a run over the documents works with.
    #[must_use]
    pub fn parts<'a>(&'a self, config: &'a Config) -> Parts<'a> {
        Parts {
            config,
            index: self.index.as_ref(),
            catalog: &self.catalog,
            shelf: &self.shelf,
            extractor: &self.extractor,
            clock: &self.clock,
        }
    }
}

/// The engine that the configuration names.
///
/// # Errors
/// The data folder cannot be used, or the index in it is broken.
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

/// The engine together with the embedding model, where one is configured.
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

/// This very program, which reads documents in child processes of its own.
fn program() -> anyhow::Result<PathBuf> {
    std::env::current_exe()
        .context("the program cannot find its own file, which it starts to read documents")
}
