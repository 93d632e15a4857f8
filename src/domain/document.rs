//! Documents: their identity, origin, format and pages.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Identifies a document as long as its source and its path there stay the same.
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
    /// As stated in the document, otherwise its file name.
    pub title: String,
    /// Document number as printed, such as `HX7-OM-001`.
    pub number: Option<String>,
    /// Revision as printed, such as `C` or `1.1`.
    pub revision: Option<String>,
    /// Date from which this revision is effective, as `YYYY-MM-DD`.
    pub effective: Option<String>,
    /// A later revision of the same document is in force.
    #[serde(default)]
    pub superseded: bool,
    /// Name of the configured source.
    pub source: String,
    /// Path within the source, with forward slashes.
    pub path: String,
    /// Access is granted by collection.
    pub collection: String,
    /// The document's own address, if its source has one; citations then link there.
    pub url: Option<String>,
    pub format: Format,
    /// Documents that were stored before there was an origin are all of the corpus.
    #[serde(default, skip_serializing_if = "Origin::is_corpus")]
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

impl Origin {
    /// Whether it is one of the fab's own documents. The name of this origin is not stored.
    #[must_use]
    pub fn is_corpus(&self) -> bool {
        *self == Self::Corpus
    }
}

/// What kind of file a document is: decides how it is read and how a citation of it opens.
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

/// A file name extension in lower case, the format of such files, and the media types that mean it. A download
/// of which only the media type is known gets this extension.
type FileType = (&'static str, Format, &'static [&'static str]);

/// The files that are read. This table alone decides what is taken from folders, sites, buckets and messages.
const FILE_TYPES: &[FileType] = &[
    ("pdf", Format::Pdf, &["application/pdf"]),
    ("md", Format::Markdown, &["text/markdown"]),
    ("markdown", Format::Markdown, &[]),
    (
        "html",
        Format::Html,
        &["text/html", "application/xhtml+xml"],
    ),
    ("htm", Format::Html, &[]),
    ("xhtml", Format::Html, &[]),
    ("txt", Format::Text, &["text/plain"]),
    ("text", Format::Text, &[]),
    ("epi", Format::Text, &[]),
    ("asl", Format::Text, &[]),
    ("json", Format::Text, &[]),
    (
        "docx",
        Format::Word,
        &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ),
    ("docm", Format::Word, &[]),
    (
        "pptx",
        Format::Slides,
        &["application/vnd.openxmlformats-officedocument.presentationml.presentation"],
    ),
    ("pptm", Format::Slides, &[]),
    (
        "xlsx",
        Format::Sheet,
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    ),
    ("xlsm", Format::Sheet, &[]),
    ("csv", Format::Sheet, &["text/csv"]),
    ("tsv", Format::Sheet, &[]),
    (
        "hwp",
        Format::Hangul,
        &["application/x-hwp", "application/haansofthwp"],
    ),
    (
        "hwpx",
        Format::Hangul,
        &["application/hwp+zip", "application/haansofthwpx"],
    ),
];

impl Format {
    /// Returns the format of a file by its extension; None if files of this kind are not read.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        let mut types = FILE_TYPES.iter();
        types.find_map(|(name, format, _)| (*name == extension).then_some(*format))
    }

    /// Returns the file name extension for a media type without parameters; None if files of this type are not read.
    #[must_use]
    pub fn extension_for_media_type(media_type: &str) -> Option<&'static str> {
        let mut types = FILE_TYPES.iter();
        types.find_map(|(name, _, media_types)| media_types.contains(&media_type).then_some(*name))
    }

    /// Whether a citation opens as an image of the page, rather than as text with the cited words marked.
    #[must_use]
    pub fn has_page_images(self) -> bool {
        self == Self::Pdf
    }
}

/// A page of a paginated document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// From 1, as in a viewer's `#page=`.
    pub number: u32,
    /// As printed on the page (`iv`, `3-12`), if it differs from `number`.
    pub label: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_stored_without_an_origin_belongs_to_the_corpus() {
        let stored = r#"{"id":"om1","title":"Operation Manual","number":null,"revision":null,"effective":null,
            "source":"test","path":"om-1.md","collection":"manuals","url":null,"format":"markdown"}"#;
        let document: Document = serde_json::from_str(stored).unwrap();
        assert_eq!(document.origin, Origin::Corpus);
    }
}
