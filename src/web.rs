//! The web server: source links that open, the health check, and the demo page.

mod demo;
mod guard;
mod mark;
mod metrics;
mod page;
mod readers;
mod serve;
mod source;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use serde_json::json;

pub use demo::{DemoState, demo_router};
pub use metrics::{Measured, metrics_router};
pub use readers::Readers;
pub use serve::serve;

use crate::answer::link::Links;
use crate::extract::pool::Extractor;
use crate::i18n::web as text;
use crate::ingest::catalog::Catalog;
use crate::search::index::Index;
use guard::Frames;
use page::Reader;

/// Bytes that a request may have; the longest is a question with its conversation.
const BODY_LIMIT: usize = 256 * 1024;
/// An index that does not answer in this time is down.
const HEALTH_LIMIT: Duration = Duration::from_secs(3);

/// What source pages are made from.
#[derive(Clone)]
pub struct WebState {
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    pub extractor: Arc<Extractor>,
    pub links: Links,
    pub readers: Readers,
}

/// The routes that every epibot has: `/healthz` and `/source/…`.
pub fn router(state: WebState) -> Router {
    finished(sources(state), Frames::Nobody)
}

fn sources(state: WebState) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .merge(source::routes())
        .with_state(state)
}

fn finished(routes: Router, frames: Frames) -> Router {
    routes
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(guard::in_time))
        .layer(middleware::from_fn_with_state(frames, guard::secured))
}

async fn not_found(Reader(language): Reader) -> Response {
    page::message(StatusCode::NOT_FOUND, language, &text::not_found(language))
}

async fn health(State(state): State<WebState>) -> Response {
    let size = tokio::time::timeout(HEALTH_LIMIT, state.index.size()).await;
    if let Ok(Ok(passages)) = size {
        return Json(json!({ "status": "ok", "passages": passages })).into_response();
    }
    // Asked for every few seconds, so the log is left to those who search the index in earnest.
    let trouble = json!({ "status": "unavailable", "reason": "the index does not answer" });
    (StatusCode::SERVICE_UNAVAILABLE, Json(trouble)).into_response()
}
