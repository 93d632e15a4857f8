//! An answer that is shown while it is written: what a platform does, and what it may use.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::saved::SavedProgress;
use crate::answer::progress::Progress;
use crate::storage::queue::{Job, Queue};

/// Shows the states of one answer. Nothing here has to arrive: the finished answer replaces whatever is shown.
#[async_trait]
pub trait AnswerStream: Send {
    async fn show(&mut self, state: &Progress, posted: &mut PostedMessages<'_>) -> ShowOutcome;

    /// Closes what is open. If that fails, it is done before the last update.
    async fn close(&mut self, posted: &PostedMessages<'_>);
}

/// How the question's first message was begun.
#[derive(Clone, Copy, Debug)]
pub enum Beginning {
    /// As a stream, which has been open since then.
    Stream(Instant),
    /// As an ordinary message.
    Message,
}

/// The result of an attempt to show a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShowOutcome {
    Shown,
    /// Not now; perhaps after this pause, if one is known.
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
            tracing::debug!(key = self.job.key, error, "a message is not noted");
            self.saved.is_unsure = true;
        }
    }

    /// Notes that a message may have been posted without its id being known.
    pub fn mark_unsure(&mut self) {
        self.saved.is_unsure = true;
    }
}
