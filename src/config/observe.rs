//! Metrics and traces.

use std::net::SocketAddr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The Prometheus endpoint, and token prices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Address of the endpoint; `None` disables it.
    #[serde(deserialize_with = "address")]
    pub listen: Option<SocketAddr>,
    /// Prices of a million tokens, in any currency.
    pub price_prompt: f64,
    pub price_completion: f64,
}

/// Export of traces.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traces {
    /// Base URL of a collector that accepts OTLP over HTTP; empty disables traces.
    pub endpoint: String,
    /// Share of traced questions, 0 to 1.
    pub sample_ratio: f64,
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
