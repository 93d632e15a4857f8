//! Streamed messages: started, appended to and stopped.
//!
//! An open stream cannot be updated, and a closed one cannot be appended to. Slack closes a stream about five minutes
//! after its start, or when the message is full.

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

/// How long a refusal is remembered.
const REFUSAL_TTL: Duration = Duration::from_hours(1);

/// A part of a streamed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::chat::slack) enum Chunk {
    /// A status, shown as a task.
    Task { title: String, is_done: bool },
    /// Escaped Markdown.
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

/// Channels in which Slack refused streams, and other refused features.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<String, Instant>>);

impl Refusals {
    pub(super) fn insert(&self, channel: &str) {
        let mut all = self.0.lock();
        all.insert(channel.to_owned(), Instant::now() + REFUSAL_TTL);
    }

    pub(super) fn contains(&self, channel: &str) -> bool {
        let mut all = self.0.lock();
        all.retain(|_, until| *until > Instant::now());
        all.contains_key(channel)
    }
}

impl Client {
    /// Returns true if a stream can be tried in this channel.
    pub(in crate::chat::slack) fn can_stream(&self, channel: &str) -> bool {
        self.streaming && !self.refusals.contains(channel)
    }

    /// Starts a stream in the thread of the question, if the rate limit allows it now, and returns its `ts`. After an
    /// error that [`Error::is_unsure`], it may have been started.
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
            is_idempotent: false,
        };
        match self.try_once(&call, share).await {
            Ok(response) => field(&response, "ts")
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
                        "Slack refuses streams in this channel; answers are updated instead"
                    );
                    self.refusals.insert(&question.place.conversation);
                }
                Err(error)
            }
        }
    }

    /// Appends to a stream, if the rate limit allows it now.
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
            is_idempotent: false,
        };
        self.try_once(&call, Share::Part).await.map(drop)
    }

    /// Stops a stream; succeeds if it is closed or no longer exists.
    pub(in crate::chat::slack) async fn stop_stream(
        &self,
        channel: &str,
        ts: &str,
    ) -> Result<(), Error> {
        let call = Call {
            method: STOP,
            channel,
            body: Body::Json(json!({"channel": channel, "ts": ts})),
            is_idempotent: true,
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
