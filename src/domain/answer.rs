//! An answer with everything that supports it.

use serde::{Deserialize, Serialize};

use super::document::DocumentId;
use super::language::Language;
use super::passage::{Passage, PassageId};

/// How an answer came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Worded by a language model from the cited passages.
    Llm,
    /// The best passages, quoted.
    Extractive,
    /// The documents do not hold it.
    NoneFound,
}

impl Mode {
    /// Its name in the answer log and in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Llm => "llm",
            Self::Extractive => "extractive",
            Self::NoneFound => "none_found",
        }
    }
}

/// A numbered reference from an answer to a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// As it stands in the answer's text, `[n]`.
    pub n: u32,
    pub doc_id: DocumentId,
    pub passage: PassageId,
    pub title: String,
    pub number: Option<String>,
    pub revision: Option<String>,
    /// As printed on the page.
    pub page: Option<String>,
    pub section: Option<String>,
    /// Opens the cited place. None where no base URL is configured and the document has no address of its own.
    pub url: Option<String>,
    /// The beginning of the passage, on one line.
    pub quote: String,
}

/// Milliseconds from the start of the question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    pub retrieve: u64,
    /// None where no language model took part.
    pub first_token: Option<u64>,
    pub total: u64,
}

/// Tokens that the language model counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

/// A picture that goes with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// As a file is named.
    pub name: String,
    pub png: Vec<u8>,
}

/// An answer with everything that supports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Plain Markdown with `[n]` for every citation, and no links or images.
    #[serde(rename = "answer")]
    pub text: String,
    pub mode: Mode,
    pub language: Language,
    /// In the order of their numbers; each stands in `text`.
    pub citations: Vec<Citation>,
    /// What the answer was drawn from, best first.
    pub passages: Vec<Passage>,
    /// Statements of the answer that no cited passage supports.
    pub unsupported: Vec<String>,
    /// A picture that was asked for.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
    /// What the person is told beside the answer, such as that the language model could not be reached.
    pub notice: Option<String>,
    pub timings_ms: Timings,
    pub usage: Usage,
}
