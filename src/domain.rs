//! What epibot talks about: passages of documents, questions, answers and their citations. No I/O.

mod doubt;
mod fault;
pub mod revision;
#[cfg(test)]
pub(crate) mod sample;

pub use doubt::{Doubt, Place};
pub use fault::{Fault, SourceFault};

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Names one document for as long as it keeps its source and its path there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub String);

/// Names one passage: its document, and what it says. A passage that did not change keeps its id when the
/// document around it does, so that links in old answers still open. Made of `[a-z0-9-]` only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PassageId(pub String);

impl fmt::Display for DocumentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for PassageId {
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

/// A piece of a document, small enough to be quoted and large enough to be understood; what is searched,
/// shown to the language model and cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    pub id: PassageId,
    pub document: Document,
    /// None where the format has no pages.
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
    /// The innermost heading, which is how a section is cited.
    #[must_use]
    pub fn section(&self) -> Option<&str> {
        self.headings.last().map(String::as_str)
    }

    /// The text below the words that stand above it, which say what it is about.
    #[must_use]
    pub fn in_context(&self) -> String {
        let mut above = vec![self.document.title.as_str()];
        above.extend(self.headings.iter().map(String::as_str));
        format!("{}\n{}", above.join(" > "), self.text)
    }

    /// The page as it is printed: its label, or its number.
    #[must_use]
    pub fn page_label(&self) -> Option<String> {
        self.page.as_ref().map(|page| {
            page.label
                .clone()
                .unwrap_or_else(|| page.number.to_string())
        })
    }
}

/// The collections that a question may be answered from. Enforced inside the search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    Everything,
    Only(BTreeSet<String>),
}

impl Access {
    #[must_use]
    pub fn allows(&self, collection: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(collections) => collections.contains(collection),
        }
    }
}

/// The language that a person is answered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Korean,
    English,
}

impl Language {
    /// The language of a question: Korean as soon as a twentieth of its letters is Hangul, since Korean questions are full of
    /// English terms and English questions hold no Hangul.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
        let hangul = text.chars().filter(|letter| is_hangul(*letter)).count();
        if hangul > 0 && hangul * 20 >= letters {
            Self::Korean
        } else {
            Self::English
        }
    }
}

/// Whether a character is a Hangul syllable or letter.
#[must_use]
pub fn is_hangul(letter: char) -> bool {
    matches!(letter, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}')
}

/// One earlier contribution to the conversation that a question belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub speaker: Speaker,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// A person, by the name or id that tells people apart.
    Person(String),
    Epibot,
}

/// What is to be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub text: String,
    /// Oldest first; without the question itself.
    pub conversation: Vec<Turn>,
    pub access: Access,
}

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
    /// Statements of the answer that no cited passage bears out.
    pub unsupported: Vec<String>,
    /// A picture that was asked for.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
    /// What the person is told beside the answer, such as that the language model could not be reached.
    pub notice: Option<String>,
    pub timings_ms: Timings,
    pub usage: Usage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_with_any_real_share_of_hangul_is_korean() {
        for (text, language) in [
            (
                "What is the maximum ceiling temperature?",
                Language::English,
            ),
            ("HX-700 ceiling temperature limit 값은?", Language::Korean),
            ("퍼지 유량은?", Language::Korean),
            ("E-1042", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of(text), language, "{text}");
        }
    }
}
