//! What every HTTP client of the program begins with.

use std::time::Duration;

use reqwest::header::HeaderMap;

/// Begins a client. It knows how to speak TLS; timeouts are for the caller to set.
pub fn client() -> reqwest::ClientBuilder {
    install_cryptography();
    reqwest::Client::builder().user_agent(concat!("epibot/", env!("CARGO_PKG_VERSION")))
}

/// Makes ring the process's cryptography for TLS, which rustls wants to be told once.
pub fn install_cryptography() {
    // It fails only where it was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// How long the server asks to wait: `Retry-After` in seconds, or as a date measured against the response's own.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |name: &str| {
        jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(text(name)?)
            .ok()
    };
    if let Some(milliseconds) = text("retry-after-ms").and_then(|value| value.parse().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    if let Some(seconds) = text("retry-after").and_then(|value| value.parse().ok()) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    Duration::try_from(date("retry-after")?.duration_since(date("date")?)).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_retry_after_is_understood_in_all_its_forms() {
        for (pairs, seconds) in [
            (&[("retry-after", "7")][..], Some(7.0)),
            (&[("retry-after", "1.5")], Some(1.5)),
            (
                &[("retry-after-ms", "250"), ("retry-after", "1")],
                Some(0.25),
            ),
            (
                &[
                    ("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"),
                    ("date", "Wed, 21 Oct 2026 07:28:00 GMT"),
                ],
                Some(30.0),
            ),
            (&[("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT")], None),
            (&[("retry-after", "-3")], None),
            (&[("retry-after", "soon")], None),
            (&[], None),
        ] {
            assert_eq!(
                retry_after(&headers(pairs)).map(|time| time.as_secs_f64()),
                seconds,
                "{pairs:?}"
            );
        }
    }
}
