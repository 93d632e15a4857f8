//! Slack's Web API as we use it: every call ends in time, waits when Slack asks for it, and fails with an error
//! that carries no message, no faster than Slack allows.
//!
//! Responses are taken as plain JSON. A typed response that does not parse would look like a failure although
//! the message was posted, and posting again would double it.

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

/// Slack asks for longer pauses than this only when something is very wrong; the queue waits them out instead.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Messages asked for at a time, and the most pages of a thread that are read.
const PAGE: &str = "200";
const PAGES: usize = 25;

/// A handle to Slack's Web API with the bot's token.
#[derive(Clone)]
pub struct Client {
    api: Arc<SlackHyperClient>,
    token: SlackApiToken,
    /// The address of the Web API, whose host is Slack's.
    home: Url,
    timeout: Duration,
    /// Until when Slack refuses calls, by method and channel.
    pauses: Arc<Mutex<HashMap<String, Instant>>>,
    /// What Slack allows in a minute; none if the configuration does not keep to it.
    limits: Option<Arc<SlackLimits>>,
    streaming: bool,
    /// Whether the workspace shows tables itself.
    tables: bool,
    refusals: Arc<Refusals>,
}

/// A request, and whether sending it twice does no harm.
struct Call<'a> {
    method: &'static str,
    channel: &'a str,
    body: Body<'a>,
    repeatable: bool,
}

enum Body<'a> {
    Json(Value),
    /// Methods that read take no JSON.
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
            home: Url::parse(&config.api_url).context("slack.api_url is no web address")?,
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
        let answer = self
            .call(&Call {
                method,
                channel: "",
                body: Body::Json(json!({})),
                repeatable: true,
            })
            .await?;
        match (field(&answer, "team_id"), field(&answer, "user_id")) {
            (Some(team), Some(user)) => Ok(Bot {
                team: team.to_owned(),
                user: user.to_owned(),
                bot_id: field(&answer, "bot_id").map(str::to_owned),
            }),
            _ => Err(Error::new(method, Cause::Unreadable)),
        }
    }

    /// Posts a message into a thread and returns its `ts`. A failure does not tell whether it was posted:
    /// look for its tag before posting again.
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

    /// Posts a message of its own and returns its channel and `ts`; to a user's id, it is a direct message.
    pub async fn announce(
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
        let message = self.fitting(message);
        let posted = self.post_as(channel, thread, &message, tag).await;
        match posted {
            Err(error) if message.has_table() && error.is_about_blocks() => {
                tracing::debug!(%error, "a table is posted in a fixed width");
                let message = message.without_table();
                self.post_as(channel, thread, &message, tag).await
            }
            posted => posted,
        }
    }

    /// The message as this workspace shows it.
    pub(super) fn fitting<'a>(&self, message: &'a Message) -> Cow<'a, Message> {
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
        let answer = self
            .call(&Call {
                method,
                channel,
                body: Body::Json(body),
                repeatable: false,
            })
            .await?;
        let ts = field(&answer, "ts").ok_or_else(|| Error::new(method, Cause::Unreadable))?;
        let channel = field(&answer, "channel").unwrap_or(channel);
        Ok((channel.to_owned(), ts.to_owned()))
    }

    /// The latest messages of a channel.
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
                repeatable: true,
            })
            .await?;
        match page.get_mut("messages").map(Value::take) {
            Some(Value::Array(messages)) => Ok(messages),
            _ => Ok(Vec::new()),
        }
    }

    /// The members of a user group.
    pub async fn group_members(&self, group: &str) -> Result<BTreeSet<String>, Error> {
        let answer = self
            .call(&Call {
                method: "usergroups.users.list",
                channel: "",
                body: Body::Query(vec![("usergroup", Some(group))]),
                repeatable: true,
            })
            .await?;
        let users = answer.get("users").and_then(Value::as_array);
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
        let message = self.fitting(message);
        let updated = self.call(&update(channel, ts, &message, tag)).await;
        let updated = match updated {
            Err(error) if message.has_table() && error.is_about_blocks() => {
                tracing::debug!(%error, "a table is shown in a fixed width");
                let message = message.without_table();
                self.call(&update(channel, ts, &message, tag)).await
            }
            updated => updated,
        };
        updated.map(drop)
    }

    /// Replaces a message's content if Slack takes it now: for a state that a later update replaces anyway.
    pub async fn try_update(
        &self,
        channel: &str,
        ts: &str,
        message: &Message,
        tag: &MessageTag,
    ) -> Result<(), Error> {
        let message = self.fitting(message);
        let call = update(channel, ts, &message, tag);
        self.try_once(&call, Share::Part).await.map(drop)
    }

    /// Deletes a message; succeeds if it is gone already.
    pub async fn delete(&self, channel: &str, ts: &str) -> Result<(), Error> {
        let call = Call {
            method: "chat.delete",
            channel,
            body: Body::Json(json!({"channel": channel, "ts": ts})),
            repeatable: true,
        };
        match self.call(&call).await {
            Err(error) if error.is_gone() => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    /// The messages of a thread, oldest first, beginning with the one that it hangs from.
    pub async fn replies(&self, channel: &str, thread: &str) -> Result<Vec<Value>, Error> {
        let mut messages = Vec::new();
        let mut cursor = String::new();
        for _ in 0..PAGES {
            let body = Body::Query(vec![
                ("channel", Some(channel)),
                ("ts", Some(thread)),
                ("limit", Some(PAGE)),
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
                    repeatable: true,
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

    /// Calls until it works, it cannot work, or the attempts are used up.
    async fn call(&self, call: &Call<'_>) -> Result<Value, Error> {
        let attempt = || async {
            if let Some(pause) = self.pause(call) {
                if pause > LONGEST_WAIT {
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
            .when(|error| error.is_worth_repeating(call.repeatable, LONGEST_WAIT))
            // The pause that Slack asked for is waited out before the next attempt by itself.
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

    /// Calls if Slack takes it now.
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
        let answer = match tokio::time::timeout(self.timeout, sending).await {
            Err(_) => Err(Cause::Silent(self.timeout)),
            Ok(Err(error)) => Err(Cause::from(error)),
            Ok(Ok(answer)) if answer.get("ok").and_then(Value::as_bool) == Some(true) => Ok(answer),
            Ok(Ok(_)) => Err(Cause::Unreadable),
        };
        let outcome = match &answer {
            Ok(_) => Outcome::Ok,
            Err(Cause::RateLimited(_)) => Outcome::Limited,
            Err(_) => Outcome::Failed,
        };
        let called = metrics::Call::new(call.method, outcome);
        metrics().slack_calls.get_or_create(&called).inc();
        answer.map_err(|cause| {
            if let Cause::RateLimited(pause) = cause {
                self.pauses().insert(call.name(), Instant::now() + pause);
            }
            Error::new(call.method, cause)
        })
    }

    /// How long Slack still refuses this method in this channel.
    fn pause(&self, call: &Call<'_>) -> Option<Duration> {
        let now = Instant::now();
        let mut pauses = self.pauses();
        pauses.retain(|_, until| *until > now);
        pauses.get(&call.name()).map(|until| *until - now)
    }

    fn pauses(&self) -> parking_lot::MutexGuard<'_, HashMap<String, Instant>> {
        self.pauses.lock()
    }
}

impl Call<'_> {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.channel)
    }
}

fn update<'a>(channel: &'a str, ts: &str, message: &Message, tag: &MessageTag) -> Call<'a> {
    let body = json!({"channel": channel, "ts": ts, "text": message.text, "blocks": message.tagged_blocks(tag)});
    Call {
        method: "chat.update",
        channel,
        body: Body::Json(body),
        repeatable: true,
    }
}

/// The library's client for this address, which may be plain HTTP for a Slack of one's own.
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
