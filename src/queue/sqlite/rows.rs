//! What is read from the file.

use serde_json::Value;
use sqlx::sqlite::{SqliteExecutor, SqliteRow};
use sqlx::{FromRow, Row};

use crate::queue::{Job, Record, State};

/// A job that a worker has just been given.
#[derive(Debug)]
pub(in crate::queue) struct Claimed {
    pub(in crate::queue) job: Job,
    /// Set where no attempt is to follow and the job is to be given up, for this reason.
    pub(in crate::queue) given_up: Option<String>,
    /// Claims for giving up, this one included.
    pub(in crate::queue) farewells: u32,
}

impl FromRow<'_, SqliteRow> for Claimed {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let reason: Option<String> = row.try_get("reason")?;
        Ok(Self {
            job: Job {
                id: row.try_get("id")?,
                key: row.try_get("key")?,
                lane: row.try_get("lane")?,
                payload: json(row, "payload")?.unwrap_or_default(),
                progress: json(row, "progress")?,
                attempt: row.try_get("attempt")?,
                fence: row.try_get("fence")?,
            },
            given_up: row
                .try_get::<bool, _>("given_up")?
                .then(|| reason.unwrap_or_default()),
            farewells: row.try_get("farewells")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Record {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let state = match row.try_get("state")? {
            "waiting" => State::Waiting,
            "running" => State::Running,
            "done" => State::Done,
            _ => State::Failed,
        };
        Ok(Self {
            state,
            attempt: row.try_get("attempt")?,
            payload: json(row, "payload")?,
            progress: json(row, "progress")?,
            reason: row.try_get("reason")?,
        })
    }
}

fn json(row: &SqliteRow, column: &str) -> sqlx::Result<Option<Value>> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(serde_json::from_str)
        .transpose()
        .map_err(|error| sqlx::Error::Decode(error.into()))
}

/// When the first of the jobs that wait for nothing but their time is due.
pub(super) async fn next_due(from: impl SqliteExecutor<'_>) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "SELECT due FROM job AS candidate
         WHERE state = 'waiting' AND NOT EXISTS (
             SELECT 1 FROM job AS earlier
             WHERE earlier.lane = candidate.lane AND earlier.id < candidate.id AND earlier.finished IS NULL)
         ORDER BY due LIMIT 1",
    )
    .fetch_optional(from)
    .await
}

pub(super) async fn lookup(
    from: impl SqliteExecutor<'_>,
    key: &str,
) -> sqlx::Result<Option<Record>> {
    sqlx::query_as("SELECT state, attempt, payload, progress, reason FROM job WHERE key = ?1")
        .bind(key)
        .fetch_optional(from)
        .await
}

pub(super) async fn knows_lane(from: impl SqliteExecutor<'_>, lane: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM job WHERE lane = ?1)")
        .bind(lane)
        .fetch_one(from)
        .await
}

pub(super) async fn open_in_lane(
    from: impl SqliteExecutor<'_>,
    lane: &str,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT key FROM job WHERE lane = ?1 AND finished IS NULL ORDER BY id")
        .bind(lane)
        .fetch_all(from)
        .await
}

/// The number of open jobs, and when the oldest of them was stored.
pub(super) async fn failed_since(from: impl SqliteExecutor<'_>, since: i64) -> sqlx::Result<u64> {
    let number: i64 =
        sqlx::query_scalar("SELECT count(*) FROM job WHERE state = 'failed' AND finished >= ?1")
            .bind(since)
            .fetch_one(from)
            .await?;
    Ok(number.unsigned_abs())
}

pub(super) async fn open_jobs(from: impl SqliteExecutor<'_>) -> sqlx::Result<(u64, Option<i64>)> {
    let (number, oldest): (i64, Option<i64>) =
        sqlx::query_as("SELECT count(*), min(stored) FROM job WHERE finished IS NULL")
            .fetch_one(from)
            .await?;
    Ok((number.unsigned_abs(), oldest))
}
