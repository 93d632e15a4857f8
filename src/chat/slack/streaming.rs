//! Shows an answer while it is written: in streamed messages, or, if Slack refuses those, by updates of the last message.
//! A streamed message that is nearly full, or that Slack will close soon, is followed by another, if possible at the end
//! of a sentence.

mod cut;
mod stream;

use async_trait::async_trait;

use self::stream::{Stream, WriteOutcome};
use super::client::Client;
use super::error::Error;
use super::message::Message;
use super::render;
use crate::answer::progress::Progress;
use crate::chat::answer_stream::{AnswerStream, FirstMessage, PostedMessages, ShowOutcome};
use crate::chat::platform::Remedy;
use crate::chat::question::Question;
use crate::chat::thread::MessageTag;
use crate::domain::language::Language;
use crate::i18n;

/// Shows one answer while it is written.
pub(super) struct SlackStream<'a> {
    client: &'a Client,
    question: &'a Question,
    language: Language,
    target: Target,
}

/// Where the answer is shown.
enum Target {
    /// In streamed messages.
    Stream(Stream),
    /// By updates of the last message, which shows the text from this byte on.
    Message { from: usize },
}

impl<'a> SlackStream<'a> {
    pub(super) fn new(
        client: &'a Client,
        question: &'a Question,
        language: Language,
        first_message: FirstMessage,
    ) -> Self {
        let target = match first_message {
            FirstMessage::Stream(since) => {
                Target::Stream(Stream::new(since, i18n::slack::searching(language)))
            }
            FirstMessage::Message => Target::Message { from: 0 },
        };
        Self {
            client,
            question,
            language,
            target,
        }
    }

    async fn update(
        &self,
        from: usize,
        state: &Progress,
        posted: &PostedMessages<'_>,
    ) -> ShowOutcome {
        let message = match state {
            Progress::Searching => return ShowOutcome::Shown,
            Progress::Reading { passages } => {
                Message::status(i18n::slack::reading(self.language, *passages))
            }
            Progress::Writing(text) => {
                let text = text.get(from..).unwrap_or(text);
                if text.trim().is_empty() {
                    return ShowOutcome::Shown;
                }
                render::unfinished(text)
            }
        };
        let Some(ts) = posted.last() else {
            return ShowOutcome::Never;
        };
        let tag = MessageTag {
            question: self.question.key(),
            part: posted.count(),
        };
        let channel = &self.question.place.conversation;
        match self.client.try_update(channel, ts, &message, &tag).await {
            Ok(()) => ShowOutcome::Shown,
            Err(error) => {
                if error.is_open_stream() {
                    self.stop(posted).await;
                }
                self.after(&error)
            }
        }
    }

    /// Stops the stream of the last message. If that fails, it is stopped before the last update.
    async fn stop(&self, posted: &PostedMessages<'_>) {
        let Some(ts) = posted.last() else { return };
        let channel = &self.question.place.conversation;
        if let Err(error) = self.client.stop_stream(channel, ts).await {
            tracing::debug!(key = posted.job.key, %error, "cannot close a stream yet");
        }
    }

    fn after(&self, error: &Error) -> ShowOutcome {
        match error.remedy() {
            Remedy::Retry(pause) => ShowOutcome::Later(pause),
            Remedy::Gone | Remedy::None => {
                // The last update reports a permanent failure.
                let key = self.question.key();
                tracing::debug!(key, %error, "cannot show the unfinished answer");
                ShowOutcome::Never
            }
        }
    }
}

#[async_trait]
impl AnswerStream for SlackStream<'_> {
    async fn show(&mut self, state: &Progress, posted: &mut PostedMessages<'_>) -> ShowOutcome {
        if let Target::Stream(stream) = &mut self.target {
            let writer = stream::Writer {
                client: self.client,
                question: self.question,
                language: self.language,
            };
            match writer.write(stream, state, posted).await {
                WriteOutcome::Written => return ShowOutcome::Shown,
                WriteOutcome::Later(pause) => return ShowOutcome::Later(Some(pause)),
                WriteOutcome::Never => return ShowOutcome::Never,
                WriteOutcome::ByUpdates => {
                    let from = stream.start();
                    self.stop(posted).await;
                    self.target = Target::Message { from };
                }
            }
        }
        let Target::Message { from } = self.target else {
            return ShowOutcome::Never;
        };
        self.update(from, state, posted).await
    }

    async fn close(&mut self, posted: &PostedMessages<'_>) {
        if matches!(self.target, Target::Stream(_)) {
            self.stop(posted).await;
        }
    }
}
