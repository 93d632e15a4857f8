//! Read-only queries, for both databases.

use super::JobRecord;
use super::store::JobRow;
use crate::storage::database::{Tables, with_pool};

/// When the next job is due that only waits for its time.
pub(super) const NEXT_DUE: &str = "SELECT due FROM job AS candidate
    WHERE state = 'waiting' AND NOT EXISTS (
        SELECT 1 FROM job AS earlier
        WHERE earlier.lane = candidate.lane AND earlier.id < candidate.id AND earlier.finished IS NULL)
    ORDER BY due LIMIT 1";

pub(super) async fn lookup(tables: &Tables, key: &str) -> sqlx::Result<Option<JobRecord>> {
    const SQL: &str = "SELECT state, attempt, payload, progress, reason FROM job WHERE key = $1";
    let row: Option<JobRow> = with_pool!(tables, pool => {
        sqlx::query_as(SQL).bind(key).fetch_optional(pool).await?
    });
    row.map(JobRow::parse).transpose()
}

pub(super) async fn knows_lane(tables: &Tables, lane: &str) -> sqlx::Result<bool> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM job WHERE lane = $1)";
    with_pool!(tables, pool => sqlx::query_scalar(SQL).bind(lane).fetch_one(pool).await)
}

pub(super) async fn open_in_lane(tables: &Tables, lane: &str) -> sqlx::Result<Vec<String>> {
    const SQL: &str = "SELECT key FROM job WHERE lane = $1 AND finished IS NULL ORDER BY id";
    with_pool!(tables, pool => sqlx::query_scalar(SQL).bind(lane).fetch_all(pool).await)
}

pub(super) async fn failed_since(tables: &Tables, since: i64) -> sqlx::Result<u64> {
    const SQL: &str = "SELECT count(*) FROM job WHERE state = 'failed' AND finished >= $1";
    let number: i64 = with_pool!(tables, pool => {
        sqlx::query_scalar(SQL).bind(since).fetch_one(pool).await?
    });
    Ok(number.unsigned_abs())
}

/// Returns the number of open jobs, and when the oldest was stored.
pub(super) async fn open_jobs(tables: &Tables) -> sqlx::Result<(u64, Option<i64>)> {
    const SQL: &str = "SELECT count(*), min(stored) FROM job WHERE finished IS NULL";
    let (number, oldest): (i64, Option<i64>) = with_pool!(tables, pool => {
        sqlx::query_as(SQL).fetch_one(pool).await?
    });
    Ok((number.unsigned_abs(), oldest))
}
