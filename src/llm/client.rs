//! The language model behind a base address.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use backon::{ExponentialBuilder, Retryable};
use tokio::sync::watch;
use tokio::time::timeout;

use super::dialect::{Dialect, Request, Wanted};
use super::error::LlmError;
use super::message::Message;
use super::reply::Reply;
use super::tools::{Tool, Tools};
use super::{endpoint, tools};
use crate::config;

/// The pause before the second attempt; it doubles with each one after it.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// No pause is longer, whatever the server asks for: a person is waiting.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// A language model behind a base address.
#[derive(Clone)]
pub struct Llm {
    pub(super) client: Client<OpenAIConfig>,
    pub(super) model: Arc<str>,
    pub(super) temperature: f32,
    pub(super) max_tokens: u32,
    pub(super) first_token: Duration,
    pub(super) silence: Duration,
    pub(super) attempts: usize,
    /// What this server was found to accept; shared, so that it is found out once.
    pub(super) dialect: Arc<watch::Sender<Dialect>>,
    /// How the last question failed, if it did; shared, too.
    pub(super) trouble: Arc<watch::Sender<Option<LlmError>>>,
}

impl Llm {
    /// The configured language model; none where none is configured.
    ///
    /// # Errors
    /// The key holds characters that no request can carry, or the HTTP client cannot be set up.
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
            trouble: Arc::default(),
        }))
    }

    /// The model's name, as it is configured.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Why the model did not begin to speak when it was last asked; none where it did.
    #[must_use]
    pub fn trouble(&self) -> Option<LlmError> {
        self.trouble.borrow().clone()
    }

    /// Asks, and returns as soon as the model begins to speak. Until then a failure that may pass is tried
    /// again, with growing pauses or as long as the server asks for; from then on nothing is, since its words may
    /// have been shown.
    ///
    /// # Errors
    /// The model did not begin to speak.
    pub async fn ask(&self, messages: &[Message]) -> Result<Reply, LlmError> {
        self.persist(messages, self.prose()).await
    }

    /// Asks like [`ask`](Self::ask), and lets the model call tools; where it may not call any more, it has to answer.
    ///
    /// # Errors
    /// The model did not begin to speak, or it calls no tools, which is remembered.
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
        let wanted = Wanted {
            tools,
            ..self.prose()
        };
        self.persist(messages, wanted).await
    }

    /// Words, as long and as free as is configured.
    fn prose(&self) -> Wanted<'static> {
        Wanted {
            temperature: self.temperature,
            max_tokens: self.max_tokens,
            schema: None,
            tools: None,
        }
    }

    async fn persist(&self, messages: &[Message], wanted: Wanted<'_>) -> Result<Reply, LlmError> {
        let pauses = ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_max_times(self.attempts.saturating_sub(1));
        let begun = (|| self.attempt(messages, wanted))
            .retry(pauses)
            .when(|error| error.may_pass(LONGEST_PAUSE))
            .adjust(|error, pause| pause.map(|pause| error.asked_pause().unwrap_or(pause)))
            .notify(|error, pause| {
                tracing::debug!(%error, pause_ms = pause.as_millis(), "the language model is asked again");
            })
            .await;
        if let Err(error) = &begun {
            error.count();
        }
        self.trouble.send_replace(begun.as_ref().err().cloned());
        begun
    }

    #[tracing::instrument(name = "model call", level = "info", skip_all)]
    async fn attempt(&self, messages: &[Message], wanted: Wanted<'_>) -> Result<Reply, LlmError> {
        timeout(self.first_token, self.begin(messages, wanted))
            .await
            .unwrap_or(Err(LlmError::Stalled {
                seconds: self.first_token.as_secs(),
            }))
    }

    /// One attempt, repeated at once as long as the server refuses a parameter that can be done without.
    pub(super) async fn begin(
        &self,
        messages: &[Message],
        wanted: Wanted<'_>,
    ) -> Result<Reply, LlmError> {
        let mut dialect = *self.dialect.borrow();
        if wanted.tools.is_some() && !dialect.takes_tools() {
            return Err(LlmError::NoTools);
        }
        loop {
            match self.send(messages, wanted, dialect).await {
                Ok(reply) => {
                    self.dialect.send_replace(dialect);
                    return Ok(reply);
                }
                Err(LlmError::Refused { status, body, .. })
                    if wanted.tools.is_some() && tools::are_refused(status, &body) =>
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
        wanted: Wanted<'_>,
        dialect: Dialect,
    ) -> Result<Reply, LlmError> {
        let request = Request::new(&self.model, messages, wanted, dialect);
        let stream = self
            .client
            .chat()
            .create_stream_byot(request)
            .await
            .map_err(LlmError::from)?;
        Reply::begin(stream, self.silence, wanted.max_tokens).await
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
