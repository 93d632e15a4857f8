//! The story in a file, and what can only happen to files.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use epibot::config;
use epibot::runtime::clock::Clock;
use epibot::storage::queue::{Enqueued, JobState, Queue};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::puppet::{Stage, done};
use super::story::{Place, tell};
use super::{job, open};

struct File {
    folder: TempDir,
}

impl File {
    fn made() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("queue.sqlite")
    }

    /// A connection that goes past the queue, as another program would.
    async fn outsider(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.path())
            .connect()
            .await
            .unwrap()
    }
}

#[async_trait]
impl Place for File {
    async fn new() -> Option<Self> {
        Some(Self::made())
    }

    async fn open_as(&self, config: &config::storage::Queue, clock: Clock) -> Queue {
        Queue::open(&self.path(), config, clock).await.unwrap()
    }

    async fn after_a_crash(&self) -> Self {
        let copy = Self::made();
        for name in ["queue.sqlite", "queue.sqlite-wal"] {
            fs::copy(self.folder.path().join(name), copy.folder.path().join(name)).unwrap();
        }
        copy
    }
}

tell!(File);

#[tokio::test]
async fn a_second_process_is_refused_and_told_who_has_the_file() {
    let place = File::made();
    let held = place.open().await;
    let error = open(&place.path()).await.unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "the queue {} is in use by process {}; stop that process first, or give this one a data.dir of its own",
            place.path().display(),
            std::process::id()
        )
    );
    held.close().await.unwrap();
    open(&place.path()).await.unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let place = File::made();
    fs::write(place.folder.path().join("data"), "a file, not a folder").unwrap();
    let error = open(&place.folder.path().join("data/queue.sqlite"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("the folder ") && error.contains("set data.dir"),
        "{error}"
    );
}

#[tokio::test]
async fn a_folder_in_place_of_the_lock_file_is_named() {
    let place = File::made();
    fs::create_dir(place.folder.path().join("queue.sqlite.lock")).unwrap();
    let error = open(&place.path()).await.unwrap_err().to_string();
    assert!(
        error.contains("queue.sqlite.lock cannot be written; give epibot's user the right"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let place = File::made();
    fs::write(
        place.path(),
        "this is not a database, however long the text in it may be".repeat(100),
    )
    .unwrap();
    let error = open(&place.path()).await.unwrap_err().to_string();
    assert!(
        error.contains(" is damaged (") && error.contains("move the file away"),
        "{error}"
    );
    assert!(error.contains(place.path().to_str().unwrap()), "{error}");
}

#[tokio::test]
async fn a_file_with_broken_pages_is_refused() {
    let place = File::made();
    let queue = place.open().await;
    for number in 0..200 {
        queue
            .enqueue(&job(&format!("key {number}"), "lane"))
            .await
            .unwrap();
    }
    queue.close().await.unwrap();
    let mut bytes = fs::read(place.path()).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5a);
    fs::write(place.path(), bytes).unwrap();
    let error = open(&place.path()).await.unwrap_err().to_string();
    assert!(
        error.contains(" is damaged (") && error.contains("restore it from a backup"),
        "{error}"
    );
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    let place = File::made();
    place.open().await.close().await.unwrap();
    let mut outsider = place.outsider().await;
    outsider
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'from the future', 1, x'00', 1)",
        )
        .await
        .unwrap();
    outsider.close().await.unwrap();
    let error = open(&place.path()).await.unwrap_err().to_string();
    assert!(
        error.contains("has schema 9999, which a newer epibot wrote"),
        "{error}"
    );
}

#[tokio::test]
async fn a_write_that_another_program_blocks_is_an_error_and_works_afterwards() {
    let place = File::made();
    let queue = place.open().await;
    let mut outsider = place.outsider().await;
    outsider.execute("BEGIN IMMEDIATE").await.unwrap();
    let error = queue.enqueue(&job("a", "a")).await.unwrap_err().to_string();
    assert!(
        error.contains("is being written by another program"),
        "{error}"
    );
    outsider.execute("ROLLBACK").await.unwrap();
    assert_eq!(queue.enqueue(&job("a", "a")).await.unwrap(), Enqueued::New);
}

/// Makes every write of this kind to the file fail until it is healed.
async fn break_writes(outsider: &mut SqliteConnection, kind: &'static str) {
    let trigger = format!(
        "CREATE TRIGGER broken_{kind} BEFORE {kind} ON job BEGIN SELECT RAISE(ABORT, 'no more'); END"
    );
    outsider.execute(AssertSqlSafe(trigger)).await.unwrap();
}

#[tokio::test]
async fn a_neighbour_that_cannot_be_written_costs_only_itself() {
    let place = File::made();
    let queue = place.open().await;
    let mut outsider = place.outsider().await;
    outsider
        .execute(
            "CREATE TRIGGER picky BEFORE INSERT ON job WHEN new.key = 'bad' BEGIN SELECT RAISE(ABORT, 'bad'); END",
        )
        .await
        .unwrap();
    let jobs = [job("a", "a"), job("bad", "b"), job("c", "c")];
    let [a, bad, c] = futures::future::join_all(jobs.iter().map(|job| queue.enqueue(job)))
        .await
        .try_into()
        .unwrap();
    assert_eq!((a.unwrap(), c.unwrap()), (Enqueued::New, Enqueued::New));
    assert!(bad.unwrap_err().to_string().contains("failed: "));
    assert_eq!(queue.size().await.unwrap(), 2);
}

#[tokio::test]
async fn workers_ride_out_an_outage_and_say_so_once() {
    let place = File::made();
    let queue = place.open().await;
    for key in ["a", "b"] {
        queue.enqueue(&job(key, key)).await.unwrap();
    }
    let (log, mut lines) = mpsc::unbounded_channel();
    let subscriber = tracing_subscriber::registry().with(Log(log));
    let _logging = tracing::subscriber::set_default(subscriber);
    let mut stage = Stage::run(&queue);
    let [(_, a), (_, b)] = stage.attempts(["a", "b"]).await;
    let mut outsider = place.outsider().await;
    break_writes(&mut outsider, "UPDATE").await;
    break_writes(&mut outsider, "INSERT").await;
    done(a);
    done(b);
    let (level, line) = lines.recv().await.unwrap();
    assert_eq!(level, Level::ERROR);
    assert!(
        line.contains("the queue is unavailable; retrying until it is available"),
        "{line}"
    );
    assert!(
        queue.enqueue(&job("c", "c")).await.is_err(),
        "what is not stored must not be acknowledged"
    );
    outsider
        .execute("DROP TRIGGER broken_UPDATE")
        .await
        .unwrap();
    outsider
        .execute("DROP TRIGGER broken_INSERT")
        .await
        .unwrap();
    let (level, line) = lines.recv().await.unwrap();
    assert_eq!(
        (level, line.as_str()),
        (Level::INFO, "the queue is available again")
    );
    queue.enqueue(&job("c", "c")).await.unwrap();
    let (_, c) = stage.attempt("c").await;
    done(c);
    stage.rest().await;
    for key in ["a", "b", "c"] {
        let record = queue.lookup(key).await.unwrap().unwrap();
        assert_eq!((record.state, record.attempt), (JobState::Done, 1), "{key}");
    }
    assert!(lines.try_recv().is_err(), "an outage is told once");
}

/// Hands on what epibot logs.
struct Log(mpsc::UnboundedSender<(Level, String)>);

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("epibot") {
            let mut message = Message::default();
            event.record(&mut message);
            self.0.send((*event.metadata().level(), message.0)).unwrap();
        }
    }
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

#[tokio::test]
async fn a_write_outlives_the_one_who_asked_for_it() {
    let place = File::made();
    let queue = Arc::new(place.open().await);
    let mut stage = Stage::run(&queue);
    let asked = job("a", "a");
    let mut asking = Box::pin(queue.enqueue(&asked));
    assert!(futures::poll!(&mut asking).is_pending());
    drop(asking);
    let (_, act) = stage.attempt("a").await;
    done(act);
    stage.rest().await;
}
