//! Slash commands: each in a file of its own, told apart by the names that they are configured with.

pub mod epibot;
pub mod recipe;
pub mod reindex;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::event::Call;
use crate::i18n;

/// Slack waits three seconds for the reply.
const IN_TIME: Duration = Duration::from_millis(2_300);

/// Something that people do by a slash command.
#[async_trait]
pub trait Command: Send + Sync {
    /// With its stroke, as it is configured: `/reindex`.
    fn name(&self) -> &str;

    /// The whole reply, as Slack takes it; null where it has been sent. What takes longer than a second or two goes into
    /// the queue.
    ///
    /// # Errors
    /// Something on our side failed; the person is told so.
    async fn run(&self, call: &Call) -> anyhow::Result<Value>;
}

/// The commands that there are. Cloning gives another handle to the same.
#[derive(Clone, Default)]
pub struct Commands(Arc<Vec<Box<dyn Command>>>);

impl Commands {
    #[must_use]
    pub fn new(commands: Vec<Box<dyn Command>>) -> Self {
        Self(Arc::new(commands))
    }

    /// The reply to a call, in time whatever happens.
    pub(super) async fn run(&self, call: &Call) -> Value {
        let Some(command) = self.0.iter().find(|command| command.name() == call.name) else {
            return private(&i18n::slack::command());
        };
        match tokio::time::timeout(IN_TIME, command.run(call)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => {
                let error = format!("{error:#}");
                tracing::error!(command = call.name, error, "a command failed");
                private(&i18n::slack::command_failed())
            }
            Err(_) => {
                tracing::error!(command = call.name, "a command took too long");
                private(&i18n::slack::command_failed())
            }
        }
    }
}

/// A reply that only the caller sees, in Slack's own markup.
pub(super) fn private(text: &str) -> Value {
    json!({"response_type": "ephemeral", "text": text})
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stuck;

    #[async_trait]
    impl Command for Stuck {
        fn name(&self) -> &'static str {
            "/stuck"
        }

        async fn run(&self, _: &Call) -> anyhow::Result<Value> {
            std::future::pending().await
        }
    }

    fn call(name: &str) -> Call {
        Call {
            name: name.to_owned(),
            text: String::new(),
            team: "T1".to_owned(),
            channel: "C1".to_owned(),
            user: "U1".to_owned(),
            trigger: "1.1".to_owned(),
            response_url: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_comes_in_time_whatever_the_command_does() {
        let commands = Commands::new(vec![Box::new(Stuck)]);
        let begin = tokio::time::Instant::now();
        let reply = commands.run(&call("/stuck")).await;
        assert!(begin.elapsed() < Duration::from_secs(3));
        assert_eq!(reply, private(&i18n::slack::command_failed()));
        let unknown = commands.run(&call("/other")).await;
        assert_eq!(unknown, private(&i18n::slack::command()));
    }
}
