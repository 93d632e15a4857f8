//! Metrics and traces.

use std::net::SocketAddr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// What Prometheus is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Where; none where nothing is told.
    #[serde(deserialize_with = "address")]
    pub listen: Option<SocketAddr>,
    /// Prices of a million tokens, in whatever currency.
    pub price_prompt: f64,
    pub price_completion: f64,
}

/// Where traces go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traces {
    /// Base address of a collector that takes OTLP by HTTP; empty where there is none.
    pub endpoint: String,
    /// The part of the questions that is traced, 0 to 1.
    pub share: f64,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        D::Error::custom(format!(
            "\"{text}\" is not an IP address with a port; write one such as \"127.0.0.1:9464\", or \"\" for none"
        ))
    })
}
