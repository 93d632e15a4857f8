//! From a delivery to stored work, the same for both transports.

use std::time::Duration;

use anyhow::{Context, anyhow};
use serde_json::Value;

use super::command::Commands;
use super::event::{Bot, How, Incoming, Question, parse};
use crate::queue::{Enqueued, NewJob, Queue};

/// Slack waits three seconds for an acknowledgement; what takes longer is better delivered again.
const IN_TIME: Duration = Duration::from_millis(2_500);

/// Takes deliveries in.
#[derive(Clone)]
pub struct Intake {
    queue: Queue,
    bot: Bot,
    commands: Commands,
}

/// What Slack is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Accepted,
    Challenge(String),
    /// A message to whoever used a command.
    Message(Value),
}

impl Intake {
    #[must_use]
    pub fn new(queue: Queue, bot: Bot, commands: Commands) -> Self {
        Self {
            queue,
            bot,
            commands,
        }
    }

    /// Reads a delivery and stores the question in it, if there is one that is ours to answer.
    ///
    /// # Errors
    /// The question could not be stored in time and must not be acknowledged, so that Slack delivers it again.
    pub async fn take(&self, body: &Value) -> anyhow::Result<Reply> {
        match parse(body, &self.bot) {
            Incoming::Question(question) => {
                tokio::time::timeout(IN_TIME, self.store(&question))
                    .await
                    .map_err(|_| anyhow!("the question was not stored within {IN_TIME:?}"))??;
                Ok(Reply::Accepted)
            }
            Incoming::Command(call) => Ok(Reply::Message(self.commands.run(&call).await)),
            Incoming::Challenge(word) => Ok(Reply::Challenge(word)),
            Incoming::Ignored(reason) => {
                tracing::debug!(reason, "ignored a delivery from Slack");
                Ok(Reply::Accepted)
            }
        }
    }

    async fn store(&self, question: &Question) -> anyhow::Result<()> {
        let (key, lane) = (question.key(), question.lane());
        if question.how == How::ThreadReply && !self.queue.knows_lane(&lane).await? {
            tracing::debug!(key, "ignored a reply in a thread that is not ours");
            return Ok(());
        }
        let payload = serde_json::to_value(question).context("a question does not serialise")?;
        match self
            .queue
            .enqueue(&NewJob {
                key: key.clone(),
                lane,
                payload,
            })
            .await?
        {
            Enqueued::New => tracing::info!(key, how = ?question.how, "stored a question"),
            Enqueued::Known => tracing::debug!(key, "knew the question"),
        }
        Ok(())
    }
}
