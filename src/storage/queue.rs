//! A durable job queue: a job is stored before it is acknowledged, and is idempotent by its key.
//!
//! A job has a key that is unique for ever and waits in its lane. A worker claims it with a fencing token that grows with
//! every claim, and the worker's writes count only with the current token. A failed attempt is retried with exponential
//! backoff; after the last one the job is given up. A claim counts as an attempt even if the process crashes during it,
//! but not if the process shuts down gracefully.

mod backoff;
mod erasure;
mod failure;
mod group_commit;
mod postgres;
mod queries;
mod sqlite;
mod sqlite_error;
mod store;
mod worker;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

use crate::config;
use crate::runtime::clock::Clock;
use crate::runtime::lifecycle::Lifecycle;
use crate::storage::database::{Postgres, Replica};

pub(crate) use erasure::forget_person;
pub use failure::{Failure, FailureKind};

/// A job to be stored.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Unique for ever: a second job with the same key is a duplicate.
    pub key: String,
    /// Jobs of one lane run one at a time, in the order in which they were stored.
    pub lane: String,
    pub payload: Value,
}

/// A job that a worker has claimed.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: i64,
    pub key: String,
    pub lane: String,
    pub payload: Value,
    /// State saved by earlier attempts with [`Queue::save`].
    pub progress: Option<Value>,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// Fencing token: grows with every claim; a worker with an older token has lost the job.
    pub fence: i64,
}

/// Outcome of an attempt.
#[derive(Clone, Debug)]
pub enum Outcome {
    Done,
    /// Retry after this pause, or after the usual backoff.
    Retry {
        failure: Failure,
        after: Option<Duration>,
    },
    /// Do not retry.
    Failed {
        failure: Failure,
    },
    /// Interrupted by a graceful shutdown, or not started: resume after this pause; does not count as an attempt.
    Postponed {
        after: Duration,
    },
}

/// Processes jobs.
#[async_trait]
pub trait Handler: Send + Sync {
    async fn handle(&self, job: &Job) -> Outcome;

    /// Called once when the job has failed permanently; again only if the process crashes or this panics.
    async fn give_up(&self, job: &Job, failure: &Failure);
}

/// Result of storing a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    New,
    /// A job with this key already exists; nothing was changed.
    Duplicate,
}

/// Whether a worker still owns its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum ClaimStatus {
    Owned,
    /// Another worker has claimed or finished the job; nothing was written.
    Lost,
}

/// State of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Can be claimed, now or when its pause is over.
    Waiting,
    Running,
    Done,
    Failed,
}

/// The stored data of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    pub state: JobState,
    /// Number of started attempts.
    pub attempt: u32,
    /// `None` after it was deleted by retention.
    pub payload: Option<Value>,
    pub progress: Option<Value>,
    /// Why the last attempt did not succeed.
    pub reason: Option<String>,
}

/// The job queue. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Queue {
    store: Arc<dyn store::Store>,
    /// Set if several processes share the jobs.
    shared: Option<(Postgres, Replica)>,
    config: config::storage::Queue,
    clock: Clock,
    wake: Arc<Notify>,
}

impl Queue {
    /// Opens the queue in the file `path`, which is created if it does not exist, and locks it for this process. Jobs that
    /// were running when the program last ended can be claimed again.
    ///
    /// # Errors
    /// The folder cannot be written, another process has the queue open, or the file is corrupt or from a newer version;
    /// the message says what to do.
    pub async fn open(
        path: &Path,
        config: &config::storage::Queue,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let wake = Arc::new(Notify::new());
        let now = clock.now().as_millisecond();
        let store = sqlite::Store::open(path, retry_policy(config), now, Arc::clone(&wake)).await?;
        Ok(Self {
            store: Arc::new(store),
            shared: None,
            config: config.clone(),
            clock,
            wake,
        })
    }

    /// Opens the queue in a database shared with other processes. Jobs of processes that are gone can be claimed.
    ///
    /// # Errors
    /// The database cannot be used; the message says what to do.
    pub async fn join(
        postgres: &Postgres,
        config: &config::storage::Queue,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let wake = Arc::new(Notify::new());
        let store = postgres::Store::open(
            postgres,
            retry_policy(config),
            clock.clone(),
            Arc::clone(&wake),
        )
        .await?;
        Ok(Self {
            shared: Some((postgres.clone(), store.replica().clone())),
            store: Arc::new(store),
            config: config.clone(),
            clock,
            wake,
        })
    }

    /// Whether this process is the leader, which does what only one process may do, such as scheduling reindex runs.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.shared
            .as_ref()
            .is_none_or(|(_, replica)| replica.is_leader())
    }

    /// Returns the shared database, if there is one.
    #[must_use]
    pub fn postgres(&self) -> Option<&Postgres> {
        self.shared.as_ref().map(|(postgres, _)| postgres)
    }

    /// Stores a job unless its key exists. After `Ok`, the job is durable.
    ///
    /// # Errors
    /// The job could not be stored and must not be acknowledged.
    pub async fn enqueue(&self, job: &NewJob) -> anyhow::Result<Enqueued> {
        self.store.enqueue(job, self.now()).await
    }

    /// Saves the state that the next attempt resumes from, replacing the previous one.
    ///
    /// # Errors
    /// The state could not be stored.
    pub async fn save(&self, job: &Job, progress: &Value) -> anyhow::Result<ClaimStatus> {
        self.store.save(job, progress).await
    }

    /// Starts processing jobs, `queue.workers` in parallel, until the program stops. Call it once.
    ///
    /// On a stop no more jobs are claimed, and running ones have the grace time of [`Lifecycle::finish`]. Jobs cancelled
    /// after it are released by [`Self::close`], or claimed again at the next start.
    pub fn run(&self, handler: Arc<dyn Handler>, lifecycle: &Lifecycle) {
        worker::start(self, handler, lifecycle);
    }

    /// Makes the workers look for due jobs now; needed only after the clock was set.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Releases running jobs as if they had not been claimed, and closes the file. Call it after the workers have ended;
    /// later calls on any handle fail.
    ///
    /// # Errors
    /// Jobs could not be released; the next start resumes them all the same.
    pub async fn close(&self) -> anyhow::Result<()> {
        self.store.close().await
    }

    /// Returns the stored data of the job with this key.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn lookup(&self, key: &str) -> anyhow::Result<Option<JobRecord>> {
        self.store.lookup(key).await
    }

    /// Whether a job of this lane was ever stored, in whatever state it is.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn knows_lane(&self, lane: &str) -> anyhow::Result<bool> {
        self.store.knows_lane(lane).await
    }

    /// Returns the keys of a lane's open jobs (neither done nor failed), in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn open_in_lane(&self, lane: &str) -> anyhow::Result<Vec<String>> {
        self.store.open_in_lane(lane).await
    }

    /// Returns the number of open jobs (neither done nor failed).
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn size(&self) -> anyhow::Result<u64> {
        Ok(self.store.open_jobs().await?.0)
    }

    /// Returns the number of jobs that failed permanently since then.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn failed_since(&self, since: Timestamp) -> anyhow::Result<u64> {
        self.store.failed_since(since.as_millisecond()).await
    }

    /// Returns the age of the oldest open job.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn oldest(&self) -> anyhow::Result<Option<Duration>> {
        let stored = self.store.open_jobs().await?.1;
        Ok(stored.map(|stored| {
            Duration::from_millis(self.now().saturating_sub(stored).max(0).unsigned_abs())
        }))
    }

    /// Deletes payload and progress of jobs that finished before `before`, but not their keys. Returns their number.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget_payloads(&self, before: Timestamp) -> anyhow::Result<u64> {
        self.store.forget(before.as_millisecond()).await
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }
}

fn retry_policy(config: &config::storage::Queue) -> store::RetryPolicy {
    store::RetryPolicy {
        max_attempts: config.attempts,
        first_pause: Duration::from_secs(config.backoff_s),
    }
}
