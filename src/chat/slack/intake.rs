//! From a delivery of Slack's to stored work, the same for both transports.

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

/// Slack waits three seconds for an acknowledgement; what takes longer is better delivered again.
const TIMEOUT: Duration = Duration::from_millis(2_500);

/// Takes deliveries in. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    bot: Bot,
    events: EventIntake,
    commands: SlashCommands,
    actions: Actions,
}

/// How a delivery is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Accepted,
    Challenge(String),
    /// A message to whoever used a command.
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

    /// Reads a delivery and stores the question in it, if there is one for epibot.
    ///
    /// # Errors
    /// The question could not be stored in time and must not be acknowledged, so that Slack delivers it again.
    pub async fn take(&self, body: &Value) -> anyhow::Result<Reply> {
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

/// Ends before Slack delivers again.
async fn in_time(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<Reply> {
    tokio::time::timeout(TIMEOUT, work)
        .await
        .map_err(|_| anyhow!("it was not stored within {TIMEOUT:?}"))??;
    Ok(Reply::Accepted)
}
