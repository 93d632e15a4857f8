//! An answer in messages that Slack shows while they are written. One that is nearly full, or soon closed by Slack,
//! is followed by another, if possible at the end of a sentence.

mod cut;

use std::time::Duration;

use tokio::time::Instant;

use self::cut::{Cut, FULL, Room, cut};
use super::Growth;
use crate::answer::progress::Progress;
use crate::chat::slack::Client;
use crate::chat::slack::client::{Chunk, Share};
use crate::chat::slack::error::{Error, Remedy};
use crate::chat::slack::escape::escape;
use crate::chat::slack::event::Question;
use crate::i18n;

/// Refusals in a row, each answered by another message or a shorter one, before the answer is updated instead.
const MOST_FAILURES: u32 = 3;

/// How the question's first message began.
#[derive(Clone, Copy, Debug)]
pub(in crate::chat::slack::responder) enum Begun {
    /// Open for writing since then.
    Stream(Instant),
    /// As an ordinary message.
    Message,
}

/// Begins the question's first message with a task that says what we are at; its `ts`. None where an ordinary message
/// must do.
pub(in crate::chat::slack::responder) async fn begin(
    client: &Client,
    question: &Question,
    sign: String,
) -> Result<Option<String>, Error> {
    if !client.can_stream(&question.channel) {
        return Ok(None);
    }
    let task = Chunk::Task {
        title: sign,
        is_done: false,
    };
    match client.start_stream(question, &[task], Share::Part).await {
        Ok(ts) => Ok(Some(ts)),
        // It may have begun: a second sign beside it would be one too many.
        Err(error) if error.is_unsure() => Err(error),
        Err(_) => Ok(None),
    }
}

/// The message that is open for writing.
pub(super) struct Stream {
    since: Instant,
    /// Where in the answer the message begins, in bytes.
    from: usize,
    /// The answer as far as it was written, in all messages.
    sent: String,
    /// What the message holds, in bytes as Slack counts them.
    size: usize,
    /// What a message is trusted to hold.
    most: usize,
    /// The task's title while it is not done.
    task: Option<String>,
    /// Whether the message takes nothing more, so that another is to follow.
    is_closed: bool,
    failures: u32,
}

/// What came of an attempt to write.
pub(super) enum Written {
    Yes,
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

    /// Whether it goes on, in another message, after this error.
    fn outlives(&mut self, error: &Error) -> bool {
        if error.is_too_long() {
            self.most = self.most * 3 / 5;
        } else if !error.is_closed_stream() {
            return false;
        }
        self.failures += 1;
        self.failures <= MOST_FAILURES
    }

    /// Notes that this was written.
    fn note(&mut self, text: &str) {
        if !text.is_empty() {
            self.sent.push_str(text);
            self.size += escape(text).len();
            self.task = None;
        }
        self.failures = 0;
    }
}

impl Growth<'_> {
    /// Brings what Slack shows to this state.
    pub(super) async fn write(&mut self, stream: &mut Stream, state: &Progress) -> Written {
        match state {
            Progress::Searching => Written::Yes,
            Progress::Reading { passages } => {
                let title = i18n::slack::reading(self.language, *passages);
                let task = Chunk::Task {
                    title: title.clone(),
                    is_done: false,
                };
                stream.task = Some(title);
                self.append(stream, "", vec![task]).await
            }
            Progress::Writing(text) => self.write_text(stream, text).await,
        }
    }

    async fn write_text(&mut self, stream: &mut Stream, text: &str) -> Written {
        let Some(rest) = text.strip_prefix(stream.sent.as_str()) else {
            // What was written cannot be taken back this way.
            return Written::ByUpdates;
        };
        let mut rest = rest.to_owned();
        while !rest.is_empty() {
            let room = Room {
                used: stream.size,
                most: stream.most,
                age: stream.since.elapsed(),
            };
            let Cut { at, is_last } = cut(&rest, room);
            let messages = self.saved.posted.len();
            if at > 0 {
                match self.append_text(stream, &rest[..at]).await {
                    Written::Yes => {}
                    other => return other,
                }
            }
            if is_last && self.saved.posted.len() == messages {
                match self.follow(stream, &rest[at..]).await {
                    Written::Yes => {}
                    other => return other,
                }
            }
            rest = text
                .strip_prefix(stream.sent.as_str())
                .unwrap_or_default()
                .to_owned();
        }
        Written::Yes
    }

    async fn append_text(&mut self, stream: &mut Stream, text: &str) -> Written {
        let mut chunks = Vec::new();
        // The task is done as soon as there are words.
        if let Some(title) = stream.task.clone() {
            chunks.push(Chunk::Task {
                title,
                is_done: true,
            });
        }
        chunks.push(Chunk::Text(escape(text)));
        self.append(stream, text, chunks).await
    }

    async fn append(&mut self, stream: &mut Stream, text: &str, chunks: Vec<Chunk>) -> Written {
        let Some(ts) = self.saved.posted.last() else {
            return Written::Never;
        };
        if stream.is_closed {
            return self.follow(stream, text).await;
        }
        let channel = &self.question.channel;
        match self.client.append_stream(channel, ts, &chunks).await {
            Ok(()) => {
                stream.note(text);
                Written::Yes
            }
            Err(error) if stream.outlives(&error) => Box::pin(self.follow(stream, text)).await,
            Err(error) => match error.remedy() {
                Remedy::Retry(Some(pause)) if !error.is_unsure() => Written::Later(pause),
                _ => Written::ByUpdates,
            },
        }
    }

    /// Goes on in a further message, which begins with as much of the text as it takes.
    async fn follow(&mut self, stream: &mut Stream, text: &str) -> Written {
        if let Some(ts) = self.saved.posted.last()
            && !stream.is_closed
        {
            self.close(&ts.clone()).await;
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
            (None, true) => return Written::Yes,
        };
        let since = Instant::now();
        match self
            .client
            .start_stream(self.question, &chunks, Share::All)
            .await
        {
            Ok(ts) => {
                self.saved.posted.push(ts);
                stream.since = since;
                stream.from = stream.sent.len();
                stream.size = 0;
                stream.is_closed = false;
                let failures = stream.failures;
                stream.note(first);
                stream.failures = failures;
                if let Err(error) = self.queue.save(self.job, &self.saved.to_json()).await {
                    // It is found in the thread again.
                    tracing::debug!(
                        key = self.job.key,
                        error = format!("{error:#}"),
                        "a message is not noted"
                    );
                    self.saved.is_unsure = true;
                }
                Written::Yes
            }
            Err(error) if stream.outlives(&error) => Box::pin(self.follow(stream, text)).await,
            Err(error) if error.is_unsure() => {
                self.saved.is_unsure = true;
                Written::Never
            }
            Err(error) => match error.retry_after() {
                Some(pause) => Written::Later(pause),
                None => Written::ByUpdates,
            },
        }
    }
}
