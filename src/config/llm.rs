//! The language model.

use serde::Deserialize;

use super::secret::Secret;

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
    /// Whether a language model is configured.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        !self.base_url.is_empty()
    }
}
