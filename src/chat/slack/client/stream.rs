//! Messages that Slack shows while they are written: begun, appended to, and closed.
//!
//! An open one cannot be updated, and one that Slack has closed cannot be appended to. Slack closes it about five
//! minutes after its beginning, or when it is full.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::limits::Share;
use super::{Body, Call, Client};
use crate::chat::question::Question;
use crate::chat::slack::error::{Cause, Error};
use crate::chat::slack::event::field;

const START: &str = "chat.startStream";
const APPEND: &str = "chat.appendStream";
const STOP: &str = "chat.stopStream";

/// How long a channel in which Slack refused a stream is not tried again.
const REFUSED_FOR: Duration = Duration::from_hours(1);

/// A piece of what is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::chat::slack) enum Chunk {
    /// A status, shown as a task.
    Task { title: String, is_done: bool },
    /// Markdown, escaped.
    Text(String),
}

impl Chunk {
    fn to_json(&self) -> Value {
        match self {
            Self::Task { title, is_done } => {
                let status = if *is_done { "complete" } else { "in_progress" };
                json!({"type": "task_update", "id": "answer", "title": title, "status": status})
            }
            Self::Text(text) => json!({"type": "markdown_text", "text": text}),
        }
    }
}

/// The channels in which Slack has refused streams: not in this workspace, not in this kind of channel, not yet.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<String, Instant>>);

impl Refusals {
    pub(super) fn note(&self, channel: &str) {
        let mut all = self.0.lock();
        all.insert(channel.to_owned(), Instant::now() + REFUSED_FOR);
    }

    pub(super) fn has(&self, channel: &str) -> bool {
        let mut all = self.0.lock();
        all.retain(|_, until| *until > Instant::now());
        all.contains_key(channel)
    }
}

impl Client {
    /// Whether it is worth trying to answer in this channel by a message that is shown while it is written.
    pub(in crate::chat::slack) fn can_stream(&self, channel: &str) -> bool {
        self.streaming && !self.refusals.has(channel)
    }

    /// Begins a message in the thread of the question, if Slack takes it now; its `ts`. A failure that
    /// [`Error::is_unsure`] does not tell whether it was begun.
    pub(in crate::chat::slack) async fn start_stream(
        &self,
        question: &Question,
        chunks: &[Chunk],
        share: Share,
    ) -> Result<String, Error> {
        let body = json!({
            "channel": question.place.conversation,
            "thread_ts": question.root(),
            "recipient_user_id": question.person,
            "recipient_team_id": question.place.workspace,
            "chunks": json(chunks),
        });
        let call = Call {
            method: START,
            channel: &question.place.conversation,
            body: Body::Json(body),
            repeatable: false,
        };
        match self.try_once(&call, share).await {
            Ok(answer) => field(&answer, "ts")
                .map(str::to_owned)
                .ok_or_else(|| Error::new(START, Cause::Unreadable)),
            Err(error) => {
                if let Cause::Refused(code) = &error.cause
                    && !error.is_unsure()
                    && !error.is_too_long()
                {
                    tracing::info!(
                        channel = question.place.conversation,
                        code,
                        "Slack shows no answers while they are written here; they are updated instead"
                    );
                    self.refusals.note(&question.place.conversation);
                }
                Err(error)
            }
        }
    }

    /// Appends, if Slack takes it now.
    pub(in crate::chat::slack) async fn append_stream(
        &self,
        channel: &str,
        ts: &str,
        chunks: &[Chunk],
    ) -> Result<(), Error> {
        let call = Call {
            method: APPEND,
            channel,
            body: Body::Json(json!({"channel": channel, "ts": ts, "chunks": json(chunks)})),
            repeatable: false,
        };
        self.try_once(&call, Share::Part).await.map(drop)
    }

    /// Closes a message; succeeds if it is closed or gone already.
    pub(in crate::chat::slack) async fn stop_stream(
        &self,
        channel: &str,
        ts: &str,
    ) -> Result<(), Error> {
        let call = Call {
            method: STOP,
            channel,
            body: Body::Json(json!({"channel": channel, "ts": ts})),
            repeatable: true,
        };
        match self.call(&call).await {
            Err(error) if error.is_closed_stream() || error.is_gone() => Ok(()),
            stopped => stopped.map(drop),
        }
    }
}

fn json(chunks: &[Chunk]) -> Vec<Value> {
    chunks.iter().map(Chunk::to_json).collect()
}
