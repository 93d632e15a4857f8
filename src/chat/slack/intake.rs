//! Turns deliveries of Slack into stored work, for both transports.

use std::time::Duration;

use anyhow::anyhow;
use serde_json::Value;

use super::client::Client;
use super::commands::SlashCommands;
use super::event::{Bot, Incoming, parse};
use crate::chat::actions::Actions;
use crate::chat::commands::Commands;
use crate::chat::intake::EventIntake;
use crate::chat::services::ChatServices;

/// Timeout of storing a delivery. Slack waits three seconds for an acknowledgement, and then redelivers.
const TIMEOUT: Duration = Duration::from_millis(2_500);

/// Handles deliveries. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    bot: Bot,
    events: EventIntake,
    commands: SlashCommands,
    actions: Actions,
}

/// The reply to a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Accepted,
    Challenge(String),
    /// A message to the caller of a command.
    Message(Value),
}

impl Intake {
    #[must_use]
    pub fn new(services: &ChatServices, client: Client, bot: Bot, commands: Commands) -> Self {
        Self {
            bot,
            events: EventIntake::new(services),
            commands: SlashCommands::new(commands, client),
            actions: Actions::new(services),
        }
    }

    /// Parses a delivery and stores or executes its event.
    ///
    /// # Errors
    /// The event was not stored in time and must not be acknowledged, so that Slack redelivers it.
    pub async fn handle(&self, body: &Value) -> anyhow::Result<Reply> {
        match parse(body, &self.bot) {
            Incoming::Question(question) => in_time(self.events.store(question)).await,
            Incoming::Deleted(withdrawal) => in_time(self.events.withdraw(withdrawal)).await,
            Incoming::Opened(opened) => in_time(self.events.open(opened)).await,
            Incoming::Pressed(press) => in_time(self.actions.press(&press)).await,
            Incoming::Commented(comment) => in_time(self.actions.comment(&comment)).await,
            Incoming::Command(call) => Ok(match self.commands.run(&call).await {
                Value::Null => Reply::Accepted,
                message => Reply::Message(message),
            }),
            Incoming::Challenge(word) => Ok(Reply::Challenge(word)),
            Incoming::Ignored(reason) => {
                tracing::debug!(reason, "ignored a delivery from Slack");
                Ok(Reply::Accepted)
            }
        }
    }
}

/// Limits the time so that it ends before Slack redelivers.
async fn in_time(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<Reply> {
    tokio::time::timeout(TIMEOUT, work)
        .await
        .map_err(|_| anyhow!("it was not stored within {TIMEOUT:?}"))??;
    Ok(Reply::Accepted)
}
