//! What an attempt leaves to the next one, and why it stopped.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chat::slack::error::{Error, Remedy};
use crate::chat::slack::message::Message;
use crate::storage::queue::{Failure, FailureKind, Job, Outcome};

/// How far the answer to a question has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Saved {
    /// The `ts` of our messages in the thread, in their order.
    pub(super) posted: Vec<String>,
    /// The answer once it is known: sending it again needs no second search.
    pub(super) answer: Option<Vec<Message>>,
    /// Whether a message of ours may stand in the thread that is not in `posted`.
    #[serde(skip)]
    pub(super) is_unsure: bool,
}

/// Why an attempt ended without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    #[error(transparent)]
    Slack(#[from] Error),
    #[error("the documents cannot be searched: {0:#}")]
    Search(anyhow::Error),
    #[error("progress cannot be stored: {0:#}")]
    Store(anyhow::Error),
    #[error("{0:#}")]
    Errand(anyhow::Error),
    #[error("another worker has the question")]
    Lost,
    #[error("the stored question cannot be read")]
    Unreadable,
}

impl Saved {
    /// What was saved with the job. What cannot be read is as if nothing had been saved: the messages are found
    /// again by their marks.
    pub(super) fn of(job: &Job) -> Self {
        job.progress.clone().map(Self::read).unwrap_or_default()
    }

    pub(super) fn read(saved: Value) -> Self {
        serde_json::from_value(saved).unwrap_or_default()
    }

    pub(super) fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Stop {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Slack(_) => FailureKind::Platform,
            Self::Search(_) => FailureKind::Search,
            Self::Store(_) => FailureKind::Storage,
            Self::Errand(_) => FailureKind::Other,
            Self::Lost => FailureKind::Lost,
            Self::Unreadable => FailureKind::Unreadable,
        }
    }
}

impl From<Stop> for Outcome {
    fn from(stop: Stop) -> Self {
        let detail = stop.to_string();
        let stop = match stop {
            Stop::Errand(error) => match error.downcast::<Error>() {
                Ok(error) => Stop::Slack(error),
                Err(error) => Stop::Store(error),
            },
            other => other,
        };
        let failure = Failure::new(stop.kind(), detail);
        match stop {
            Stop::Slack(error) => match error.remedy() {
                Remedy::Retry(after) => Self::Retry { failure, after },
                // A message that went away between two calls is found missing and posted again.
                Remedy::Gone => Self::Retry {
                    failure,
                    after: None,
                },
                Remedy::None => Self::Failed { failure },
            },
            Stop::Search(_) | Stop::Store(_) | Stop::Errand(_) | Stop::Lost => Self::Retry {
                failure,
                after: None,
            },
            Stop::Unreadable => Self::Failed { failure },
        }
    }
}
