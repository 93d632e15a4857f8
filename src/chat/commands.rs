//! Slash commands: each in a file of its own, told apart by the names that they are configured with.

pub mod epibot;
pub mod recipe;
pub mod reindex;

use std::sync::Arc;

use async_trait::async_trait;

use super::place::Place;
use super::reply::CommandReply;
use crate::i18n;

/// A slash command as somebody used it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandCall {
    /// With its slash: `/reindex`.
    pub name: String,
    /// The arguments, plain.
    pub text: String,
    pub place: Place,
    pub person: String,
    /// Unique to this use of it.
    pub trigger: String,
    /// The address that more than one reply may be sent to.
    pub response_url: Option<String>,
}

/// A slash command.
#[async_trait]
pub trait Command: Send + Sync {
    /// With its slash, as it is configured: `/reindex`.
    fn name(&self) -> &str;

    /// The reply. What takes longer than a second or two goes into the queue.
    ///
    /// # Errors
    /// Something failed that the person has no part in; they are told so.
    async fn run(&self, call: &CommandCall) -> anyhow::Result<CommandReply>;
}

/// The commands that are switched on. Cheap to clone.
#[derive(Clone, Default)]
pub struct Commands(Arc<Vec<Box<dyn Command>>>);

impl Commands {
    #[must_use]
    pub fn new(commands: Vec<Box<dyn Command>>) -> Self {
        Self(Arc::new(commands))
    }

    /// The reply to a call.
    ///
    /// # Errors
    /// The command failed.
    pub async fn run(&self, call: &CommandCall) -> anyhow::Result<CommandReply> {
        match self.0.iter().find(|command| command.name() == call.name) {
            Some(command) => command.run(call).await,
            None => Ok(CommandReply::Text(i18n::slack::command())),
        }
    }
}
