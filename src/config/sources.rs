//! Where documents come from, and how they are read and cut into passages.

use std::path::PathBuf;

use serde::Deserialize;

use super::secret::Secret;

use crate::domain::language::Language;

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
pub struct Recipes {
    pub maps: Vec<PathBuf>,
    pub command: String,
}
