//! Retrieval, reranking and embeddings.

use std::path::PathBuf;

use serde::Deserialize;

use super::secret::Secret;
use crate::domain::search_params::SearchParams;

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
    #[serde(default)]
    pub params: SearchParams,
}

/// Whether the language model plans searches.
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

/// A reranker with a `/rerank` endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rerank {
    pub base_url: String,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub api_key: Option<Secret>,
    pub model: String,
    pub timeout_ms: u64,
}

/// An embedding model with an `/embeddings` endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embeddings {
    pub base_url: String,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub api_key: Option<Secret>,
    pub model: String,
    /// 0: the model's default.
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
