//! Work that survives a crash: stored before it is acknowledged, done once.
//!
//! A job is stored under a key that is unique for ever and waits in its lane. A worker claims it with a fencing
//! number that grows with every claim, and whatever the worker writes counts only under that number. An attempt
//! that fails is made again after a growing pause; once no attempt is left, the job is given up. A claim counts
//! as an attempt even if the process dies in the middle of it, but not if the process stops in good order.

mod backoff;
mod failure;
mod group;
mod person;
mod postgres;
mod reads;
mod sqlite;
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

pub use failure::{Failure, FailureKind};
pub(crate) use person::forget_person;

/// Work to be stored.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Unique for ever: the same key stored again is the same work.
    pub key: String,
    /// Jobs of one lane run one after the other, in the order in which they were stored.
    pub lane: String,
    pub payload: Value,
}

/// Stored work that a worker holds.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: i64,
    pub key: String,
    pub lane: String,
    pub payload: Value,
    /// What earlier attempts left behind through [`Queue::save`].
    pub progress: Option<Value>,
    /// From 1.
    pub attempt: u32,
    /// Grows with every claim; a worker whose fence is no longer the job's has lost it.
    pub fence: i64,
}

/// How an attempt at a job ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    Done,
    /// To be tried again, after the pause that was asked for or the usual one.
    Retry {
        failure: Failure,
        after: Option<Duration>,
    },
    /// Not to be tried again.
    Failed {
        failure: Failure,
    },
    /// Stopped in good order before its end, or not begun yet: to be taken up again after this pause, and not
    /// counted as an attempt.
    Postponed {
        after: Duration,
    },
}

/// Does the work.
#[async_trait]
pub trait Handler: Send + Sync {
    async fn handle(&self, job: &Job) -> Outcome;

    /// Called once, when the job has failed for good; again only if the process dies or it panics before it returns.
    async fn give_up(&self, job: &Job, failure: &Failure);
}

/// What became of a job that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    New,
    /// A job with this key had been stored before; nothing was changed.
    Known,
}

/// Whether a worker still has its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Held {
    Yes,
    /// Somebody else has it or has ended it; nothing was written.
    Lost,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be claimed, at once or when its pause is over.
    Waiting,
    Running,
    Done,
    Failed,
}

/// What is on record about a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub state: State,
    /// The attempts that were begun.
    pub attempt: u32,
    /// None once it has been forgotten.
    pub payload: Option<Value>,
    pub progress: Option<Value>,
    /// Why the last attempt did not succeed.
    pub reason: Option<String>,
}

/// The stored jobs. Cloning gives another handle to the same ones.
#[derive(Clone, Debug)]
pub struct Queue {
    store: Arc<dyn store::Store>,
    /// Where several processes share the jobs.
    shared: Option<(Postgres, Replica)>,
    config: config::storage::Queue,
    clock: Clock,
    wake: Arc<Notify>,
}

impl Queue {
    /// Opens the queue in the file `path`, which is made if it does not exist, and takes it for this process alone.
    /// Jobs that were running when the program last ended can be claimed again.
    ///
    /// # Errors
    /// The folder cannot be written, another process has the queue open, the file is damaged or was written by a
    /// newer version; each says what to do.
    pub async fn open(
        path: &Path,
        config: &config::storage::Queue,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let wake = Arc::new(Notify::new());
        let now = clock.now().as_millisecond();
        let store = sqlite::Store::open(path, attempts(config), now, Arc::clone(&wake)).await?;
        Ok(Self {
            store: Arc::new(store),
            shared: None,
            config: config.clone(),
            clock,
            wake,
        })
    }

    /// Opens the queue in a database that other processes work on, too. Jobs of those that are gone can be claimed.
    ///
    /// # Errors
    /// The database cannot be used; the message says what to do.
    pub async fn join(
        postgres: &Postgres,
        config: &config::storage::Queue,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let wake = Arc::new(Notify::new());
        let store =
            postgres::Store::open(postgres, attempts(config), clock.clone(), Arc::clone(&wake))
                .await?;
        Ok(Self {
            shared: Some((postgres.clone(), store.replica().clone())),
            store: Arc::new(store),
            config: config.clone(),
            clock,
            wake,
        })
    }

    /// Whether it is this process that does what only one is to do, such as keeping the documents current.
    #[must_use]
    pub fn is_keeper(&self) -> bool {
        self.shared
            .as_ref()
            .is_none_or(|(_, replica)| replica.is_keeper())
    }

    /// The database that the jobs are in, where other processes may work on it, too.
    #[must_use]
    pub fn postgres(&self) -> Option<&Postgres> {
        self.shared.as_ref().map(|(postgres, _)| postgres)
    }

    /// Stores a job unless its key is known. Once this returns `Ok`, the job is on the disk.
    ///
    /// # Errors
    /// The job could not be stored and must not be acknowledged.
    pub async fn enqueue(&self, job: &NewJob) -> anyhow::Result<Enqueued> {
        self.store.enqueue(job, self.now()).await
    }

    /// Stores what the next attempt needs to go on from here, in place of what was saved before.
    ///
    /// # Errors
    /// It could not be stored.
    pub async fn save(&self, job: &Job, progress: &Value) -> anyhow::Result<Held> {
        self.store.save(job, progress).await
    }

    /// Starts doing the jobs, `queue.workers` at a time, until a stop is asked for. To be called once.
    ///
    /// A stop ends the claiming; jobs in hand have the time that [`Lifecycle::finish`] grants. What is cancelled
    /// then is handed back by [`Self::close`], or else claimed again at the next start.
    pub fn run(&self, handler: Arc<dyn Handler>, lifecycle: &Lifecycle) {
        worker::start(self, handler, lifecycle);
    }

    /// Has the workers look for due jobs now; needed only after the clock was set.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Hands back the jobs that were cancelled in hand, as if they had not been claimed, and closes the file. To be
    /// called after the workers have ended; every later call on any handle fails.
    ///
    /// # Errors
    /// Jobs could not be handed back; the next start takes them up all the same.
    pub async fn close(&self) -> anyhow::Result<()> {
        self.store.close().await
    }

    /// What is on record under this key.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn lookup(&self, key: &str) -> anyhow::Result<Option<Record>> {
        self.store.lookup(key).await
    }

    /// Whether a job of this lane was ever stored, whatever became of it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn knows_lane(&self, lane: &str) -> anyhow::Result<bool> {
        self.store.knows_lane(lane).await
    }

    /// The keys of a lane's jobs that are neither done nor failed, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn open_in_lane(&self, lane: &str) -> anyhow::Result<Vec<String>> {
        self.store.open_in_lane(lane).await
    }

    /// The number of jobs that are neither done nor failed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn size(&self) -> anyhow::Result<u64> {
        Ok(self.store.open_jobs().await?.0)
    }

    /// The number of jobs that failed for good since then.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn failed_since(&self, since: Timestamp) -> anyhow::Result<u64> {
        self.store.failed_since(since.as_millisecond()).await
    }

    /// How long the oldest of the open jobs has been there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn oldest(&self) -> anyhow::Result<Option<Duration>> {
        let stored = self.store.open_jobs().await?.1;
        Ok(stored.map(|stored| {
            Duration::from_millis(self.now().saturating_sub(stored).max(0).unsigned_abs())
        }))
    }

    /// Drops payload and progress of jobs that ended before `before`; their keys stay known. Returns their number.
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

fn attempts(config: &config::storage::Queue) -> store::Attempts {
    store::Attempts {
        most: config.attempts,
        first_pause: Duration::from_secs(config.backoff_s),
    }
}
