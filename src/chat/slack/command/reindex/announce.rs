//! Carries orders out, and keeps whoever ordered them up to date: one message that changes, with the list of
//! failures at its end.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::chat::slack::client::Client;
use crate::chat::slack::error::{Error, Remedy};
use crate::chat::slack::event::Bot;
use crate::chat::slack::message::{Mark, Message};
use crate::domain::fault::SourceFault;
use crate::domain::language::Language;
use crate::i18n::{reading, reindex as text};
use crate::ingest::reindex::Reindexer;
use crate::ingest::reindex::request::{ReindexRequest, RunOutcome, Trigger};
use crate::ingest::sync::{SyncProgress, SyncReport};
use crate::runtime::lifecycle::Lifecycle;
use crate::storage::queue::{Failure, Handler, Job, Outcome, Queue};

/// The worker's side of reindexing.
pub struct Reindexing {
    reindexer: Reindexer,
    lifecycle: Lifecycle,
    language: Language,
    slack: Option<Board>,
}

/// Where messages are shown.
struct Board {
    client: Client,
    bot: Bot,
    queue: Queue,
    interval: Duration,
}

/// A job's message in Slack; kept with the job, so that a later attempt goes on with the same one.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Posted {
    channel: String,
    ts: String,
    /// What was wrong with the sources in the last attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<SourceFault>,
}

impl Reindexing {
    /// Without Slack.
    #[must_use]
    pub fn new(reindexer: Reindexer, lifecycle: Lifecycle, language: Language) -> Self {
        Self {
            reindexer,
            lifecycle,
            language,
            slack: None,
        }
    }

    /// With messages to those who order in Slack, changed no more often than `interval`.
    #[must_use]
    pub fn in_slack(mut self, client: Client, bot: Bot, queue: Queue, interval: Duration) -> Self {
        self.slack = Some(Board {
            client,
            bot,
            queue,
            interval,
        });
        self
    }

    async fn run(&self, job: &Job, request: &ReindexRequest) -> Outcome {
        let progress = watch::Sender::new(SyncProgress::default());
        let shown = self.begin(job, request).await;
        let watching = progress.subscribe();
        let showing = async {
            if let Some((board, posted)) = &shown {
                board.follow(posted, job, self.language, watching).await;
            }
        };
        let carrying = async {
            let stopping = self.lifecycle.stopping();
            let ended = Box::pin(self.reindexer.run(request, &progress, stopping)).await;
            // Tells the other side that nothing more will come.
            drop(progress);
            ended
        };
        // An update in flight is waited for, so that it cannot overtake the last one.
        let (ended, ()) = tokio::join!(carrying, showing);
        let why: Option<SourceFault> = ended
            .as_ref()
            .err()
            .and_then(|error| error.downcast_ref().cloned());
        if let Some((board, posted)) = &shown {
            board.explain(job, posted, why.as_ref()).await;
        }
        let (summary, failures, outcome) = match ended {
            Ok(RunOutcome::Done(report)) => {
                tell(&report);
                let summary = text::done(self.language, &summary_of(&report, self.language));
                (summary, failures(&report, self.language), Outcome::Done)
            }
            Ok(RunOutcome::Cancelled(report)) => {
                tracing::info!("reindexing was cancelled");
                let summary = text::cancelled(self.language, &summary_of(&report, self.language));
                (summary, failures(&report, self.language), Outcome::Done)
            }
            Ok(RunOutcome::Interrupted) => {
                let after = Duration::ZERO;
                (
                    text::interrupted(self.language),
                    None,
                    Outcome::Postponed { after },
                )
            }
            Ok(RunOutcome::Locked(after)) => (
                text::elsewhere(self.language),
                None,
                Outcome::Postponed { after },
            ),
            Err(error) => {
                let failure = format!("{error:#}").into();
                let summary = text::trying_again(self.language, why.as_ref());
                (
                    summary,
                    None,
                    Outcome::Retry {
                        failure,
                        after: None,
                    },
                )
            }
        };
        if let Some((board, posted)) = &shown {
            board.end(posted, job, &summary, failures).await;
        }
        outcome
    }

    /// Makes sure that the job's message is there, where a person waits for it.
    async fn begin(&self, job: &Job, request: &ReindexRequest) -> Option<(&Board, Posted)> {
        let board = self.slack.as_ref()?;
        let Trigger::Person { user, channel } = &request.trigger else {
            return None;
        };
        match board.post_once(job, user, channel, self.language).await {
            Ok(posted) => Some((board, posted)),
            Err(error) => {
                tracing::warn!(%error, "a person cannot be shown how reindexing goes");
                None
            }
        }
    }
}

impl Board {
    async fn post_once(
        &self,
        job: &Job,
        user: &str,
        channel: &str,
        language: Language,
    ) -> Result<Posted, Error> {
        let kept = job.progress.clone();
        if let Some(posted) = kept.and_then(|kept| serde_json::from_value(kept).ok()) {
            return Ok(posted);
        }
        let mark = mark(job);
        if job.fence > 1 {
            // An earlier attempt may have posted and died before that was stored.
            let recent = self.client.recent(channel).await.unwrap_or_default();
            if let Some(ts) = mark.find(&recent, &self.bot) {
                let channel = channel.to_owned();
                return Ok(Posted {
                    channel,
                    ts,
                    why: None,
                });
            }
        }
        let message = Message::status(text::begun(language));
        let posted = match self.client.announce(channel, &message, &mark).await {
            // We are not in that channel: then it is said to the person alone.
            Err(error) if error.remedy() == Remedy::None => {
                self.client.announce(user, &message, &mark).await?
            }
            other => other?,
        };
        let (channel, ts) = posted;
        let posted = Posted {
            channel,
            ts,
            why: None,
        };
        self.remember(job, &posted).await;
        Ok(posted)
    }

    async fn remember(&self, job: &Job, posted: &Posted) {
        if let Ok(value) = serde_json::to_value(posted)
            && let Err(error) = self.queue.save(job, &value).await
        {
            tracing::warn!(error = format!("{error:#}"), "a message is not remembered");
        }
    }

    /// Keeps what was wrong with the sources, to be told where no attempt is left.
    async fn explain(&self, job: &Job, posted: &Posted, why: Option<&SourceFault>) {
        if posted.why.as_ref() != why {
            let posted = Posted {
                why: why.cloned(),
                ..posted.clone()
            };
            self.remember(job, &posted).await;
        }
    }

    /// Shows the progress until nothing more comes.
    async fn follow(
        &self,
        posted: &Posted,
        job: &Job,
        language: Language,
        mut progress: watch::Receiver<SyncProgress>,
    ) {
        let begin = Instant::now();
        let mut last = String::new();
        while progress.changed().await.is_ok() {
            let now = progress.borrow_and_update().clone();
            let text = text::progress(language, self::shown(&now), Some(begin.elapsed()));
            if text != last {
                let message = Message::status(text.clone());
                let sent = self
                    .client
                    .try_update(&posted.channel, &posted.ts, &message, &mark(job))
                    .await;
                if let Err(error) = sent {
                    tracing::debug!(%error, "the progress of reindexing was not shown");
                }
                last = text;
            }
            tokio::time::sleep(self.interval).await;
        }
    }

    async fn end(&self, posted: &Posted, job: &Job, summary: &str, failures: Option<String>) {
        let Posted { channel, ts, .. } = posted;
        let message = Message::status(summary.to_owned());
        if let Err(error) = self.client.update(channel, ts, &message, &mark(job)).await {
            tracing::warn!(%error, "the end of reindexing cannot be shown");
        }
        if let Some(list) = failures
            && let Err(error) = self
                .client
                .attach(channel, ts, text::FAILURES_FILE, list.into_bytes())
                .await
        {
            tracing::warn!(%error, "the list of failures cannot be attached");
        }
    }
}

#[async_trait]
impl Handler for Reindexing {
    async fn handle(&self, job: &Job) -> Outcome {
        match serde_json::from_value::<ReindexRequest>(job.payload.clone()) {
            Ok(request) => Box::pin(self.run(job, &request)).await,
            Err(error) => Outcome::Failed {
                failure: format!("the order cannot be read: {error}").into(),
            },
        }
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        let reason = failure.detail.as_str();
        tracing::error!(reason, "the documents could not be brought up to date");
        let kept = job.progress.clone();
        let posted: Option<Posted> = kept.and_then(|kept| serde_json::from_value(kept).ok());
        if let (Some(board), Some(posted)) = (&self.slack, posted) {
            let summary = text::given_up(self.language, posted.why.as_ref(), reason);
            board.end(&posted, job, &summary, None).await;
        }
    }
}

fn mark(job: &Job) -> Mark {
    Mark {
        question: job.key.clone(),
        part: 1,
    }
}

/// The progress as it is told.
pub(super) fn shown(progress: &SyncProgress) -> text::Progress {
    text::Progress {
        total: progress.total,
        done: progress.done,
        failed: progress.failed,
        passages: progress.passages,
    }
}

fn summary_of(report: &SyncReport, language: Language) -> text::Summary {
    let failed = report.failed.iter();
    let conflicts = report.conflicts.iter();
    text::Summary {
        added: report.added,
        changed: report.changed,
        removed: report.removed,
        unchanged: report.unchanged,
        documents: report.documents,
        pages: report.pages,
        passages: report.passages,
        seconds: report.seconds,
        failed: failed
            .map(|failed| {
                let reason = reading::fault(language, &failed.reason);
                (failed.path.clone(), reason)
            })
            .collect(),
        conflicts: conflicts
            .map(|conflict| {
                let reason = reading::inconsistency(language, &conflict.reason);
                (conflict.documents.join(", "), reason)
            })
            .collect(),
    }
}

/// Every failure and conflict, a line each; None where there are none.
fn failures(report: &SyncReport, language: Language) -> Option<String> {
    let mut lines: Vec<String> = report
        .failed
        .iter()
        .map(|failed| {
            let reason = reading::fault(language, &failed.reason);
            format!("{}\t{reason}", failed.path)
        })
        .collect();
    for conflict in &report.conflicts {
        let reason = reading::inconsistency(language, &conflict.reason);
        lines.push(format!("{}\t{reason}", conflict.documents.join(" + ")));
    }
    (!lines.is_empty()).then(|| lines.join("\n") + "\n")
}

/// Writes the outcome to the log.
fn tell(report: &SyncReport) {
    for failure in &report.failed {
        tracing::warn!(
            path = failure.path,
            reason = %failure.reason,
            "a document cannot be read"
        );
    }
    for conflict in &report.conflicts {
        tracing::warn!(
            documents = conflict.documents.join(", "),
            reason = %conflict.reason,
            "documents contradict one another"
        );
    }
    tracing::info!(
        added = report.added,
        changed = report.changed,
        removed = report.removed,
        failed = report.failed.len(),
        passages = report.passages,
        seconds = report.seconds,
        stopped = report.stopped,
        "looked through the documents"
    );
}
