//! Progress of a question that is saved for the next attempt.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reply::RenderedMessage;
use crate::storage::queue::Job;

/// The saved progress of a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedProgress {
    /// The ids of epibot's messages in the thread, in their order.
    pub posted: Vec<String>,
    /// The rendered answer once it is complete, so that a retry needs no second search.
    pub answer: Option<Vec<RenderedMessage>>,
    /// Whether the thread may contain a message of epibot that is not in `posted`.
    #[serde(skip)]
    pub is_unsure: bool,
}

impl SavedProgress {
    /// Returns the progress saved with the job; an empty one if it cannot be read, since messages are found again by
    /// their tags.
    #[must_use]
    pub fn from_job(job: &Job) -> Self {
        job.progress.clone().map(Self::read).unwrap_or_default()
    }

    #[must_use]
    pub fn read(saved: Value) -> Self {
        serde_json::from_value(saved).unwrap_or_default()
    }

    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
