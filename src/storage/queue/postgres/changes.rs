//! The changes to jobs, one statement each, so that a process that hangs leaves no open transaction that others wait for.

use serde_json::Value;
use sqlx::{PgExecutor, PgPool};

use crate::storage::queue::store::{ClaimEnd, Claimed, ClaimedRow, claim_status};
use crate::storage::queue::{ClaimStatus, Enqueued, Job, NewJob, queries};

/// Jobs per statement when payloads are deleted, so that other changes are made in between.
const DELETE_BATCH: i64 = 500;

/// Stores a job. Within a lane, ids follow the order of commits, because the id is drawn under a lock of the lane until the
/// commit; otherwise a later job could be seen and run before an earlier one.
pub(super) async fn enqueue(pool: &PgPool, job: &NewJob, now: i64) -> sqlx::Result<Enqueued> {
    let stored = sqlx::query(
        "WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($2, 0))),
         stored AS (
             INSERT INTO job (key, lane, payload, stored, due)
             SELECT $1, $2, $3, $4, $4 FROM turn
             ON CONFLICT (key) DO NOTHING RETURNING id)
         SELECT pg_notify('epibot_job', '') FROM stored",
    )
    .bind(&job.key)
    .bind(&job.lane)
    .bind(job.payload.to_string())
    .bind(now)
    .execute(pool)
    .await?;
    Ok(if stored.rows_affected() == 1 {
        Enqueued::New
    } else {
        Enqueued::Duplicate
    })
}

/// Claims due jobs; none if others have evicted this replica.
pub(super) async fn claim(
    pool: &PgPool,
    replica: i32,
    max_jobs: u32,
    now: i64,
) -> sqlx::Result<Vec<Claimed>> {
    let rows: Vec<ClaimedRow> = sqlx::query_as(
        "WITH alive AS MATERIALIZED (SELECT id FROM replica WHERE id = $3 FOR KEY SHARE),
         ready AS MATERIALIZED (
             SELECT candidate.id FROM job AS candidate
             WHERE state = 'waiting' AND due <= $1 AND EXISTS (SELECT 1 FROM alive) AND NOT EXISTS (
                 SELECT 1 FROM job AS earlier
                 WHERE earlier.lane = candidate.lane AND earlier.id < candidate.id AND earlier.finished IS NULL)
             ORDER BY due, id LIMIT $2 FOR UPDATE SKIP LOCKED)
         UPDATE job
         SET state = 'running', holder = $3, fence = fence + 1,
             attempt = attempt + 1 - given_up::integer, farewells = farewells + given_up::integer
         FROM ready WHERE job.id = ready.id
         RETURNING job.id, key, lane, payload, progress, attempt, fence, given_up, farewells, reason",
    )
    .bind(now)
    .bind(i64::from(max_jobs))
    .bind(replica)
    .fetch_all(pool)
    .await?;
    let mut jobs = rows
        .into_iter()
        .map(ClaimedRow::parse)
        .collect::<sqlx::Result<Vec<Claimed>>>()?;
    jobs.sort_unstable_by_key(|claimed| claimed.job.id);
    Ok(jobs)
}

pub(super) async fn next_due(pool: &PgPool) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(queries::NEXT_DUE)
        .fetch_optional(pool)
        .await
}

pub(super) async fn save(pool: &PgPool, job: &Job, progress: &Value) -> sqlx::Result<ClaimStatus> {
    let saved = sqlx::query(
        "UPDATE job SET progress = $3 WHERE id = $1 AND fence = $2 AND state = 'running'",
    )
    .bind(job.id)
    .bind(job.fence)
    .bind(progress.to_string())
    .execute(pool)
    .await?;
    Ok(claim_status(saved.rows_affected()))
}

pub(super) async fn end(pool: &PgPool, job: &Job, ending: &ClaimEnd) -> sqlx::Result<ClaimStatus> {
    let ended = ending.columns();
    let rows = sqlx::query(
        "WITH ended AS (
             UPDATE job
             SET state = $3, holder = NULL, given_up = given_up OR $4, due = coalesce($5, due), finished = $6,
                 reason = coalesce($7, reason), attempt = attempt - CASE WHEN given_up THEN 0 ELSE $8 END,
                 farewells = farewells - CASE WHEN given_up THEN $8 ELSE 0 END
             WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id)
         SELECT pg_notify('epibot_job', '') FROM ended",
    )
    .bind(job.id)
    .bind(job.fence)
    .bind(ended.state)
    .bind(ended.given_up)
    .bind(ended.due)
    .bind(ended.finished)
    .bind(ended.reason)
    .bind(ended.uncounted)
    .execute(pool)
    .await?;
    Ok(claim_status(rows.rows_affected()))
}

/// Releases the claims of a replica as if they had not been made, except `except`: jobs with their fencing tokens.
pub(super) async fn release_claims(
    to: impl PgExecutor<'_>,
    replica: i32,
    except: &[(i64, i64)],
) -> sqlx::Result<()> {
    let (jobs, fences): (Vec<i64>, Vec<i64>) = except.iter().copied().unzip();
    sqlx::query(
        "WITH back AS (
             UPDATE job
             SET state = 'waiting', holder = NULL, attempt = attempt - 1 + given_up::integer,
                 farewells = farewells - given_up::integer
             WHERE state = 'running' AND holder = $1 AND NOT EXISTS (
                 SELECT 1 FROM unnest($2, $3) AS kept (id, fence)
                 WHERE kept.id = job.id AND kept.fence = job.fence)
             RETURNING id)
         SELECT pg_notify('epibot_job', '') FROM back",
    )
    .bind(replica)
    .bind(jobs)
    .bind(fences)
    .execute(to)
    .await
    .map(drop)
}

pub(super) async fn forget(pool: &PgPool, before: i64) -> sqlx::Result<u64> {
    let deleted = sqlx::query(
        "UPDATE job SET payload = NULL, progress = NULL
         WHERE id IN (SELECT id FROM job WHERE finished < $1 AND payload IS NOT NULL LIMIT $2)",
    )
    .bind(before)
    .bind(DELETE_BATCH)
    .execute(pool)
    .await?;
    Ok(deleted.rows_affected())
}
