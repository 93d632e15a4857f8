//! Everything that knows Slack.
//!
//! An event comes in by one of two deliveries, [`socket`] or [`http`]. Both hand it to the [`Intake`], which reads
//! it ([`event`]) and stores the question before it is acknowledged. The [`Responder`] takes it from the queue,
//! shows at once that it is at work, and answers in the thread.

mod admins;
mod agent;
mod buttons;
mod client;
pub mod command;
mod errand;
mod error;
mod escape;
pub mod event;
mod files;
mod gaps;
mod groups;
mod home;
pub mod http;
mod intake;
mod locale;
mod manifest;
mod message;
mod mrkdwn;
mod pages;
mod parts;
mod render;
mod responder;
#[cfg(test)]
mod sample;
pub mod socket;
mod split;
mod table;
mod thread;

use anyhow::bail;

pub use admins::Admins;
pub use buttons::Buttons;
pub use client::Client;
pub use error::{Cause, Error};
pub use event::Bot;
pub use gaps::{keep_ordering, order_due};
pub use groups::Groups;
pub use intake::{Intake, Reply};
pub use locale::Locales;
pub use manifest::manifest;
pub use parts::{Library, Parts};
pub use responder::Responder;

/// Asks Slack who we are, which proves the address and the bot token before anything else starts.
///
/// # Errors
/// Slack cannot be reached or refuses the token; says what to do.
pub async fn identify(client: &Client) -> anyhow::Result<Bot> {
    match client.auth_test().await {
        Ok(bot) => Ok(bot),
        Err(error) if error.is_about_the_token() => bail!(
            "Slack refuses the bot token ({error}); take the \"Bot User OAuth Token\" (xoxb-…) from the app's \
             \"OAuth & Permissions\" page and put it where slack.bot_token points"
        ),
        Err(error) => {
            bail!("Slack cannot be asked who we are ({error}); check slack.api_url and the network")
        }
    }
}
