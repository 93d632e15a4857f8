//! Documents: what they are called, what kind of file they are, and their pages.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Names one document for as long as it keeps its source and its path there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub String);

impl fmt::Display for DocumentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The document that a passage belongs to, as it is cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub id: DocumentId,
    /// As the document gives it; its file name where it gives none.
    pub title: String,
    /// Document number as printed, such as `HX7-OM-001`.
    pub number: Option<String>,
    /// Revision as printed, such as `C` or `1.1`.
    pub revision: Option<String>,
    /// Date from which this revision holds, as `YYYY-MM-DD`.
    pub effective: Option<String>,
    /// A later revision of the same document is in force.
    #[serde(default)]
    pub superseded: bool,
    /// Name of the configured source.
    pub source: String,
    /// Path within the source, with forward slashes.
    pub path: String,
    /// Who may read it is decided by collection.
    pub collection: String,
    /// The document's own address, where its source has one; citations then link there.
    pub url: Option<String>,
    pub format: Format,
}

impl Document {
    /// Whether it was attached to a question: then it is none of the fab's own, and belongs to no collection.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        self.collection.is_empty()
    }
}

/// What kind of file a document is, which decides how a citation of it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Pdf,
    Markdown,
    Html,
    Text,
    /// A Word document, DOCX. It has no pages before it is printed.
    Word,
    /// A presentation, PPTX; its slides are its pages.
    Slides,
    /// A spreadsheet, XLSX, or a CSV file.
    Sheet,
    /// A document of Hangul Office, HWP or HWPX.
    Hangul,
}

impl Format {
    /// The kind of a file by the extension of its name; none where files of this kind are not read. This alone decides
    /// what is taken from folders, sites, buckets and messages.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "pdf" => Some(Self::Pdf),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "txt" | "text" | "epi" | "asl" | "json" => Some(Self::Text),
            "docx" | "docm" => Some(Self::Word),
            "pptx" | "pptm" => Some(Self::Slides),
            "xlsx" | "xlsm" | "csv" | "tsv" => Some(Self::Sheet),
            "hwp" | "hwpx" => Some(Self::Hangul),
            _ => None,
        }
    }
}

/// A page of a paginated document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Counted from 1: what a viewer's `#page=` takes.
    pub number: u32,
    /// As printed on the page (`iv`, `3-12`), where it differs from `number`.
    pub label: Option<String>,
}
