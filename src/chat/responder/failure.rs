//! Why an attempt ended without a result, and what the queue does about it.

use crate::chat::platform::{PlatformError, Remedy};
use crate::storage::queue::{Failure, FailureKind, Outcome};

/// Why an attempt ended without a result.
#[derive(Debug, thiserror::Error)]
pub(super) enum AttemptError {
    #[error(transparent)]
    Platform(#[from] PlatformError),
    #[error("the documents cannot be searched: {0:#}")]
    Search(anyhow::Error),
    #[error("progress cannot be stored: {0:#}")]
    Storage(anyhow::Error),
    #[error("{0:#}")]
    Task(anyhow::Error),
    #[error("another worker owns the question")]
    Lost,
    #[error("the stored question cannot be read")]
    Unreadable,
}

impl AttemptError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Platform(_) => FailureKind::Platform,
            Self::Search(_) => FailureKind::Search,
            Self::Storage(_) => FailureKind::Storage,
            Self::Task(_) => FailureKind::Other,
            Self::Lost => FailureKind::Lost,
            Self::Unreadable => FailureKind::Unreadable,
        }
    }
}

impl From<AttemptError> for Outcome {
    fn from(error: AttemptError) -> Self {
        let detail = error.to_string();
        let error = match error {
            AttemptError::Task(error) => match error.downcast::<PlatformError>() {
                Ok(error) => AttemptError::Platform(error),
                Err(error) => AttemptError::Task(error),
            },
            other => other,
        };
        let failure = Failure::new(error.kind(), detail);
        match error {
            AttemptError::Platform(error) => match error.remedy {
                Remedy::Retry(after) => Self::Retry { failure, after },
                // A message that was deleted between two calls is found missing and posted again.
                Remedy::Gone => Self::Retry {
                    failure,
                    after: None,
                },
                Remedy::None => Self::Failed { failure },
            },
            AttemptError::Search(_)
            | AttemptError::Storage(_)
            | AttemptError::Task(_)
            | AttemptError::Lost => Self::Retry {
                failure,
                after: None,
            },
            AttemptError::Unreadable => Self::Failed { failure },
        }
    }
}
