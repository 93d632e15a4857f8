//! Index engine, reranker and embeddings.

use super::address::check_address;
use crate::config::index::Engine;
use crate::config::settings::Config;

pub(super) fn index(config: &Config, problems: &mut Vec<String>) {
    let server = &config.meilisearch;
    if config.index.engine == Engine::Meilisearch {
        if server.url.is_empty() {
            problems.push(
                "index.engine is \"meilisearch\" but meilisearch.url is empty; write the server's address, such as \
                 \"http://127.0.0.1:7700\""
                    .to_owned(),
            );
        } else {
            check_address("meilisearch.url", &server.url, problems);
        }
    }
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if !server.prefix.chars().all(is_allowed) || server.prefix.len() > 100 {
        problems.push(format!(
            "meilisearch.prefix is \"{}\", which cannot begin the name of an index; write letters, digits, - and _",
            server.prefix
        ));
    }
    if !(1..=90).contains(&server.batch_mb) {
        problems.push(
            "meilisearch.batch_mb must be 1 to 90, or the server refuses what is sent; write 12"
                .to_owned(),
        );
    }
}

pub(super) fn rerank(config: &Config, problems: &mut Vec<String>) {
    if !config.rerank.base_url.is_empty() {
        check_address("rerank.base_url", &config.rerank.base_url, problems);
    }
}

pub(super) fn embeddings(config: &Config, problems: &mut Vec<String>) {
    let embeddings = &config.embeddings;
    if !(-1.0..=1.0).contains(&embeddings.min_similarity) {
        problems
            .push("embeddings.min_similarity is a cosine; write a number from -1 to 1".to_owned());
    }
    if embeddings.base_url.is_empty() {
        return;
    }
    check_address("embeddings.base_url", &embeddings.base_url, problems);
    if embeddings.model.is_empty() {
        problems.push(
            "embeddings.model is empty; write the name of the model that the server is to use"
                .to_owned(),
        );
    }
    if !embeddings.dimensions.is_multiple_of(8) {
        problems.push("embeddings.dimensions is no multiple of 8; write one, or 0 for as many as the model gives".to_owned());
    }
}
