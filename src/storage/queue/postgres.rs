//! The queue in a `PostgreSQL` database that several replicas share.

mod changes;
mod reclaim;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::anyhow;
use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::Notify;

use super::store::{Attempts, Claims, Ending};
use super::{Enqueued, Held, Job, NewJob, Record, reads, store};
use crate::runtime::clock::Clock;
use crate::storage::database::{Postgres, Replica, Tables};

/// What NOTIFY may miss is found after this time.
const POLL: Duration = Duration::from_secs(2);
/// A call that the network has swallowed is given up after this time.
const SWALLOWED: Duration = Duration::from_secs(10);

/// The jobs of one database, as one replica sees them.
#[derive(Clone, Debug)]
pub(super) struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    postgres: Postgres,
    tables: Tables,
    replica: Replica,
    /// Work that has come to its end, of which the database does not yet know. It is kept through an outage.
    ending: Mutex<BTreeSet<i64>>,
    /// Claims that workers have, by job and fence.
    in_hand: Mutex<BTreeSet<(i64, i64)>>,
    /// Whether a claim may have been granted that was never heard of.
    unsure: AtomicBool,
    closed: AtomicBool,
}

impl Store {
    pub(super) async fn open(
        postgres: &Postgres,
        attempts: Attempts,
        clock: Clock,
        wake: Arc<Notify>,
    ) -> anyhow::Result<Self> {
        let store = Self(Arc::new(Inner {
            postgres: postgres.clone(),
            tables: Tables::Postgres(postgres.clone()),
            replica: Replica::join(postgres, wake).await?,
            ending: Mutex::default(),
            in_hand: Mutex::default(),
            unsure: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        }));
        reclaim::start(&store, attempts, clock);
        Ok(store)
    }

    pub(super) fn replica(&self) -> &Replica {
        &self.0.replica
    }

    /// Does it unless it is closed, for as long as the network may take.
    async fn attempt<T>(&self, work: impl Future<Output = sqlx::Result<T>>) -> anyhow::Result<T> {
        if self.0.closed.load(Ordering::SeqCst) {
            return Err(anyhow!("the queue in {} has been closed", self.0.postgres));
        }
        match tokio::time::timeout(SWALLOWED, work).await {
            Ok(result) => result.map_err(|error| self.0.postgres.explain(&error)),
            Err(_) => Err(anyhow!(
                "{} does not answer; see whether it can be reached",
                self.0.postgres
            )),
        }
    }
}

impl Inner {
    fn ending(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_hand(&self) -> MutexGuard<'_, BTreeSet<(i64, i64)>> {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl store::Store for Store {
    async fn enqueue(&self, job: &NewJob, now: i64) -> anyhow::Result<Enqueued> {
        self.attempt(changes::enqueue(&self.0.postgres.pool, job, now))
            .await
    }

    async fn claim(&self, most: u32, now: i64) -> anyhow::Result<Claims> {
        let (replica, hold) = self.0.replica.hold()?;
        let pool = &self.0.postgres.pool;
        // Raised before it is asked, since the answer may be lost, and the one who waits for it, too.
        if self.0.unsure.swap(true, Ordering::SeqCst) {
            let in_hand: Vec<(i64, i64)> = self.0.in_hand().iter().copied().collect();
            self.attempt(changes::hand_back(pool, replica, &in_hand))
                .await?;
        }
        let jobs = self
            .attempt(changes::claim(pool, replica, most, now))
            .await?;
        let claims = jobs.iter().map(|claimed| &claimed.job);
        self.0
            .in_hand()
            .extend(claims.map(|job| (job.id, job.fence)));
        self.0.unsure.store(false, Ordering::SeqCst);
        let all = jobs.len() < most as usize;
        // What was claimed must not be lost by not knowing what comes next, which is looked for again soon enough.
        let next_due = if all {
            let next_due = self.attempt(changes::next_due(pool)).await;
            next_due.unwrap_or_default()
        } else {
            None
        };
        Ok(Claims {
            jobs,
            next_due,
            hold,
        })
    }

    async fn save(&self, job: &Job, progress: &Value) -> anyhow::Result<Held> {
        self.attempt(changes::save(&self.0.postgres.pool, job, progress))
            .await
    }

    async fn end(&self, job: &Job, ending: Ending) -> anyhow::Result<Held> {
        self.0.ending().insert(job.id);
        let held = self
            .attempt(changes::end(&self.0.postgres.pool, job, &ending))
            .await?;
        self.0.ending().remove(&job.id);
        self.0.in_hand().remove(&(job.id, job.fence));
        Ok(held)
    }

    fn let_go(&self, job: &Job) {
        self.0.in_hand().remove(&(job.id, job.fence));
    }

    async fn forget(&self, before: i64) -> anyhow::Result<u64> {
        let mut forgotten = 0;
        loop {
            let now = self
                .attempt(changes::forget(&self.0.postgres.pool, before))
                .await?;
            forgotten += now;
            if now == 0 {
                return Ok(forgotten);
            }
        }
    }

    fn has_crashed(&self) -> bool {
        self.0.replica.has_crashed()
    }

    fn poll(&self) -> Option<Duration> {
        Some(POLL)
    }

    async fn close(&self) -> anyhow::Result<()> {
        let handed_back = match self.0.replica.hold() {
            Ok((replica, _)) => self.attempt(self.0.retire(replica)).await,
            // Without a session there is nothing to hand back: the others have it, or will.
            Err(_) => Ok(()),
        };
        self.0.closed.store(true, Ordering::SeqCst);
        self.0.replica.leave().await;
        handed_back
    }

    async fn lookup(&self, key: &str) -> anyhow::Result<Option<Record>> {
        self.attempt(reads::lookup(&self.0.tables, key)).await
    }

    async fn knows_lane(&self, lane: &str) -> anyhow::Result<bool> {
        self.attempt(reads::knows_lane(&self.0.tables, lane)).await
    }

    async fn open_in_lane(&self, lane: &str) -> anyhow::Result<Vec<String>> {
        self.attempt(reads::open_in_lane(&self.0.tables, lane))
            .await
    }

    async fn failed_since(&self, since: i64) -> anyhow::Result<u64> {
        self.attempt(reads::failed_since(&self.0.tables, since))
            .await
    }

    async fn open_jobs(&self) -> anyhow::Result<(u64, Option<i64>)> {
        self.attempt(reads::open_jobs(&self.0.tables)).await
    }
}
