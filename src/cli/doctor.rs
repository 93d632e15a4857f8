//! `epibot doctor`: sees whether what is configured works, and says what to do where it does not.

use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use crate::app;
use crate::config::{Config, Engine, Secret};
use crate::index::meilisearch::{self, Meilisearch};

use super::output::Output;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Make the keys that epibot needs on the Meilisearch server, from its master key
    #[arg(long)]
    create_keys: bool,
    /// Where the master key is, as the configuration names secrets. It is used once and kept nowhere
    #[arg(
        long,
        value_name = "WHERE",
        default_value = "env:MEILI_MASTER_KEY",
        requires = "create_keys"
    )]
    master_key: String,
}

pub(super) async fn run(
    config: &Config,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    if arguments.create_keys {
        create_keys(config, &arguments.master_key, output).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let index = app::open_index(config)?;
    let (engine, version) = match config.index.engine {
        Engine::Embedded => ("embedded", None),
        Engine::Meilisearch => {
            let server = Meilisearch::open(&config.meilisearch, &config.data.dir)?;
            ("meilisearch", server.version().await?)
        }
    };
    let passages = index.size().await?;
    output.line(match (config.index.engine, &version) {
        (Engine::Embedded, _) => format!(
            "index: {passages} passages in {}",
            config.data.dir.display()
        ),
        (Engine::Meilisearch, Some(version)) => format!(
            "index: {passages} passages on Meilisearch {version} at {}; it may be searched and written",
            config.meilisearch.url
        ),
        (Engine::Meilisearch, None) => format!(
            "index: {passages} passages on Meilisearch at {}; it may be searched, and without meilisearch.index_key \
             not written",
            config.meilisearch.url
        ),
    });
    output.document(&json!({
        "index": { "engine": engine, "version": version, "passages": passages },
    }))?;
    Ok(ExitCode::SUCCESS)
}

async fn create_keys(config: &Config, master_key: &str, output: Output) -> anyhow::Result<()> {
    anyhow::ensure!(
        !config.meilisearch.url.is_empty(),
        "meilisearch.url is empty; write the address of the server that the keys are for"
    );
    let master = Secret::read(master_key)
        .map_err(anyhow::Error::msg)
        .and_then(|key| key.context("it is empty"))
        .with_context(|| {
            format!("the master key cannot be read from {master_key}; name it with --master-key env:NAME or file:PATH")
        })?;
    let keys = meilisearch::create_keys(&config.meilisearch, &master).await?;
    let (search, index) = (keys.search.expose(), keys.index.expose());
    output.line(format!(
        "Two keys were made on Meilisearch {} at {} for the indexes {}*:\n\n\
         MEILI_SEARCH_KEY={search}\nMEILI_INDEX_KEY={index}\n\n\
         Put them into the environment of epibot, and write into its configuration:\n\n\
         [meilisearch]\nsearch_key = \"env:MEILI_SEARCH_KEY\"\nindex_key = \"env:MEILI_INDEX_KEY\"\n\n\
         The first may only search, the second also fills the indexes. The master key is not needed any more.",
        keys.version, config.meilisearch.url, config.meilisearch.prefix
    ));
    output.document(&json!({
        "version": keys.version,
        "search_key": search,
        "index_key": index,
    }))
}
