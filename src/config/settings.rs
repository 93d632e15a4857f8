//! The whole configuration. `config/default.toml` explains every key.

use std::path::PathBuf;

use serde::Deserialize;

use super::access::AccessRules;
use super::answer::Answer;
use super::chat::Chat;
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

/// The whole configuration, one field for each section.
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
    pub chat: Chat,
    pub slack: Slack,
    pub queue: Queue,
    pub shutdown: Shutdown,
    pub log: Log,
    pub metrics: Metrics,
    pub traces: Traces,
    /// Old names of keys that were used, as sentences that give the new names.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl Config {
    /// Returns the file of the job queue, used if no database is configured.
    #[must_use]
    pub fn state_file(&self) -> PathBuf {
        self.data.dir.join("state.sqlite")
    }

    /// Returns the file of the answer log, used if no database is configured.
    #[must_use]
    pub fn feedback_file(&self) -> PathBuf {
        self.data.dir.join("feedback.sqlite")
    }
}
