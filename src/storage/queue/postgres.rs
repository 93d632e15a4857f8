//! The queue in a `PostgreSQL` database that several replicas share.

mod changes;
mod reclaim;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::anyhow;
use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};
use serde_json::Value;
use tokio::sync::Notify;

use super::store::{ClaimEnd, Claims, RetryPolicy};
use super::{ClaimStatus, Enqueued, Job, JobRecord, NewJob, queries, store};
use crate::runtime::clock::Clock;
use crate::storage::database::{Postgres, Replica, Tables};

/// Interval of polling, for jobs whose NOTIFY was missed.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Timeout of a call, for lost network packets.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The queue of one database, as seen by one replica. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    postgres: Postgres,
    tables: Tables,
    replica: Replica,
    /// Ids of finished jobs whose end is not recorded yet; kept during an outage.
    unrecorded: Mutex<BTreeSet<i64>>,
    /// Claims of the workers, by job and fencing token.
    claimed: Mutex<BTreeSet<(i64, i64)>>,
    /// Whether a claim may have succeeded without its response arriving.
    may_have_unknown_claims: AtomicBool,
    closed: AtomicBool,
}

impl Store {
    pub(super) async fn open(
        postgres: &Postgres,
        policy: RetryPolicy,
        clock: Clock,
        wake: Arc<Notify>,
    ) -> anyhow::Result<Self> {
        let store = Self(Arc::new(Inner {
            postgres: postgres.clone(),
            tables: Tables::Postgres(postgres.clone()),
            replica: Replica::join(postgres, wake).await?,
            unrecorded: Mutex::default(),
            claimed: Mutex::default(),
            may_have_unknown_claims: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        }));
        reclaim::start(&store, policy, clock);
        Ok(store)
    }

    pub(super) fn replica(&self) -> &Replica {
        &self.0.replica
    }

    /// Runs a database call with a timeout, unless the store is closed.
    async fn call<T>(&self, work: impl Future<Output = sqlx::Result<T>>) -> anyhow::Result<T> {
        if self.0.closed.load(Ordering::SeqCst) {
            return Err(anyhow!("the queue in {} has been closed", self.0.postgres));
        }
        match tokio::time::timeout(CALL_TIMEOUT, work).await {
            Ok(result) => result.map_err(|error| self.0.postgres.explain(&error)),
            Err(_) => Err(anyhow!(
                "{} does not answer; see whether it can be reached",
                self.0.postgres
            )),
        }
    }
}

impl Inner {
    fn unrecorded(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.unrecorded.lock()
    }

    fn claimed(&self) -> MutexGuard<'_, BTreeSet<(i64, i64)>> {
        self.claimed.lock()
    }
}

#[async_trait]
impl store::Store for Store {
    async fn enqueue(&self, job: &NewJob, now: i64) -> anyhow::Result<Enqueued> {
        self.call(changes::enqueue(&self.0.postgres.pool, job, now))
            .await
    }

    async fn claim(&self, max_jobs: u32, now: i64) -> anyhow::Result<Claims> {
        let (replica, lease) = self.0.replica.lease()?;
        let pool = &self.0.postgres.pool;
        // Set before the call, since its response may be lost or its caller cancelled.
        if self.0.may_have_unknown_claims.swap(true, Ordering::SeqCst) {
            let claimed: Vec<(i64, i64)> = self.0.claimed().iter().copied().collect();
            self.call(changes::release_claims(pool, replica, &claimed))
                .await?;
        }
        let jobs = self
            .call(changes::claim(pool, replica, max_jobs, now))
            .await?;
        let claims = jobs.iter().map(|claimed| &claimed.job);
        self.0
            .claimed()
            .extend(claims.map(|job| (job.id, job.fence)));
        self.0
            .may_have_unknown_claims
            .store(false, Ordering::SeqCst);
        let has_claimed_all = jobs.len() < max_jobs as usize;
        // A failure to find the next due job must not lose the claimed ones; it is queried again soon.
        let next_due = if has_claimed_all {
            let next_due = self.call(changes::next_due(pool)).await;
            next_due.unwrap_or_default()
        } else {
            None
        };
        Ok(Claims {
            jobs,
            next_due,
            lease,
        })
    }

    async fn save(&self, job: &Job, progress: &Value) -> anyhow::Result<ClaimStatus> {
        self.call(changes::save(&self.0.postgres.pool, job, progress))
            .await
    }

    async fn end(&self, job: &Job, ending: ClaimEnd) -> anyhow::Result<ClaimStatus> {
        self.0.unrecorded().insert(job.id);
        let status = self
            .call(changes::end(&self.0.postgres.pool, job, &ending))
            .await?;
        self.0.unrecorded().remove(&job.id);
        self.0.claimed().remove(&(job.id, job.fence));
        Ok(status)
    }

    fn abandon(&self, job: &Job) {
        self.0.claimed().remove(&(job.id, job.fence));
    }

    async fn forget(&self, before: i64) -> anyhow::Result<u64> {
        let mut total = 0;
        loop {
            let deleted = self
                .call(changes::forget(&self.0.postgres.pool, before))
                .await?;
            total += deleted;
            if deleted == 0 {
                return Ok(total);
            }
        }
    }

    fn has_crashed(&self) -> bool {
        self.0.replica.has_crashed()
    }

    fn poll_interval(&self) -> Option<Duration> {
        Some(POLL_INTERVAL)
    }

    async fn close(&self) -> anyhow::Result<()> {
        let released = match self.0.replica.lease() {
            Ok((replica, _)) => self.call(self.0.retire(replica)).await,
            // Without a session the others have taken over the jobs, or will.
            Err(_) => Ok(()),
        };
        self.0.closed.store(true, Ordering::SeqCst);
        self.0.replica.leave().await;
        released
    }

    async fn lookup(&self, key: &str) -> anyhow::Result<Option<JobRecord>> {
        self.call(queries::lookup(&self.0.tables, key)).await
    }

    async fn knows_lane(&self, lane: &str) -> anyhow::Result<bool> {
        self.call(queries::knows_lane(&self.0.tables, lane)).await
    }

    async fn open_in_lane(&self, lane: &str) -> anyhow::Result<Vec<String>> {
        self.call(queries::open_in_lane(&self.0.tables, lane)).await
    }

    async fn failed_since(&self, since: i64) -> anyhow::Result<u64> {
        self.call(queries::failed_since(&self.0.tables, since))
            .await
    }

    async fn open_jobs(&self) -> anyhow::Result<(u64, Option<i64>)> {
        self.call(queries::open_jobs(&self.0.tables)).await
    }
}
