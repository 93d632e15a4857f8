//! Slack's Events API: one HTTP address for events, commands and interactions.
//!
//! First the size of the body is limited, then the signature is checked, and only then the body is parsed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Limited};
use serde_json::{Map, Value};
use sha2::Sha256;

use super::Intake;
use super::intake::Reply;
use crate::config;
use crate::config::secret::Secret;
use crate::runtime::clock::Clock;
use crate::runtime::metrics::metrics;

/// The path that Slack sends everything to.
pub const PATH: &str = "/slack/events";
/// Maximum size of a body, in bytes: four times the longest message, twice, with every character escaped.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;
/// Timeout for the whole body.
const BODY_TIMEOUT: Duration = Duration::from_secs(3);
/// Tolerated age of a request, in seconds; Slack's recommendation.
const MAX_AGE_SECONDS: i64 = 300;

/// The state of the route.
struct EventsApi {
    intake: Intake,
    secret: Secret,
    clock: Clock,
}

/// The route that Slack calls.
///
/// # Errors
/// No signing secret is configured.
pub fn router(
    intake: Intake,
    config: &config::slack::Slack,
    clock: Clock,
) -> anyhow::Result<Router> {
    let secret = config.signing_secret.clone().context(
        "slack.signing_secret is not set; take it from the app's \"Basic Information\" page and write \
         \"env:SLACK_SIGNING_SECRET\"",
    )?;
    Ok(Router::new()
        .route(PATH, post(receive))
        .with_state(Arc::new(EventsApi {
            intake,
            secret,
            clock,
        })))
}

async fn receive(State(api): State<Arc<EventsApi>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = match read_body(body).await {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    if !api.is_signed(&head.headers, &body) {
        metrics().forged.inc();
        tracing::warn!("refused a request to {PATH} with a wrong signature or time");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Some(delivery) = delivery(&head.headers, &body) else {
        tracing::warn!("refused a body that is neither JSON nor a form");
        return StatusCode::BAD_REQUEST.into_response();
    };
    match api.intake.handle(&delivery).await {
        Ok(Reply::Accepted) => StatusCode::OK.into_response(),
        Ok(Reply::Challenge(word)) => word.into_response(),
        Ok(Reply::Message(message)) => axum::Json(message).into_response(),
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "cannot store an event; Slack will deliver it again"
            );
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn read_body(body: Body) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY_BYTES).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

impl EventsApi {
    /// Returns true if Slack signed this body recently. Compares in constant time.
    fn is_signed(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(time), Some(signature)) = (
            header("x-slack-request-timestamp"),
            header("x-slack-signature"),
        ) else {
            return false;
        };
        let is_recent = time.parse::<i64>().is_ok_and(|time| {
            self.clock
                .now()
                .as_second()
                .checked_sub(time)
                .is_some_and(|age| age.abs() <= MAX_AGE_SECONDS)
        });
        let signature = signature
            .strip_prefix("v0=")
            .and_then(|digits| hex::decode(digits).ok());
        let Some(signature) = signature.filter(|_| is_recent) else {
            return false;
        };
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose().as_bytes())
            .expect("a key of any length");
        mac.update(format!("v0:{time}:").as_bytes());
        mac.update(body);
        mac.verify_slice(&signature).is_ok()
    }
}

/// The JSON in a body: an event itself, an interaction in the form field `payload`, or a command's fields.
fn delivery(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return serde_json::from_slice(body).ok();
    }
    let fields: Map<String, Value> = url::form_urlencoded::parse(body)
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect();
    match fields.get("payload").and_then(Value::as_str) {
        Some(payload) => serde_json::from_str(payload).ok(),
        // Slack checks the certificate of a command's address with the fields of a command.
        None if fields.contains_key("ssl_check") => Some(Value::Null),
        None => Some(Value::Object(fields)),
    }
}

#[cfg(test)]
mod tests;
