//! The result of reading a document.

use serde::{Deserialize, Serialize};

use super::properties::Stated;
use crate::domain::document::{Format, Page};
use crate::domain::fault::Fault;

/// Incremented when the same file would be read differently; then everything is indexed again.
pub const VERSION: u32 = 4;

/// The content of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// As the document states it.
    pub title: Option<String>,
    /// Document number as printed.
    pub number: Option<Stated>,
    /// Revision as printed.
    pub revision: Option<Stated>,
    /// Date from which it is effective, as `YYYY-MM-DD`.
    pub effective: Option<Stated>,
    pub format: Format,
    /// In order. A document without pages is a single one.
    pub pages: Vec<ExtractedPage>,
    /// Parts that were not read, and why.
    pub notes: Vec<Fault>,
}

impl Extracted {
    /// Returns the pages without text, counted from 1.
    pub(super) fn unread(&self) -> Vec<u32> {
        let empty = |page: &&ExtractedPage| page.text.trim().is_empty();
        let numbers = self.pages.iter().filter(empty);
        numbers
            .filter_map(|page| Some(page.page.as_ref()?.number))
            .collect()
    }

    /// Notes the pages without text, and rejects a document without any text.
    ///
    /// # Errors
    /// If it contains no text; the failure gives the reason.
    pub(super) fn require_text(mut self) -> Result<Self, Failure> {
        let unread = self.unread();
        let is_empty = self.pages.iter().all(|page| page.text.trim().is_empty());
        if is_empty {
            let is_images = self.format == Format::Pdf && !unread.is_empty();
            return Err(Failure::File(if is_images {
                Fault::OnlyImages(self.notes)
            } else {
                Fault::NoText(self.notes)
            }));
        }
        if !unread.is_empty() {
            self.notes.push(Fault::PagesWithoutText(ranges(&unread)));
        }
        Ok(self)
    }
}

/// Formats numbers in ascending order, with runs shortened: `1, 3–5`.
pub(super) fn ranges(numbers: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == *number => *end = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let shown = ranges.into_iter().map(|(start, end)| {
        if start == end {
            start.to_string()
        } else {
            format!("{start}–{end}")
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// One page's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractedPage {
    /// `None` if the format has no pages.
    pub page: Option<Page>,
    /// Lines end with one line feed, paragraphs with two. Tables are in Markdown; the cells of a single row are on one
    /// line, separated by ` | `.
    pub text: String,
    /// In the order of their positions.
    pub headings: Vec<Heading>,
    /// Whether the text was recognized in an image of the page.
    pub ocr: bool,
}

/// A heading and its position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 1 for the outermost.
    pub level: u8,
    pub title: String,
    /// Offset of the section in the page's text, in characters.
    pub at: u32,
}

/// A page as an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageImage {
    pub png: Vec<u8>,
    /// Whether the quoted words were found and marked.
    pub marked: bool,
}

/// Why a document was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Failure {
    /// The file is at fault; it will fail again until it changes.
    #[error("{0}")]
    File(Fault),
    /// Reading failed for a reason outside the file.
    #[error("{0}")]
    Environment(Fault),
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::File(fault) | Failure::Environment(fault) => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_pages_are_shortened() {
        assert_eq!(ranges(&[1, 3, 4, 5, 9]), "1, 3–5, 9");
    }
}
