//! Reads a document: its text page by page, its headings, and what it says of itself.
//!
//! Documents come from everywhere and some are broken or hostile. So they are read in child processes with limits
//! ([`Extractor`] asks, [`worker`] answers); whatever a file does, it costs only itself.

mod fallback;
mod furniture;
mod headings;
mod html;
mod layout;
mod limits;
mod mark;
mod markdown;
mod pdf;
mod pdfium;
mod pool;
mod properties;
mod protocol;
mod read;
mod render;
mod text;
pub mod worker;

use serde::{Deserialize, Serialize};

use crate::domain::{Format, Page};

pub use pool::Extractor;

/// Counts up when the same file would be read differently; then everything is indexed again.
pub const VERSION: u32 = 1;

/// What a document holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// As the document gives it.
    pub title: Option<String>,
    /// Document number as printed.
    pub number: Option<String>,
    /// Revision as printed.
    pub revision: Option<String>,
    /// Date from which it holds, as `YYYY-MM-DD`.
    pub effective: Option<String>,
    pub format: Format,
    /// In order. A document without pages is a single one.
    pub pages: Vec<ExtractedPage>,
    /// Sentences on what was not read, and why.
    pub notes: Vec<String>,
}

/// One page's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractedPage {
    /// None where the format has no pages.
    pub page: Option<Page>,
    /// Lines end with one line feed, paragraphs with two. Cells of a table's row stand on one line with ` | `
    /// between them.
    pub text: String,
    /// In the order of their places.
    pub headings: Vec<Heading>,
}

/// A heading and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 1 for the outermost.
    pub level: u8,
    pub title: String,
    /// Where the section begins in its page's text, in characters.
    pub at: u32,
}

/// A page as an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageImage {
    pub png: Vec<u8>,
    /// The quoted words were found and are marked.
    pub marked: bool,
}

/// Why a document was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Failure {
    /// The file is at fault; it will fail again as long as it is the same.
    #[error("{0}")]
    File(String),
    /// Reading failed for a reason outside the file.
    #[error("{0}")]
    Elsewhere(String),
}
