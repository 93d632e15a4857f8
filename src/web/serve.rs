//! Connections: how many there are, and how long one may take to say what it wants.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures::FutureExt;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::runtime::lifecycle::Lifecycle;

/// A request's head must be there by then; also how long a connection may idle between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections held at once. Each takes a file descriptor, of which a process has a thousand or more, and documents and
/// databases need theirs.
const CONNECTIONS: usize = 512;
/// After a connection could not be taken, as when there are no descriptors left.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Answers requests until the program stops, then finishes those in hand.
pub fn serve(listener: TcpListener, router: Router, lifecycle: &Lifecycle) {
    let tasks = lifecycle.clone();
    lifecycle.spawn("web", async move {
        let server = Server {
            service: TowerToHyperService::new(router),
            slots: Arc::new(Semaphore::new(CONNECTIONS)),
            graceful: GracefulShutdown::new(),
            tasks,
        };
        server.run(listener).await;
    });
}

struct Server {
    service: TowerToHyperService<Router>,
    slots: Arc<Semaphore>,
    graceful: GracefulShutdown,
    tasks: Lifecycle,
}

impl Server {
    async fn run(self, listener: TcpListener) {
        loop {
            let next = async {
                let slot = Arc::clone(&self.slots).acquire_owned().await.ok()?;
                Some((slot, listener.accept().await))
            };
            let next = tokio::select! {
                next = next => next,
                () = self.tasks.stopping() => break,
            };
            match next {
                Some((slot, Ok((stream, _)))) => self.take(stream, slot),
                Some((_, Err(error))) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
                None => break,
            }
        }
        drop(listener);
        self.graceful.shutdown().await;
    }

    fn take(&self, stream: TcpStream, slot: OwnedSemaphorePermit) {
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT);
        let connection = builder.serve_connection(TokioIo::new(stream), self.service.clone());
        let connection = self.graceful.watch(connection.into_owned());
        self.tasks.spawn("connection", async move {
            // What goes wrong on a connection, a panic of ours included, ends that connection only.
            match AssertUnwindSafe(connection).catch_unwind().await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(error, "a connection broke off"),
                Err(_) => tracing::error!("answering a request panicked"),
            }
            drop(slot);
        });
    }
}
