//! Writes an answer into messages that Slack shows while they are written.

use std::time::Duration;

use tokio::time::Instant;

use super::cut::{Cut, FULL, Room, cut};
use crate::answer::progress::Progress;
use crate::chat::live::PostedMessages;
use crate::chat::platform::Remedy;
use crate::chat::question::Question;
use crate::chat::slack::client::{Chunk, Client, Share};
use crate::chat::slack::error::Error;
use crate::chat::slack::escape::escape;
use crate::domain::language::Language;
use crate::i18n;

/// Refusals in a row, each answered by another message or a shorter one, before the answer is updated instead.
const MOST_FAILURES: u32 = 3;

/// The message that is open for writing.
pub(super) struct Stream {
    since: Instant,
    /// Where in the answer the message begins, in bytes.
    from: usize,
    /// The answer as far as it was written, in all messages.
    sent: String,
    /// The size of the message, in bytes as Slack counts them.
    size: usize,
    /// The largest size that a message may reach.
    most: usize,
    /// The task's title while it is not done.
    task: Option<String>,
    /// Whether the message takes nothing more, so that another is to follow.
    is_closed: bool,
    failures: u32,
}

/// The result of an attempt to write.
pub(super) enum WriteOutcome {
    Written,
    Later(Duration),
    /// The answer is to be shown by updates from now on.
    ByUpdates,
    Never,
}

impl Stream {
    /// A message that was begun with this task.
    pub(super) fn new(since: Instant, task: String) -> Self {
        Self {
            since,
            from: 0,
            sent: String::new(),
            size: 0,
            most: FULL,
            task: Some(task),
            is_closed: false,
            failures: 0,
        }
    }

    /// Where in the answer the message begins, in bytes.
    pub(super) fn beginning(&self) -> usize {
        self.from
    }

    /// Whether writing goes on, in another message, after this error.
    fn survives(&mut self, error: &Error) -> bool {
        if error.is_too_long() {
            self.most = self.most * 3 / 5;
        } else if !error.is_closed_stream() {
            return false;
        }
        self.failures += 1;
        self.failures <= MOST_FAILURES
    }

    /// Records that this was written.
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
    /// Brings what Slack shows to this state.
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
            // What was written cannot be taken back this way.
            return WriteOutcome::ByUpdates;
        };
        let mut rest = rest.to_owned();
        while !rest.is_empty() {
            let room = Room {
                used: stream.size,
                most: stream.most,
                age: stream.since.elapsed(),
            };
            let Cut { at, is_last } = cut(&rest, room);
            let messages = posted.count();
            if at > 0 {
                match self.append_text(stream, &rest[..at], posted).await {
                    WriteOutcome::Written => {}
                    other => return other,
                }
            }
            if is_last && posted.count() == messages {
                match self.follow(stream, &rest[at..], posted).await {
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
        // The task is done as soon as there are words.
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
            return self.follow(stream, text, posted).await;
        }
        let channel = &self.question.place.conversation;
        match self.client.append_stream(channel, ts, &chunks).await {
            Ok(()) => {
                stream.record(text);
                WriteOutcome::Written
            }
            Err(error) if stream.survives(&error) => {
                Box::pin(self.follow(stream, text, posted)).await
            }
            Err(error) => match error.remedy() {
                Remedy::Retry(Some(pause)) if !error.is_unsure() => WriteOutcome::Later(pause),
                _ => WriteOutcome::ByUpdates,
            },
        }
    }

    /// Goes on in a further message, which begins with as much of the text as it takes.
    async fn follow(
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
            tracing::debug!(key = posted.job.key, %error, "a message cannot be closed yet");
        }
        stream.is_closed = true;
        let new = Room {
            used: 0,
            most: stream.most,
            age: Duration::ZERO,
        };
        let first = &text[..cut(text, new).at];
        let chunks: Vec<Chunk> = match (&stream.task, first.is_empty()) {
            (_, false) => vec![Chunk::Text(escape(first))],
            (Some(title), true) => vec![Chunk::Task {
                title: title.clone(),
                is_done: false,
            }],
            // There is nothing to begin with yet.
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
                stream.from = stream.sent.len();
                stream.size = 0;
                stream.is_closed = false;
                let failures = stream.failures;
                stream.record(first);
                stream.failures = failures;
                posted.push(ts).await;
                WriteOutcome::Written
            }
            Err(error) if stream.survives(&error) => {
                Box::pin(self.follow(stream, text, posted)).await
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
