//! Answers that are shown while they are written: the port of a platform.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::saved_progress::SavedProgress;
use crate::answer::progress::Progress;
use crate::storage::queue::{Job, Queue};

/// Shows the states of one answer. Best effort: the finished answer replaces what is shown.
#[async_trait]
pub trait AnswerStream: Send {
    async fn show(&mut self, state: &Progress, posted: &mut PostedMessages<'_>) -> ShowOutcome;

    /// Closes an open stream. If that fails, it is closed before the last update.
    async fn close(&mut self, posted: &PostedMessages<'_>);
}

/// How the first message of the answer was posted.
#[derive(Clone, Copy, Debug)]
pub enum FirstMessage {
    /// As a stream, open since that time.
    Stream(Instant),
    /// As an ordinary message.
    Message,
}

/// The result of an attempt to show a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShowOutcome {
    Shown,
    /// Not now; try again after this pause, if one is known.
    Later(Option<Duration>),
    /// This state cannot be shown, nor any later one.
    Never,
}

/// The messages of an answer that have been posted, stored with the job.
pub struct PostedMessages<'a> {
    pub queue: &'a Queue,
    pub job: &'a Job,
    pub saved: &'a mut SavedProgress,
}

impl PostedMessages<'_> {
    /// The id of the last message.
    #[must_use]
    pub fn last(&self) -> Option<&str> {
        self.saved.posted.last().map(String::as_str)
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.saved.posted.len()
    }

    /// Stores the id of a further message. If it cannot be stored, the message is found in the thread again.
    pub async fn push(&mut self, id: String) {
        self.saved.posted.push(id);
        if let Err(error) = self.queue.save(self.job, &self.saved.to_json()).await {
            let error = format!("{error:#}");
            tracing::debug!(
                key = self.job.key,
                error,
                "cannot store the id of a message"
            );
            self.saved.is_unsure = true;
        }
    }

    /// Records that a message with an unknown id may have been posted.
    pub fn mark_unsure(&mut self) {
        self.saved.is_unsure = true;
    }
}
