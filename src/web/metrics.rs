//! The metrics endpoint for Prometheus.

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

/// Path of the endpoint.
const PATH: &str = "/metrics";
/// Timeout of each lookup; Prometheus waits ten seconds for the whole response.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(3);
/// Age up to which failed jobs are counted.
const FAILED_JOBS_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// The stores that gauges are read from at each scrape. Cheap to clone.
#[derive(Clone)]
pub struct MetricSources {
    pub queue: Queue,
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    pub clock: Clock,
}

/// Returns the route `/metrics`.
pub fn metrics_router(sources: MetricSources) -> Router {
    Router::new().route(PATH, get(render)).with_state(sources)
}

async fn render(State(sources): State<MetricSources>) -> Response {
    let metrics = metrics();
    sources.update_gauges(metrics).await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.rendered()).into_response()
}

impl MetricSources {
    /// Updates the gauges. If a store does not answer, a count becomes -1 and the others keep their value.
    async fn update_gauges(&self, metrics: &Metrics) {
        let since = self.clock.now() - FAILED_JOBS_WINDOW;
        let (open, oldest, failed, passages, sources) = tokio::join!(
            within_timeout(self.queue.size()),
            within_timeout(self.queue.oldest()),
            within_timeout(self.queue.failed_since(since)),
            within_timeout(self.index.size()),
            within_timeout(self.catalog.source_summaries()),
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
        if let Some(sources) = sources {
            let unread = sources.iter().map(|source| source.failed);
            metrics.unread.set(unread.sum());
        }
    }
}

async fn within_timeout<T>(lookup: impl Future<Output = anyhow::Result<T>>) -> Option<T> {
    tokio::time::timeout(LOOKUP_TIMEOUT, lookup)
        .await
        .ok()?
        .ok()
}
