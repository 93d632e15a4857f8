//! The HTTP server: limits of connections and header time, and graceful shutdown.

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

/// Time limit for receiving a request's headers; also the idle time of a connection between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum number of open connections. Each takes a file descriptor, of which a process has a thousand or more, and
/// documents and databases need some.
const MAX_CONNECTIONS: usize = 512;
/// Pause after a failed accept, for example when no file descriptors are left.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Serves requests until the program stops, then finishes those in progress.
pub fn serve(listener: TcpListener, router: Router, lifecycle: &Lifecycle) {
    let tasks = lifecycle.clone();
    lifecycle.spawn("web", async move {
        let server = Server {
            service: TowerToHyperService::new(router),
            slots: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
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
            let accept = async {
                let slot = Arc::clone(&self.slots).acquire_owned().await.ok()?;
                Some((slot, listener.accept().await))
            };
            let accepted = tokio::select! {
                accepted = accept => accepted,
                () = self.tasks.stopping() => break,
            };
            match accepted {
                Some((slot, Ok((stream, _)))) => self.serve_connection(stream, slot),
                Some((_, Err(error))) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_BACKOFF).await;
                }
                None => break,
            }
        }
        drop(listener);
        self.graceful.shutdown().await;
    }

    fn serve_connection(&self, stream: TcpStream, slot: OwnedSemaphorePermit) {
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT);
        let connection = builder.serve_connection(TokioIo::new(stream), self.service.clone());
        let connection = self.graceful.watch(connection.into_owned());
        self.tasks.spawn("connection", async move {
            // An error on a connection, even a panic, ends only that connection.
            match AssertUnwindSafe(connection).catch_unwind().await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(error, "a connection was closed early"),
                Err(_) => tracing::error!("handling a request panicked"),
            }
            drop(slot);
        });
    }
}
