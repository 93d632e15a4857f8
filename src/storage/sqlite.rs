//! How every file of SQLite is opened: many may read it while one writes.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, SqlitePool};

/// Options for a file, which is made if it does not exist. `busy` is how long one waits for another who writes.
#[must_use]
pub fn options(file: &Path, busy: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(busy)
        .disable_statement_logging()
}

/// Lays a file out anew where it is not of this version, for what can be made again from the documents. The schema sets
/// `user_version`.
///
/// # Errors
/// The file cannot be written, or is no file of SQLite.
pub async fn lay_out(pool: &SqlitePool, version: i64, schema: &'static str) -> sqlx::Result<()> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *transaction)
        .await?;
    if found != version {
        sqlx::raw_sql(schema).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
