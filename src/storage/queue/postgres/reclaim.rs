//! Takes over the jobs of replicas that are gone.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::{PgPool, Postgres, Transaction};

use super::{Inner, Store, changes};
use crate::runtime::clock::Clock;
use crate::storage::database::LOCK_CLASS;
use crate::storage::queue::store::{OrphanedJob, RetryPolicy};

/// Interval of checks for dead replicas.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// Starts the task that takes over jobs of dead replicas while the store exists.
#[expect(
    clippy::disallowed_methods,
    reason = "it lives as long as the store does, which closes after the tasks have ended"
)]
pub(super) fn start(store: &Store, policy: RetryPolicy, clock: Clock) {
    let weak = std::sync::Arc::downgrade(&store.0);
    let mut session = store.0.replica.session_state();
    tokio::spawn(async move {
        let mut suspects = BTreeSet::new();
        let mut ticks = tokio::time::interval(CHECK_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut own = session.borrow_and_update().id;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                changed = session.changed() => if changed.is_err() { return },
            }
            let Some(store) = weak.upgrade() else { return };
            let current = *session.borrow_and_update();
            let Some(id) = current.id else { continue };
            if own != Some(id) {
                let resumed = match current.previous {
                    Some(previous) => store.resume(previous, id).await,
                    None => Ok(()),
                };
                if let Err(error) = resumed {
                    let error = store.postgres.explain(&error).to_string();
                    tracing::warn!(error, "cannot resume the jobs of the previous session yet");
                    continue;
                }
                own = Some(id);
            }
            if let Err(error) = store
                .check_replicas(id, &mut suspects, policy, clock.now().as_millisecond())
                .await
            {
                let error = store.postgres.explain(&error).to_string();
                tracing::debug!(error, "cannot check other replicas");
            }
        }
    });
}

impl Inner {
    /// Takes over the jobs of this process's previous session: finished ones whose end is not recorded yet stay with this
    /// replica, the others are released without counting as attempts.
    async fn resume(&self, previous: i32, id: i32) -> sqlx::Result<()> {
        let unrecorded: Vec<i64> = self.unrecorded().iter().copied().collect();
        let mut transaction = self.postgres.pool.begin().await?;
        // Otherwise another replica has taken over everything.
        if evict_replica(&mut transaction, previous).await? {
            sqlx::query("UPDATE job SET holder = $2 WHERE state = 'running' AND holder = $1 AND id = ANY($3)")
                .bind(previous)
                .bind(id)
                .bind(unrecorded)
                .execute(&mut *transaction)
                .await?;
            changes::release_claims(&mut *transaction, previous, &[]).await?;
        }
        transaction.commit().await
    }

    /// Releases all jobs of a replica that shuts down gracefully. It is unlisted first, so that a claim that was cancelled
    /// but is still in flight either completes before or gets nothing.
    pub(super) async fn retire(&self, id: i32) -> sqlx::Result<()> {
        let mut transaction = self.postgres.pool.begin().await?;
        sqlx::query("DELETE FROM replica WHERE id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        changes::release_claims(&mut *transaction, id, &[]).await?;
        transaction.commit().await
    }

    /// Evicts dead replicas: those whose lease has expired, or whose session has been gone for two checks (a replica that
    /// only lost its connection has abandoned its jobs by then).
    async fn check_replicas(
        &self,
        own: i32,
        suspects: &mut BTreeSet<i32>,
        policy: RetryPolicy,
        now: i64,
    ) -> sqlx::Result<()> {
        let pool = &self.postgres.pool;
        let found: Vec<(i32, bool)> = sqlx::query_as(
            "SELECT id, seen < clock_timestamp() - make_interval(secs => $2) FROM replica
             WHERE id <> $1 AND (seen < clock_timestamp() - make_interval(secs => $2) OR NOT EXISTS (
                 SELECT 1 FROM pg_locks
                 WHERE locktype = 'advisory' AND classid::bigint = $3 AND objid::bigint = replica.id AND objsubid = 2
                     AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))",
        )
        .bind(own)
        .bind(self.postgres.lease().as_secs_f64())
        .bind(i64::from(LOCK_CLASS))
        .fetch_all(pool)
        .await?;
        let without_session: BTreeSet<i32> = found.iter().map(|(id, _)| *id).collect();
        for (id, is_expired) in found {
            if is_expired || suspects.contains(&id) {
                recover_replica(pool, id, policy, now).await?;
            }
        }
        *suspects = without_session;
        // Jobs of unlisted replicas would otherwise stay running for ever.
        let unlisted: Vec<i32> = sqlx::query_scalar(
            "SELECT DISTINCT holder FROM job
             WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM replica WHERE replica.id = job.holder)",
        )
        .fetch_all(pool)
        .await?;
        for id in unlisted {
            let mut transaction = pool.begin().await?;
            release_jobs(&mut transaction, id, policy, now).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}

/// Evicts a dead replica and makes its jobs claimable again.
async fn recover_replica(
    pool: &PgPool,
    dead: i32,
    policy: RetryPolicy,
    now: i64,
) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    if !evict_replica(&mut transaction, dead).await? {
        return Ok(());
    }
    release_jobs(&mut transaction, dead, policy, now).await?;
    transaction.commit().await
}

/// Makes the running jobs of a replica claimable again.
async fn release_jobs(
    transaction: &mut Transaction<'_, Postgres>,
    dead: i32,
    policy: RetryPolicy,
    now: i64,
) -> sqlx::Result<()> {
    let orphans: Vec<OrphanedJob> = sqlx::query_as(
        "SELECT id, attempt, given_up, farewells FROM job WHERE state = 'running' AND holder = $1 FOR UPDATE",
    )
    .bind(dead)
    .fetch_all(&mut **transaction)
    .await?;
    tracing::info!(
        replica = dead,
        jobs = orphans.len(),
        "releasing the jobs of a dead replica"
    );
    for orphan in orphans {
        let recovery = orphan.recover(policy, now);
        let failed = recovery.exhausted && orphan.given_up;
        sqlx::query(
            "UPDATE job
             SET state = $2, holder = NULL, finished = $3, given_up = given_up OR $4, due = $5,
                 reason = CASE WHEN given_up THEN reason ELSE 'the program ended in the middle of the attempt' END
             WHERE id = $1",
        )
        .bind(orphan.id)
        .bind(if failed { "failed" } else { "waiting" })
        .bind(failed.then_some(now))
        .bind(recovery.exhausted)
        .bind(recovery.due)
        .execute(&mut **transaction)
        .await?;
    }
    sqlx::query("SELECT pg_notify('epibot_job', '')")
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// Unlists a replica, which prevents further claims, and terminates its session if there is one. Returns false if another
/// replica has already done so.
async fn evict_replica(
    transaction: &mut Transaction<'_, Postgres>,
    dead: i32,
) -> sqlx::Result<bool> {
    let deleted = sqlx::query("DELETE FROM replica WHERE id = $1")
        .bind(dead)
        .execute(&mut **transaction)
        .await?;
    if deleted.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_locks
         WHERE locktype = 'advisory' AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 2
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    .bind(i64::from(LOCK_CLASS))
    .bind(i64::from(dead))
    .execute(&mut **transaction)
    .await?;
    Ok(true)
}
