//! Reindexing as a job: stored in the queue, one at a time, taken up again after whatever ended it.
//!
//! Whoever wants it [orders](Reindexer::order) it: a person by command, the schedule, a folder that changed, or the
//! start of the program. The queue's worker [carries it out](Reindexer::carry_out).

mod alone;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::catalog::Catalog;
use super::sync::{self, Options, Parts, Report, SyncProgress};
use crate::config::settings::Config;
use crate::extract::pool::Extractor;
use crate::recipes::shelf::Shelf;
use crate::runtime::clock::Clock;
use crate::runtime::metrics::{Run, metrics};
use crate::search::index::Index;
use crate::storage::database::Postgres;
use crate::storage::queue::{Enqueued, NewJob, Queue};

pub use alone::Alone;

/// The lane of the queue that all of these jobs wait in, so that one runs at a time.
pub const LANE: &str = "reindex";

/// How often a run tells the other replicas how far it is, and hears whether it is to end.
const LOOK: Duration = Duration::from_secs(1);
/// The names of those notes.
const PROGRESS: &str = "reindex progress";
const CANCEL: &str = "reindex cancel";

/// How long to wait for another program that reindexes.
const OTHER_PROGRAM: Duration = Duration::from_secs(10);

/// What is to be brought up to date, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Only the sources of these names; all where there are none.
    pub sources: Vec<String>,
    /// Everything is read again, changed or not.
    pub full: bool,
    /// When it was ordered, in milliseconds since 1970.
    pub at: i64,
    pub by: Orderer,
}

/// Who wanted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orderer {
    Start,
    Schedule,
    /// Files changed.
    Watch,
    /// A person in Slack, who is shown how it goes in this channel.
    Person {
        user: String,
        channel: String,
    },
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    /// It is stored and begins at once.
    Taken,
    /// Another one is in hand, and nothing was stored.
    Busy,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// It looked at everything.
    Done(Report),
    /// Somebody cancelled it.
    Cancelled(Report),
    /// The program is stopping; it goes on after the next start.
    Interrupted,
    /// Another program reindexes the same documents, and this is when to try again.
    Elsewhere(Duration),
}

/// What the documents are brought up to date with. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct Reindexer(Arc<Inner>);

struct Inner {
    config: Arc<Config>,
    index: Arc<dyn Index>,
    catalog: Catalog,
    shelf: Shelf,
    extractor: Arc<Extractor>,
    clock: Clock,
    queue: Queue,
    current: Mutex<Option<Current>>,
    last: Mutex<Option<Last>>,
    cancel_next: AtomicBool,
}

/// The run in hand.
#[derive(Clone, Debug)]
pub struct Current {
    pub order: Order,
    pub progress: watch::Receiver<SyncProgress>,
    cancelled: CancellationToken,
}

/// The run that ended last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    pub ended: Timestamp,
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
    pub failed: usize,
}

impl Reindexer {
    #[must_use]
    pub fn new(
        config: Arc<Config>,
        index: Arc<dyn Index>,
        catalog: Catalog,
        shelf: Shelf,
        extractor: Arc<Extractor>,
        clock: Clock,
        queue: Queue,
    ) -> Self {
        Self(Arc::new(Inner {
            config,
            index,
            catalog,
            shelf,
            extractor,
            clock,
            queue,
            current: Mutex::default(),
            last: Mutex::default(),
            cancel_next: AtomicBool::new(false),
        }))
    }

    /// Stores an order under a key that is unique to it, unless another one is in hand.
    ///
    /// # Errors
    /// It could not be stored.
    pub async fn order(&self, key: &str, order: &Order) -> anyhow::Result<Ordered> {
        let open = self.0.queue.open_in_lane(LANE).await?;
        let key = format!("{LANE}/{key}");
        if open.iter().any(|other| *other != key) {
            return Ok(Ordered::Busy);
        }
        let job = NewJob {
            key,
            lane: LANE.to_owned(),
            payload: serde_json::to_value(order).context("an order does not serialise")?,
        };
        match self.0.queue.enqueue(&job).await? {
            Enqueued::New | Enqueued::Known => Ok(Ordered::Taken),
        }
    }

    /// Of an order for now.
    #[must_use]
    pub fn order_of(&self, sources: Vec<String>, full: bool, by: Orderer) -> Order {
        Order {
            sources,
            full,
            at: self.0.clock.now().as_millisecond(),
            by,
        }
    }

    /// The names of the configured sources.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.0
            .config
            .sources
            .iter()
            .map(|source| source.name.as_str())
    }

    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// Whether it is this process's task to see to it that the documents are current.
    #[must_use]
    pub fn is_keeper(&self) -> bool {
        self.0.queue.is_keeper()
    }

    /// How far the run in hand is, if there is one, in whichever process; where there is none, an order is taken.
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
        let note = match self.0.queue.postgres() {
            Some(postgres) => postgres.note(PROGRESS).await?,
            None => None,
        };
        let noted = note.and_then(|note| serde_json::from_str(&note).ok());
        // Of one that is about to begin, or waits to be tried again, nothing is known.
        Ok(Some(noted.unwrap_or_default()))
    }

    /// The run that ended last since the program started; every start begins one.
    #[must_use]
    pub fn last(&self) -> Option<Last> {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the run in hand as soon as the files that are being read are done. Tells whether there was one.
    ///
    /// # Errors
    /// The queue cannot be read.
    pub async fn cancel(&self) -> anyhow::Result<bool> {
        if let Some(current) = self.lock().as_ref() {
            current.cancelled.cancel();
            return Ok(true);
        }
        // It may be stored and about to begin.
        let is_waiting = !self.0.queue.open_in_lane(LANE).await?.is_empty();
        if is_waiting {
            match self.0.queue.postgres() {
                Some(postgres) => postgres.put_up(CANCEL, "").await?,
                None => self.0.cancel_next.store(true, Ordering::SeqCst),
            }
        }
        Ok(is_waiting)
    }

    /// Carries an order out. Ends early, in good order, when `stopping` does.
    ///
    /// # Errors
    /// A source cannot be listed, or the index or the catalogue fails.
    pub async fn carry_out(
        &self,
        order: &Order,
        progress: &watch::Sender<SyncProgress>,
        stopping: impl Future<Output = ()>,
    ) -> anyhow::Result<Ended> {
        let inner = &self.0;
        let postgres = inner.queue.postgres();
        let Ok(_alone) = Alone::take(&inner.config, postgres).await? else {
            return Ok(Ended::Elsewhere(OTHER_PROGRAM));
        };
        let (cancelled, stop) = (CancellationToken::new(), CancellationToken::new());
        *self.lock() = Some(Current {
            order: order.clone(),
            progress: progress.subscribe(),
            cancelled: cancelled.clone(),
        });
        let _idle = Idle(self);
        if inner.cancel_next.swap(false, Ordering::SeqCst) {
            cancelled.cancel();
            stop.cancel();
        }
        let options = Options {
            full: order.full,
            since: order.full.then_some(order.at),
            sources: order.sources.clone(),
            ..Options::default()
        };
        let parts = Parts {
            config: &inner.config,
            index: inner.index.as_ref(),
            catalog: &inner.catalog,
            shelf: &inner.shelf,
            extractor: &inner.extractor,
            clock: &inner.clock,
        };
        let run = sync::run(parts, &options, progress, &stop);
        tokio::pin!(run, stopping);
        let mut interrupted = false;
        let mut looks = tokio::time::interval(LOOK);
        let report = loop {
            tokio::select! {
                report = &mut run => break report,
                _ = looks.tick(), if postgres.is_some() => {
                    if self.talk(postgres, progress).await {
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
        *inner.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Last {
            ended,
            added: report.added,
            changed: report.changed,
            removed: report.removed,
            failed: report.failed.len(),
        });
        Ok(if cancelled.is_cancelled() {
            Ended::Cancelled(report)
        } else if interrupted && report.stopped {
            Ended::Interrupted
        } else {
            Ended::Done(report)
        })
    }

    /// Tells the other replicas how far the run is; true if somebody cancelled it there.
    async fn talk(
        &self,
        postgres: Option<&Postgres>,
        progress: &watch::Sender<SyncProgress>,
    ) -> bool {
        let Some(postgres) = postgres else {
            return false;
        };
        let told = serde_json::to_string(&*progress.borrow()).unwrap_or_default();
        let talked = async {
            postgres.put_up(PROGRESS, &told).await?;
            let is_cancelled = postgres.note(CANCEL).await?.is_some();
            if is_cancelled {
                postgres.take_down(CANCEL).await?;
            }
            anyhow::Ok(is_cancelled)
        };
        talked.await.unwrap_or_else(|error| {
            let error = format!("{error:#}");
            tracing::warn!(
                error,
                "the other replicas cannot be told how far the run is"
            );
            false
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Current>> {
        self.0
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing is in hand any more once it is dropped.
struct Idle<'a>(&'a Reindexer);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}
