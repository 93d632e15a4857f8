//! Group commit: changes that arrive while one transaction is being written share the next one.
//!
//! `SQLite` has one writer, and a durable commit costs a flush of the disk. One connection writes, and every flush
//! carries all that has gathered meanwhile; so the wait is at most two flushes however many ask.

use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use async_trait::async_trait;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::sqlite::explain;
use crate::runtime::lock::FileLock;

/// Changes that may wait; beyond it, those who ask wait to be heard.
const WAITING: usize = 1_024;
/// Changes that one transaction may hold.
const GROUP: usize = 256;

/// Something to be written.
pub(super) trait Change: Send + Sync + 'static {
    type Effect: Send + 'static;
    /// Whether there may be work for a worker afterwards.
    const WAKES: bool;

    /// May be called again when its transaction was undone for a neighbour's sake.
    fn apply(
        &self,
        connection: &mut SqliteConnection,
    ) -> impl Future<Output = sqlx::Result<Self::Effect>> + Send;
}

/// The one who writes. Ends, and lets go of the file, when it is closed or the last handle is dropped.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    steps: mpsc::Sender<Box<dyn Step>>,
    closing: CancellationToken,
    ended: CancellationToken,
    file: Arc<Path>,
}

impl Writer {
    /// Starts writing through `connection`, waking `wake` after each change that may make work.
    #[expect(
        clippy::disallowed_methods,
        reason = "it must outlive the tasks that a stop cancels, since their last words are written by it"
    )]
    pub(super) fn start(
        options: SqliteConnectOptions,
        connection: SqliteConnection,
        lock: FileLock,
        wake: Arc<Notify>,
    ) -> Self {
        let (steps, arriving) = mpsc::channel(WAITING);
        let (closing, ended) = (CancellationToken::new(), CancellationToken::new());
        let file = Arc::from(options.get_filename());
        let writing = Writing {
            options,
            connection: Some(connection),
            arriving,
            wake,
        };
        let (to_close, at_end) = (closing.clone(), ended.clone().drop_guard());
        tokio::spawn(async move {
            writing.run(to_close).await;
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

    /// Durable once it returns `Ok`.
    pub(super) async fn write<C: Change>(&self, change: C) -> anyhow::Result<C::Effect> {
        let (reply, answer) = oneshot::channel();
        let closed = || anyhow!("the queue {} has been closed", self.file.display());
        let step = Asked {
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

    /// Whether the writing came to an end that nobody asked for.
    pub(super) fn has_crashed(&self) -> bool {
        self.ended.is_cancelled() && !self.closing.is_cancelled()
    }

    /// Writes what has been asked for until now, then closes the file.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.ended.cancelled().await;
    }
}

/// A change together with the one who waits for it.
#[async_trait]
trait Step: Send {
    async fn apply(&mut self, connection: &mut SqliteConnection) -> sqlx::Result<()>;
    fn wakes(&self) -> bool;
    fn tell(self: Box<Self>, outcome: Result<(), Arc<sqlx::Error>>);
}

struct Asked<C: Change> {
    change: C,
    effect: Option<C::Effect>,
    reply: oneshot::Sender<Result<C::Effect, Arc<sqlx::Error>>>,
}

#[async_trait]
impl<C: Change> Step for Asked<C> {
    async fn apply(&mut self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        self.effect = Some(self.change.apply(connection).await?);
        Ok(())
    }

    fn wakes(&self) -> bool {
        C::WAKES
    }

    fn tell(self: Box<Self>, outcome: Result<(), Arc<sqlx::Error>>) {
        let Self { effect, reply, .. } = *self;
        let answer =
            outcome.and_then(|()| effect.ok_or_else(|| Arc::new(sqlx::Error::WorkerCrashed)));
        // Whoever asked may have gone away; the change stands all the same.
        let _ = reply.send(answer);
    }
}

/// Why a transaction was undone.
enum Fault {
    /// Nothing could have been written.
    OfAll(sqlx::Error),
    /// One change failed.
    OfOne(sqlx::Error),
}

struct Writing {
    options: SqliteConnectOptions,
    /// None after a failure, which may have left it in a transaction that the database has already undone.
    connection: Option<SqliteConnection>,
    arriving: mpsc::Receiver<Box<dyn Step>>,
    wake: Arc<Notify>,
}

impl Writing {
    async fn run(mut self, closing: CancellationToken) {
        let mut steps = Vec::with_capacity(GROUP);
        loop {
            tokio::select! {
                count = self.arriving.recv_many(&mut steps, GROUP) => if count == 0 { break },
                () = closing.cancelled(), if !self.arriving.is_closed() => {
                    self.arriving.close();
                    continue;
                }
            }
            let group = std::mem::take(&mut steps);
            self.write_together(group).await;
        }
        if let Some(connection) = self.connection {
            // An error here costs nothing that was acknowledged: the log beside the file holds it.
            let _ = connection.close().await;
        }
    }

    async fn write_together(&mut self, mut group: Vec<Box<dyn Step>>) {
        match self.commit(&mut group).await {
            Ok(()) => self.tell_done(group),
            // One that cannot be written must not cost its neighbours theirs.
            Err(Fault::OfOne(_)) if group.len() > 1 => {
                for step in group {
                    let mut alone = vec![step];
                    match self.commit(&mut alone).await {
                        Ok(()) => self.tell_done(alone),
                        Err(fault) => tell_failed(alone, fault),
                    }
                }
            }
            Err(fault) => tell_failed(group, fault),
        }
    }

    async fn commit(&mut self, group: &mut [Box<dyn Step>]) -> Result<(), Fault> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await.map_err(Fault::OfAll)?,
        };
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(Fault::OfAll)?;
        for step in group {
            step.apply(&mut transaction).await.map_err(Fault::OfOne)?;
        }
        transaction.commit().await.map_err(Fault::OfAll)?;
        self.connection = Some(connection);
        Ok(())
    }

    fn tell_done(&self, group: Vec<Box<dyn Step>>) {
        if group.iter().any(|step| step.wakes()) {
            self.wake.notify_one();
        }
        for step in group {
            step.tell(Ok(()));
        }
    }
}

fn tell_failed(group: Vec<Box<dyn Step>>, fault: Fault) {
    let (Fault::OfAll(error) | Fault::OfOne(error)) = fault;
    let error = Arc::new(error);
    for step in group {
        step.tell(Err(Arc::clone(&error)));
    }
}
