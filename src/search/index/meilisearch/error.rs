//! Errors of the Meilisearch server, by how to handle them.

use std::time::Duration;

use meilisearch_sdk::errors::Error as SdkError;
use thiserror::Error;

/// An error of the Meilisearch server or of the connection to it.
#[derive(Clone, Debug, Error)]
pub enum MeilisearchError {
    /// No connection, or a broken one.
    #[error(
        "the Meilisearch server at {address} cannot be reached ({cause}); start it, or correct meilisearch.url"
    )]
    Unreachable { address: String, cause: String },
    /// No response within the configured time.
    #[error("the Meilisearch server at {address} did not answer within {seconds} seconds")]
    Silent { address: String, seconds: u64 },
    /// The server is overloaded.
    #[error("the Meilisearch server has too much to do just now")]
    Busy {
        /// The wait that the server asks for.
        after: Option<Duration>,
    },
    /// The server requires a key, or rejects the one sent.
    #[error(
        "the Meilisearch server refuses the key for this ({0}); set {1}, or make new keys with \
         `epibot doctor --create-keys`"
    )]
    Forbidden(String, &'static str),
    /// The server's disk or database is full.
    #[error(
        "the Meilisearch server has no room left; make room on its disk, then run `epibot reindex`. What is indexed is \
         still found"
    )]
    Full,
    /// The server does not support a field or route of the request.
    #[error(
        "the Meilisearch server is too old ({0}); epibot needs version {min} or later",
        min = super::MIN_VERSION
    )]
    TooOld(String),
    /// The index does not exist yet.
    #[error("the Meilisearch server holds no index {0}; run `epibot reindex`")]
    NoIndex(String),
    /// The server refused the request for another reason.
    #[error("the Meilisearch server refused a request ({status} {code}): {message}")]
    Refused {
        status: u16,
        code: String,
        message: String,
    },
    /// An accepted task failed.
    #[error("the Meilisearch server could not finish a task ({code}): {message}")]
    Task { code: String, message: String },
    /// The rebuilt index did not replace the old one.
    #[error(
        "the Meilisearch server did not put the new index in the place of {0}; the old one is still searched. Run \
         `epibot reindex --full`"
    )]
    NotSwapped(String),
    /// The response is not that of a Meilisearch server.
    #[error(
        "what answers at {address} is no Meilisearch server, or not one that epibot knows ({cause})"
    )]
    Malformed { address: String, cause: String },
}

impl MeilisearchError {
    /// Whether the same request may succeed when it is retried within the longest pause. `patient` requests are also
    /// retried after a timeout; requests that are not idempotent are not retried if they may have been carried out.
    pub(super) fn is_retryable(
        &self,
        patient: bool,
        is_idempotent: bool,
        longest_pause: Duration,
    ) -> bool {
        match self {
            Self::Unreachable { .. } => is_idempotent || self.is_unsent(),
            Self::Silent { .. } => patient && is_idempotent,
            Self::Busy { after } => after.is_none_or(|after| after <= longest_pause),
            Self::Refused { status, .. } => {
                is_idempotent && matches!(status, 408 | 500 | 502 | 504)
            }
            _ => false,
        }
    }

    /// Whether the request certainly did not arrive.
    fn is_unsent(&self) -> bool {
        matches!(self, Self::Unreachable { cause, .. } if cause.contains("refused"))
    }

    /// Returns the wait that the server asked for.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { after } => *after,
            _ => None,
        }
    }

    /// Whether the index does not exist.
    pub(super) fn is_missing_index(&self) -> bool {
        matches!(self, Self::NoIndex(_))
            || matches!(self, Self::Refused { code, .. } if code == "index_not_found")
            || matches!(self, Self::Task { code, .. } if code == "index_not_found")
    }

    /// Whether no vectors are configured for the index yet.
    pub(super) fn is_missing_embedder(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "invalid_search_embedder")
    }

    /// Whether the task does not exist, or the key may not see it.
    pub(super) fn is_missing_task(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "task_not_found")
    }

    /// Maps an error code of the server.
    pub(super) fn of_code(status: u16, code: &str, message: String, setting: &'static str) -> Self {
        match code {
            "no_space_left_on_device" | "database_size_limit_reached" => Self::Full,
            "missing_authorization_header" | "invalid_api_key" | "missing_master_key" => {
                Self::Forbidden(code.to_owned(), setting)
            }
            // An unknown field or route.
            "bad_request" if message.contains("Unknown field") => Self::TooOld(message),
            "index_not_found" => {
                Self::NoIndex(message.split('`').nth(1).unwrap_or("of epibot").to_owned())
            }
            _ => Self::Refused {
                status,
                code: code.to_owned(),
                message,
            },
        }
    }
}

impl From<MeilisearchError> for SdkError {
    fn from(error: MeilisearchError) -> Self {
        Self::Other(Box::new(error))
    }
}

impl From<SdkError> for MeilisearchError {
    fn from(error: SdkError) -> Self {
        match error {
            SdkError::Other(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(error) => Self::Malformed {
                    address: "meilisearch.url".to_owned(),
                    cause: error.to_string(),
                },
            },
            error => Self::Malformed {
                address: "meilisearch.url".to_owned(),
                cause: error.to_string(),
            },
        }
    }
}
