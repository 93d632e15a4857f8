//! The health check: whether the index answers.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::web::state::WebState;

/// Time after which an index that does not answer counts as down.
const INDEX_TIMEOUT: Duration = Duration::from_secs(3);

/// Handles `GET /healthz`: 200 with the number of passages, or 503.
pub(super) async fn health(State(state): State<WebState>) -> Response {
    let size = tokio::time::timeout(INDEX_TIMEOUT, state.index.size()).await;
    if let Ok(Ok(passages)) = size {
        return Json(json!({ "status": "ok", "passages": passages })).into_response();
    }
    // Probed every few seconds, so nothing is logged here; searches log the failure.
    let body = json!({ "status": "unavailable", "reason": "the index does not answer" });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
