//! How tests speak HTTP.

use std::time::Duration;

/// A client with timeouts, for servers on this machine.
pub(crate) fn http() -> reqwest::Client {
    epibot::runtime::http::client()
        .timeout(Duration::from_secs(30))
        .no_proxy()
        .build()
        .unwrap()
}
