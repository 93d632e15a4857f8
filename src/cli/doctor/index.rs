//! Checks the index.

use serde_json::{Value, json};

use super::finding::Finding;
use crate::app::services::open_index;
use crate::config::index::Engine;
use crate::config::settings::Config;
use crate::search::index::meilisearch::Meilisearch;

const PART: &str = "index";

/// Returns the findings, and a summary of the index as JSON.
pub(super) async fn check(config: &Config) -> (Vec<Finding>, Value) {
    match inspect(config).await {
        Ok((findings, version, passages)) => {
            let engine = config.index.engine.name();
            (
                findings,
                json!({"engine": engine, "version": version, "passages": passages}),
            )
        }
        Err(error) => (vec![Finding::failed(PART, &error)], Value::Null),
    }
}

async fn inspect(config: &Config) -> anyhow::Result<(Vec<Finding>, Option<String>, u64)> {
    let index = open_index(config)?;
    let version = match config.index.engine {
        Engine::Embedded => None,
        Engine::Meilisearch => {
            let server = Meilisearch::open(&config.meilisearch, &config.data.dir)?;
            server.version().await?
        }
    };
    let passages = index.size().await?;
    let says = match (config.index.engine, &version) {
        (Engine::Embedded, _) => format!("{passages} passages in {}", config.data.dir.display()),
        (Engine::Meilisearch, Some(version)) => format!(
            "{passages} passages on Meilisearch {version} at {}; it may be searched and written",
            config.meilisearch.url
        ),
        (Engine::Meilisearch, None) => format!(
            "{passages} passages on Meilisearch at {}; it may be searched, and without meilisearch.index_key not written",
            config.meilisearch.url
        ),
    };
    let mut findings = vec![Finding::ok(PART, says)];
    if passages == 0 && !config.sources.is_empty() {
        findings.push(Finding::warning(
            PART,
            "it is empty, so that nothing is found",
            "run `epibot reindex`, or start `epibot serve`, which does so",
        ));
    }
    Ok((findings, version, passages))
}
