//! What the tests share: networks to talk to, and a bot between them.

pub(crate) mod block_kit;
pub(crate) mod bot;
pub(crate) mod browser;
pub(crate) mod documents;
pub(crate) mod embeddings;
mod http;
pub(crate) mod llm;
pub(crate) mod meilisearch;
pub(crate) mod passages;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod requirement;
#[expect(dead_code, reason = "the long runs and benchmarks use the rest of it")]
pub(crate) mod scripted_slack;
pub(crate) mod slack;
pub(crate) mod wait;

use std::path::PathBuf;

pub(crate) use http::http;
pub(crate) use requirement::Requirement;

/// The program under test.
pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_epibot"))
}

/// The folder of test data that is not part of the project.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("EPIBOT_SHARED").map(PathBuf::from);
    if folder.is_none() {
        Requirement::SHARED.skip();
    }
    folder
}
