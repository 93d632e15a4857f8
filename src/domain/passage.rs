//! Passages: what is searched, shown to the language model and cited.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::document::{Document, Page};

/// Identifies a passage by its document and its text. An unchanged passage of a changed document keeps its id, so that
/// links in old answers still open. Contains only `[a-z0-9-]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PassageId(pub String);

impl fmt::Display for PassageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A piece of a document, small enough to be quoted and large enough to be understood; what is searched,
/// shown to the language model and cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    pub id: PassageId,
    pub document: Document,
    /// None if the format has no pages.
    pub page: Option<Page>,
    /// Headings above the passage, outermost first.
    pub headings: Vec<String>,
    /// Where `text` begins in its page (or in the whole document, if it has no pages), in characters.
    pub start: u32,
    /// Order among the passages of its document, from 0.
    pub ordinal: u32,
    pub text: String,
    /// The words were read from an image and may be misread.
    pub ocr: bool,
}

impl Passage {
    /// Returns the innermost heading, by which a section is cited.
    #[must_use]
    pub fn section(&self) -> Option<&str> {
        self.headings.last().map(String::as_str)
    }

    /// Returns the text prefixed with title and headings, as it is embedded and reranked.
    #[must_use]
    pub fn with_context(&self) -> String {
        let mut context = vec![self.document.title.as_str()];
        context.extend(self.headings.iter().map(String::as_str));
        format!("{}\n{}", context.join(" > "), self.text)
    }

    /// Returns the label of the page, or its number.
    #[must_use]
    pub fn page_label(&self) -> Option<String> {
        self.page.as_ref().map(|page| {
            page.label
                .clone()
                .unwrap_or_else(|| page.number.to_string())
        })
    }
}
