//! What Prometheus asks for.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::SignedDuration;

use crate::ingest::catalog::Catalog;
use crate::runtime::clock::Clock;
use crate::runtime::metrics::{Metrics, metrics};
use crate::search::index::Index;
use crate::storage::queue::Queue;

/// Where it is asked.
const PATH: &str = "/metrics";
/// What is looked up for an answer has to be there by then; Prometheus waits ten seconds.
const PATIENCE: Duration = Duration::from_secs(3);
/// Jobs that failed longer ago are not counted.
const RECENT: SignedDuration = SignedDuration::from_hours(1);

/// What is looked up whenever Prometheus asks.
#[derive(Clone)]
pub struct Measured {
    pub queue: Queue,
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    pub clock: Clock,
}

/// The route `/metrics`.
pub fn metrics_router(measured: Measured) -> Router {
    Router::new().route(PATH, get(tell)).with_state(measured)
}

async fn tell(State(measured): State<Measured>) -> Response {
    let metrics = metrics();
    measured.look(metrics).await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.rendered()).into_response()
}

impl Measured {
    /// Brings the gauges up to date. One whose source does not answer says so, or keeps what it had.
    async fn look(&self, metrics: &Metrics) {
        let since = self.clock.now() - RECENT;
        let (open, oldest, failed, passages, holdings) = tokio::join!(
            in_time(self.queue.size()),
            in_time(self.queue.oldest()),
            in_time(self.queue.failed_since(since)),
            in_time(self.index.size()),
            in_time(self.catalog.holdings()),
        );
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        metrics.queue_open.set(open.map_or(-1, whole));
        if let Some(oldest) = oldest {
            let oldest = oldest.unwrap_or_default();
            metrics.queue_oldest.set(oldest.as_secs_f64());
        }
        if let Some(failed) = failed {
            metrics.queue_failed.set(whole(failed));
        }
        metrics.passages.set(passages.map_or(-1, whole));
        if let Some(holdings) = holdings {
            let unread = holdings.iter().map(|holding| holding.failed);
            metrics.unread.set(unread.sum());
        }
    }
}

async fn in_time<T>(looked_up: impl Future<Output = anyhow::Result<T>>) -> Option<T> {
    tokio::time::timeout(PATIENCE, looked_up).await.ok()?.ok()
}
