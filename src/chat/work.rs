//! Payloads of the queue: one tagged type for all work outside of a request.

mod legacy;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::{Place, Platform};
use super::question::Question;
use crate::domain::language::Language;
use crate::ingest::reindex::request::ReindexRequest;
use crate::storage::queue::{Enqueued, NewJob, Queue};

/// A unit of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Work {
    /// Answer a question.
    Question(Question),
    /// Delete the answer to a question that was deleted.
    Withdraw(Withdrawal),
    /// Forward a question to an expert.
    Consult(Consultation),
    /// Draw a recipe.
    Draw(RecipeDrawing),
    /// Fill a view that somebody opened.
    Show(OpenedView),
    /// Show the pages that an answer cites to one person.
    Pages(CitedPages),
    /// Report a week's unanswered questions.
    #[serde(rename = "unanswered_report")]
    UnansweredReport(UnansweredReport),
    /// Bring the index up to date. Stored by [`crate::ingest::reindex`], which writes the same tag.
    #[serde(skip_serializing)]
    Reindex(ReindexRequest),
}

/// A message that was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    pub place: Place,
    pub message: String,
    /// The first message of its thread, or itself.
    pub root: String,
}

/// A question that is forwarded to an expert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// The question's key.
    pub question: String,
    pub place: Place,
    pub root: String,
    /// The person who wants an answer.
    pub person: String,
    /// The id of a person or conversation.
    pub expert: String,
}

/// A recipe to draw for the caller of the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeDrawing {
    pub recipe: String,
    /// As it was written.
    pub command: String,
    pub place: Place,
    pub person: String,
    /// Unique id of the call.
    pub trigger: String,
    pub language: Language,
}

/// A view that somebody opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedView {
    /// The person's conversation with epibot.
    pub place: Place,
    pub person: String,
    pub view: View,
    /// Time in the platform's notation.
    pub at: String,
}

/// An opened view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    Home,
    /// The conversation with epibot.
    Messages,
    /// A new thread in it, identified by its first message.
    Thread(String),
}

/// Pages to be shown to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitedPages {
    /// The question's key.
    pub question: String,
    pub place: Place,
    pub root: String,
    pub person: String,
    /// When they were requested.
    pub at: String,
}

/// A week's report for one owner of documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnansweredReport {
    /// The reported week in ISO 8601: `2026-W03`.
    pub week: String,
    /// Start and end of the week in Unix milliseconds; the end is exclusive.
    pub from: i64,
    pub until: i64,
    /// The id of a person or conversation.
    pub owner: String,
    #[serde(default)]
    pub platform: Platform,
}

impl Withdrawal {
    /// The key of the deleted question.
    #[must_use]
    pub fn question(&self) -> String {
        self.place.key(&self.message)
    }

    /// The lane of its thread; equals [`Question::lane`].
    #[must_use]
    pub fn lane(&self) -> String {
        self.place.key(&self.root)
    }
}

impl RecipeDrawing {
    /// One lane for all drawings of a conversation.
    #[must_use]
    pub fn lane(&self) -> String {
        self.place.key("drawings")
    }
}

impl Work {
    /// Parses a job's payload, also of earlier versions; `None` if it cannot be read.
    #[must_use]
    pub fn from_payload(payload: &Value) -> Option<Self> {
        match payload.get("type") {
            Some(_) => serde_json::from_value(payload.clone()).ok(),
            None => legacy::read(payload),
        }
    }

    /// The idempotency key: work with the same key is done once.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Question(question) => question.job_key(),
            Self::Withdraw(withdrawal) => withdrawal_key(&withdrawal.question()),
            Self::Consult(consultation) => format!("{}/consulted", consultation.question),
            Self::Draw(draw) => format!("{}/{}/drawn", draw.lane(), draw.trigger),
            Self::Show(opened) => {
                let (workspace, person) = (opened.place.workspace_key(), &opened.person);
                match &opened.view {
                    View::Home => format!("home/{workspace}/{person}/{}", opened.at),
                    View::Messages => format!("messages/{workspace}/{person}/{}", opened.at),
                    View::Thread(root) => format!("thread/{}", opened.place.key(root)),
                }
            }
            Self::Pages(pages) => format!("{}/pages/{}/{}", pages.question, pages.person, pages.at),
            Self::UnansweredReport(report) => format!("gaps/{}/{}", report.week, report.owner),
            Self::Reindex(request) => format!("reindex/{}", request.requested_at),
        }
    }

    /// The chat platform of the work; the default one for work without a conversation.
    #[must_use]
    pub fn platform(&self) -> Platform {
        match self {
            Self::Question(question) => question.place.platform,
            Self::Withdraw(withdrawal) => withdrawal.place.platform,
            Self::Consult(consultation) => consultation.place.platform,
            Self::Draw(draw) => draw.place.platform,
            Self::Show(opened) => opened.place.platform,
            Self::Pages(pages) => pages.place.platform,
            Self::UnansweredReport(report) => report.platform,
            Self::Reindex(_) => Platform::default(),
        }
    }

    /// Enqueues the work; returns false if it was enqueued before.
    ///
    /// # Errors
    /// It could not be stored.
    pub async fn enqueue(self, queue: &Queue, lane: String) -> anyhow::Result<bool> {
        let payload = serde_json::to_value(&self).context("work does not serialise")?;
        let key = self.key();
        let enqueued = queue.enqueue(&NewJob { key, lane, payload }).await?;
        Ok(enqueued == Enqueued::New)
    }
}

/// The key under which the withdrawal of a question is stored.
#[must_use]
pub fn withdrawal_key(question: &str) -> String {
    format!("{question}/withdrawn")
}

#[cfg(test)]
mod tests;
