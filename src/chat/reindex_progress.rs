//! Shows the progress of reindexing to the person who requested it: one updated message, and a list of failures.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use super::platform::{ChatPlatform, PlatformError, Posted};
use super::reply::{Content, RenderedMessage};
use super::services::ChatServices;
use super::thread::MessageTag;
use crate::domain::fault::SourceFault;
use crate::domain::language::Language;
use crate::i18n::{reading, reindex as text};
use crate::ingest::reindex::request::{ReindexRequest, Trigger};
use crate::ingest::reindex::worker::{AttemptEnding, ProgressDisplay, ProgressSink};
use crate::ingest::sync::{SyncProgress, SyncReport};
use crate::storage::queue::{Failure, Job, Queue};

/// Shows the progress of reindexing in chat.
pub struct ReindexProgress {
    platform: Arc<dyn ChatPlatform>,
    queue: Queue,
    language: Language,
    /// Minimum time between two updates.
    interval: Duration,
}

/// The progress message of a job; stored with the job, so that a later attempt updates the same message.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredMessage {
    #[serde(rename = "channel")]
    conversation: String,
    #[serde(rename = "ts")]
    message: String,
    /// The fault of the sources in the last attempt.
    #[serde(default, rename = "why", skip_serializing_if = "Option::is_none")]
    fault: Option<SourceFault>,
}

/// Updates the message in one attempt.
struct AttemptDisplay<'a> {
    sink: &'a ReindexProgress,
    job: &'a Job,
    stored: StoredMessage,
}

impl StoredMessage {
    fn from_job(job: &Job) -> Option<Self> {
        serde_json::from_value(job.progress.clone()?).ok()
    }

    fn posted(&self) -> Posted {
        Posted {
            conversation: self.conversation.clone(),
            message: self.message.clone(),
        }
    }
}

impl From<Posted> for StoredMessage {
    fn from(posted: Posted) -> Self {
        Self {
            conversation: posted.conversation,
            message: posted.message,
            fault: None,
        }
    }
}

impl ReindexProgress {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        Self {
            platform: Arc::clone(&services.platform),
            queue: services.queue.clone(),
            language: services.config.reindex.language(),
            interval: services.config.slack.update_interval(),
        }
    }

    async fn post_once(
        &self,
        job: &Job,
        person: &str,
        conversation: &str,
    ) -> Result<StoredMessage, PlatformError> {
        if let Some(stored) = StoredMessage::from_job(job) {
            return Ok(stored);
        }
        let (platform, tag) = (&self.platform, tag(job));
        if job.fence > 1 {
            // An earlier attempt may have died between posting and storing the id.
            let recent = platform.recent(conversation).await.unwrap_or_default();
            if let Some(message) = tag.find(&recent) {
                let conversation = conversation.to_owned();
                return Ok(StoredMessage::from(Posted {
                    conversation,
                    message,
                }));
            }
        }
        let message = self.status(text::begun(self.language));
        let posted = match platform.notify(conversation, &message, &tag).await {
            // epibot is not in that conversation, so the person gets a direct message.
            Err(error) if error.is_permanent() => platform.notify(person, &message, &tag).await?,
            other => other?,
        };
        let stored = StoredMessage::from(posted);
        self.store(job, &stored).await;
        Ok(stored)
    }

    async fn store(&self, job: &Job, stored: &StoredMessage) {
        if let Ok(value) = serde_json::to_value(stored)
            && let Err(error) = self.queue.save(job, &value).await
        {
            tracing::warn!(
                error = format!("{error:#}"),
                "cannot store the id of a message"
            );
        }
    }

    fn status(&self, text: String) -> RenderedMessage {
        self.platform.render(&Content::Status(text)).remove(0)
    }

    async fn finish(
        &self,
        job: &Job,
        stored: &StoredMessage,
        summary: String,
        failures: Option<String>,
    ) {
        let message = self.status(summary);
        let finished = self
            .platform
            .finish(&stored.posted(), &message, &tag(job))
            .await;
        if let Err(error) = finished {
            tracing::warn!(%error, "cannot show the end of reindexing");
        }
        if let Some(list) = failures
            && let Err(error) = self
                .platform
                .upload(
                    &stored.conversation,
                    &stored.message,
                    text::FAILURES_FILE,
                    list.into_bytes(),
                )
                .await
        {
            tracing::warn!(%error, "cannot attach the list of failures");
        }
    }
}

#[async_trait]
impl ProgressSink for ReindexProgress {
    async fn begin<'a>(
        &'a self,
        job: &'a Job,
        request: &ReindexRequest,
    ) -> Option<Box<dyn ProgressDisplay + 'a>> {
        let Trigger::Person { user, channel } = &request.trigger else {
            return None;
        };
        match self.post_once(job, user, channel).await {
            Ok(stored) => Some(Box::new(AttemptDisplay {
                sink: self,
                job,
                stored,
            })),
            Err(error) => {
                tracing::warn!(%error, "cannot show the progress of reindexing");
                None
            }
        }
    }

    async fn given_up(&self, job: &Job, failure: &Failure) {
        if let Some(stored) = StoredMessage::from_job(job) {
            let summary = text::given_up(self.language, stored.fault.as_ref(), &failure.detail);
            self.finish(job, &stored, summary, None).await;
        }
    }
}

#[async_trait]
impl ProgressDisplay for AttemptDisplay<'_> {
    async fn follow(&self, mut progress: watch::Receiver<SyncProgress>) {
        let sink = self.sink;
        let begin = Instant::now();
        let mut last = String::new();
        while progress.changed().await.is_ok() {
            let now = progress.borrow_and_update().clone();
            let text = text::progress(sink.language, counts(&now), Some(begin.elapsed()));
            if text != last {
                let message = sink.status(text.clone());
                let updated = sink
                    .platform
                    .update(&self.stored.posted(), &message, &tag(self.job))
                    .await;
                if let Err(error) = updated {
                    tracing::debug!(%error, "cannot update the progress of reindexing");
                }
                last = text;
            }
            tokio::time::sleep(sink.interval).await;
        }
    }

    async fn end(&self, ending: AttemptEnding<'_>) {
        let (sink, language) = (self.sink, self.sink.language);
        let fault = match ending {
            AttemptEnding::Failed(fault) => fault,
            _ => None,
        };
        // Stored for the message when all attempts have failed.
        if self.stored.fault.as_ref() != fault {
            let stored = StoredMessage {
                fault: fault.cloned(),
                ..self.stored.clone()
            };
            sink.store(self.job, &stored).await;
        }
        let (summary, list) = match ending {
            AttemptEnding::Done(report) => (
                text::done(language, &summary(report, language)),
                failures(report, language),
            ),
            AttemptEnding::Cancelled(report) => (
                text::cancelled(language, &summary(report, language)),
                failures(report, language),
            ),
            AttemptEnding::Interrupted => (text::interrupted(language), None),
            AttemptEnding::Locked => (text::elsewhere(language), None),
            AttemptEnding::Failed(fault) => (text::trying_again(language, fault), None),
        };
        sink.finish(self.job, &self.stored, summary, list).await;
    }
}

fn tag(job: &Job) -> MessageTag {
    MessageTag::first(&job.key)
}

/// The progress as it is shown.
#[must_use]
pub fn counts(progress: &SyncProgress) -> text::Progress {
    text::Progress {
        total: progress.total,
        done: progress.done,
        failed: progress.failed,
        passages: progress.passages,
    }
}

fn summary(report: &SyncReport, language: Language) -> text::Summary {
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

/// A line for each failure and conflict; `None` if there are none.
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
