//! What is read of the stored jobs, in either database.

use super::Record;
use super::store::RecordRow;
use crate::storage::database::{Tables, either};

/// When the first of the jobs that wait for nothing but their time is due.
pub(super) const NEXT_DUE: &str = "SELECT due FROM job AS candidate
    WHERE state = 'waiting' AND NOT EXISTS (
        SELECT 1 FROM job AS earlier
        WHERE earlier.lane = candidate.lane AND earlier.id < candidate.id AND earlier.finished IS NULL)
    ORDER BY due LIMIT 1";

pub(super) async fn lookup(tables: &Tables, key: &str) -> sqlx::Result<Option<Record>> {
    const SQL: &str = "SELECT state, attempt, payload, progress, reason FROM job WHERE key = $1";
    let row: Option<RecordRow> = either!(tables, pool => {
        sqlx::query_as(SQL).bind(key).fetch_optional(pool).await?
    });
    row.map(RecordRow::read).transpose()
}

pub(super) async fn knows_lane(tables: &Tables, lane: &str) -> sqlx::Result<bool> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM job WHERE lane = $1)";
    either!(tables, pool => sqlx::query_scalar(SQL).bind(lane).fetch_one(pool).await)
}

pub(super) async fn open_in_lane(tables: &Tables, lane: &str) -> sqlx::Result<Vec<String>> {
    const SQL: &str = "SELECT key FROM job WHERE lane = $1 AND finished IS NULL ORDER BY id";
    either!(tables, pool => sqlx::query_scalar(SQL).bind(lane).fetch_all(pool).await)
}

pub(super) async fn failed_since(tables: &Tables, since: i64) -> sqlx::Result<u64> {
    const SQL: &str = "SELECT count(*) FROM job WHERE state = 'failed' AND finished >= $1";
    let number: i64 = either!(tables, pool => {
        sqlx::query_scalar(SQL).bind(since).fetch_one(pool).await?
    });
    Ok(number.unsigned_abs())
}

/// The number of open jobs, and when the oldest of them was stored.
pub(super) async fn open_jobs(tables: &Tables) -> sqlx::Result<(u64, Option<i64>)> {
    const SQL: &str = "SELECT count(*), min(stored) FROM job WHERE finished IS NULL";
    let (number, oldest): (i64, Option<i64>) = either!(tables, pool => {
        sqlx::query_as(SQL).fetch_one(pool).await?
    });
    Ok((number.unsigned_abs(), oldest))
}
