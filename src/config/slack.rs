//! Settings of Slack.

use std::time::Duration;

use serde::Deserialize;

use super::secret::Secret;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the switches are independent of each other"
)]
pub struct Slack {
    pub mode: SlackMode,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub bot_token: Option<Secret>,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub app_token: Option<Secret>,
    #[serde(default, deserialize_with = "Secret::optional")]
    pub signing_secret: Option<Secret>,
    pub api_url: String,
    pub connections: u32,
    pub update_interval_ms: u64,
    pub streaming: bool,
    pub native_tables: bool,
    pub rate_limits: bool,
    pub command: String,
    pub home_tab: bool,
    pub agent: bool,
    pub timeout_ms: u64,
}

impl Slack {
    /// Returns the minimum time between two updates of one message.
    #[must_use]
    pub fn update_interval(&self) -> Duration {
        Duration::from_millis(self.update_interval_ms)
    }
}

/// How Slack delivers its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum SlackMode {
    Off,
    Socket,
    Http,
}

impl TryFrom<String> for SlackMode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "off" => Ok(Self::Off),
            "socket" => Ok(Self::Socket),
            "http" => Ok(Self::Http),
            _ => Err(format!(
                "\"{text}\" is not a way to connect to Slack; write \"off\", \"socket\" or \"http\""
            )),
        }
    }
}
