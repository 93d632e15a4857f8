//! The web server.

use std::net::SocketAddr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::secret::Secret;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    pub base_url: String,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub link_secret: Option<Secret>,
    pub link_hours: u64,
}

fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        D::Error::custom(format!(
            "\"{text}\" is not an IP address with a port; write one such as \"127.0.0.1:8080\""
        ))
    })
}
