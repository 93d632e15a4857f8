//! The routes of the web server and the layers around them.

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Router, middleware};

use crate::i18n::web as text;
use crate::web::health::health;
use crate::web::page::{self, PreferredLanguage};
use crate::web::protection::{self, FramePolicy};
use crate::web::source;
use crate::web::state::WebState;

/// Maximum size of a request body in bytes; the largest is a question with its conversation.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Returns the routes that every installation has: `/healthz` and `/source/…`.
pub fn router(state: WebState) -> Router {
    with_common_layers(base_routes(state), FramePolicy::Deny)
}

/// Returns the routes of [`router`] without layers.
pub(super) fn base_routes(state: WebState) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .merge(source::routes())
        .with_state(state)
}

/// Adds the fallback page, the limits of body size and time, and the security headers.
pub(super) fn with_common_layers(routes: Router, frames: FramePolicy) -> Router {
    routes
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(protection::time_limit))
        .layer(middleware::from_fn_with_state(
            frames,
            protection::security_headers,
        ))
}

async fn not_found(PreferredLanguage(language): PreferredLanguage) -> Response {
    page::message(StatusCode::NOT_FOUND, language, &text::not_found(language))
}
