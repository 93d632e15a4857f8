//! The Slack adapter: transport, authentication and rendering.
//!
//! An event arrives by [`socket`] or [`http`]. Both pass it to the [`Intake`], which parses it ([`event`]) and enqueues
//! it before it is acknowledged. Platform-independent code handles it and calls Slack through [`SlackPlatform`].

mod client;
mod commands;
mod dialog;
mod error;
mod escape;
pub mod event;
mod groups;
mod home;
pub mod http;
mod intake;
mod manifest;
mod markup;
mod message;
mod mrkdwn;
mod platform;
mod render;
#[cfg(test)]
#[expect(dead_code, reason = "end-to-end tests have further requirements")]
#[path = "../../tests/it/support/requirement.rs"]
mod requirement;
#[cfg(test)]
mod sample;
pub mod socket;
mod split;
mod streaming;
mod table;
mod thread;

use anyhow::bail;

pub use client::Client;
pub use error::{Cause, Error};
pub use event::Bot;
pub use groups::Groups;
pub use intake::{Intake, Reply};
pub use manifest::manifest;
pub use platform::SlackPlatform;

/// Asks Slack for the bot's identity, which verifies the address and the bot token before anything else starts.
///
/// # Errors
/// Slack cannot be reached or refuses the token; says what to do.
pub async fn identify(client: &Client) -> anyhow::Result<Bot> {
    match client.auth_test().await {
        Ok(bot) => Ok(bot),
        Err(error) if error.is_token_error() => bail!(
            "Slack refuses the bot token ({error}); take the \"Bot User OAuth Token\" (xoxb-…) from the app's \
             \"OAuth & Permissions\" page and put it where slack.bot_token points"
        ),
        Err(error) => {
            bail!("Slack cannot be asked who we are ({error}); check slack.api_url and the network")
        }
    }
}
