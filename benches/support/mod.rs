//! Servers for the benchmarks of the whole program, shared with the end-to-end tests.

#[path = "../../tests/it/support/block_kit.rs"]
pub(crate) mod block_kit;
#[path = "../../tests/it/support/http.rs"]
mod http;
#[path = "../../tests/it/support/llm.rs"]
pub(crate) mod llm;
#[path = "../../tests/it/support/process.rs"]
pub(crate) mod process;
#[path = "../../tests/it/support/requirement.rs"]
mod requirement;
#[path = "../../tests/it/support/scripted_slack.rs"]
pub(crate) mod scripted_slack;
#[path = "../../tests/it/support/slack.rs"]
pub(crate) mod slack;
#[path = "../../tests/it/support/soak.rs"]
pub(crate) mod soak;
#[path = "../../tests/it/support/wait.rs"]
pub(crate) mod wait;

pub(crate) use http::http;
