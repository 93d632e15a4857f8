//! Options of `SQLite` files: write-ahead log, so that many read while one writes.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, SqlitePool};

/// Returns options for a file, which is created if it does not exist. `busy` is how long to wait for another writer.
#[must_use]
pub fn options(file: &Path, busy: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(busy)
        .disable_statement_logging()
}

/// Recreates the tables of a file of another version, for data that can be rebuilt from the documents. The schema sets
/// `user_version`.
///
/// # Errors
/// The file cannot be written, or is not an `SQLite` file.
pub async fn recreate_if_outdated(
    pool: &SqlitePool,
    version: i64,
    schema: &'static str,
) -> sqlx::Result<()> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *transaction)
        .await?;
    if found != version {
        sqlx::raw_sql(schema).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
