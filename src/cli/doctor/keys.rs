//! Creates the keys that epibot needs on the Meilisearch server.

use anyhow::Context;
use serde_json::json;

use crate::cli::output::Output;
use crate::config::secret::Secret;
use crate::config::settings::Config;
use crate::search::index::meilisearch;

/// Creates the keys with the master key, and prints how to configure them.
pub(super) async fn create_keys(
    config: &Config,
    master_key: &str,
    output: Output,
) -> anyhow::Result<()> {
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
