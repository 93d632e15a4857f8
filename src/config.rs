//! The configuration: built-in defaults, a file over them, the environment over both.
//!
//! `config/default.toml` says what each key means. What cannot work is refused with the key, the reason and
//! what to write instead.

mod answer;
mod check;
mod index;
mod keys;
mod load;
mod observe;
mod secret;
#[cfg(test)]
mod tests;
mod tools;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

pub use answer::{Answer, Check};
pub use index::{Engine, Index, Meilisearch};
pub use load::{load, load_from, load_with};
pub use observe::{Metrics, Traces};
pub use secret::Secret;
pub use tools::{ToolMode, Tools};

use crate::domain::access::Access;
use crate::domain::language::Language;

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

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub dir: PathBuf,
    pub keep_days: u32,
}

/// How long it is known who asked what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub keep_days: u32,
    /// Whether an export holds the words of questions, as long as they are kept.
    pub questions: bool,
}

/// The database that several replicas share.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// None where the state is kept in the data folder.
    #[serde(default, deserialize_with = "Secret::optional")]
    pub database: Option<Secret>,
    pub connections: u32,
    pub connect_timeout_s: u64,
    pub lease_s: u64,
}

/// Where documents come from: a folder, a web site or a bucket. Of the latter two, copies are kept in the folder
/// `path`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub name: String,
    #[serde(default)]
    pub path: PathBuf,
    pub collection: String,
    /// What its documents are mostly written in: "ko", "en", or nothing where nobody said.
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub include: Vec<String>,
    #[serde(default)]
    pub exclude: Vec<String>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub web: Option<WebSource>,
    #[serde(default)]
    pub bucket: Option<Bucket>,
}

impl Source {
    /// What its documents are mostly written in, where that was said.
    #[must_use]
    pub fn language(&self) -> Option<Language> {
        match self.language.as_str() {
            "ko" => Some(Language::Korean),
            "en" => Some(Language::English),
            _ => None,
        }
    }

    /// Whether its documents are fetched from somewhere else first.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.web.is_some() || self.bucket.is_some()
    }
}

/// A web site whose pages and files are documents.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSource {
    /// Where to begin: pages, files, or a site map.
    pub start: Vec<String>,
    /// How many links away from there.
    #[serde(default = "WebSource::depth")]
    pub depth: u32,
    #[serde(default = "WebSource::max_files")]
    pub max_files: usize,
    #[serde(default = "WebSource::max_file_mb")]
    pub max_file_mb: u64,
    /// Hosts that may lie in a private network.
    #[serde(default)]
    pub private: Vec<String>,
    /// Pause between two requests, in milliseconds.
    #[serde(default = "WebSource::pause_ms")]
    pub pause_ms: u64,
}

impl WebSource {
    fn depth() -> u32 {
        3
    }

    fn max_files() -> usize {
        2_000
    }

    fn max_file_mb() -> u64 {
        64
    }

    fn pause_ms() -> u64 {
        200
    }
}

/// A bucket of an S3-compatible store.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    pub name: String,
    #[serde(default)]
    pub prefix: String,
    #[serde(default)]
    pub endpoint: String,
    #[serde(default)]
    pub region: String,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub access_key: Option<Secret>,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub secret_key: Option<Secret>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRules {
    pub default: Vec<String>,
    #[serde(default)]
    pub channels: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub users: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
}

impl AccessRules {
    /// What a question from this Slack channel may be answered from.
    #[must_use]
    pub fn of_channel(&self, channel: &str) -> Access {
        // Environment variables lower the case of keys, so channel ids are compared without it.
        let named = self
            .channels
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(channel));
        Self::access(named.map_or(&self.default, |(_, collections)| collections))
    }

    /// What a person's question may be answered from where nobody else reads the answer: what their direct messages
    /// may, and what they and their user groups may.
    #[must_use]
    pub fn of_person(&self, channel: &str, user: &str, groups: &BTreeSet<String>) -> Access {
        let mut allowed: Vec<String> = match self.of_channel(channel) {
            Access::Everything => return Access::Everything,
            Access::Only(collections) => collections.into_iter().collect(),
        };
        let theirs = self
            .users
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(user));
        let of_groups = self
            .groups
            .iter()
            .filter(|(name, _)| groups.iter().any(|group| group.eq_ignore_ascii_case(name)));
        for (_, collections) in theirs.chain(of_groups) {
            allowed.extend(collections.iter().cloned());
        }
        Self::access(&allowed)
    }

    /// What a question from anywhere else may be answered from.
    #[must_use]
    pub fn of_everyone(&self) -> Access {
        Self::access(&self.default)
    }

    fn access(collections: &[String]) -> Access {
        if collections.iter().any(|name| name == "*") {
            Access::Everything
        } else {
            Access::Only(collections.iter().cloned().collect())
        }
    }
}

/// When and by whom the documents are brought up to date.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reindex {
    pub watch: bool,
    pub every_minutes: u64,
    pub command: String,
    pub users: Vec<String>,
    pub groups: Vec<String>,
    pub language: String,
}

impl Reindex {
    /// The language that the command answers in.
    #[must_use]
    pub fn language(&self) -> Language {
        if self.language == "ko" {
            Language::Korean
        } else {
            Language::English
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extract {
    pub workers: usize,
    pub memory_mb: u64,
    pub timeout_s: u64,
    pub max_file_mb: u64,
    pub pdfium: PathBuf,
    pub tesseract: PathBuf,
    pub ocr_languages: String,
    pub ocr_pages: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chunk {
    pub target_chars: usize,
    pub max_chars: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retrieval {
    pub passages: usize,
    pub min_evidence: f32,
    pub min_evidence_for_model: f32,
    pub glossary: PathBuf,
    pub glossary_weight: f32,
    pub planner: Planner,
    pub confident_evidence: f32,
    pub plan_timeout_ms: u64,
}

/// Whether the language model plans a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Planner {
    Off,
    Auto,
}

impl TryFrom<String> for Planner {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "off" => Ok(Self::Off),
            "auto" => Ok(Self::Auto),
            _ => Err(format!(
                "\"{text}\" is no way to plan a search; write \"auto\" or \"off\""
            )),
        }
    }
}

/// A reranker at `/rerank`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rerank {
    pub base_url: String,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub api_key: Option<Secret>,
    pub model: String,
    pub timeout_ms: u64,
}

/// A model at `/embeddings`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embeddings {
    pub base_url: String,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub api_key: Option<Secret>,
    pub model: String,
    /// 0: as many as the model gives.
    pub dimensions: usize,
    pub query_prefix: String,
    pub passage_prefix: String,
    pub max_tokens: usize,
    pub batch: usize,
    pub min_similarity: f32,
    pub connect_timeout_s: u64,
    pub timeout_ms: u64,
    pub batch_timeout_s: u64,
    pub attempts: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipes {
    pub maps: Vec<PathBuf>,
    pub command: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Llm {
    pub base_url: String,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub api_key: Option<Secret>,
    pub model: String,
    pub vision_model: String,
    pub temperature: f32,
    pub max_tokens: u32,
    pub max_prompt_tokens: usize,
    pub connect_timeout_s: u64,
    pub first_token_timeout_s: u64,
    pub silence_timeout_s: u64,
    pub attempts: usize,
}

impl Llm {
    /// Whether a language model takes part at all.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        !self.base_url.is_empty()
    }
}

/// The words of questions about danger, and whom to call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hazard {
    pub always: Vec<String>,
    pub gases: Vec<String>,
    pub dangers: Vec<String>,
    pub protections: Vec<String>,
    pub ways_around: Vec<String>,
    pub contact_korean: String,
    pub contact_english: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    pub base_url: String,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub link_secret: Option<Secret>,
    pub link_hours: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each switches something off that has nothing to do with the others"
)]
pub struct Slack {
    pub mode: SlackMode,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub bot_token: Option<Secret>,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub app_token: Option<Secret>,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub signing_secret: Option<Secret>,
    pub api_url: String,
    pub connections: u32,
    pub update_interval_ms: u64,
    pub streaming: bool,
    pub native_tables: bool,
    pub keep_limits: bool,
    pub mention_only: Vec<String>,
    pub every_question: Vec<String>,
    pub questions_per_user: usize,
    pub questions_per_channel: usize,
    pub experts: Vec<String>,
    pub weekly_gaps: bool,
    pub admins: Vec<String>,
    pub command: String,
    pub home_tab: bool,
    pub agent: bool,
    pub files: usize,
    pub file_mb: u64,
    pub timeout_ms: u64,
}

impl Slack {
    /// The shortest time between two updates of one answer.
    #[must_use]
    pub fn update_interval(&self) -> Duration {
        Duration::from_millis(self.update_interval_ms)
    }
}

/// How Slack delivers its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum SlackMode {
    Off,
    Socket,
    Http,
}

impl TryFrom<String> for SlackMode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "off" => Ok(Self::Off),
            "socket" => Ok(Self::Socket),
            "http" => Ok(Self::Http),
            _ => Err(format!(
                "\"{text}\" is no way to reach Slack; write \"off\", \"socket\" or \"http\""
            )),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    pub workers: usize,
    pub attempts: u32,
    pub backoff_s: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shutdown {
    pub grace_s: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LogFormat {
    Text,
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!(
                "\"{text}\" is no format of the log; write \"text\" or \"json\""
            )),
        }
    }
}

fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        D::Error::custom(format!(
            "\"{text}\" is not an IP address with a port; write one such as \"127.0.0.1:8080\""
        ))
    })
}
