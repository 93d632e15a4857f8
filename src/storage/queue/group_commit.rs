//! Group commit: changes that arrive while a transaction is being written share the next one.
//!
//! `SQLite` has one writer, and a durable commit costs a flush of the disk. One connection writes all changes that have
//! arrived since the last flush, so that a caller waits for at most two flushes.

use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use async_trait::async_trait;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::sqlite_error::explain;
use crate::runtime::lock::FileLock;

/// Maximum number of waiting changes; further callers wait to enqueue theirs.
const QUEUE_CAPACITY: usize = 1_024;
/// Maximum number of changes in one transaction.
const MAX_GROUP: usize = 256;

/// A change to be written.
pub(super) trait Change: Send + Sync + 'static {
    type Effect: Send + 'static;
    /// Whether the change may make work for a worker.
    const WAKES: bool;

    /// Called again if the transaction was rolled back because of another change.
    fn apply(
        &self,
        connection: &mut SqliteConnection,
    ) -> impl Future<Output = sqlx::Result<Self::Effect>> + Send;
}

/// Handle of the writer task, which ends and unlocks the file when it is closed or the last handle is dropped.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    steps: mpsc::Sender<Box<dyn PendingChange>>,
    closing: CancellationToken,
    ended: CancellationToken,
    file: Arc<Path>,
}

impl Writer {
    /// Starts the writer task, which notifies `wake` after each change that may make work.
    #[expect(
        clippy::disallowed_methods,
        reason = "it must outlive the tasks that a stop cancels, since it writes their final state"
    )]
    pub(super) fn start(
        options: SqliteConnectOptions,
        connection: SqliteConnection,
        lock: FileLock,
        wake: Arc<Notify>,
    ) -> Self {
        let (steps, arriving) = mpsc::channel(QUEUE_CAPACITY);
        let (closing, ended) = (CancellationToken::new(), CancellationToken::new());
        let file = Arc::from(options.get_filename());
        let task = WriterTask {
            options,
            connection: Some(connection),
            arriving,
            wake,
        };
        let (to_close, at_end) = (closing.clone(), ended.clone().drop_guard());
        tokio::spawn(async move {
            task.run(to_close).await;
            drop(lock);
            drop(at_end);
        });
        Self {
            steps,
            closing,
            ended,
            file,
        }
    }

    /// Applies a change, which is durable after `Ok`.
    pub(super) async fn write<C: Change>(&self, change: C) -> anyhow::Result<C::Effect> {
        let (reply, answer) = oneshot::channel();
        let closed = || anyhow!("the queue {} has been closed", self.file.display());
        let step = Request {
            change,
            effect: None,
            reply,
        };
        self.steps
            .send(Box::new(step))
            .await
            .map_err(|_| closed())?;
        answer
            .await
            .map_err(|_| closed())?
            .map_err(|error| explain(&self.file, &error))
    }

    /// Whether the writer task ended without being closed.
    pub(super) fn has_crashed(&self) -> bool {
        self.ended.is_cancelled() && !self.closing.is_cancelled()
    }

    /// Writes the waiting changes, then closes the file.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.ended.cancelled().await;
    }
}

/// A change and the caller that waits for it.
#[async_trait]
trait PendingChange: Send {
    async fn apply(&mut self, connection: &mut SqliteConnection) -> sqlx::Result<()>;
    fn wakes(&self) -> bool;
    fn reply(self: Box<Self>, outcome: Result<(), Arc<sqlx::Error>>);
}

struct Request<C: Change> {
    change: C,
    effect: Option<C::Effect>,
    reply: oneshot::Sender<Result<C::Effect, Arc<sqlx::Error>>>,
}

#[async_trait]
impl<C: Change> PendingChange for Request<C> {
    async fn apply(&mut self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        self.effect = Some(self.change.apply(connection).await?);
        Ok(())
    }

    fn wakes(&self) -> bool {
        C::WAKES
    }

    fn reply(self: Box<Self>, outcome: Result<(), Arc<sqlx::Error>>) {
        let Self { effect, reply, .. } = *self;
        let answer =
            outcome.and_then(|()| effect.ok_or_else(|| Arc::new(sqlx::Error::WorkerCrashed)));
        // The caller may be gone; the change is written all the same.
        let _ = reply.send(answer);
    }
}

/// Why a transaction was rolled back.
enum CommitError {
    /// The transaction itself failed.
    Transaction(sqlx::Error),
    /// One change failed.
    Change(sqlx::Error),
}

struct WriterTask {
    options: SqliteConnectOptions,
    /// `None` after a failure, which may have left the connection in a broken transaction.
    connection: Option<SqliteConnection>,
    arriving: mpsc::Receiver<Box<dyn PendingChange>>,
    wake: Arc<Notify>,
}

impl WriterTask {
    async fn run(mut self, closing: CancellationToken) {
        let mut steps = Vec::with_capacity(MAX_GROUP);
        loop {
            tokio::select! {
                count = self.arriving.recv_many(&mut steps, MAX_GROUP) => if count == 0 { break },
                () = closing.cancelled(), if !self.arriving.is_closed() => {
                    self.arriving.close();
                    continue;
                }
            }
            let group = std::mem::take(&mut steps);
            self.write_together(group).await;
        }
        if let Some(connection) = self.connection {
            // An error here loses nothing acknowledged: the write-ahead log contains it.
            let _ = connection.close().await;
        }
    }

    async fn write_together(&mut self, mut group: Vec<Box<dyn PendingChange>>) {
        match self.commit(&mut group).await {
            Ok(()) => self.reply_done(group),
            // A change that cannot be written must not fail the others.
            Err(CommitError::Change(_)) if group.len() > 1 => {
                for step in group {
                    let mut alone = vec![step];
                    match self.commit(&mut alone).await {
                        Ok(()) => self.reply_done(alone),
                        Err(error) => reply_error(alone, error),
                    }
                }
            }
            Err(error) => reply_error(group, error),
        }
    }

    async fn commit(&mut self, group: &mut [Box<dyn PendingChange>]) -> Result<(), CommitError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self
                .options
                .connect()
                .await
                .map_err(CommitError::Transaction)?,
        };
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(CommitError::Transaction)?;
        for step in group {
            step.apply(&mut transaction)
                .await
                .map_err(CommitError::Change)?;
        }
        transaction
            .commit()
            .await
            .map_err(CommitError::Transaction)?;
        self.connection = Some(connection);
        Ok(())
    }

    fn reply_done(&self, group: Vec<Box<dyn PendingChange>>) {
        if group.iter().any(|step| step.wakes()) {
            self.wake.notify_one();
        }
        for step in group {
            step.reply(Ok(()));
        }
    }
}

fn reply_error(group: Vec<Box<dyn PendingChange>>, error: CommitError) {
    let (CommitError::Transaction(error) | CommitError::Change(error)) = error;
    let error = Arc::new(error);
    for step in group {
        step.reply(Err(Arc::clone(&error)));
    }
}
