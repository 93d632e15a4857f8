//! Shows an answer while it is being written, no faster than Slack takes it.
//!
//! Nothing here has to arrive: when the answer is there, its messages are brought to their last state whatever they
//! show. What does not get through is left out, and the next state holds it too.

mod stream;

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

pub(super) use self::stream::{Begun, begin};

use self::stream::{Stream, Written};
use super::progress::Saved;
use crate::answer::progress::Progress;
use crate::chat::slack::error::{Error, Remedy};
use crate::chat::slack::event::Question;
use crate::chat::slack::message::{Mark, Message};
use crate::chat::slack::{Client, render};
use crate::domain::language::Language;
use crate::i18n;
use crate::storage::queue::{Job, Queue};

/// An answer that grows.
pub(super) struct Growth<'a> {
    pub(super) client: &'a Client,
    pub(super) queue: &'a Queue,
    pub(super) job: &'a Job,
    pub(super) question: &'a Question,
    pub(super) language: Language,
    pub(super) saved: &'a mut Saved,
    /// The shortest time between two updates.
    pub(super) interval: Duration,
}

/// Where the answer grows.
enum Place {
    /// In a message that Slack shows while it is written.
    Stream(Stream),
    /// In the last message, which is updated and shows the text from this byte on.
    Message { from: usize },
}

/// What came of an attempt to show a state.
enum Shown {
    Yes,
    /// Not now, perhaps after this time.
    Later(Duration),
    /// Nor will any other.
    Never,
}

impl Growth<'_> {
    /// Shows every state that there is time for, until the sender is gone.
    pub(super) async fn show(&mut self, mut progress: watch::Receiver<Progress>, begun: Begun) {
        let mut place = match begun {
            Begun::Stream(since) => {
                Place::Stream(Stream::new(since, i18n::slack::searching(self.language)))
            }
            Begun::Message => Place::Message { from: 0 },
        };
        let mut next = Instant::now();
        let mut shown = Progress::Searching;
        let mut is_behind = false;
        while is_behind || progress.changed().await.is_ok() {
            let wants_words = !matches!(shown, Progress::Writing(_)) && !is_behind;
            if !wait_until(next, &mut progress, wants_words).await {
                break;
            }
            let state = progress.borrow_and_update().clone();
            // The time that Slack takes is part of the interval.
            let start = Instant::now();
            match self.show_state(&mut place, &state).await {
                Shown::Yes => {
                    next = start + self.interval;
                    (shown, is_behind) = (state, false);
                }
                Shown::Later(pause) => {
                    next = Instant::now() + pause.max(self.interval / 4);
                    is_behind = true;
                }
                Shown::Never => break,
            }
        }
        if let (Place::Stream(_), Some(ts)) = (&place, self.saved.posted.last()) {
            self.close(&ts.clone()).await;
        }
    }

    async fn show_state(&mut self, place: &mut Place, state: &Progress) -> Shown {
        if let Place::Stream(stream) = place {
            match self.write(stream, state).await {
                Written::Yes => return Shown::Yes,
                Written::Later(pause) => return Shown::Later(pause),
                Written::Never => return Shown::Never,
                Written::ByUpdates => {
                    let from = stream.beginning();
                    if let Some(ts) = self.saved.posted.last() {
                        self.close(&ts.clone()).await;
                    }
                    *place = Place::Message { from };
                }
            }
        }
        let Place::Message { from } = place else {
            return Shown::Never;
        };
        self.update(*from, state).await
    }

    async fn update(&self, from: usize, state: &Progress) -> Shown {
        let message = match state {
            Progress::Searching => return Shown::Yes,
            Progress::Reading { passages } => {
                Message::status(i18n::slack::reading(self.language, *passages))
            }
            Progress::Writing(text) => {
                let text = text.get(from..).unwrap_or(text);
                if text.trim().is_empty() {
                    return Shown::Yes;
                }
                render::growing(text)
            }
        };
        let Some(ts) = self.saved.posted.last() else {
            return Shown::Never;
        };
        let mark = Mark {
            question: self.question.key(),
            part: self.saved.posted.len(),
        };
        let channel = &self.question.channel;
        match self.client.try_update(channel, ts, &message, &mark).await {
            Ok(()) => Shown::Yes,
            Err(error) => {
                if error.is_open_stream() {
                    self.close(ts).await;
                }
                self.after(&error)
            }
        }
    }

    /// Closes a message that may be open for writing. Where that fails, it is done before the last update.
    async fn close(&self, ts: &str) {
        let channel = &self.question.channel;
        if let Err(error) = self.client.stop_stream(channel, ts).await {
            tracing::debug!(key = self.job.key, %error, "a message cannot be closed yet");
        }
    }

    fn after(&self, error: &Error) -> Shown {
        match error.remedy() {
            Remedy::Retry(pause) => Shown::Later(pause.unwrap_or(self.interval)),
            Remedy::Gone | Remedy::None => {
                // Whether anything is to be done about it is seen with the last update.
                tracing::debug!(key = self.job.key, %error, "the growing answer cannot be shown");
                Shown::Never
            }
        }
    }
}

/// Waits, but not for the first words if they are wanted; false if the sender is gone before.
async fn wait_until(
    time: Instant,
    progress: &mut watch::Receiver<Progress>,
    wants_words: bool,
) -> bool {
    let pause = tokio::time::sleep_until(time);
    tokio::pin!(pause);
    loop {
        if wants_words && matches!(*progress.borrow(), Progress::Writing(_)) {
            return true;
        }
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
