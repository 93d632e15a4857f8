//! Combinations of settings that cannot work together.

mod access;
mod address;
mod chat;
mod llm;
mod numbers;
mod runtime;
mod search;
mod sources;
mod storage;

use crate::config::settings::Config;

/// Returns every problem as a sentence: the key, the reason, what to write.
pub(super) fn problems(config: &Config) -> Vec<String> {
    let checks = [
        storage::state,
        sources::sources,
        access::access,
        chat::slack,
        search::index,
        llm::llm,
        llm::tools,
        search::rerank,
        search::embeddings,
        runtime::web,
        chat::reindex,
        numbers::numbers,
        runtime::log,
        runtime::observe,
    ];
    let mut problems = Vec::new();
    for check in checks {
        check(config, &mut problems);
    }
    problems
}
