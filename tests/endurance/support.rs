//! What the long runs share with the other end-to-end tests.

#[path = "../it/support/block_kit.rs"]
mod block_kit;
#[path = "../it/support/http.rs"]
mod http;
#[path = "../it/support/llm.rs"]
pub(crate) mod llm;
#[path = "../it/support/meilisearch.rs"]
pub(crate) mod meilisearch;
#[path = "../it/support/postgres.rs"]
pub(crate) mod postgres;
#[path = "../it/support/process.rs"]
mod process;
#[path = "../it/support/replica.rs"]
pub(crate) mod replica;
#[path = "../it/support/requirement.rs"]
mod requirement;
#[path = "../it/support/scripted_slack.rs"]
pub(crate) mod scripted_slack;
#[path = "../it/support/slack.rs"]
mod slack;
#[path = "../it/support/soak.rs"]
pub(crate) mod soak;
#[path = "../it/support/wait.rs"]
pub(crate) mod wait;

use http::http;
