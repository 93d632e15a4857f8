//! Writes an answer into streamed messages.

use std::time::Duration;

use tokio::time::Instant;

use super::cut::{Cut, MAX_MESSAGE_BYTES, MessageFill, cut};
use crate::answer::progress::Progress;
use crate::chat::answer_stream::PostedMessages;
use crate::chat::platform::Remedy;
use crate::chat::question::Question;
use crate::chat::slack::client::{Chunk, Client, Share};
use crate::chat::slack::error::Error;
use crate::chat::slack::escape::escape;
use crate::domain::language::Language;
use crate::i18n;

/// Maximum number of consecutive failures with a new message each, before the answer is shown by updates.
const MAX_FAILURES: u32 = 3;

/// The streamed message that is being written.
pub(super) struct Stream {
    since: Instant,
    /// Start of the message in the answer, in bytes.
    start: usize,
    /// The part of the answer that was written, in all messages.
    sent: String,
    /// The size of the message, in bytes of the escaped text.
    size: usize,
    /// Maximum size of a message, in bytes.
    max_bytes: usize,
    /// The title of the task until it is done.
    task: Option<String>,
    /// Whether Slack has closed the stream, so that a new message is needed.
    is_closed: bool,
    failures: u32,
}

/// The result of an attempt to write.
pub(super) enum WriteOutcome {
    Written,
    Later(Duration),
    /// The answer must be shown by updates.
    ByUpdates,
    Never,
}

impl Stream {
    /// A stream that was started with this task.
    pub(super) fn new(since: Instant, task: String) -> Self {
        Self {
            since,
            start: 0,
            sent: String::new(),
            size: 0,
            max_bytes: MAX_MESSAGE_BYTES,
            task: Some(task),
            is_closed: false,
            failures: 0,
        }
    }

    /// Start of the message in the answer, in bytes.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Returns true if writing can continue in a new message after this error.
    fn can_continue(&mut self, error: &Error) -> bool {
        if error.is_too_long() {
            self.max_bytes = self.max_bytes * 3 / 5;
        } else if !error.is_closed_stream() {
            return false;
        }
        self.failures += 1;
        self.failures <= MAX_FAILURES
    }

    /// Records a written text.
    fn record(&mut self, text: &str) {
        if !text.is_empty() {
            self.sent.push_str(text);
            self.size += escape(text).len();
            self.task = None;
        }
        self.failures = 0;
    }
}

/// Writes into the stream of one question.
pub(super) struct Writer<'a> {
    pub(super) client: &'a Client,
    pub(super) question: &'a Question,
    pub(super) language: Language,
}

impl Writer<'_> {
    /// Brings the streamed messages to this state.
    pub(super) async fn write(
        &self,
        stream: &mut Stream,
        state: &Progress,
        posted: &mut PostedMessages<'_>,
    ) -> WriteOutcome {
        match state {
            Progress::Searching => WriteOutcome::Written,
            Progress::Reading { passages } => {
                let title = i18n::slack::reading(self.language, *passages);
                let task = Chunk::Task {
                    title: title.clone(),
                    is_done: false,
                };
                stream.task = Some(title);
                self.append(stream, "", vec![task], posted).await
            }
            Progress::Writing(text) => self.write_text(stream, text, posted).await,
        }
    }

    async fn write_text(
        &self,
        stream: &mut Stream,
        text: &str,
        posted: &mut PostedMessages<'_>,
    ) -> WriteOutcome {
        let Some(rest) = text.strip_prefix(stream.sent.as_str()) else {
            // Written text cannot be changed in a stream.
            return WriteOutcome::ByUpdates;
        };
        let mut rest = rest.to_owned();
        while !rest.is_empty() {
            let fill = MessageFill {
                used: stream.size,
                max_bytes: stream.max_bytes,
                age: stream.since.elapsed(),
            };
            let Cut { at, is_last } = cut(&rest, fill);
            let messages = posted.count();
            if at > 0 {
                match self.append_text(stream, &rest[..at], posted).await {
                    WriteOutcome::Written => {}
                    other => return other,
                }
            }
            if is_last && posted.count() == messages {
                match self.start_next_message(stream, &rest[at..], posted).await {
                    WriteOutcome::Written => {}
                    other => return other,
                }
            }
            rest = text
                .strip_prefix(stream.sent.as_str())
                .unwrap_or_default()
                .to_owned();
        }
        WriteOutcome::Written
    }

    async fn append_text(
        &self,
        stream: &mut Stream,
        text: &str,
        posted: &mut PostedMessages<'_>,
    ) -> WriteOutcome {
        let mut chunks = Vec::new();
        // The task is done with the first text.
        if let Some(title) = stream.task.clone() {
            chunks.push(Chunk::Task {
                title,
                is_done: true,
            });
        }
        chunks.push(Chunk::Text(escape(text)));
        self.append(stream, text, chunks, posted).await
    }

    async fn append(
        &self,
        stream: &mut Stream,
        text: &str,
        chunks: Vec<Chunk>,
        posted: &mut PostedMessages<'_>,
    ) -> WriteOutcome {
        let Some(ts) = posted.last() else {
            return WriteOutcome::Never;
        };
        if stream.is_closed {
            return self.start_next_message(stream, text, posted).await;
        }
        let channel = &self.question.place.conversation;
        match self.client.append_stream(channel, ts, &chunks).await {
            Ok(()) => {
                stream.record(text);
                WriteOutcome::Written
            }
            Err(error) if stream.can_continue(&error) => {
                Box::pin(self.start_next_message(stream, text, posted)).await
            }
            Err(error) => match error.remedy() {
                Remedy::Retry(Some(pause)) if !error.is_unsure() => WriteOutcome::Later(pause),
                _ => WriteOutcome::ByUpdates,
            },
        }
    }

    /// Starts the next message with as much of the text as fits.
    async fn start_next_message(
        &self,
        stream: &mut Stream,
        text: &str,
        posted: &mut PostedMessages<'_>,
    ) -> WriteOutcome {
        if let Some(ts) = posted.last()
            && !stream.is_closed
            && let Err(error) = self
                .client
                .stop_stream(&self.question.place.conversation, ts)
                .await
        {
            tracing::debug!(key = posted.job.key, %error, "cannot close a stream yet");
        }
        stream.is_closed = true;
        let new = MessageFill {
            used: 0,
            max_bytes: stream.max_bytes,
            age: Duration::ZERO,
        };
        let first = &text[..cut(text, new).at];
        let chunks: Vec<Chunk> = match (&stream.task, first.is_empty()) {
            (_, false) => vec![Chunk::Text(escape(first))],
            (Some(title), true) => vec![Chunk::Task {
                title: title.clone(),
                is_done: false,
            }],
            // A stream cannot start empty.
            (None, true) => return WriteOutcome::Written,
        };
        let since = Instant::now();
        match self
            .client
            .start_stream(self.question, &chunks, Share::All)
            .await
        {
            Ok(ts) => {
                stream.since = since;
                stream.start = stream.sent.len();
                stream.size = 0;
                stream.is_closed = false;
                let failures = stream.failures;
                stream.record(first);
                stream.failures = failures;
                posted.push(ts).await;
                WriteOutcome::Written
            }
            Err(error) if stream.can_continue(&error) => {
                Box::pin(self.start_next_message(stream, text, posted)).await
            }
            Err(error) if error.is_unsure() => {
                posted.mark_unsure();
                WriteOutcome::Never
            }
            Err(error) => match error.retry_after() {
                Some(pause) => WriteOutcome::Later(pause),
                None => WriteOutcome::ByUpdates,
            },
        }
    }
}
