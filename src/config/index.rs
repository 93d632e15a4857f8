//! The search engine.

use serde::Deserialize;

use crate::config::secret::Secret;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    pub engine: Engine,
}

/// The search engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Engine {
    /// Tantivy, in the data folder.
    Embedded,
    /// A Meilisearch server.
    Meilisearch,
}

impl Engine {
    /// Returns its name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Meilisearch => "meilisearch",
        }
    }
}

impl TryFrom<String> for Engine {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "embedded" => Ok(Self::Embedded),
            "meilisearch" => Ok(Self::Meilisearch),
            _ => Err(format!(
                "\"{text}\" is no engine; write \"embedded\" or \"meilisearch\""
            )),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meilisearch {
    pub url: String,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub search_key: Option<Secret>,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub index_key: Option<Secret>,
    pub prefix: String,
    pub connect_timeout_s: u64,
    pub search_timeout_s: u64,
    pub attempts: usize,
    pub batch_mb: usize,
}
