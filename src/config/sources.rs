//! Sources of documents, and how they are read and split into passages.

use std::path::PathBuf;

use serde::Deserialize;

use super::secret::Secret;
use crate::domain::language::Language;

/// A source of documents: a folder, a web site or a bucket. The latter two are mirrored in the folder `path`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub name: String,
    #[serde(default)]
    pub path: PathBuf,
    pub collection: String,
    /// The main language of its documents: "ko", "en", or empty if unspecified.
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
    /// Returns the main language of its documents, if specified.
    #[must_use]
    pub fn language(&self) -> Option<Language> {
        match self.language.as_str() {
            "ko" => Some(Language::Korean),
            "en" => Some(Language::English),
            _ => None,
        }
    }

    /// Whether its documents are mirrored from a remote place.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.web.is_some() || self.bucket.is_some()
    }
}

/// A web site whose pages and files are documents.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSource {
    /// Start addresses: pages, files, or site maps.
    pub start: Vec<String>,
    /// Maximum number of links from there.
    #[serde(default = "WebSource::depth")]
    pub depth: u32,
    #[serde(default = "WebSource::max_files")]
    pub max_files: usize,
    #[serde(default = "WebSource::max_file_mb")]
    pub max_file_mb: u64,
    /// Hosts that are allowed to be in a private network.
    #[serde(default)]
    pub private: Vec<String>,
    /// Minimum pause between two requests, in milliseconds.
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

/// When documents are reindexed, and who may start it.
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
    /// Returns the language of the command's replies.
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
