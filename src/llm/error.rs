//! Failures of the language model that callers distinguish.

use std::error::Error;
use std::time::Duration;

use async_openai::error::OpenAIError;
use thiserror::Error;

use crate::runtime::metrics::{Failure, metrics};

/// A failure of the language model. Its messages contain neither the key nor parts of the request.
#[derive(Clone, PartialEq, Eq, Error)]
pub enum LlmError {
    /// No connection was established.
    #[error("the language model's server cannot be reached: {0}")]
    Unreachable(String),
    /// The server answered with an error.
    #[error("the language model's server refused with status {status}{}", in_parentheses(reason.as_ref()))]
    Refused {
        /// HTTP status; 0 if the error came within a stream.
        status: u16,
        /// The error's code or type, if it has one.
        reason: Option<String>,
        /// The response body. It may repeat the prompt, so it is used for decisions and never shown.
        body: String,
    },
    /// Too many requests, or too much load.
    #[error("the language model's server has too much to do")]
    RateLimited {
        /// The wait that the server asks for.
        after: Option<Duration>,
    },
    /// Nothing was received for longer than configured.
    #[error("the language model was silent for {seconds} seconds")]
    Stalled { seconds: u64 },
    /// The connection or the stream ended before the answer did.
    #[error("the language model's answer broke off")]
    Interrupted,
    /// The server, or its model, does not support tools.
    #[error("the language model calls no tools")]
    NoTools,
    /// The response is no chat completion, or an empty one.
    #[error("the language model's server sent no usable answer: {0}")]
    Malformed(&'static str),
}

fn in_parentheses(reason: Option<&String>) -> String {
    reason
        .map(|reason| format!(" ({reason})"))
        .unwrap_or_default()
}

impl LlmError {
    /// Counts this failure in the metrics; missing support for tools is not one.
    pub(super) fn count(&self) {
        let reason = match self {
            Self::Unreachable(_) => Failure::UNREACHABLE,
            Self::Refused { .. } => Failure::REFUSED,
            Self::RateLimited { .. } => Failure::LIMITED,
            Self::Stalled { .. } => Failure::SILENT,
            Self::Interrupted => Failure::CUT,
            Self::Malformed(_) => Failure::UNUSABLE,
            Self::NoTools => return,
        };
        metrics().model_failures.get_or_create(&reason).inc();
    }

    /// Whether the same request may succeed when it is retried within `max_backoff`.
    pub(super) fn is_retryable(&self, max_backoff: Duration) -> bool {
        match self {
            Self::Unreachable(_) | Self::Interrupted => true,
            Self::Refused { status, .. } => matches!(status, 408 | 409 | 425 | 500..=599),
            Self::RateLimited { after } => after.is_none_or(|after| after <= max_backoff),
            // After a wait that long, quoting the passages is better than a second wait.
            Self::Stalled { .. } | Self::NoTools | Self::Malformed(_) => false,
        }
    }

    /// Returns the wait that the server asked for.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { after } => *after,
            _ => None,
        }
    }
}

/// As `Display`, so that `{:?}` never writes a body into a log.
impl std::fmt::Debug for LlmError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "LlmError({self})")
    }
}

impl From<OpenAIError> for LlmError {
    fn from(error: OpenAIError) -> Self {
        match error {
            OpenAIError::Boxed(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(_) => Self::Malformed("the request could not be sent"),
            },
            OpenAIError::Reqwest(error) => Self::Unreachable(root_cause(&error)),
            OpenAIError::StreamError(_) => Self::Interrupted,
            _ => Self::Malformed("not a chat completion"),
        }
    }
}

/// Returns the innermost cause, such as "Connection refused"; the outer ones repeat the address.
fn root_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it did not answer in time".to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
