//! The composition root: the only place that picks backends and puts the parts together.

mod documents;
mod key;
pub mod serve;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use url::Url;

use crate::answer::Answerer;
use crate::answer::link::Links;
use crate::clock::Clock;
use crate::config::Config;
use crate::corpus::catalog::Catalog;
use crate::corpus::extract::Extractor;
use crate::corpus::sync::Parts;
use crate::index::Index;
use crate::index::tantivy::Embedded;
use crate::llm::Llm;
use crate::web::WebState;

/// Everything that answers questions, whoever asks.
pub struct App {
    pub clock: Clock,
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    pub extractor: Arc<Extractor>,
    pub links: Links,
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
        let index: Arc<dyn Index> = Arc::new(Embedded::open(&data.join("index"))?);
        let catalog = Catalog::open(&data.join("catalog.sqlite")).await?;
        let extractor = Arc::new(Extractor::new(program()?, config));
        let base = match config.web.base_url.as_str() {
            "" => None,
            address => Some(
                Url::parse(address).with_context(|| format!("web.base_url is \"{address}\""))?,
            ),
        };
        let links = Links::new(
            base,
            &key::of(config)?,
            config.web.link_hours,
            clock.clone(),
        );
        let llm = Llm::new(&config.llm)?;
        let answerer = Arc::new(Answerer::new(
            Arc::clone(&index),
            llm,
            links.clone(),
            config,
            clock.clone(),
        ));
        Ok(Self {
            clock,
            index,
            catalog,
            extractor,
            links,
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
        }
    }

    /// What a run over the documents works with.
    #[must_use]
    pub fn parts<'a>(&'a self, config: &'a Config) -> Parts<'a> {
        Parts {
            config,
            index: self.index.as_ref(),
            catalog: &self.catalog,
            extractor: &self.extractor,
            clock: &self.clock,
        }
    }
}

/// This very program, which reads documents in child processes of its own.
fn program() -> anyhow::Result<PathBuf> {
    std::env::current_exe()
        .context("the program cannot find its own file, which it starts to read documents")
}
