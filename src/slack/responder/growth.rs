//! Shows an answer while it is being written, no faster than Slack takes it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::answer::Progress;
use crate::domain::Language;
use crate::slack::error::Remedy;
use crate::slack::event::Question;
use crate::slack::message::{Mark, Message};
use crate::slack::{Client, render};
use crate::text;

/// The message that grows.
pub(super) struct Growth<'a> {
    pub(super) client: &'a Client,
    pub(super) question: &'a Question,
    pub(super) language: Language,
    pub(super) ts: &'a str,
    /// The shortest time between two updates.
    pub(super) interval: Duration,
}

impl Growth<'_> {
    /// Shows every state that there is time for, until the sender is gone. A state that Slack does not take is
    /// left out: the next one holds it too.
    pub(super) async fn show(&self, mut progress: watch::Receiver<Progress>) {
        let mark = Mark {
            question: self.question.key(),
            part: 1,
        };
        let mut next = Instant::now();
        let mut shown = Message::default();
        while progress.changed().await.is_ok() {
            if !wait_until(next, &mut progress).await {
                return;
            }
            let Some(message) = self
                .message(&progress.borrow_and_update())
                .filter(|message| *message != shown)
            else {
                continue;
            };
            next = Instant::now() + self.interval;
            match self
                .client
                .try_update(&self.question.channel, self.ts, &message, &mark)
                .await
            {
                Ok(()) => shown = message,
                Err(error) if matches!(error.remedy(), Remedy::Retry(_)) => {
                    next = next.max(Instant::now() + error.retry_after().unwrap_or_default());
                }
                Err(error) => {
                    // Whether anything is to be done about it is seen with the last update.
                    tracing::debug!(key = mark.question, %error, "the growing answer cannot be shown");
                    return;
                }
            }
        }
    }

    fn message(&self, progress: &Progress) -> Option<Message> {
        match progress {
            Progress::Searching => None,
            Progress::Reading { passages } => Some(Message::status(text::slack::reading(
                self.language,
                *passages,
            ))),
            Progress::Writing(text) if text.trim().is_empty() => None,
            Progress::Writing(text) => Some(render::growing(text)),
        }
    }
}

/// Waits; false if the sender is gone before.
async fn wait_until(time: Instant, progress: &mut watch::Receiver<Progress>) -> bool {
    let pause = tokio::time::sleep_until(time);
    tokio::pin!(pause);
    loop {
        tokio::select! {
            () = &mut pause => return true,
            changed = progress.changed() => {
                if changed.is_err() {
                    return false;
                }
            }
        }
    }
}
