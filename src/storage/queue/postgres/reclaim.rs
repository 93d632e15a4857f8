//! Work that a replica left unfinished goes to the others.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::{PgPool, Postgres, Transaction};

use super::{Inner, Store, changes};
use crate::runtime::clock::Clock;
use crate::storage::database::CLASS;
use crate::storage::queue::store::{Attempts, Orphan};

/// How often it is looked whether a replica has died.
const LOOK: Duration = Duration::from_millis(500);

/// Looks after the jobs of replicas that are gone for as long as the store lives.
#[expect(
    clippy::disallowed_methods,
    reason = "it lives as long as the store does, which closes after the tasks have ended"
)]
pub(super) fn start(store: &Store, attempts: Attempts, clock: Clock) {
    let weak = std::sync::Arc::downgrade(&store.0);
    let mut standing = store.0.replica.standing();
    tokio::spawn(async move {
        let mut suspects = BTreeSet::new();
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut own = standing.borrow_and_update().id;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                changed = standing.changed() => if changed.is_err() { return },
            }
            let Some(store) = weak.upgrade() else { return };
            let now = *standing.borrow_and_update();
            let Some(id) = now.id else { continue };
            if own != Some(id) {
                let resumed = match now.previous {
                    Some(previous) => store.resume(previous, id).await,
                    None => Ok(()),
                };
                if let Err(error) = resumed {
                    let error = store.postgres.explain(&error).to_string();
                    tracing::warn!(error, "what was in hand cannot be taken up again yet");
                    continue;
                }
                own = Some(id);
            }
            if let Err(error) = store
                .look(id, &mut suspects, attempts, clock.now().as_millisecond())
                .await
            {
                let error = store.postgres.explain(&error).to_string();
                tracing::debug!(error, "other replicas cannot be looked after");
            }
        }
    });
}

impl Inner {
    /// Takes up what the session before this one had: work that is done and only wants to be noted stays with this
    /// replica, the rest is handed back and does not count.
    async fn resume(&self, previous: i32, id: i32) -> sqlx::Result<()> {
        let ending: Vec<i64> = self.ending().iter().copied().collect();
        let mut transaction = self.postgres.pool.begin().await?;
        // Otherwise somebody else has taken everything.
        if bury(&mut transaction, previous).await? {
            sqlx::query("UPDATE job SET holder = $2 WHERE state = 'running' AND holder = $1 AND id = ANY($3)")
                .bind(previous)
                .bind(id)
                .bind(ending)
                .execute(&mut *transaction)
                .await?;
            changes::hand_back(&mut *transaction, previous, &[]).await?;
        }
        transaction.commit().await
    }

    /// Hands back all that a replica has which leaves in good order. It comes off the list first: a claim that was cut
    /// off may still be on its way, and must be done before or be granted nothing.
    pub(super) async fn retire(&self, id: i32) -> sqlx::Result<()> {
        let mut transaction = self.postgres.pool.begin().await?;
        sqlx::query("DELETE FROM replica WHERE id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        changes::hand_back(&mut *transaction, id, &[]).await?;
        transaction.commit().await
    }

    /// A replica is dead if its lease is over, or if its session has been gone for two looks: one that only lost its
    /// connection has let go of everything by then.
    async fn look(
        &self,
        own: i32,
        suspects: &mut BTreeSet<i32>,
        attempts: Attempts,
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
        .bind(i64::from(CLASS))
        .fetch_all(pool)
        .await?;
        let gone: BTreeSet<i32> = found.iter().map(|(id, _)| *id).collect();
        for (id, is_over) in found {
            if is_over || suspects.contains(&id) {
                rescue(pool, id, attempts, now).await?;
            }
        }
        *suspects = gone;
        // Work that is held by nobody on the list would otherwise be held for ever.
        let unlisted: Vec<i32> = sqlx::query_scalar(
            "SELECT DISTINCT holder FROM job
             WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM replica WHERE replica.id = job.holder)",
        )
        .fetch_all(pool)
        .await?;
        for id in unlisted {
            let mut transaction = pool.begin().await?;
            release(&mut transaction, id, attempts, now).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}

/// Takes a dead replica off the list and makes its jobs claimable again.
async fn rescue(pool: &PgPool, dead: i32, attempts: Attempts, now: i64) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    if !bury(&mut transaction, dead).await? {
        return Ok(());
    }
    release(&mut transaction, dead, attempts, now).await?;
    transaction.commit().await
}

/// Makes the jobs claimable that a replica left unfinished.
async fn release(
    transaction: &mut Transaction<'_, Postgres>,
    gone: i32,
    attempts: Attempts,
    now: i64,
) -> sqlx::Result<()> {
    let orphans: Vec<Orphan> = sqlx::query_as(
        "SELECT id, attempt, given_up, farewells FROM job WHERE state = 'running' AND holder = $1 FOR UPDATE",
    )
    .bind(gone)
    .fetch_all(&mut **transaction)
    .await?;
    tracing::info!(
        replica = gone,
        jobs = orphans.len(),
        "a replica is gone; what it left unfinished is taken up again"
    );
    for orphan in orphans {
        let rescue = orphan.rescue(attempts, now);
        let failed = rescue.exhausted && orphan.given_up;
        sqlx::query(
            "UPDATE job
             SET state = $2, holder = NULL, finished = $3, given_up = given_up OR $4, due = $5,
                 reason = CASE WHEN given_up THEN reason ELSE 'the program ended in the middle of the attempt' END
             WHERE id = $1",
        )
        .bind(orphan.id)
        .bind(if failed { "failed" } else { "waiting" })
        .bind(failed.then_some(now))
        .bind(rescue.exhausted)
        .bind(rescue.due)
        .execute(&mut **transaction)
        .await?;
    }
    sqlx::query("SELECT pg_notify('epibot_job', '')")
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// Takes a replica off the list, which keeps it from claiming anything more, and ends its session if it has one still.
/// False if somebody else was faster.
async fn bury(transaction: &mut Transaction<'_, Postgres>, dead: i32) -> sqlx::Result<bool> {
    let buried = sqlx::query("DELETE FROM replica WHERE id = $1")
        .bind(dead)
        .execute(&mut **transaction)
        .await?;
    if buried.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_locks
         WHERE locktype = 'advisory' AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 2
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    .bind(i64::from(CLASS))
    .bind(i64::from(dead))
    .execute(&mut **transaction)
    .await?;
    Ok(true)
}
