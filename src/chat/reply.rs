//! What epibot says, before a platform renders it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::answer::Answer;
use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::ingest::catalog::SourceSummary;
use crate::storage::answer_log::{Counts, Line, Shown};

/// A message to be rendered.
#[derive(Debug)]
pub enum Content<'a> {
    /// A short plain text.
    Status(String),
    /// A short text in the platform's markup.
    Markup(String),
    /// An answer, which may take several messages.
    Answer(AnswerContent<'a>),
    /// Sections of markup below each other.
    Sections {
        /// For notifications and screen readers.
        summary: String,
        sections: Vec<Section>,
    },
}

/// An answer with what is around it.
#[derive(Debug)]
pub struct AnswerContent<'a> {
    pub answer: &'a Answer,
    pub notices: &'a [String],
    /// Above the first message.
    pub header: Option<Section>,
    /// A note below the first message.
    pub footer: Option<String>,
    /// Below the last message.
    pub buttons: Option<AnswerButtons>,
}

/// A paragraph in the platform's markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub kind: SectionKind,
    pub markup: String,
}

/// How prominent a section is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionKind {
    Text,
    /// Small print.
    Note,
}

/// The buttons below an answer. Everything that they need is in their values, so that they work however old they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerButtons {
    /// The key of the question that was answered.
    pub question: String,
    pub language: Language,
    pub has_passages: bool,
    pub has_person: bool,
    /// Follow-up questions.
    #[serde(rename = "proposed")]
    pub suggestions: Vec<String>,
}

/// A message as its platform renders it; opaque to everything else. Stored with the job, so that sending it again needs
/// no second search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RenderedMessage(pub Value);

/// What is shown to one person only.
#[derive(Debug)]
pub enum Ephemeral<'a> {
    /// A text in the platform's markup.
    Text(String),
    /// Passages word for word below a text.
    Passages {
        head: String,
        passages: &'a [Shown],
        language: Language,
    },
    /// Pictures below a text.
    Pictures {
        head: String,
        pictures: Vec<Picture>,
    },
}

/// A picture with its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub title: String,
    pub png: Vec<u8>,
}

/// The reply to a command, for whoever used it.
#[derive(Debug)]
pub enum CommandReply {
    /// The command was delivered twice, and the first delivery is answered.
    Nothing,
    /// A text in the platform's markup.
    Text(String),
    /// Passages below a text.
    Passages {
        head: String,
        passages: Vec<Shown>,
        language: Language,
    },
    Messages(Vec<RenderedMessage>),
}

/// What the home view of one person shows.
#[derive(Debug, Default)]
pub struct HomeView {
    pub holdings: Vec<SourceSummary>,
    /// The collections that the person may read; none for all.
    pub collections: Option<Vec<String>>,
    /// The state of reindexing, in a line.
    pub reindexing: String,
    /// Questions to begin with.
    pub questions: Vec<String>,
    /// For admins only.
    pub week: Option<WeekSummary>,
}

/// What admins see of the last seven days.
#[derive(Debug, Default)]
pub struct WeekSummary {
    pub counts: Counts,
    /// Questions that were given up.
    pub failed: u64,
    /// Files that cannot be read, with the reason.
    pub unreadable: Vec<(String, Fault)>,
    /// Questions without an answer, and how often each was asked.
    pub unanswered: Vec<(String, usize)>,
    pub comments: Vec<Line>,
    /// What is wrong with the language model.
    pub model: Option<String>,
}
