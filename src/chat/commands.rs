//! Slash commands, each in a file of its own, found by their configured names.

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
    /// The arguments as plain text.
    pub text: String,
    pub place: Place,
    pub person: String,
    /// Unique id of this call.
    pub trigger: String,
    /// The address to which several replies can be sent.
    pub response_url: Option<String>,
}

/// A slash command.
#[async_trait]
pub trait Command: Send + Sync {
    /// With its slash, as it is configured: `/reindex`.
    fn name(&self) -> &str;

    /// Returns the reply. Work that takes longer than a second or two is enqueued.
    ///
    /// # Errors
    /// An internal failure; the person gets a general message.
    async fn run(&self, call: &CommandCall) -> anyhow::Result<CommandReply>;
}

/// The enabled commands. Cheap to clone.
#[derive(Clone, Default)]
pub struct Commands(Arc<Vec<Box<dyn Command>>>);

impl Commands {
    #[must_use]
    pub fn new(commands: Vec<Box<dyn Command>>) -> Self {
        Self(Arc::new(commands))
    }

    /// Returns the reply to a call.
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
