//! An answer with everything that supports it.

use serde::{Deserialize, Serialize};

use super::document::DocumentId;
use super::language::Language;
use super::passage::{Passage, PassageId};

/// How an answer was produced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Worded by a language model from the cited passages.
    Llm,
    /// The best passages, quoted.
    Extractive,
    /// The documents do not contain the answer.
    NoneFound,
}

impl Mode {
    /// Returns its name in the answer log and in metrics.
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
    /// The number in the answer's text, `[n]`.
    pub n: u32,
    pub doc_id: DocumentId,
    pub passage: PassageId,
    pub title: String,
    pub number: Option<String>,
    pub revision: Option<String>,
    /// As printed on the page.
    pub page: Option<String>,
    pub section: Option<String>,
    /// Link to the cited place. None if no base URL is configured and the document has no address of its own.
    pub url: Option<String>,
    /// The beginning of the passage, on one line.
    pub quote: String,
}

/// Milliseconds from the start of the question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    pub retrieve: u64,
    /// None without a language model.
    pub first_token: Option<u64>,
    pub total: u64,
}

/// Token counts reported by the language model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

/// A picture that is sent with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// File name.
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
    /// In the order of their numbers; each occurs in `text`.
    pub citations: Vec<Citation>,
    /// The passages that the answer is based on, best first.
    pub passages: Vec<Passage>,
    /// Statements of the answer that no cited passage supports.
    pub unsupported: Vec<String>,
    /// A picture that the question asked for.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
    /// A note shown with the answer, such as that the language model could not be reached.
    pub notice: Option<String>,
    pub timings_ms: Timings,
    pub usage: Usage,
}
