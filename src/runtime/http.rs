//! The basis of every HTTP client, and `Retry-After`.

use std::time::Duration;

use reqwest::header::HeaderMap;

/// Returns a client builder with TLS and user agent; the caller sets timeouts.
pub fn client() -> reqwest::ClientBuilder {
    install_crypto_provider();
    reqwest::Client::builder().user_agent(concat!("epibot/", env!("CARGO_PKG_VERSION")))
}

/// Installs ring as rustls's process-wide crypto provider.
pub fn install_crypto_provider() {
    // Fails only if it is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Returns how long the server asks to wait: `Retry-After` in seconds, or as a date measured against the response's own.
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
    fn retry_after_is_parsed_in_all_its_forms() {
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
