//! The client of a language model.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use backon::{ExponentialBuilder, Retryable};
use tokio::sync::watch;
use tokio::time::timeout;

use super::dialect::{Dialect, Request, RequestOptions};
use super::error::LlmError;
use super::message::Message;
use super::reply::Reply;
use super::tools::{Tool, Tools};
use super::{endpoint, tools};
use crate::config;

/// Backoff before the second attempt; doubled for each later one.
const MIN_BACKOFF: Duration = Duration::from_millis(500);
/// Maximum backoff, whatever the server asks for, since a user is waiting.
const MAX_BACKOFF: Duration = Duration::from_secs(20);

/// A language model at an OpenAI-compatible server. Cheap to clone.
#[derive(Clone)]
pub struct Llm {
    pub(super) client: Client<OpenAIConfig>,
    pub(super) model: Arc<str>,
    pub(super) temperature: f32,
    pub(super) max_tokens: u32,
    pub(super) first_token: Duration,
    pub(super) silence: Duration,
    pub(super) attempts: usize,
    /// The parameters that this server accepts; shared by all clones, so that they are learnt once.
    pub(super) dialect: Arc<watch::Sender<Dialect>>,
    /// The failure of the last request, if it failed; shared by all clones.
    pub(super) last_failure: Arc<watch::Sender<Option<LlmError>>>,
}

impl Llm {
    /// Creates the configured language model; None if none is configured.
    ///
    /// # Errors
    /// The key contains characters that are invalid in a header, or the HTTP client cannot be created.
    pub fn new(config: &config::llm::Llm) -> anyhow::Result<Option<Self>> {
        if !config.is_configured() {
            return Ok(None);
        }
        Ok(Some(Self {
            client: endpoint::client(config)?,
            model: config.model.as_str().into(),
            temperature: config.temperature,
            max_tokens: config.max_tokens,
            first_token: Duration::from_secs(config.first_token_timeout_s),
            silence: Duration::from_secs(config.silence_timeout_s),
            attempts: config.attempts,
            dialect: Arc::default(),
            last_failure: Arc::default(),
        }))
    }

    /// Returns the configured name of the model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns why the last request failed; None if it succeeded.
    #[must_use]
    pub fn last_failure(&self) -> Option<LlmError> {
        self.last_failure.borrow().clone()
    }

    /// Sends a request, and returns when the reply begins. Until then, temporary failures are retried with exponential
    /// backoff or as the server asks; later ones are not, since words of the reply may have been shown.
    ///
    /// # Errors
    /// The reply did not begin.
    pub async fn ask(&self, messages: &[Message]) -> Result<Reply, LlmError> {
        self.send_with_retries(messages, self.text_options()).await
    }

    /// As [`ask`](Self::ask), with tool calls; if `may_call` is false, the model has to answer.
    ///
    /// # Errors
    /// The reply did not begin, or the server does not support tools, which is remembered.
    pub async fn ask_with_tools(
        &self,
        messages: &[Message],
        tools: &[Tool],
        may_call: bool,
    ) -> Result<Reply, LlmError> {
        let tools = Some(Tools {
            tools,
            may_be_called: may_call,
        });
        let options = RequestOptions {
            tools,
            ..self.text_options()
        };
        self.send_with_retries(messages, options).await
    }

    /// Returns the configured options for a reply in prose.
    fn text_options(&self) -> RequestOptions<'static> {
        RequestOptions {
            temperature: self.temperature,
            max_tokens: self.max_tokens,
            schema: None,
            tools: None,
        }
    }

    async fn send_with_retries(
        &self,
        messages: &[Message],
        options: RequestOptions<'_>,
    ) -> Result<Reply, LlmError> {
        let backoff = ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(MIN_BACKOFF)
            .with_max_delay(MAX_BACKOFF)
            .with_max_times(self.attempts.saturating_sub(1));
        let reply = (|| self.attempt(messages, options))
            .retry(backoff)
            .when(|error| error.is_retryable(MAX_BACKOFF))
            .adjust(|error, pause| pause.map(|pause| error.retry_after().unwrap_or(pause)))
            .notify(|error, pause| {
                tracing::debug!(%error, pause_ms = pause.as_millis(), "retrying the request to the language model");
            })
            .await;
        if let Err(error) = &reply {
            error.count();
        }
        self.last_failure
            .send_replace(reply.as_ref().err().cloned());
        reply
    }

    #[tracing::instrument(name = "model call", level = "info", skip_all)]
    async fn attempt(
        &self,
        messages: &[Message],
        options: RequestOptions<'_>,
    ) -> Result<Reply, LlmError> {
        timeout(self.first_token, self.begin(messages, options))
            .await
            .unwrap_or(Err(LlmError::Stalled {
                seconds: self.first_token.as_secs(),
            }))
    }

    /// Makes one attempt, repeated at once while the server refuses an optional parameter.
    pub(super) async fn begin(
        &self,
        messages: &[Message],
        options: RequestOptions<'_>,
    ) -> Result<Reply, LlmError> {
        let mut dialect = *self.dialect.borrow();
        if options.tools.is_some() && !dialect.supports_tools() {
            return Err(LlmError::NoTools);
        }
        loop {
            match self.send(messages, options, dialect).await {
                Ok(reply) => {
                    self.dialect.send_replace(dialect);
                    return Ok(reply);
                }
                Err(LlmError::Refused { status, body, .. })
                    if options.tools.is_some() && tools::is_refusal(status, &body) =>
                {
                    self.dialect.send_replace(dialect.without_tools());
                    return Err(LlmError::NoTools);
                }
                Err(error) => dialect = dialect.after(error)?,
            }
        }
    }

    async fn send(
        &self,
        messages: &[Message],
        options: RequestOptions<'_>,
        dialect: Dialect,
    ) -> Result<Reply, LlmError> {
        let request = Request::new(&self.model, messages, options, dialect);
        let stream = self
            .client
            .chat()
            .create_stream_byot(request)
            .await
            .map_err(LlmError::from)?;
        Reply::begin(stream, self.silence, options.max_tokens).await
    }
}

impl fmt::Debug for Llm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Llm")
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}
