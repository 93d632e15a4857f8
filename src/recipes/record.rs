//! What one document gives beside passages of text.

use serde::{Deserialize, Serialize};

use super::limits::SetpointLimit;
use super::model::Recipe;
use crate::domain::document::{Document, Page};
use crate::domain::passage::{Passage, PassageId};
use crate::recipes::alarm::Alarm;

/// The recipes and alarms of a document, with the passages that they stand in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecipeRecord {
    pub document: Document,
    pub recipes: Vec<Recipe>,
    pub alarms: Vec<Alarm>,
    /// Ranges that its tables state for setpoints.
    pub limits: Vec<SetpointLimit>,
    /// The passages of the document that these stand in, in order.
    pub spans: Vec<PassageSpan>,
}

/// A passage and the lines that it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassageSpan {
    pub first: u32,
    pub last: u32,
    pub passage: PassageId,
    pub page: Option<Page>,
    pub headings: Vec<String>,
    /// Where its text begins, in characters.
    pub start: u32,
    pub ordinal: u32,
    pub text: String,
}

impl RecipeRecord {
    /// The span that holds a line.
    #[must_use]
    pub fn span(&self, line: u32) -> Option<&PassageSpan> {
        self.spans
            .iter()
            .find(|span| (span.first..=span.last).contains(&line))
    }

    /// A span as it is cited.
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
