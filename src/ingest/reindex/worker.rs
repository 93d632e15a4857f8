//! Runs reindex jobs from the queue, and shows their progress.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use super::Reindexer;
use super::request::{ReindexRequest, RunOutcome};
use crate::domain::fault::SourceFault;
use crate::ingest::sync::{SyncProgress, SyncReport};
use crate::runtime::lifecycle::Lifecycle;
use crate::storage::queue::{Failure, Handler, Job, Outcome};

/// Shows people the progress of their reindex jobs.
#[async_trait]
pub trait ProgressSink: Send + Sync {
    /// Begins to show an attempt at a job; None if nobody waits for it, or if it cannot be shown.
    async fn begin<'a>(
        &'a self,
        job: &'a Job,
        request: &ReindexRequest,
    ) -> Option<Box<dyn ProgressDisplay + 'a>>;

    /// Shows that a job was given up.
    async fn given_up(&self, job: &Job, failure: &Failure);
}

/// The display of one attempt at a job.
#[async_trait]
pub trait ProgressDisplay: Send + Sync {
    /// Shows the progress until its sender is gone.
    async fn follow(&self, progress: watch::Receiver<SyncProgress>);

    /// Shows how the attempt ended.
    async fn end(&self, ending: AttemptEnding<'_>);
}

/// How an attempt at a reindex job ended.
#[derive(Clone, Copy, Debug)]
pub enum AttemptEnding<'a> {
    Done(&'a SyncReport),
    Cancelled(&'a SyncReport),
    /// The program is stopping.
    Interrupted,
    /// Another program reindexes the same documents.
    Locked,
    /// It is retried; with the fault, if a source caused it.
    Failed(Option<&'a SourceFault>),
}

/// The worker for reindex jobs.
pub struct ReindexWorker {
    reindexer: Reindexer,
    lifecycle: Lifecycle,
    sink: Option<Box<dyn ProgressSink>>,
}

impl ReindexWorker {
    /// Creates a worker that does not show progress.
    #[must_use]
    pub fn new(reindexer: Reindexer, lifecycle: Lifecycle) -> Self {
        Self {
            reindexer,
            lifecycle,
            sink: None,
        }
    }

    /// Shows progress in a sink.
    #[must_use]
    pub fn with_sink(mut self, sink: Box<dyn ProgressSink>) -> Self {
        self.sink = Some(sink);
        self
    }

    async fn run(&self, job: &Job, request: &ReindexRequest) -> Outcome {
        let progress = watch::Sender::new(SyncProgress::default());
        let display = match &self.sink {
            Some(sink) => sink.begin(job, request).await,
            None => None,
        };
        let watching = progress.subscribe();
        let showing = async {
            if let Some(display) = &display {
                display.follow(watching).await;
            }
        };
        let running = async {
            let stopping = self.lifecycle.stopping();
            let ended = Box::pin(self.reindexer.run(request, &progress, stopping)).await;
            // Ends the display.
            drop(progress);
            ended
        };
        // Waits for an update in flight, so that it cannot overtake the last one.
        let (ended, ()) = tokio::join!(running, showing);
        let fault: Option<SourceFault> = ended
            .as_ref()
            .err()
            .and_then(|error| error.downcast_ref().cloned());
        let (ending, outcome) = match &ended {
            Ok(RunOutcome::Done(report)) => {
                log(report);
                (AttemptEnding::Done(report), Outcome::Done)
            }
            Ok(RunOutcome::Cancelled(report)) => {
                tracing::info!("reindexing was cancelled");
                (AttemptEnding::Cancelled(report), Outcome::Done)
            }
            Ok(RunOutcome::Interrupted) => {
                let after = Duration::ZERO;
                (AttemptEnding::Interrupted, Outcome::Postponed { after })
            }
            Ok(RunOutcome::Locked(after)) => {
                let after = *after;
                (AttemptEnding::Locked, Outcome::Postponed { after })
            }
            Err(error) => {
                let failure = format!("{error:#}").into();
                let after = None;
                (
                    AttemptEnding::Failed(fault.as_ref()),
                    Outcome::Retry { failure, after },
                )
            }
        };
        if let Some(display) = &display {
            display.end(ending).await;
        }
        outcome
    }
}

#[async_trait]
impl Handler for ReindexWorker {
    async fn handle(&self, job: &Job) -> Outcome {
        match serde_json::from_value::<ReindexRequest>(job.payload.clone()) {
            Ok(request) => Box::pin(self.run(job, &request)).await,
            Err(error) => Outcome::Failed {
                failure: format!("the request cannot be read: {error}").into(),
            },
        }
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        let reason = failure.detail.as_str();
        tracing::error!(reason, "reindexing failed");
        if let Some(sink) = &self.sink {
            sink.given_up(job, failure).await;
        }
    }
}

/// Writes the outcome to the log.
fn log(report: &SyncReport) {
    for failure in &report.failed {
        tracing::warn!(
            path = failure.path,
            reason = %failure.reason,
            "cannot read a document"
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
        "reindexing finished"
    );
}
