//! Stored work that is no question.

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::event::{Deleted, Opened, View};
use crate::domain::language::Language;
use crate::storage::queue::{Enqueued, NewJob, Queue};

/// What there is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Errand {
    /// The question was deleted: its answer goes, too.
    Withdraw(Deleted),
    /// Somebody wants a person to answer.
    Consult(Consult),
    /// Somebody wants a recipe drawn.
    Draw(Draw),
    /// Somebody opened a view of ours.
    Show(Opened),
    /// Somebody wants to see the pages that an answer cites.
    Pages(Pages),
    /// The questions of a week without an answer are due.
    Gaps(Gaps),
}

/// Pages to be shown to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pages {
    /// The question's key.
    pub(super) question: String,
    pub(super) channel: String,
    pub(super) root: String,
    pub(super) user: String,
    /// When they asked for it.
    pub(super) at: String,
}

/// A week's report to those who look after documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gaps {
    /// As ISO 8601 names the week that is over: `2026-W03`.
    pub(super) week: String,
    /// From and until when, in milliseconds since 1970.
    pub(super) from: i64,
    pub(super) until: i64,
    /// To whom: a user or channel id.
    pub(super) owner: String,
}

/// A question that is passed on to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Consult {
    /// The question's key.
    pub(super) question: String,
    pub(super) channel: String,
    pub(super) root: String,
    /// Who wants to know.
    pub(super) user: String,
    /// A user or channel id.
    pub(super) expert: String,
}

/// A recipe that is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draw {
    pub(super) recipe: String,
    /// As it was written.
    pub(super) command: String,
    pub(super) team: String,
    pub(super) channel: String,
    pub(super) user: String,
    pub(super) trigger: String,
    pub(super) language: Language,
}

impl Draw {
    /// Drawings of a channel are made one after the other.
    pub(super) fn lane(&self) -> String {
        format!("{}/{}/drawings", self.team, self.channel)
    }
}

/// As it is stored; a question is stored as itself, without this field.
#[derive(Serialize, Deserialize)]
struct Wrapped {
    errand: Errand,
}

impl Errand {
    /// The errand in a job's payload, if it is one.
    pub(super) fn of(payload: &serde_json::Value) -> Option<Self> {
        let wrapped: Wrapped = serde_json::from_value(payload.clone()).ok()?;
        Some(wrapped.errand)
    }

    /// Unique for ever: an errand is done once.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Withdraw(deleted) => withdrawn(&deleted.question()),
            Self::Consult(consult) => format!("{}/consulted", consult.question),
            Self::Draw(draw) => format!("{}/{}/drawn", draw.lane(), draw.trigger),
            Self::Show(opened) => match &opened.view {
                View::Home => format!("home/{}/{}/{}", opened.team, opened.user, opened.at),
                View::Messages => format!("messages/{}/{}/{}", opened.team, opened.user, opened.at),
                View::Thread(ts) => format!("thread/{}/{}/{ts}", opened.team, opened.channel),
            },
            Self::Pages(pages) => format!("{}/pages/{}/{}", pages.question, pages.user, pages.at),
            Self::Gaps(gaps) => format!("gaps/{}/{}", gaps.week, gaps.owner),
        }
    }

    /// Stores it; false if it was stored before.
    pub(super) async fn enqueue(self, queue: &Queue, lane: String) -> anyhow::Result<bool> {
        let key = self.key();
        let payload = serde_json::to_value(Wrapped { errand: self })
            .context("an errand does not serialise")?;
        let enqueued = queue.enqueue(&NewJob { key, lane, payload }).await?;
        Ok(enqueued == Enqueued::New)
    }
}

/// The key under which the withdrawal of a question is stored.
pub(super) fn withdrawn(question: &str) -> String {
    format!("{question}/withdrawn")
}
