//! Ephemeral messages, dialogs and the home tab of one person; look-ups of people and conversations.

use std::time::Duration;

use serde_json::{Value, json};

use super::limits::Share;
use super::{Body, Call, Client};
use crate::chat::slack::error::{Cause, Error};
use crate::chat::slack::event::field;

/// Timeout of a reply. A command must be answered within three seconds.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(900);

impl Client {
    /// Posts an ephemeral message into a thread, if the rate limit allows it now.
    pub(in crate::chat::slack) async fn post_ephemeral(
        &self,
        channel: &str,
        thread: &str,
        user: &str,
        text: &str,
        mut blocks: Vec<Value>,
    ) -> Result<(), Error> {
        if !blocks.is_empty() {
            let head = json!({"type": "mrkdwn", "text": text, "verbatim": true});
            blocks.insert(0, json!({"type": "section", "text": head}));
        }
        let body = json!({"channel": channel, "thread_ts": thread, "user": user, "text": text, "blocks": blocks});
        self.call_now("chat.postEphemeral", channel, body)
            .await
            .map(drop)
    }

    /// Opens a dialog for the person who has just pressed a button.
    pub(in crate::chat::slack) async fn open_dialog(
        &self,
        trigger: &str,
        view: &Value,
    ) -> Result<(), Error> {
        let body = json!({"trigger_id": trigger, "view": view});
        self.call_now("views.open", "", body).await.map(drop)
    }

    /// Replies to a command at the address that came with it.
    pub(in crate::chat::slack) async fn respond(
        &self,
        url: &str,
        reply: &Value,
    ) -> Result<(), Error> {
        let method = "response_url";
        let failed = |cause| Error::new(method, cause);
        let response = crate::runtime::http::client()
            .timeout(RESPONSE_TIMEOUT.min(self.timeout))
            .build()
            .map_err(|_| failed(Cause::Unreachable))?
            .post(url)
            .json(reply)
            .send()
            .await
            .map_err(|_| failed(Cause::Unreachable))?;
        let status = response.status();
        if !status.is_success() {
            return Err(failed(Cause::Status(status.as_u16())));
        }
        // The body is "ok", empty, or a JSON object with the error.
        let body = response.text().await.unwrap_or_default();
        let refusal = serde_json::from_str::<Value>(&body).ok();
        match refusal.as_ref().and_then(|refusal| field(refusal, "error")) {
            Some(code) => Err(failed(Cause::Refused(code.to_owned()))),
            None => Ok(()),
        }
    }

    /// Returns the channel id of the direct conversation with a user.
    pub(in crate::chat::slack) async fn direct(&self, user: &str) -> Result<String, Error> {
        let method = "conversations.open";
        let response = self
            .call(&Call {
                method,
                channel: "",
                body: Body::Json(json!({"users": user})),
                is_idempotent: true,
            })
            .await?;
        response
            .get("channel")
            .and_then(|channel| field(channel, "id"))
            .map(str::to_owned)
            .ok_or_else(|| Error::new(method, Cause::Unreadable))
    }

    /// Returns the address of a message; `None` if unknown.
    pub(in crate::chat::slack) async fn permalink(
        &self,
        channel: &str,
        ts: &str,
    ) -> Option<String> {
        let call = Call {
            method: "chat.getPermalink",
            channel,
            body: Body::Query(vec![("channel", Some(channel)), ("message_ts", Some(ts))]),
            is_idempotent: true,
        };
        let response = self.call(&call).await.ok()?;
        field(&response, "permalink").map(str::to_owned)
    }

    /// Returns the locale of a user, such as `ko-KR`; `None` if unknown.
    pub(in crate::chat::slack) async fn locale(&self, user: &str) -> Option<String> {
        let call = Call {
            method: "users.info",
            channel: "",
            body: Body::Query(vec![("user", Some(user)), ("include_locale", Some("true"))]),
            is_idempotent: true,
        };
        let response = self.try_once(&call, Share::All).await.ok()?;
        let user = response.get("user")?;
        field(user, "locale").map(str::to_owned)
    }

    /// Whether the bot is a member of a channel; `None` if unknown.
    pub(in crate::chat::slack) async fn is_member(&self, channel: &str) -> Option<bool> {
        let call = Call {
            method: "conversations.history",
            channel,
            body: Body::Query(vec![("channel", Some(channel)), ("limit", Some("1"))]),
            is_idempotent: true,
        };
        match self.try_once(&call, Share::All).await {
            Ok(_) => Some(true),
            Err(error) => match error.cause {
                Cause::Refused(code) if code == "not_in_channel" || code == "channel_not_found" => {
                    Some(false)
                }
                _ => None,
            },
        }
    }

    /// Publishes a user's home tab.
    pub(in crate::chat::slack) async fn publish(
        &self,
        user: &str,
        view: &Value,
    ) -> Result<(), Error> {
        let call = Call {
            method: "views.publish",
            channel: "",
            body: Body::Json(json!({"user_id": user, "view": view})),
            is_idempotent: true,
        };
        self.call(&call).await.map(drop)
    }

    async fn call_now(
        &self,
        method: &'static str,
        channel: &str,
        body: Value,
    ) -> Result<Value, Error> {
        let call = Call {
            method,
            channel,
            body: Body::Json(body),
            is_idempotent: false,
        };
        self.try_once(&call, Share::All).await
    }
}
