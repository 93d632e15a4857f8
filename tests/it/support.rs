//! What the tests share: networks to talk to, and a bot between them.

pub(crate) mod browser;
pub(crate) mod llm;
pub(crate) mod slack;

use std::time::Duration;

/// A client with timeouts, for servers on this machine.
pub(crate) fn http() -> reqwest::Client {
    epibot::http::client()
        .timeout(Duration::from_secs(30))
        .no_proxy()
        .build()
        .unwrap()
}
