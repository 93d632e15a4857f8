//! Opens the file: locks, checks and migrates it, and recovers the jobs that a crash interrupted.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};

use crate::runtime::lock::FileLock;
use crate::storage::queue::sqlite_error::{corrupt, explain};
use crate::storage::queue::store::{OrphanedJob, RetryPolicy};
use crate::storage::sqlite;

static SCHEMA: Migrator = sqlx::migrate!("src/storage/queue/sqlite");

/// How long to wait for another writer, such as a backup. Slack requires an acknowledgement within 3 s.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
/// Number of read-only connections.
const READERS: u32 = 2;
/// Files up to this many bytes are checked completely at every start, which takes about 5 ms per MB.
const MAX_CHECKED_BYTES: u64 = 64 << 20;

pub(super) struct OpenedFile {
    pub(super) options: SqliteConnectOptions,
    pub(super) connection: SqliteConnection,
    pub(super) readers: SqlitePool,
    pub(super) lock: FileLock,
}

pub(super) async fn open(file: &Path, policy: RetryPolicy, now: i64) -> anyhow::Result<OpenedFile> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| {
            format!(
                "the folder {} cannot be created; give epibot's user the right to create it, or set data.dir to another one",
                folder.display()
            )
        })?;
    }
    let lock = FileLock::acquire(file)?.map_err(|holder| {
        anyhow!(
            "the queue {} is in use by {holder}; stop that process first, or give this one a data.dir of its own",
            file.display()
        )
    })?;
    // In WAL mode only FULL makes every commit durable before it returns: https://sqlite.org/pragma.html
    let options = sqlite::options(file, BUSY_TIMEOUT).synchronous(SqliteSynchronous::Full);
    let explained = |error: sqlx::Error| explain(file, &error);
    let mut connection = options.connect().await.map_err(explained)?;
    check(&mut connection, file).await?;
    migrate(&mut connection, file).await?;
    recover_jobs(&mut connection, policy, now)
        .await
        .map_err(explained)?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(Duration::from_secs(3))
        .connect_lazy_with(options.clone().read_only(true).create_if_missing(false));
    Ok(OpenedFile {
        options,
        connection,
        readers,
        lock,
    })
}

/// Rejects a corrupt file before any job is acknowledged. In a file above [`MAX_CHECKED_BYTES`], corruption is found only
/// when the corrupt part is read.
async fn check(connection: &mut SqliteConnection, file: &Path) -> anyhow::Result<()> {
    if std::fs::metadata(file).is_ok_and(|found| found.len() > MAX_CHECKED_BYTES) {
        return Ok(());
    }
    let findings: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_all(connection)
        .await
        .map_err(|error| explain(file, &error))?;
    match findings.first() {
        Some(finding) if finding != "ok" => Err(corrupt(file, finding)),
        _ => Ok(()),
    }
}

async fn migrate(connection: &mut SqliteConnection, file: &Path) -> anyhow::Result<()> {
    // Not `run`, whose future is not provably `Send` behind a reference.
    match SCHEMA.run_direct(None, connection, false).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(version)) => bail!(
            "the queue {} has schema {version}, which a newer epibot wrote and this one cannot read; \
             run that version again, or restore a backup from before the upgrade",
            file.display()
        ),
        Err(error) => Err(anyhow!(error)).with_context(|| {
            format!(
                "the schema of the queue {} cannot be brought up to date",
                file.display()
            )
        }),
    }
}

/// Makes jobs that were running when the program ended claimable again; the lock guarantees that nobody else runs them.
async fn recover_jobs(
    connection: &mut SqliteConnection,
    policy: RetryPolicy,
    now: i64,
) -> sqlx::Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let running: Vec<OrphanedJob> =
        sqlx::query_as("SELECT id, attempt, given_up, farewells FROM job WHERE state = 'running' AND finished IS NULL")
            .fetch_all(&mut *transaction)
            .await?;
    if !running.is_empty() {
        tracing::info!(
            jobs = running.len(),
            "resuming jobs that the last run left unfinished"
        );
    }
    for orphan in running {
        let recovery = orphan.recover(policy, now);
        sqlx::query(
            "UPDATE job
             SET state = iif(?2 AND given_up, 'failed', 'waiting'), finished = iif(?2 AND given_up, ?3, NULL),
                 given_up = max(given_up, ?2), due = ?4,
                 reason = iif(given_up, reason, 'the program ended in the middle of the attempt')
             WHERE id = ?1",
        )
        .bind(orphan.id)
        .bind(recovery.exhausted)
        .bind(now)
        .bind(recovery.due)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await
}
