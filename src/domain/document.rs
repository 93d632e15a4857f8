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
    /// Documents that were stored before there was an origin are all of the corpus.
    #[serde(default)]
    pub origin: Origin,
}

/// Where a document comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A configured source: the fab's own documents, each in a collection.
    #[default]
    Corpus,
    /// A file that was attached to a question. It is in no collection.
    Attachment,
    /// A page of the public web. It is in no collection.
    Web,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn a_document_that_was_stored_without_an_origin_is_of_the_corpus() {
        let document = sample::bake().document;
        let mut stored = serde_json::to_value(&document).unwrap();
        stored.as_object_mut().unwrap().remove("origin");
        let read: Document = serde_json::from_value(stored).unwrap();
        assert_eq!(read, document);
        assert_eq!(read.origin, Origin::Corpus);
    }
}
