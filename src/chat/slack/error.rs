//! Errors of calls to Slack, and their remedies.

use std::time::Duration;

use crate::chat::platform::{PlatformError, Remedy};

/// A failed call to Slack. Carries the method and the cause, never the content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Slack's {method}: {cause}")]
pub struct Error {
    pub method: &'static str,
    pub cause: Cause,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Slack's own code, such as `channel_not_found`.
    #[error("{0}")]
    Refused(String),
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("too many calls; wanted again after {0:?}")]
    RateLimited(Duration),
    #[error("no response within {0:?}")]
    Silent(Duration),
    #[error("no connection")]
    Unreachable,
    #[error("a response that is not Slack's")]
    Unreadable,
}

/// Pause until Slack has closed a stream.
const STREAM_CLOSE_PAUSE: Duration = Duration::from_secs(2);

/// Pause after a refused token. A new token needs a restart; until then questions wait.
const TOKEN_PAUSE: Duration = Duration::from_mins(1);

impl Error {
    #[must_use]
    pub fn new(method: &'static str, cause: Cause) -> Self {
        Self { method, cause }
    }

    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match &self.cause {
            Cause::RateLimited(pause) => Remedy::Retry(Some(*pause)),
            Cause::Silent(_) | Cause::Unreachable | Cause::Unreadable => Remedy::Retry(None),
            Cause::Status(status) if *status >= 500 => Remedy::Retry(None),
            Cause::Status(_) => Remedy::None,
            Cause::Refused(code) => match code.as_str() {
                "message_not_found" | "cant_update_message" | "edit_window_closed" => Remedy::Gone,
                "internal_error"
                | "fatal_error"
                | "service_unavailable"
                | "request_timeout"
                | "team_added_to_org" => Remedy::Retry(None),
                "streaming_state_conflict" => Remedy::Retry(Some(STREAM_CLOSE_PAUSE)),
                _ if self.is_token_error() => Remedy::Retry(Some(TOKEN_PAUSE)),
                _ => Remedy::None,
            },
        }
    }

    /// Returns true if Slack refuses the token.
    #[must_use]
    pub fn is_token_error(&self) -> bool {
        const CODES: [&str; 7] = [
            "invalid_auth",
            "not_authed",
            "account_inactive",
            "token_revoked",
            "token_expired",
            "not_allowed_token_type",
            "no_permission",
        ];
        matches!(&self.cause, Cause::Refused(code) if CODES.contains(&code.as_str()))
    }

    /// Returns true if the call may have taken effect.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        match &self.cause {
            Cause::RateLimited(_) => false,
            Cause::Silent(_) | Cause::Unreachable | Cause::Unreadable => true,
            Cause::Status(status) => *status >= 500,
            Cause::Refused(code) => matches!(
                code.as_str(),
                "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout"
            ),
        }
    }

    /// Returns true if the message no longer exists, or can no longer be changed.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.remedy() == Remedy::Gone
    }

    /// Returns true if the message is a stream that must be closed before it can be updated.
    #[must_use]
    pub fn is_open_stream(&self) -> bool {
        matches!(&self.cause, Cause::Refused(code) if code == "streaming_state_conflict")
    }

    /// Returns true if Slack has closed the stream.
    #[must_use]
    pub fn is_closed_stream(&self) -> bool {
        matches!(&self.cause, Cause::Refused(code) if code == "message_not_in_streaming_state")
    }

    /// Returns true if Slack refuses the blocks of a message.
    #[must_use]
    pub fn is_block_error(&self) -> bool {
        const CODES: [&str; 5] = [
            "invalid_blocks",
            "invalid_blocks_format",
            "only_one_table_allowed",
            "invalid_attachments",
            "block_mismatch",
        ];
        matches!(&self.cause, Cause::Refused(code) if CODES.contains(&code.as_str()))
    }

    /// Returns true if the message would become too long.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        matches!(&self.cause, Cause::Refused(code) if code == "msg_too_long")
    }

    /// The pause that Slack asked for.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.cause {
            Cause::RateLimited(pause) => Some(pause),
            _ => None,
        }
    }

    /// Returns true if the call should be retried at once: if it certainly had no effect, or is idempotent.
    pub(super) fn should_retry(&self, is_idempotent: bool, max_pause: Duration) -> bool {
        match self.remedy() {
            Remedy::Retry(Some(pause)) => self.retry_after().is_some() && pause <= max_pause,
            Remedy::Retry(None) => is_idempotent,
            Remedy::Gone | Remedy::None => false,
        }
    }
}

impl From<Error> for PlatformError {
    fn from(error: Error) -> Self {
        Self {
            detail: error.to_string(),
            remedy: error.remedy(),
            is_unsure: error.is_unsure(),
            code: match error.cause {
                Cause::Refused(code) => Some(code),
                _ => None,
            },
        }
    }
}
