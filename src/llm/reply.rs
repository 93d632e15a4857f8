//! The model's words as they come.

use std::fmt;
use std::time::Duration;

use async_openai::error::OpenAIError;
use async_openai::types::stream::StreamResponse;
use futures::StreamExt;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::error::LlmError;
use super::think::Think;
use super::tools::{Call, Calls};
use crate::domain::answer::Usage;

/// After the last word only the count of tokens can follow; nobody waits long for it.
const USAGE_WAIT: Duration = Duration::from_secs(2);
/// More characters than a token ever has. A server that ignores the limit on tokens is stopped by it.
const CHARACTERS_PER_TOKEN: usize = 16;

/// A reply that has begun.
pub struct Reply {
    stream: StreamResponse<Chunk>,
    silence: Duration,
    /// Characters that may still come.
    allowance: usize,
    /// Text that came while waiting for the first sign.
    first: Option<String>,
    think: Think,
    /// What the model calls.
    calls: Calls,
    usage: Usage,
    ending: Option<Ending>,
    spoke: bool,
    /// Anything at all has come that is an event of a chat completion.
    heard: bool,
}

/// How a reply came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The model was done.
    Complete,
    /// It reached the limit on its length.
    TooLong,
    /// The server's content filter stopped it.
    Filtered,
}

/// One event of the stream, kept as it came: servers differ in what they leave out, send as `null` or add.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Chunk(Value);

/// What an event means.
enum Piece {
    Text(String),
    /// The model is at work but says nothing to be shown.
    Sign,
    /// Nothing of interest.
    Idle,
    End,
}

impl Reply {
    /// Waits for the model's first word, or first sign of reasoning.
    pub(super) async fn begin(
        stream: StreamResponse<Chunk>,
        silence: Duration,
        max_tokens: u32,
    ) -> Result<Self, LlmError> {
        let mut reply = Self {
            stream,
            silence,
            allowance: CHARACTERS_PER_TOKEN.saturating_mul(max_tokens as usize),
            first: None,
            think: Think::default(),
            calls: Calls::default(),
            usage: Usage::default(),
            ending: None,
            spoke: false,
            heard: false,
        };
        loop {
            let event = reply.stream.next().await;
            match reply.understand(event)? {
                Piece::Idle => {}
                Piece::Sign => return Ok(reply),
                Piece::Text(text) => {
                    reply.first = Some(text);
                    return Ok(reply);
                }
                Piece::End => return Err(LlmError::Malformed("an empty answer")),
            }
        }
    }

    /// The next words; none at the end.
    ///
    /// # Errors
    /// The stream broke off, fell silent or ended without a word.
    pub async fn next(&mut self) -> Result<Option<String>, LlmError> {
        if let Some(text) = self.first.take() {
            return Ok(Some(text));
        }
        let mut deadline = Instant::now() + self.silence;
        loop {
            if self.ending.is_some() {
                deadline = deadline.min(Instant::now() + USAGE_WAIT);
            }
            let piece = match timeout_at(deadline, self.stream.next()).await {
                Ok(event) => self.understand(event),
                Err(_) => Err(LlmError::Stalled {
                    seconds: self.silence.as_secs(),
                }),
            };
            match piece {
                Ok(Piece::Text(text)) => return Ok(Some(text)),
                Ok(Piece::Sign) => deadline = Instant::now() + self.silence,
                Ok(Piece::Idle) => {}
                Ok(Piece::End) => return self.last_words(),
                // The answer is whole, whatever happens to the connection.
                Err(_) if self.ending.is_some() => return self.last_words(),
                Err(error) => {
                    error.count();
                    return Err(error);
                }
            }
        }
    }

    /// Tokens counted by the server, as far as it has told.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// How the reply ended, once it has.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// What the model has called, once the reply has ended.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.calls.made()
    }

    fn last_words(&mut self) -> Result<Option<String>, LlmError> {
        let held = std::mem::take(&mut self.think).finish();
        self.think = Think::Past;
        if !held.is_empty() {
            self.spoke = true;
            return Ok(Some(held));
        }
        if self.spoke || self.calls.are_some() {
            Ok(None)
        } else {
            Err(LlmError::Malformed("an empty answer"))
        }
    }

    fn understand(&mut self, event: Option<Result<Chunk, OpenAIError>>) -> Result<Piece, LlmError> {
        let chunk = match event {
            None if self.ending.is_some() => return Ok(Piece::End),
            None if !self.heard => return Err(LlmError::Malformed("no chat completion")),
            // Every server says why it stops; an end without that is a connection closed by something between.
            None => return Err(LlmError::Cut),
            // A line that is no JSON, as some proxies put in; the next one may be fine.
            Some(Err(OpenAIError::JSONDeserialize(..))) => return Ok(Piece::Idle),
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(chunk)) => chunk,
        };
        self.heard = true;
        if let Some(error) = chunk.error() {
            return Err(error);
        }
        if let Some(usage) = chunk.usage() {
            self.usage = usage;
        }
        self.ending = self.ending.or(chunk.ending());
        let text = chunk.text();
        let called = self.calls.take(chunk.calls());
        let length = text.chars().count() + called.unwrap_or_default();
        self.allowance = self.allowance.saturating_sub(length);
        if self.allowance == 0 {
            self.ending = Some(Ending::TooLong);
            return Ok(Piece::End);
        }
        let shown = self.think.push(text);
        if !shown.is_empty() {
            self.spoke = true;
            Ok(Piece::Text(shown))
        } else if !text.is_empty() || called.is_some() || chunk.reasons() {
            Ok(Piece::Sign)
        } else {
            Ok(Piece::Idle)
        }
    }
}

impl Chunk {
    fn delta(&self, field: &str) -> Option<&str> {
        self.0.pointer("/choices/0/delta")?.get(field)?.as_str()
    }

    fn text(&self) -> &str {
        self.delta("content").unwrap_or_default()
    }

    fn calls(&self) -> Option<&Value> {
        self.0.pointer("/choices/0/delta/tool_calls")
    }

    fn reasons(&self) -> bool {
        ["reasoning_content", "reasoning"].iter().any(|field| {
            self.delta(field)
                .is_some_and(|reasoning| !reasoning.is_empty())
        })
    }

    fn ending(&self) -> Option<Ending> {
        match self.0.pointer("/choices/0/finish_reason")?.as_str()? {
            "" => None,
            "length" => Some(Ending::TooLong),
            "content_filter" => Some(Ending::Filtered),
            _ => Some(Ending::Complete),
        }
    }

    fn usage(&self) -> Option<Usage> {
        let usage = self.0.get("usage")?;
        let count = |field: &str| usage.get(field).and_then(Value::as_u64);
        Some(Usage {
            prompt_tokens: count("prompt_tokens")?,
            completion_tokens: count("completion_tokens").unwrap_or_default(),
        })
    }

    /// An error that is sent in place of the next words, since the status was sent long before.
    fn error(&self) -> Option<LlmError> {
        let error = self.0.get("error").filter(|error| !error.is_null())?;
        // Some write the status as a number, some as text.
        let code = match error.get("code") {
            Some(Value::String(code)) => code.parse().ok(),
            code => code
                .and_then(Value::as_u64)
                .and_then(|code| u16::try_from(code).ok()),
        };
        Some(match code {
            Some(429) => LlmError::RateLimited { after: None },
            code => LlmError::Refused {
                status: code.unwrap_or(0),
                reason: None,
                body: String::new(),
            },
        })
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("usage", &self.usage)
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}
