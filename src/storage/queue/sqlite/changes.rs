//! The changes to the jobs, one statement each.

use sqlx::SqliteConnection;

use crate::storage::database::LeaseGuard;
use crate::storage::queue::group_commit::Change;
use crate::storage::queue::store::{ClaimEnd, Claimed, ClaimedRow, Claims, claim_status};
use crate::storage::queue::{ClaimStatus, Enqueued, queries};

pub(super) struct Enqueue {
    pub(super) key: String,
    pub(super) lane: String,
    pub(super) payload: String,
    pub(super) now: i64,
}

impl Change for Enqueue {
    type Effect = Enqueued;
    const WAKES: bool = true;

    async fn apply(&self, connection: &mut SqliteConnection) -> sqlx::Result<Enqueued> {
        let stored = sqlx::query(
            "INSERT INTO job (key, lane, payload, stored, due) VALUES (?1, ?2, ?3, ?4, ?4)
             ON CONFLICT (key) DO NOTHING",
        )
        .bind(&self.key)
        .bind(&self.lane)
        .bind(&self.payload)
        .bind(self.now)
        .execute(connection)
        .await?;
        Ok(if stored.rows_affected() == 1 {
            Enqueued::New
        } else {
            Enqueued::Duplicate
        })
    }
}

pub(super) struct Claim {
    pub(super) max_jobs: u32,
    pub(super) now: i64,
}

impl Change for Claim {
    type Effect = Claims;
    const WAKES: bool = false;

    async fn apply(&self, connection: &mut SqliteConnection) -> sqlx::Result<Claims> {
        let rows: Vec<ClaimedRow> = sqlx::query_as(
            "UPDATE job
             SET state = 'running', fence = fence + 1,
                 attempt = attempt + (1 - given_up), farewells = farewells + given_up
             WHERE id IN (
                 SELECT id FROM job AS candidate
                 WHERE state = 'waiting' AND due <= ?1 AND NOT EXISTS (
                     SELECT 1 FROM job AS earlier
                     WHERE earlier.lane = candidate.lane AND earlier.id < candidate.id AND earlier.finished IS NULL)
                 ORDER BY due, id LIMIT ?2)
             RETURNING id, key, lane, payload, progress, attempt, fence, given_up, farewells, reason",
        )
        .bind(self.now)
        .bind(self.max_jobs)
        .fetch_all(&mut *connection)
        .await?;
        let jobs = rows.into_iter().map(ClaimedRow::parse);
        let mut jobs = jobs.collect::<sqlx::Result<Vec<Claimed>>>()?;
        jobs.sort_unstable_by_key(|claimed| claimed.job.id);
        let has_claimed_all = jobs.len() < self.max_jobs as usize;
        let next_due = if has_claimed_all {
            sqlx::query_scalar(queries::NEXT_DUE)
                .fetch_optional(connection)
                .await?
        } else {
            None
        };
        Ok(Claims {
            jobs,
            next_due,
            lease: LeaseGuard::default(),
        })
    }
}

pub(super) struct Save {
    pub(super) id: i64,
    pub(super) fence: i64,
    pub(super) progress: String,
}

impl Change for Save {
    type Effect = ClaimStatus;
    const WAKES: bool = false;

    async fn apply(&self, connection: &mut SqliteConnection) -> sqlx::Result<ClaimStatus> {
        let saved = sqlx::query(
            "UPDATE job SET progress = ?3 WHERE id = ?1 AND fence = ?2 AND state = 'running'",
        )
        .bind(self.id)
        .bind(self.fence)
        .bind(&self.progress)
        .execute(connection)
        .await?;
        Ok(claim_status(saved.rows_affected()))
    }
}

pub(super) struct End {
    pub(super) id: i64,
    pub(super) fence: i64,
    pub(super) ending: ClaimEnd,
}

impl Change for End {
    type Effect = ClaimStatus;
    const WAKES: bool = true;

    async fn apply(&self, connection: &mut SqliteConnection) -> sqlx::Result<ClaimStatus> {
        let columns = self.ending.columns();
        let ended = sqlx::query(
            "UPDATE job
             SET state = ?3, given_up = max(given_up, ?4), due = coalesce(?5, due), finished = ?6,
                 reason = coalesce(?7, reason), attempt = attempt - iif(given_up, 0, ?8),
                 farewells = farewells - iif(given_up, ?8, 0)
             WHERE id = ?1 AND fence = ?2 AND state = 'running'",
        )
        .bind(self.id)
        .bind(self.fence)
        .bind(columns.state)
        .bind(columns.given_up)
        .bind(columns.due)
        .bind(columns.finished)
        .bind(columns.reason)
        .bind(columns.uncounted)
        .execute(connection)
        .await?;
        Ok(claim_status(ended.rows_affected()))
    }
}

pub(super) struct ReleaseAll;

impl Change for ReleaseAll {
    type Effect = ();
    const WAKES: bool = false;

    async fn apply(&self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE job
             SET state = 'waiting', attempt = attempt - (1 - given_up), farewells = farewells - given_up
             WHERE state = 'running' AND finished IS NULL",
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

pub(super) struct Forget {
    pub(super) before: i64,
    pub(super) limit: i64,
}

impl Change for Forget {
    type Effect = u64;
    const WAKES: bool = false;

    async fn apply(&self, connection: &mut SqliteConnection) -> sqlx::Result<u64> {
        let deleted = sqlx::query(
            "UPDATE job SET payload = NULL, progress = NULL
             WHERE id IN (SELECT id FROM job WHERE finished < ?1 AND payload IS NOT NULL LIMIT ?2)",
        )
        .bind(self.before)
        .bind(self.limit)
        .execute(connection)
        .await?;
        Ok(deleted.rows_affected())
    }
}
