//! Payloads of versions that supported only Slack and stored no type: they are distinguished by their fields.

use serde::Deserialize;
use serde_json::Value;

use super::{
    CitedPages, Consultation, OpenedView, RecipeDrawing, UnansweredReport, View, Withdrawal, Work,
};
use crate::chat::place::{Place, Platform, Visibility};
use crate::chat::question::{Attachment, Question, QuestionTrigger};
use crate::domain::language::Language;
use crate::ingest::reindex::request::ReindexRequest;

/// A payload without a type.
#[derive(Deserialize)]
#[serde(untagged)]
enum Payload {
    Task { errand: Task },
    Reindex(ReindexRequest),
    Question(StoredQuestion),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    Withdraw {
        team: String,
        channel: String,
        #[serde(rename = "ts")]
        message: String,
        root: String,
    },
    Consult {
        question: String,
        channel: String,
        root: String,
        user: String,
        expert: String,
    },
    Draw {
        recipe: String,
        command: String,
        team: String,
        channel: String,
        user: String,
        trigger: String,
        language: Language,
    },
    Show {
        team: String,
        user: String,
        channel: String,
        view: View,
        at: String,
    },
    Pages {
        question: String,
        channel: String,
        root: String,
        user: String,
        at: String,
    },
    Gaps(UnansweredReport),
}

#[derive(Deserialize)]
struct StoredQuestion {
    team: String,
    channel: String,
    #[serde(rename = "ts")]
    message: String,
    #[serde(rename = "thread_ts")]
    thread: Option<String>,
    user: String,
    text: String,
    how: QuestionTrigger,
    #[serde(default)]
    attached: Option<Vec<Attachment>>,
    #[serde(default)]
    edited: Option<String>,
    #[serde(default)]
    too_many: bool,
}

/// Parses a payload without a type.
pub(super) fn read(payload: &Value) -> Option<Work> {
    Some(match serde_json::from_value(payload.clone()).ok()? {
        Payload::Task { errand } => task(errand),
        Payload::Reindex(request) => Work::Reindex(request),
        Payload::Question(stored) => Work::Question(question(stored)),
    })
}

/// A conversation in Slack, whose direct messages begin with `D`.
fn place(team: String, channel: String) -> Place {
    let visibility = if channel.starts_with('D') {
        Visibility::Private
    } else {
        Visibility::Shared
    };
    Place {
        platform: Platform::Slack,
        workspace: team,
        conversation: channel,
        visibility,
    }
}

/// The workspace of a question's key.
fn workspace(question: &str) -> String {
    let workspace = question.split('/').next().unwrap_or_default();
    workspace.to_owned()
}

fn question(stored: StoredQuestion) -> Question {
    Question {
        place: place(stored.team, stored.channel),
        message: stored.message,
        thread: stored.thread,
        person: stored.user,
        text: stored.text,
        trigger: stored.how,
        attachments: stored.attached,
        edited: stored.edited,
        is_over_limit: stored.too_many,
    }
}

fn task(task: Task) -> Work {
    match task {
        Task::Withdraw {
            team,
            channel,
            message,
            root,
        } => Work::Withdraw(Withdrawal {
            place: place(team, channel),
            message,
            root,
        }),
        Task::Consult {
            question,
            channel,
            root,
            user,
            expert,
        } => Work::Consult(Consultation {
            place: place(workspace(&question), channel),
            question,
            root,
            person: user,
            expert,
        }),
        Task::Draw {
            recipe,
            command,
            team,
            channel,
            user,
            trigger,
            language,
        } => Work::Draw(RecipeDrawing {
            recipe,
            command,
            place: place(team, channel),
            person: user,
            trigger,
            language,
        }),
        Task::Show {
            team,
            user,
            channel,
            view,
            at,
        } => Work::Show(OpenedView {
            place: place(team, channel),
            person: user,
            view,
            at,
        }),
        Task::Pages {
            question,
            channel,
            root,
            user,
            at,
        } => Work::Pages(CitedPages {
            place: place(workspace(&question), channel),
            question,
            root,
            person: user,
            at,
        }),
        Task::Gaps(report) => Work::UnansweredReport(report),
    }
}
