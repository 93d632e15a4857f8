//! Opens the file: locked, sound, of our schema, and with what a crash left behind put right.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};

use super::{damaged, explain};
use crate::runtime::lock::FileLock;
use crate::storage::queue::store::{Attempts, Orphan};
use crate::storage::sqlite;

static SCHEMA: Migrator = sqlx::migrate!("src/storage/queue/sqlite");

/// How long a foreign writer, such as a backup, is waited for. Slack wants its acknowledgement within 3 s.
const BUSY: Duration = Duration::from_secs(1);
const READERS: u32 = 2;
/// Files up to this many bytes are checked whole at every start, which takes about 5 ms for each MB.
const CHECKED: u64 = 64 << 20;

pub(super) struct Opened {
    pub(super) options: SqliteConnectOptions,
    pub(super) connection: SqliteConnection,
    pub(super) readers: SqlitePool,
    pub(super) lock: FileLock,
}

pub(super) async fn open(file: &Path, attempts: Attempts, now: i64) -> anyhow::Result<Opened> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| {
            format!(
                "the folder {} cannot be made; give epibot's user the right to make it, or set data.dir to another one",
                folder.display()
            )
        })?;
    }
    let lock = FileLock::take(file)?.map_err(|holder| {
        anyhow!(
            "the queue {} is in use by {holder}; stop that process first, or give this one a data.dir of its own",
            file.display()
        )
    })?;
    // In WAL mode only FULL has every commit on the disk before it returns: https://sqlite.org/pragma.html
    let options = sqlite::options(file, BUSY).synchronous(SqliteSynchronous::Full);
    let explained = |error: sqlx::Error| explain(file, &error);
    let mut connection = options.connect().await.map_err(explained)?;
    check(&mut connection, file).await?;
    migrate(&mut connection, file).await?;
    reclaim(&mut connection, attempts, now)
        .await
        .map_err(explained)?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(Duration::from_secs(3))
        .connect_lazy_with(options.clone().read_only(true).create_if_missing(false));
    Ok(Opened {
        options,
        connection,
        readers,
        lock,
    })
}

/// Refuses a damaged file before anything is promised on the strength of it. A file above [`CHECKED`] is found to be
/// damaged only when its damaged part is used.
async fn check(connection: &mut SqliteConnection, file: &Path) -> anyhow::Result<()> {
    if std::fs::metadata(file).is_ok_and(|found| found.len() > CHECKED) {
        return Ok(());
    }
    let findings: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_all(connection)
        .await
        .map_err(|error| explain(file, &error))?;
    match findings.first() {
        Some(finding) if finding != "ok" => Err(damaged(file, finding)),
        _ => Ok(()),
    }
}

async fn migrate(connection: &mut SqliteConnection, file: &Path) -> anyhow::Result<()> {
    // Not `run`, whose future the compiler cannot prove to be `Send` behind a reference.
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

/// Makes the jobs that were running when the program ended claimable again; the lock says that nobody has them.
async fn reclaim(
    connection: &mut SqliteConnection,
    attempts: Attempts,
    now: i64,
) -> sqlx::Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let running: Vec<Orphan> =
        sqlx::query_as("SELECT id, attempt, given_up, farewells FROM job WHERE state = 'running' AND finished IS NULL")
            .fetch_all(&mut *transaction)
            .await?;
    if !running.is_empty() {
        tracing::info!(
            jobs = running.len(),
            "jobs that the last run left unfinished are taken up again"
        );
    }
    for orphan in running {
        let rescue = orphan.rescue(attempts, now);
        sqlx::query(
            "UPDATE job
             SET state = iif(?2 AND given_up, 'failed', 'waiting'), finished = iif(?2 AND given_up, ?3, NULL),
                 given_up = max(given_up, ?2), due = ?4,
                 reason = iif(given_up, reason, 'the program ended in the middle of the attempt')
             WHERE id = ?1",
        )
        .bind(orphan.id)
        .bind(rescue.exhausted)
        .bind(now)
        .bind(rescue.due)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await
}
