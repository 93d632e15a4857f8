//! Slack's Web API with timeouts, rate limits and retries. Errors never carry the content of a message.
//!
//! Responses are read as plain JSON. A typed response that does not parse would look like a failure although the message
//! was posted, and a retry would post it twice.

mod assistant;
mod download;
mod ephemeral;
mod limits;
mod stream;
mod upload;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use backon::{ExponentialBuilder, Retryable};
use parking_lot::Mutex;
use serde_json::{Value, json};
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::SlackClientHyperHttpsConnector;
use slack_morphism::{
    SlackApiToken, SlackApiTokenValue, SlackClient, hyper_tokio::SlackHyperClient,
};
use tokio::time::Instant;
use url::Url;

pub(super) use self::limits::Share;
pub(super) use self::stream::Chunk;

use self::limits::SlackLimits;
use self::stream::Refusals;
use super::error::{Cause, Error};
use super::event::{Bot, field};
use super::message::{Message, tag_metadata};
use crate::chat::thread::MessageTag;
use crate::config;
use crate::runtime::metrics;
use crate::runtime::metrics::{Outcome, metrics};

/// Maximum pause that a call waits for; the queue retries after longer ones.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// How many messages a request asks for, and how many pages of a thread are read.
const PAGE_SIZE: &str = "200";
const MAX_PAGES: usize = 25;

/// A handle to Slack's Web API with the bot's token.
#[derive(Clone)]
pub struct Client {
    api: Arc<SlackHyperClient>,
    token: SlackApiToken,
    /// The base address of the Web API.
    base_url: Url,
    timeout: Duration,
    /// End of the pause that Slack asked for, by method and channel.
    pauses: Arc<Mutex<HashMap<String, Instant>>>,
    /// Slack's rate limits; `None` if they are disabled in the configuration.
    limits: Option<Arc<SlackLimits>>,
    streaming: bool,
    /// Whether the workspace renders tables natively.
    tables: bool,
    refusals: Arc<Refusals>,
}

/// A request, and whether it is idempotent.
struct Call<'a> {
    method: &'static str,
    channel: &'a str,
    body: Body<'a>,
    is_idempotent: bool,
}

enum Body<'a> {
    Json(Value),
    /// Reading methods do not accept JSON.
    Query(Vec<(&'a str, Option<&'a str>)>),
}

impl Client {
    /// Prepares the client; nothing is sent.
    ///
    /// # Errors
    /// No bot token is configured, or the system's root certificates cannot be read.
    pub fn new(config: &config::slack::Slack) -> anyhow::Result<Self> {
        let token = config.bot_token.as_ref().context("slack.bot_token is not set; write \"env:SLACK_BOT_TOKEN\" and put the xoxb-… token there")?;
        Ok(Self {
            api: Arc::new(api(&config.api_url)?),
            token: SlackApiToken::new(SlackApiTokenValue(token.expose().to_owned())),
            base_url: Url::parse(&config.api_url).context("slack.api_url is no web address")?,
            timeout: Duration::from_millis(config.timeout_ms),
            pauses: Arc::default(),
            limits: config.rate_limits.then(Arc::default),
            streaming: config.streaming,
            tables: config.native_tables,
            refusals: Arc::default(),
        })
    }

    /// Asks Slack for the bot's identity.
    pub async fn auth_test(&self) -> Result<Bot, Error> {
        let method = "auth.test";
        let response = self
            .call(&Call {
                method,
                channel: "",
                body: Body::Json(json!({})),
                is_idempotent: true,
            })
            .await?;
        match (field(&response, "team_id"), field(&response, "user_id")) {
            (Some(team), Some(user)) => Ok(Bot {
                team: team.to_owned(),
                user: user.to_owned(),
                bot_id: field(&response, "bot_id").map(str::to_owned),
            }),
            _ => Err(Error::new(method, Cause::Unreadable)),
        }
    }

    /// Posts a message into a thread and returns its `ts`. After a failure it may have been posted: look for its tag
    /// before posting again.
    pub async fn post(
        &self,
        channel: &str,
        thread: &str,
        message: &Message,
        tag: &MessageTag,
    ) -> Result<String, Error> {
        let posted = self.post_with_table(channel, Some(thread), message, tag);
        posted.await.map(|(_, ts)| ts)
    }

    /// Posts a message outside threads and returns its channel and `ts`; to a user's id, as a direct message.
    pub async fn post_unthreaded(
        &self,
        channel: &str,
        message: &Message,
        tag: &MessageTag,
    ) -> Result<(String, String), Error> {
        self.post_with_table(channel, None, message, tag).await
    }

    async fn post_with_table(
        &self,
        channel: &str,
        thread: Option<&str>,
        message: &Message,
        tag: &MessageTag,
    ) -> Result<(String, String), Error> {
        let message = self.for_workspace(message);
        let posted = self.post_as(channel, thread, &message, tag).await;
        match posted {
            Err(error) if message.has_table() && error.is_block_error() => {
                tracing::debug!(%error, "posting a table as fixed-width text");
                let message = message.without_table();
                self.post_as(channel, thread, &message, tag).await
            }
            posted => posted,
        }
    }

    /// Returns the message without native tables if the workspace does not render them.
    pub(super) fn for_workspace<'a>(&self, message: &'a Message) -> Cow<'a, Message> {
        if self.tables || !message.has_table() {
            Cow::Borrowed(message)
        } else {
            Cow::Owned(message.without_table())
        }
    }

    async fn post_as(
        &self,
        channel: &str,
        thread: Option<&str>,
        message: &Message,
        tag: &MessageTag,
    ) -> Result<(String, String), Error> {
        let method = "chat.postMessage";
        let mut body = json!({
            "channel": channel,
            "text": message.text,
            "blocks": message.tagged_blocks(tag),
            "metadata": tag_metadata(tag),
            "unfurl_links": false,
            "unfurl_media": false,
        });
        if let Some(thread) = thread {
            body["thread_ts"] = thread.into();
        }
        let response = self
            .call(&Call {
                method,
                channel,
                body: Body::Json(body),
                is_idempotent: false,
            })
            .await?;
        let ts = field(&response, "ts").ok_or_else(|| Error::new(method, Cause::Unreadable))?;
        let channel = field(&response, "channel").unwrap_or(channel);
        Ok((channel.to_owned(), ts.to_owned()))
    }

    /// Returns the latest messages of a channel.
    pub async fn recent(&self, channel: &str) -> Result<Vec<Value>, Error> {
        let mut page = self
            .call(&Call {
                method: "conversations.history",
                channel,
                body: Body::Query(vec![
                    ("channel", Some(channel)),
                    ("limit", Some("50")),
                    ("include_all_metadata", Some("true")),
                ]),
                is_idempotent: true,
            })
            .await?;
        match page.get_mut("messages").map(Value::take) {
            Some(Value::Array(messages)) => Ok(messages),
            _ => Ok(Vec::new()),
        }
    }

    /// Returns the members of a user group.
    pub async fn group_members(&self, group: &str) -> Result<BTreeSet<String>, Error> {
        let response = self
            .call(&Call {
                method: "usergroups.users.list",
                channel: "",
                body: Body::Query(vec![("usergroup", Some(group))]),
                is_idempotent: true,
            })
            .await?;
        let users = response.get("users").and_then(Value::as_array);
        let users = users.into_iter().flatten().filter_map(Value::as_str);
        Ok(users.map(str::to_owned).collect())
    }

    /// Replaces a message's content.
    pub async fn update(
        &self,
        channel: &str,
        ts: &str,
        message: &Message,
        tag: &MessageTag,
    ) -> Result<(), Error> {
        let message = self.for_workspace(message);
        let updated = self.call(&update(channel, ts, &message, tag)).await;
        let updated = match updated {
            Err(error) if message.has_table() && error.is_block_error() => {
                tracing::debug!(%error, "showing a table as fixed-width text");
                let message = message.without_table();
                self.call(&update(channel, ts, &message, tag)).await
            }
            updated => updated,
        };
        updated.map(drop)
    }

    /// Replaces a message's content if the rate limit allows it now: for a state that a later update replaces anyway.
    pub async fn try_update(
        &self,
        channel: &str,
        ts: &str,
        message: &Message,
        tag: &MessageTag,
    ) -> Result<(), Error> {
        let message = self.for_workspace(message);
        let call = update(channel, ts, &message, tag);
        self.try_once(&call, Share::Part).await.map(drop)
    }

    /// Deletes a message; succeeds if it no longer exists.
    pub async fn delete(&self, channel: &str, ts: &str) -> Result<(), Error> {
        let call = Call {
            method: "chat.delete",
            channel,
            body: Body::Json(json!({"channel": channel, "ts": ts})),
            is_idempotent: true,
        };
        match self.call(&call).await {
            Err(error) if error.is_gone() => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    /// Returns the messages of a thread, oldest first, beginning with its root.
    pub async fn replies(&self, channel: &str, thread: &str) -> Result<Vec<Value>, Error> {
        let mut messages = Vec::new();
        let mut cursor = String::new();
        for _ in 0..MAX_PAGES {
            let body = Body::Query(vec![
                ("channel", Some(channel)),
                ("ts", Some(thread)),
                ("limit", Some(PAGE_SIZE)),
                ("include_all_metadata", Some("true")),
                (
                    "cursor",
                    Some(cursor.as_str()).filter(|cursor| !cursor.is_empty()),
                ),
            ]);
            let mut page = self
                .call(&Call {
                    method: "conversations.replies",
                    channel,
                    body,
                    is_idempotent: true,
                })
                .await?;
            if let Some(Value::Array(more)) = page.get_mut("messages").map(Value::take) {
                messages.extend(more);
            }
            match page
                .get("response_metadata")
                .and_then(|metadata| field(metadata, "next_cursor"))
            {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        Ok(messages)
    }

    /// Calls with retries, until it succeeds, fails permanently, or the attempts are used up.
    async fn call(&self, call: &Call<'_>) -> Result<Value, Error> {
        let attempt = || async {
            if let Some(pause) = self.pause(call) {
                if pause > MAX_WAIT {
                    return Err(Error::new(call.method, Cause::RateLimited(pause)));
                }
                tokio::time::sleep(pause).await;
            }
            if let Some(limits) = &self.limits {
                tokio::time::sleep_until(limits.reserve(call.method, call.channel)).await;
            }
            self.once(call).await
        };
        let backoff = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(Duration::from_millis(300))
            .with_max_times(3);
        attempt
            .retry(backoff)
            .when(|error| error.should_retry(call.is_idempotent, MAX_WAIT))
            // The next attempt waits for the pause that Slack asked for by itself.
            .adjust(|error, pause| {
                pause.map(|pause| {
                    if error.retry_after().is_some() {
                        Duration::ZERO
                    } else {
                        pause
                    }
                })
            })
            .await
    }

    /// Calls once if the rate limit allows it now.
    async fn try_once(&self, call: &Call<'_>, share: Share) -> Result<Value, Error> {
        let wait = match (self.pause(call), &self.limits) {
            (Some(pause), _) => Err(pause),
            (None, Some(limits)) => limits.try_reserve(call.method, call.channel, share),
            (None, None) => Ok(()),
        };
        match wait {
            Ok(()) => self.once(call).await,
            Err(pause) => Err(Error::new(call.method, Cause::RateLimited(pause))),
        }
    }

    #[tracing::instrument(name = "slack call", level = "info", skip_all, fields(method = call.method))]
    async fn once(&self, call: &Call<'_>) -> Result<Value, Error> {
        let session = self.api.open_session(&self.token);
        let sending = async {
            match &call.body {
                Body::Json(body) => {
                    session
                        .http_session_api
                        .http_post::<_, Value>(call.method, body, None)
                        .await
                }
                Body::Query(query) => {
                    session
                        .http_session_api
                        .http_get::<Value, _, _>(call.method, query, None)
                        .await
                }
            }
        };
        let response = match tokio::time::timeout(self.timeout, sending).await {
            Err(_) => Err(Cause::Silent(self.timeout)),
            Ok(Err(error)) => Err(Cause::from(error)),
            Ok(Ok(response)) if response.get("ok").and_then(Value::as_bool) == Some(true) => {
                Ok(response)
            }
            Ok(Ok(_)) => Err(Cause::Unreadable),
        };
        let outcome = match &response {
            Ok(_) => Outcome::Ok,
            Err(Cause::RateLimited(_)) => Outcome::Limited,
            Err(_) => Outcome::Failed,
        };
        let called = metrics::Call::new(call.method, outcome);
        metrics().slack_calls.get_or_create(&called).inc();
        response.map_err(|cause| {
            if let Cause::RateLimited(pause) = cause {
                self.pauses()
                    .insert(call.pause_key(), Instant::now() + pause);
            }
            Error::new(call.method, cause)
        })
    }

    /// Remaining pause for this method in this channel.
    fn pause(&self, call: &Call<'_>) -> Option<Duration> {
        let now = Instant::now();
        let mut pauses = self.pauses();
        pauses.retain(|_, until| *until > now);
        pauses.get(&call.pause_key()).map(|until| *until - now)
    }

    fn pauses(&self) -> parking_lot::MutexGuard<'_, HashMap<String, Instant>> {
        self.pauses.lock()
    }
}

impl Call<'_> {
    fn pause_key(&self) -> String {
        format!("{} {}", self.method, self.channel)
    }
}

fn update<'a>(channel: &'a str, ts: &str, message: &Message, tag: &MessageTag) -> Call<'a> {
    let body = json!({"channel": channel, "ts": ts, "text": message.text, "blocks": message.tagged_blocks(tag)});
    Call {
        method: "chat.update",
        channel,
        body: Body::Json(body),
        is_idempotent: true,
    }
}

/// The HTTP client for this address, which may be plain HTTP for a local Slack.
pub(super) fn api(url: &str) -> anyhow::Result<SlackHyperClient> {
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
        .context(
            "the system's root certificates cannot be read; install the ca-certificates package",
        )?
        .https_or_http()
        .enable_http1()
        .build();
    Ok(SlackClient::new(
        SlackClientHyperHttpsConnector::from(connector)
            .with_slack_api_url(url.trim_end_matches('/')),
    ))
}

impl From<SlackClientError> for Cause {
    fn from(error: SlackClientError) -> Self {
        match error {
            SlackClientError::ApiError(error)
                if error.code == "ratelimited" || error.code == "rate_limited" =>
            {
                Self::RateLimited(Duration::from_secs(1))
            }
            SlackClientError::ApiError(error) => Self::Refused(error.code),
            SlackClientError::RateLimitError(error) => {
                Self::RateLimited(error.retry_after.unwrap_or(Duration::from_secs(1)))
            }
            SlackClientError::HttpError(error) => Self::Status(error.status_code.as_u16()),
            SlackClientError::ProtocolError(_) => Self::Unreadable,
            _ => Self::Unreachable,
        }
    }
}
