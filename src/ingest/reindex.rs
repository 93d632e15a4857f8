//! Reindexing as a job: stored in the queue, one at a time, resumed after an interruption.
//!
//! A person by command, the schedule, a folder that changed, or the start of the program
//! [submits](Reindexer::submit) a request. The queue's worker [runs](Reindexer::run) it.

pub mod lock;
pub mod request;
pub mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::lock::ReindexLock;
use self::request::{CurrentRun, LastRun, ReindexRequest, RunOutcome, Submitted, Trigger};
use super::catalog::Catalog;
use super::stores::{Stores, SyncContext};
use super::sync::{self, SyncOptions, SyncProgress};
use crate::config::settings::Config;
use crate::runtime::clock::Clock;
use crate::runtime::metrics::{Run, metrics};
use crate::storage::database::Postgres;
use crate::storage::queue::{Enqueued, NewJob, Queue};

/// The lane of reindex jobs, so that one runs at a time.
pub const LANE: &str = "reindex";

/// How often a run publishes its progress to the other replicas, and checks whether it was cancelled there.
const REPLICA_INTERVAL: Duration = Duration::from_secs(1);
/// Keys in the shared database.
const PROGRESS: &str = "reindex progress";
const CANCEL: &str = "reindex cancel";

/// How long to wait while another program reindexes.
const LOCK_RETRY: Duration = Duration::from_secs(10);

/// Submits and runs reindex jobs. Cheap to clone.
#[derive(Clone)]
pub struct Reindexer(Arc<Inner>);

struct Inner {
    config: Arc<Config>,
    stores: Stores,
    clock: Clock,
    queue: Queue,
    current: Mutex<Option<CurrentRun>>,
    last: Mutex<Option<LastRun>>,
    cancel_next: AtomicBool,
}

impl Reindexer {
    #[must_use]
    pub fn new(config: Arc<Config>, stores: Stores, clock: Clock, queue: Queue) -> Self {
        Self(Arc::new(Inner {
            config,
            stores,
            clock,
            queue,
            current: Mutex::default(),
            last: Mutex::default(),
            cancel_next: AtomicBool::new(false),
        }))
    }

    /// Stores a request under its unique key, unless another one is queued or running.
    ///
    /// # Errors
    /// It could not be stored.
    pub async fn submit(&self, key: &str, request: &ReindexRequest) -> anyhow::Result<Submitted> {
        let open = self.0.queue.open_in_lane(LANE).await?;
        let key = format!("{LANE}/{key}");
        if open.iter().any(|other| *other != key) {
            return Ok(Submitted::Busy);
        }
        let job = NewJob {
            key,
            lane: LANE.to_owned(),
            payload: serde_json::to_value(request)
                .context("a reindex request does not serialise")?,
        };
        match self.0.queue.enqueue(&job).await? {
            Enqueued::New | Enqueued::Duplicate => Ok(Submitted::Accepted),
        }
    }

    /// Creates a request with the current time.
    #[must_use]
    pub fn request(&self, sources: Vec<String>, full: bool, trigger: Trigger) -> ReindexRequest {
        ReindexRequest {
            sources,
            full,
            requested_at: self.0.clock.now().as_millisecond(),
            trigger,
        }
    }

    /// Returns the names of the configured sources.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.0
            .config
            .sources
            .iter()
            .map(|source| source.name.as_str())
    }

    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.0.stores.catalog
    }

    /// Whether this process is the leader, which schedules reindex runs.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0.queue.is_leader()
    }

    /// Returns the progress of the queued or running job in any process; None if a request would be accepted.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn progress(&self) -> anyhow::Result<Option<SyncProgress>> {
        if let Some(current) = self.lock().as_ref() {
            return Ok(Some(current.progress.borrow().clone()));
        }
        if self.0.queue.open_in_lane(LANE).await?.is_empty() {
            return Ok(None);
        }
        let published = match self.0.queue.postgres() {
            Some(postgres) => postgres.kv_get(PROGRESS).await?,
            None => None,
        };
        let published = published.and_then(|progress| serde_json::from_str(&progress).ok());
        // Nothing is known of a job that is about to start or waits for a retry.
        Ok(Some(published.unwrap_or_default()))
    }

    /// Returns the last run that ended since the program started.
    #[must_use]
    pub fn last(&self) -> Option<LastRun> {
        *self.0.last.lock()
    }

    /// Cancels the run in progress, which ends once the files being read are done. Returns whether there was one.
    ///
    /// # Errors
    /// The queue cannot be read.
    pub async fn cancel(&self) -> anyhow::Result<bool> {
        if let Some(current) = self.lock().as_ref() {
            current.cancelled.cancel();
            return Ok(true);
        }
        // It may be queued and about to start.
        let is_waiting = !self.0.queue.open_in_lane(LANE).await?.is_empty();
        if is_waiting {
            match self.0.queue.postgres() {
                Some(postgres) => postgres.kv_set(CANCEL, "").await?,
                None => self.0.cancel_next.store(true, Ordering::SeqCst),
            }
        }
        Ok(is_waiting)
    }

    /// Runs a request. Ends early, gracefully, when `stopping` completes.
    ///
    /// # Errors
    /// A source cannot be listed, or the index or the catalogue fails.
    pub async fn run(
        &self,
        request: &ReindexRequest,
        progress: &watch::Sender<SyncProgress>,
        stopping: impl Future<Output = ()>,
    ) -> anyhow::Result<RunOutcome> {
        let inner = &self.0;
        let postgres = inner.queue.postgres();
        let Ok(_lock) = ReindexLock::acquire(&inner.config, postgres).await? else {
            return Ok(RunOutcome::Locked(LOCK_RETRY));
        };
        let (cancelled, stop) = (CancellationToken::new(), CancellationToken::new());
        *self.lock() = Some(CurrentRun {
            request: request.clone(),
            progress: progress.subscribe(),
            cancelled: cancelled.clone(),
        });
        let _clear_current = ClearCurrent(self);
        if inner.cancel_next.swap(false, Ordering::SeqCst) {
            cancelled.cancel();
            stop.cancel();
        }
        let options = SyncOptions {
            full: request.full,
            since: request.full.then_some(request.requested_at),
            sources: request.sources.clone(),
            ..SyncOptions::default()
        };
        let context = SyncContext {
            config: &inner.config,
            stores: &inner.stores,
            clock: &inner.clock,
        };
        let run = sync::run(context, &options, progress, &stop);
        tokio::pin!(run, stopping);
        let mut interrupted = false;
        let mut replica_ticks = tokio::time::interval(REPLICA_INTERVAL);
        let report = loop {
            tokio::select! {
                report = &mut run => break report,
                _ = replica_ticks.tick(), if postgres.is_some() => {
                    if self.exchange_with_replicas(postgres, progress).await {
                        cancelled.cancel();
                    }
                }
                () = cancelled.cancelled(), if !stop.is_cancelled() => stop.cancel(),
                () = &mut stopping, if !interrupted => {
                    interrupted = true;
                    stop.cancel();
                }
            }
        };
        let outcome = match &report {
            Err(_) => Run::FAILED,
            Ok(_) if cancelled.is_cancelled() => Run::CANCELLED,
            Ok(_) => Run::DONE,
        };
        metrics().runs.get_or_create(&outcome).inc();
        let report = report?;
        let ended = inner.clock.now();
        if outcome == Run::DONE {
            metrics().reindexed.set(ended.as_duration().as_secs_f64());
        }
        *inner.last.lock() = Some(LastRun {
            ended,
            added: report.added,
            changed: report.changed,
            removed: report.removed,
            failed: report.failed.len(),
        });
        Ok(if cancelled.is_cancelled() {
            RunOutcome::Cancelled(report)
        } else if interrupted && report.stopped {
            RunOutcome::Interrupted
        } else {
            RunOutcome::Done(report)
        })
    }

    /// Publishes the progress to the other replicas; returns whether the run was cancelled on one of them.
    async fn exchange_with_replicas(
        &self,
        postgres: Option<&Postgres>,
        progress: &watch::Sender<SyncProgress>,
    ) -> bool {
        let Some(postgres) = postgres else {
            return false;
        };
        let published = serde_json::to_string(&*progress.borrow()).unwrap_or_default();
        let exchange = async {
            postgres.kv_set(PROGRESS, &published).await?;
            let is_cancelled = postgres.kv_get(CANCEL).await?.is_some();
            if is_cancelled {
                postgres.kv_delete(CANCEL).await?;
            }
            anyhow::Ok(is_cancelled)
        };
        exchange.await.unwrap_or_else(|error| {
            let error = format!("{error:#}");
            tracing::warn!(
                error,
                "the progress of the run cannot be published to the other replicas"
            );
            false
        })
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, Option<CurrentRun>> {
        self.0.current.lock()
    }
}

/// Clears the current run when it is dropped.
struct ClearCurrent<'a>(&'a Reindexer);

impl Drop for ClearCurrent<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}
