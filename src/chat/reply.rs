//! Contents of messages, before a platform renders them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::answer::Answer;
use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::ingest::catalog::SourceSummary;
use crate::storage::answer_log::{Counts, FeedbackLine, LoggedPassage};

/// A message to be rendered.
#[derive(Debug)]
pub enum Content<'a> {
    /// A short plain text.
    Status(String),
    /// A short text in the platform's markup.
    Markup(String),
    /// An answer, which may take several messages.
    Answer(AnswerContent<'a>),
    /// A sequence of sections.
    Sections {
        /// For notifications and screen readers.
        summary: String,
        sections: Vec<Section>,
    },
}

/// An answer with its header, footer and buttons.
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

/// The buttons below an answer. All that they need is in their values, so that they work at any age.
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

/// A message as rendered for a platform; opaque to everything else. Stored with the job, so that a retry needs no second
/// search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RenderedMessage(pub Value);

/// The content of an ephemeral message.
#[derive(Debug)]
pub enum Ephemeral<'a> {
    /// A text in the platform's markup.
    Text(String),
    /// Verbatim passages below a text.
    Passages {
        head: String,
        passages: &'a [LoggedPassage],
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

/// The reply to a command, visible to its caller.
#[derive(Debug)]
pub enum CommandReply {
    /// The command was delivered twice, and the first delivery is answered.
    Nothing,
    /// A text in the platform's markup.
    Text(String),
    /// Passages below a text.
    Passages {
        head: String,
        passages: Vec<LoggedPassage>,
        language: Language,
    },
    Messages(Vec<RenderedMessage>),
}

/// The content of a person's home view.
#[derive(Debug, Default)]
pub struct HomeView {
    pub sources: Vec<SourceSummary>,
    /// The collections that the person may read; `None` for all.
    pub collections: Option<Vec<String>>,
    /// The state of reindexing, as one line.
    pub reindexing: String,
    /// Example questions.
    pub questions: Vec<String>,
    /// For admins only.
    pub week: Option<WeekSummary>,
}

/// The last seven days, for admins.
#[derive(Debug, Default)]
pub struct WeekSummary {
    pub counts: Counts,
    /// Questions that were given up.
    pub failed: u64,
    /// Files that cannot be read, with the reason.
    pub unreadable: Vec<(String, Fault)>,
    /// Questions without an answer, and how often each was asked.
    pub unanswered: Vec<(String, usize)>,
    pub comments: Vec<FeedbackLine>,
    /// The last failure of the language model.
    pub model: Option<String>,
}
