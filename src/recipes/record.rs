//! Structured data of a document, stored next to its passages.

use serde::{Deserialize, Serialize};

use super::limits::SetpointLimit;
use super::model::Recipe;
use crate::domain::document::{Document, Page};
use crate::domain::passage::{Passage, PassageId};
use crate::recipes::alarm::Alarm;

/// The recipes, alarms and limits of a document, with the passages that contain them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecipeRecord {
    pub document: Document,
    pub recipes: Vec<Recipe>,
    pub alarms: Vec<Alarm>,
    /// Ranges that its tables state for setpoints.
    pub limits: Vec<SetpointLimit>,
    /// The passages that contain these, in order.
    pub spans: Vec<PassageSpan>,
}

/// A passage and its range of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassageSpan {
    pub first: u32,
    pub last: u32,
    pub passage: PassageId,
    pub page: Option<Page>,
    pub headings: Vec<String>,
    /// Offset of its text in the document, in characters.
    pub start: u32,
    pub ordinal: u32,
    pub text: String,
}

impl RecipeRecord {
    /// Returns the passage that contains a line.
    #[must_use]
    pub fn span(&self, line: u32) -> Option<&PassageSpan> {
        self.spans
            .iter()
            .find(|span| (span.first..=span.last).contains(&line))
    }

    /// Converts a span to a passage to cite.
    #[must_use]
    pub fn passage(&self, span: &PassageSpan) -> Passage {
        Passage {
            id: span.passage.clone(),
            document: self.document.clone(),
            page: span.page.clone(),
            headings: span.headings.clone(),
            start: span.start,
            ordinal: span.ordinal,
            text: span.text.clone(),
            ocr: false,
        }
    }
}
