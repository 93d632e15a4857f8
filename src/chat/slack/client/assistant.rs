//! Slack's assistant features: suggested questions, a status, titles of threads.
//!
//! All are best effort. If a workspace or an app does not have them, they are not tried again for a while.

use serde_json::{Value, json};

use super::limits::Share;
use super::{Body, Call, Client};
use crate::chat::slack::error::Cause;

/// The key under which a refusal of all assistant methods is remembered.
const AGENTS: &str = "assistant.threads";

impl Client {
    /// Suggests questions in a conversation, or in a thread of it.
    pub(in crate::chat::slack) async fn suggest(
        &self,
        channel: &str,
        thread: Option<&str>,
        title: &str,
        questions: &[(String, String)],
    ) {
        let prompts: Vec<Value> = questions
            .iter()
            .map(|(title, message)| json!({"title": title, "message": message}))
            .collect();
        let mut body = json!({"channel_id": channel, "title": title, "prompts": prompts});
        // In a conversation with an agent, Slack ignores suggestions for a thread.
        if let Some(thread) = thread {
            body["thread_ts"] = thread.into();
        }
        self.try_as_agent("assistant.threads.setSuggestedPrompts", channel, body)
            .await;
    }

    /// Shows a status; Slack puts the bot's name before it and removes it with the bot's next message.
    pub(in crate::chat::slack) async fn show_status(
        &self,
        channel: &str,
        thread: &str,
        status: &str,
    ) {
        let body = json!({"channel_id": channel, "thread_ts": thread, "status": status});
        self.try_as_agent("assistant.threads.setStatus", channel, body)
            .await;
    }

    /// Sets the title of a thread.
    pub(in crate::chat::slack) async fn name_thread(
        &self,
        channel: &str,
        thread: &str,
        title: &str,
    ) {
        let body = json!({"channel_id": channel, "thread_ts": thread, "title": title});
        self.try_as_agent("assistant.threads.setTitle", channel, body)
            .await;
    }

    async fn try_as_agent(&self, method: &'static str, channel: &str, body: Value) {
        if self.refusals.contains(AGENTS) {
            return;
        }
        let call = Call {
            method,
            channel,
            body: Body::Json(body),
            is_idempotent: true,
        };
        if let Err(error) = self.try_once(&call, Share::All).await {
            tracing::debug!(%error, "cannot update the assistant's view");
            if let Cause::Refused(code) = &error.cause
                && [
                    "unknown_method",
                    "missing_scope",
                    "not_allowed",
                    "access_denied",
                ]
                .contains(&code.as_str())
            {
                self.refusals.insert(AGENTS);
            }
        }
    }
}
