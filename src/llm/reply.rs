//! A streamed reply of the model.

use std::fmt;
use std::time::Duration;

use async_openai::error::OpenAIError;
use async_openai::types::stream::StreamResponse;
use futures::StreamExt;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::error::LlmError;
use super::reasoning::ReasoningFilter;
use super::tools::{ToolCall, ToolCalls};
use crate::domain::answer::Usage;

/// Timeout for the token counts, which may follow the last word.
const USAGE_WAIT: Duration = Duration::from_secs(2);
/// More characters than any token has; enforces the token limit if the server ignores it.
const CHARACTERS_PER_TOKEN: usize = 16;

/// A reply that has begun.
pub struct Reply {
    stream: StreamResponse<Chunk>,
    silence: Duration,
    /// Characters that may still be received.
    characters_left: usize,
    /// Text of the first event.
    first: Option<String>,
    reasoning: ReasoningFilter,
    /// Tool calls of the model.
    calls: ToolCalls,
    usage: Usage,
    ending: Option<Ending>,
    /// Whether any text was returned.
    has_text: bool,
    /// Whether any event of a chat completion was received.
    has_events: bool,
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The model finished.
    Complete,
    /// It reached the limit on its length.
    TooLong,
    /// The server's content filter stopped it.
    Filtered,
}

/// One event of the stream, unparsed, since servers differ in which fields they omit, send as `null` or add.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Chunk(Value);

/// The meaning of an event.
enum Event {
    Text(String),
    /// The model sends something that is not shown.
    Progress,
    /// Not relevant.
    Ignored,
    End,
}

impl Reply {
    /// Waits for the first word of the answer or of the reasoning.
    pub(super) async fn begin(
        stream: StreamResponse<Chunk>,
        silence: Duration,
        max_tokens: u32,
    ) -> Result<Self, LlmError> {
        let mut reply = Self {
            stream,
            silence,
            characters_left: CHARACTERS_PER_TOKEN.saturating_mul(max_tokens as usize),
            first: None,
            reasoning: ReasoningFilter::default(),
            calls: ToolCalls::default(),
            usage: Usage::default(),
            ending: None,
            has_text: false,
            has_events: false,
        };
        loop {
            let event = reply.stream.next().await;
            match reply.interpret(event)? {
                Event::Ignored => {}
                Event::Progress => return Ok(reply),
                Event::Text(text) => {
                    reply.first = Some(text);
                    return Ok(reply);
                }
                Event::End => return Err(LlmError::Malformed("an empty answer")),
            }
        }
    }

    /// Returns the next words; None at the end.
    ///
    /// # Errors
    /// The stream broke off, timed out or ended without a word.
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
                Ok(event) => self.interpret(event),
                Err(_) => Err(LlmError::Stalled {
                    seconds: self.silence.as_secs(),
                }),
            };
            match piece {
                Ok(Event::Text(text)) => return Ok(Some(text)),
                Ok(Event::Progress) => deadline = Instant::now() + self.silence,
                Ok(Event::Ignored) => {}
                Ok(Event::End) => return self.finish(),
                // The answer is complete, even if the connection fails now.
                Err(_) if self.ending.is_some() => return self.finish(),
                Err(error) => {
                    error.count();
                    return Err(error);
                }
            }
        }
    }

    /// Returns the tokens counted by the server, as far as reported.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Returns how the reply ended, once it has.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Returns the tool calls of the model, once the reply has ended.
    #[must_use]
    pub fn calls(&self) -> Vec<ToolCall> {
        self.calls.to_vec()
    }

    fn finish(&mut self) -> Result<Option<String>, LlmError> {
        let rest = std::mem::take(&mut self.reasoning).finish();
        self.reasoning = ReasoningFilter::Done;
        if !rest.is_empty() {
            self.has_text = true;
            return Ok(Some(rest));
        }
        if self.has_text || !self.calls.is_empty() {
            Ok(None)
        } else {
            Err(LlmError::Malformed("an empty answer"))
        }
    }

    fn interpret(&mut self, event: Option<Result<Chunk, OpenAIError>>) -> Result<Event, LlmError> {
        let chunk = match event {
            None if self.ending.is_some() => return Ok(Event::End),
            None if !self.has_events => return Err(LlmError::Malformed("no chat completion")),
            // Every server reports why it stops; an end without that is a connection closed by an intermediary.
            None => return Err(LlmError::Interrupted),
            // Some proxies insert lines that are not JSON; the next one may be fine.
            Some(Err(OpenAIError::JSONDeserialize(..))) => return Ok(Event::Ignored),
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(chunk)) => chunk,
        };
        self.has_events = true;
        if let Some(error) = chunk.error() {
            return Err(error);
        }
        if let Some(usage) = chunk.usage() {
            self.usage = usage;
        }
        self.ending = self.ending.or(chunk.ending());
        let text = chunk.text();
        let call_length = self.calls.add(chunk.calls());
        let length = text.chars().count() + call_length.unwrap_or_default();
        self.characters_left = self.characters_left.saturating_sub(length);
        if self.characters_left == 0 {
            self.ending = Some(Ending::TooLong);
            return Ok(Event::End);
        }
        let shown = self.reasoning.push(text);
        if !shown.is_empty() {
            self.has_text = true;
            Ok(Event::Text(shown))
        } else if !text.is_empty() || call_length.is_some() || chunk.has_reasoning() {
            Ok(Event::Progress)
        } else {
            Ok(Event::Ignored)
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

    fn has_reasoning(&self) -> bool {
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

    /// Returns the error that a server sends within a stream, after its status.
    fn error(&self) -> Option<LlmError> {
        let error = self.0.get("error").filter(|error| !error.is_null())?;
        // Some servers send the status as a number, some as text.
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
