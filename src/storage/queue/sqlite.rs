//! The queue in one `SQLite` file.

mod changes;
mod open;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use sqlx::SqlitePool;
use tokio::sync::Notify;

use super::group_commit::Writer;
use super::sqlite_error::explain;
use super::store::{ClaimEnd, Claims, RetryPolicy};
use super::{ClaimStatus, Enqueued, Job, JobRecord, NewJob, queries, store};
use crate::storage::database::Tables;

/// Jobs per transaction when payloads are deleted, so that other changes are written in between.
const DELETE_BATCH: i64 = 500;

/// The queue of one file. All times are in milliseconds since 1970-01-01 UTC.
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
        policy: RetryPolicy,
        now: i64,
        wake: Arc<Notify>,
    ) -> anyhow::Result<Self> {
        let opened = open::open(file, policy, now).await?;
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

    async fn claim(&self, max_jobs: u32, now: i64) -> anyhow::Result<Claims> {
        self.writer.write(changes::Claim { max_jobs, now }).await
    }

    async fn save(&self, job: &Job, progress: &Value) -> anyhow::Result<ClaimStatus> {
        let (id, fence, progress) = (job.id, job.fence, progress.to_string());
        self.writer
            .write(changes::Save {
                id,
                fence,
                progress,
            })
            .await
    }

    async fn end(&self, job: &Job, ending: ClaimEnd) -> anyhow::Result<ClaimStatus> {
        let (id, fence) = (job.id, job.fence);
        self.writer.write(changes::End { id, fence, ending }).await
    }

    /// Nothing to do: no other process uses the file.
    fn abandon(&self, _job: &Job) {}

    async fn forget(&self, before: i64) -> anyhow::Result<u64> {
        let mut total = 0;
        loop {
            let deleted = self
                .writer
                .write(changes::Forget {
                    before,
                    limit: DELETE_BATCH,
                })
                .await?;
            total += deleted;
            if deleted == 0 {
                return Ok(total);
            }
        }
    }

    fn has_crashed(&self) -> bool {
        self.writer.has_crashed()
    }

    fn poll_interval(&self) -> Option<std::time::Duration> {
        None
    }

    async fn close(&self) -> anyhow::Result<()> {
        let released = self.writer.write(changes::ReleaseAll).await;
        self.readers.close().await;
        self.writer.close().await;
        released
    }

    async fn lookup(&self, key: &str) -> anyhow::Result<Option<JobRecord>> {
        self.read(queries::lookup(&self.tables, key).await)
    }

    async fn knows_lane(&self, lane: &str) -> anyhow::Result<bool> {
        self.read(queries::knows_lane(&self.tables, lane).await)
    }

    async fn open_in_lane(&self, lane: &str) -> anyhow::Result<Vec<String>> {
        self.read(queries::open_in_lane(&self.tables, lane).await)
    }

    async fn failed_since(&self, since: i64) -> anyhow::Result<u64> {
        self.read(queries::failed_since(&self.tables, since).await)
    }

    async fn open_jobs(&self) -> anyhow::Result<(u64, Option<i64>)> {
        self.read(queries::open_jobs(&self.tables).await)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;
    use sqlx::SqliteConnection;

    use super::*;
    use crate::runtime::clock::Clock;
    use crate::runtime::lifecycle::{Lifecycle, ShutdownOutcome};
    use crate::storage::queue::group_commit::Change;
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
            crate::storage::queue::retry_policy(&config),
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
        assert_eq!(ending, ShutdownOutcome::Crashed("queue"));
    }
}
