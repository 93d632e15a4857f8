//! Slash commands of Slack.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::Client;
use super::message::Message;
use super::render;
use crate::chat::commands::{CommandCall, Commands};
use crate::chat::reply::{CommandReply, RenderedMessage};
use crate::chat::thread::MessageTag;
use crate::i18n;

/// Timeout of a command; Slack waits three seconds for the reply.
const TIMEOUT: Duration = Duration::from_millis(2_300);
/// Maximum number of messages of one reply, by Slack's limit.
const MAX_MESSAGES: usize = 5;

/// Runs commands and sends their replies. Cheap to clone.
#[derive(Clone)]
pub(super) struct SlashCommands {
    commands: Commands,
    client: Client,
}

impl SlashCommands {
    pub(super) fn new(commands: Commands, client: Client) -> Self {
        Self { commands, client }
    }

    /// Returns the reply to a call for the acknowledgement; null if it has been sent already. A slow command is cut off
    /// by a timeout.
    pub(super) async fn run(&self, call: &CommandCall) -> Value {
        match tokio::time::timeout(TIMEOUT, self.reply(call)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => {
                let error = format!("{error:#}");
                tracing::error!(command = call.name, error, "a command failed");
                text(&i18n::slack::command_failed())
            }
            Err(_) => {
                tracing::error!(command = call.name, "a command took too long");
                text(&i18n::slack::command_failed())
            }
        }
    }

    async fn reply(&self, call: &CommandCall) -> anyhow::Result<Value> {
        Ok(match self.commands.run(call).await? {
            CommandReply::Nothing => Value::Null,
            CommandReply::Text(markup) => text(&markup),
            CommandReply::Passages {
                head,
                passages,
                language,
            } => {
                let section = json!({"type": "mrkdwn", "text": head, "verbatim": true});
                let mut blocks = vec![json!({"type": "section", "text": section})];
                blocks.extend(render::passages(&passages, language));
                json!({"response_type": "ephemeral", "text": head, "blocks": blocks})
            }
            CommandReply::Messages(messages) => self.messages(call, &messages).await,
        })
    }

    async fn messages(&self, call: &CommandCall, messages: &[RenderedMessage]) -> Value {
        let messages: Vec<Message> = messages.iter().map(Message::from_rendered).collect();
        if self.send(call, &messages).await {
            return Value::Null;
        }
        let first = messages.first().map(Message::without_table);
        ephemeral(&first.unwrap_or_default())
    }

    /// Sends messages to the response address of the call, refused tables as fixed-width text. Returns false if the reply
    /// must be sent with the acknowledgement.
    async fn send(&self, call: &CommandCall, messages: &[Message]) -> bool {
        let Some(url) = call.response_url.as_deref() else {
            return false;
        };
        for (at, message) in messages.iter().take(MAX_MESSAGES).enumerate() {
            let message = self.client.for_workspace(message);
            let mut sent = self.client.respond(url, &ephemeral(&message)).await;
            if sent.is_err() && message.has_table() {
                let plain = message.without_table();
                sent = self.client.respond(url, &ephemeral(&plain)).await;
            }
            match sent {
                Ok(()) => {}
                Err(error) if at == 0 => {
                    tracing::debug!(%error, "sending the reply with the acknowledgement");
                    return false;
                }
                Err(error) => tracing::warn!(%error, "cannot send a part of a reply"),
            }
        }
        true
    }
}

/// A reply that only the caller sees, in Slack's markup.
fn text(markup: &str) -> Value {
    json!({"response_type": "ephemeral", "text": markup})
}

/// A message that only the caller sees.
fn ephemeral(message: &Message) -> Value {
    let blocks = message.tagged_blocks(&MessageTag::first("recipe"));
    json!({"response_type": "ephemeral", "text": message.text, "blocks": blocks})
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::chat::commands::Command;
    use crate::chat::slack::event::place;

    struct Stuck;

    #[async_trait]
    impl Command for Stuck {
        fn name(&self) -> &'static str {
            "/stuck"
        }

        async fn run(&self, _: &CommandCall) -> anyhow::Result<CommandReply> {
            std::future::pending().await
        }
    }

    fn call(name: &str) -> CommandCall {
        CommandCall {
            name: name.to_owned(),
            text: String::new(),
            place: place("T1", "C1"),
            person: "U1".to_owned(),
            trigger: "1.1".to_owned(),
            response_url: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_comes_in_time_if_the_command_hangs() {
        let config = crate::chat::slack::sample::config();
        let client = Client::new(&config.slack).unwrap();
        let commands = Commands::new(vec![Box::new(Stuck)]);
        let commands = SlashCommands::new(commands, client);
        let begin = tokio::time::Instant::now();
        let reply = commands.run(&call("/stuck")).await;
        assert!(begin.elapsed() < Duration::from_secs(3));
        assert_eq!(reply, text(&i18n::slack::command_failed()));
        let unknown = commands.run(&call("/other")).await;
        assert_eq!(unknown, text(&i18n::slack::command()));
    }
}
