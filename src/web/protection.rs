//! Security headers, the time limit of requests, and the check that only this computer opens the demo page.

use std::net::IpAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::i18n::web as text;
use crate::web::page::{self, PreferredLanguage};

/// Maximum time until a response begins; longer than opening a large document takes.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(45);

/// Who may embed the pages in a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum FramePolicy {
    Deny,
    /// For the demo page, which shows sources next to the conversation.
    SameOrigin,
}

/// Responds with 503 if a response does not begin in time.
pub(super) async fn time_limit(request: Request, next: Next) -> Response {
    let PreferredLanguage(language) = PreferredLanguage::from_headers(request.headers());
    tokio::time::timeout(REQUEST_TIMEOUT, next.run(request))
        .await
        .unwrap_or_else(|_| {
            tracing::warn!("a request timed out");
            page::message(
                StatusCode::SERVICE_UNAVAILABLE,
                language,
                &text::took_too_long(language),
            )
        })
}

/// Adds the headers that keep a browser from misusing a page, such as framing or sniffing it.
pub(super) async fn security_headers(
    State(frames): State<FramePolicy>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let (ancestors, options) = match frames {
        FramePolicy::Deny => ("frame-ancestors 'none'", "DENY"),
        FramePolicy::SameOrigin => ("frame-ancestors 'self'", "SAMEORIGIN"),
    };
    let policy = headers
        .get(header::CONTENT_SECURITY_POLICY)
        .and_then(|value| value.to_str().ok())
        .map_or_else(
            || ancestors.to_owned(),
            |policy| format!("{policy}; {ancestors}"),
        );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::X_FRAME_OPTIONS, options),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // A source link opens for anyone who has it, so no other server may see it.
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Accepts only requests to a loopback name. Otherwise a web page could make its own name resolve to this server and read
/// the answers (DNS rebinding), or post questions across sites.
pub(super) async fn loopback_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| request.uri().authority().map(Authority::as_str));
    if host.is_some_and(is_loopback) && is_same_origin(headers, host) {
        return next.run(request).await;
    }
    let PreferredLanguage(language) = PreferredLanguage::from_headers(headers);
    let message = text::foreign_host(language);
    if request.uri().path().starts_with("/api/") {
        return (
            StatusCode::FORBIDDEN,
            Json(serde_json::json!({ "error": message.text })),
        )
            .into_response();
    }
    page::message(StatusCode::FORBIDDEN, language, &message)
}

fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Returns true if the `Origin` header, which browsers send with unsafe requests, is this server.
fn is_same_origin(headers: &HeaderMap, host: Option<&str>) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    origin
        .to_str()
        .ok()
        .and_then(|origin| origin.strip_prefix("http://"))
        == host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_computer_are_loopback() {
        for ours in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "localhost:1",
            "LOCALHOST",
            "[::1]:8080",
            "127.9.9.9",
        ] {
            assert!(is_loopback(ours), "{ours}");
        }
        for foreign in [
            "example.com",
            "127.0.0.1.example.com",
            "localhost.example.com:80",
            "10.0.0.1",
            "0.0.0.0",
            "",
        ] {
            assert!(!is_loopback(foreign), "{foreign}");
        }
    }

    #[test]
    fn an_origin_other_than_the_addressed_host_is_refused() {
        let headers =
            |origin| HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))]);
        assert!(is_same_origin(
            &headers("http://127.0.0.1:8080"),
            Some("127.0.0.1:8080")
        ));
        assert!(!is_same_origin(
            &headers("http://127.0.0.1:9999"),
            Some("127.0.0.1:8080")
        ));
        assert!(!is_same_origin(&headers("null"), Some("127.0.0.1:8080")));
        assert!(is_same_origin(&HeaderMap::new(), Some("127.0.0.1:8080")));
    }
}
