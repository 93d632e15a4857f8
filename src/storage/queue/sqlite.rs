//! The queue in one `SQLite` file.

mod changes;
mod open;

use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use async_trait::async_trait;
use serde_json::Value;
use sqlx::SqlitePool;
use tokio::sync::Notify;

use super::group::Writer;
use super::store::{Attempts, Claims, Ending};
use super::{Enqueued, Held, Job, NewJob, Record, reads, store};
use crate::storage::database::Tables;

/// Finished jobs whose payloads one transaction forgets, so that others get their turn in between.
const FORGOTTEN_AT_ONCE: i64 = 500;

/// The jobs of one file. All times are in milliseconds since 1970-01-01 UTC.
#[derive(Clone, Debug)]
pub(super) struct Store {
    writer: Writer,
    readers: SqlitePool,
    tables: Tables,
    file: Arc<Path>,
}

impl Store {
    pub(super) async fn open(
        file: &Path,
        attempts: Attempts,
        now: i64,
        wake: Arc<Notify>,
    ) -> anyhow::Result<Self> {
        let opened = open::open(file, attempts, now).await?;
        Ok(Self {
            writer: Writer::start(opened.options, opened.connection, opened.lock, wake),
            tables: Tables::Sqlite(opened.readers.clone()),
            readers: opened.readers,
            file: Arc::from(file),
        })
    }

    fn read<T>(&self, result: sqlx::Result<T>) -> anyhow::Result<T> {
        result.map_err(|error| explain(&self.file, &error))
    }
}

#[async_trait]
impl store::Store for Store {
    async fn enqueue(&self, job: &NewJob, now: i64) -> anyhow::Result<Enqueued> {
        let payload = job.payload.to_string();
        let (key, lane) = (job.key.clone(), job.lane.clone());
        self.writer
            .write(changes::Enqueue {
                key,
                lane,
                payload,
                now,
            })
            .await
    }

    async fn claim(&self, most: u32, now: i64) -> anyhow::Result<Claims> {
        self.writer.write(changes::Claim { most, now }).await
    }

    async fn save(&self, job: &Job, progress: &Value) -> anyhow::Result<Held> {
        let (id, fence, progress) = (job.id, job.fence, progress.to_string());
        self.writer
            .write(changes::Save {
                id,
                fence,
                progress,
            })
            .await
    }

    async fn end(&self, job: &Job, ending: Ending) -> anyhow::Result<Held> {
        let (id, fence) = (job.id, job.fence);
        self.writer.write(changes::End { id, fence, ending }).await
    }

    /// No other process has the file.
    fn let_go(&self, _job: &Job) {}

    async fn forget(&self, before: i64) -> anyhow::Result<u64> {
        let mut forgotten = 0;
        loop {
            let now = self
                .writer
                .write(changes::Forget {
                    before,
                    most: FORGOTTEN_AT_ONCE,
                })
                .await?;
            forgotten += now;
            if now == 0 {
                return Ok(forgotten);
            }
        }
    }

    fn has_crashed(&self) -> bool {
        self.writer.has_crashed()
    }

    fn poll(&self) -> Option<std::time::Duration> {
        None
    }

    async fn close(&self) -> anyhow::Result<()> {
        let handed_back = self.writer.write(changes::HandBack).await;
        self.readers.close().await;
        self.writer.close().await;
        handed_back
    }

    async fn lookup(&self, key: &str) -> anyhow::Result<Option<Record>> {
        self.read(reads::lookup(&self.tables, key).await)
    }

    async fn knows_lane(&self, lane: &str) -> anyhow::Result<bool> {
        self.read(reads::knows_lane(&self.tables, lane).await)
    }

    async fn open_in_lane(&self, lane: &str) -> anyhow::Result<Vec<String>> {
        self.read(reads::open_in_lane(&self.tables, lane).await)
    }

    async fn failed_since(&self, since: i64) -> anyhow::Result<u64> {
        self.read(reads::failed_since(&self.tables, since).await)
    }

    async fn open_jobs(&self) -> anyhow::Result<(u64, Option<i64>)> {
        self.read(reads::open_jobs(&self.tables).await)
    }
}

/// Says what failed, in which file, and what to do where something can be done.
pub(super) fn explain(path: &Path, error: &sqlx::Error) -> anyhow::Error {
    let file = path.display();
    // The low byte of SQLite's extended result codes is the primary one: https://sqlite.org/rescode.html
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    match code
        .and_then(|code| code.parse::<i32>().ok())
        .map(|code| code & 0xff)
    {
        Some(5) => anyhow!(
            "the queue {file} is being written by another program ({error}); close that program"
        ),
        Some(8) => anyhow!(
            "the queue {file} is read-only ({error}); give epibot's user the right to write to it"
        ),
        Some(11 | 26) => damaged(path, error),
        Some(13) => {
            anyhow!("the disk that holds the queue {file} is full ({error}); make room on it")
        }
        _ => anyhow!("the queue {file} failed: {error}"),
    }
}

fn damaged(file: &Path, finding: impl std::fmt::Display) -> anyhow::Error {
    let file = file.display();
    anyhow!(
        "the queue {file} is damaged ({finding}); stop epibot, move the file away together with {file}-wal and \
         {file}-shm, and restore it from a backup, or start without it: questions that were waiting are lost then"
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;
    use sqlx::SqliteConnection;

    use super::*;
    use crate::runtime::clock::Clock;
    use crate::runtime::lifecycle::{Ending, Lifecycle};
    use crate::storage::queue::group::Change;
    use crate::storage::queue::{Failure, Handler, Outcome, Queue};

    struct Fatal;

    impl Change for Fatal {
        type Effect = ();
        const WAKES: bool = false;

        async fn apply(&self, _: &mut SqliteConnection) -> sqlx::Result<()> {
            panic!("on purpose")
        }
    }

    struct Idle;

    #[async_trait]
    impl Handler for Idle {
        async fn handle(&self, _: &Job) -> Outcome {
            Outcome::Done
        }

        async fn give_up(&self, _: &Job, _: &Failure) {}
    }

    #[tokio::test]
    async fn a_writer_that_panics_stops_the_program() {
        let folder = tempfile::TempDir::new().unwrap();
        let config = crate::config::storage::Queue {
            workers: 1,
            attempts: 1,
            backoff_s: 0,
        };
        let (file, wake) = (folder.path().join("queue.sqlite"), Arc::new(Notify::new()));
        let store = Store::open(
            &file,
            crate::storage::queue::attempts(&config),
            0,
            Arc::clone(&wake),
        )
        .await
        .unwrap();
        let queue = Queue {
            store: Arc::new(store.clone()),
            shared: None,
            config,
            clock: Clock::system(),
            wake,
        };
        let lifecycle = Lifecycle::default();
        queue.run(Arc::new(Idle), &lifecycle);
        store.writer.write(Fatal).await.unwrap_err();
        queue.wake();
        let ending = lifecycle.finish(Duration::from_secs(20)).await;
        assert_eq!(ending, Ending::Crashed("queue"));
    }
}
