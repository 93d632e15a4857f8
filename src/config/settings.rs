//! Everything that can be configured. `config/default.toml` says what each key means.

use std::path::PathBuf;

use serde::Deserialize;

use super::access::AccessRules;
use super::answer::Answer;
use super::hazard::Hazard;
use super::index::{Index, Meilisearch};
use super::llm::Llm;
use super::observe::{Metrics, Traces};
use super::runtime::{Log, Shutdown};
use super::search::{Embeddings, Rerank, Retrieval};
use super::slack::Slack;
use super::sources::{Chunk, Extract, Recipes, Reindex, Source};
use super::storage::{Audit, Data, Queue, State};
use super::tools::Tools;
use super::web::Web;

/// Everything that can be configured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub data: Data,
    pub state: State,
    pub audit: Audit,
    #[serde(default)]
    pub sources: Vec<Source>,
    pub access: AccessRules,
    pub reindex: Reindex,
    pub extract: Extract,
    pub chunk: Chunk,
    pub retrieval: Retrieval,
    pub index: Index,
    pub meilisearch: Meilisearch,
    pub recipes: Recipes,
    pub rerank: Rerank,
    pub embeddings: Embeddings,
    pub llm: Llm,
    pub tools: Tools,
    pub answer: Answer,
    pub hazard: Hazard,
    pub web: Web,
    pub slack: Slack,
    pub queue: Queue,
    pub shutdown: Shutdown,
    pub log: Log,
    pub metrics: Metrics,
    pub traces: Traces,
}

impl Config {
    /// Where questions in hand are kept, where no database is configured.
    #[must_use]
    pub fn state_file(&self) -> PathBuf {
        self.data.dir.join("state.sqlite")
    }

    /// Where answers and votes are kept.
    #[must_use]
    pub fn feedback_file(&self) -> PathBuf {
        self.data.dir.join("feedback.sqlite")
    }
}
