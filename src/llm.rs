//! The language model: any server that speaks the chat-completions protocol, streamed.

mod dialect;
mod endpoint;
mod error;
mod look;
mod object;
mod reply;
mod think;
mod tokens;
mod tools;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::ChatCompletionMessageToolCalls;
use backon::{ExponentialBuilder, Retryable};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::timeout;

pub use error::LlmError;
pub use look::Picture;
pub use object::Schema;
pub use reply::{Ending, Reply};
pub use tokens::{beginning, most_tokens};
pub use tools::{Call, Tool};

use crate::config;
use dialect::{Dialect, Request, Wanted};

/// The pause before the second attempt; it doubles with each one after it.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// No pause is longer, whatever the server asks for: a person is waiting.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// A language model behind a base address.
#[derive(Clone)]
pub struct Llm {
    client: Client<OpenAIConfig>,
    model: Arc<str>,
    temperature: f32,
    max_tokens: u32,
    first_token: Duration,
    silence: Duration,
    attempts: usize,
    /// What this server was found to accept; shared, so that it is found out once.
    dialect: Arc<watch::Sender<Dialect>>,
    /// How the last question failed, if it did; shared, too.
    trouble: Arc<watch::Sender<Option<LlmError>>>,
}

/// One message of the conversation with the model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    pub role: Role,
    pub content: String,
    /// What the model called in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ChatCompletionMessageToolCalls>,
    /// The call whose result it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

/// Whose message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl Message {
    #[must_use]
    pub fn new(role: Role, content: String) -> Self {
        Self {
            role,
            content,
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }
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
        self.persist(messages, Wanted::prose(self)).await
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
    async fn begin(&self, messages: &[Message], wanted: Wanted<'_>) -> Result<Reply, LlmError> {
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
