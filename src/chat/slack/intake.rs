//! From a delivery to stored work, the same for both transports.

use std::time::Duration;

use anyhow::{Context, anyhow};
use serde_json::Value;

use super::buttons::Buttons;
use super::command::Commands;
use super::errand::Errand;
use super::event::{Bot, Deleted, How, Incoming, Opened, Question, View, parse};
use crate::chat::user_rate_limit::UserRateLimit;
use crate::config;
use crate::storage::queue::{Enqueued, NewJob, Queue};

/// Slack waits three seconds for an acknowledgement; what takes longer is better delivered again.
const IN_TIME: Duration = Duration::from_millis(2_500);

/// Takes deliveries in.
#[derive(Clone)]
pub struct Intake {
    queue: Queue,
    bot: Bot,
    commands: Commands,
    buttons: Buttons,
    rate_limit: UserRateLimit,
    mention_only: Vec<String>,
    answer_unmentioned: Vec<String>,
    has_home: bool,
    has_agent: bool,
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
    pub fn new(
        queue: Queue,
        bot: Bot,
        commands: Commands,
        buttons: Buttons,
        config: &config::settings::Config,
    ) -> Self {
        let shared = queue.postgres().cloned();
        Self {
            queue,
            bot,
            commands,
            buttons,
            rate_limit: UserRateLimit::new(
                config.chat.questions_per_user,
                config.chat.questions_per_channel,
                shared,
            ),
            mention_only: config.chat.mention_only.clone(),
            answer_unmentioned: config.chat.answer_unmentioned.clone(),
            has_home: config.slack.home_tab,
            has_agent: config.slack.agent,
        }
    }

    /// Reads a delivery and stores the question in it, if there is one that is ours to answer.
    ///
    /// # Errors
    /// The question could not be stored in time and must not be acknowledged, so that Slack delivers it again.
    pub async fn take(&self, body: &Value) -> anyhow::Result<Reply> {
        match parse(body, &self.bot) {
            Incoming::Question(question) => in_time(self.store(question)).await,
            Incoming::Deleted(deleted) => in_time(self.withdraw(deleted)).await,
            Incoming::Opened(opened) => in_time(self.open(opened)).await,
            Incoming::Pressed(press) => in_time(self.buttons.pressed(&press)).await,
            Incoming::Commented(comment) => in_time(self.buttons.commented(&comment)).await,
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

    async fn store(&self, mut question: Question) -> anyhow::Result<()> {
        let key = question.key();
        let is_known = self.queue.lookup(&key).await?.is_some();
        if question.edited.is_some() && !is_known {
            // An edit may be what makes a post a question.
            question.edited = None;
        }
        if question.edited.is_none() && !self.is_ours(&question).await? {
            tracing::debug!(key, "ignored a post that is not for us");
            return Ok(());
        }
        if !is_known || question.edited.is_some() {
            let (user, channel) = (&question.user, &question.channel);
            question.too_many = self.rate_limit.is_exceeded(user, channel).await?;
        }
        let payload = serde_json::to_value(&question).context("a question does not serialise")?;
        let job = NewJob {
            key: question.work(),
            lane: question.lane(),
            payload,
        };
        match self.queue.enqueue(&job).await? {
            Enqueued::New => {
                let (user, channel) = (&question.user, &question.channel);
                // The question is stored, so that it must be acknowledged.
                if let Err(error) = self.rate_limit.record(user, channel).await {
                    let error = format!("{error:#}");
                    tracing::warn!(error, "a question is not counted");
                }
                tracing::info!(key = job.key, how = ?question.how, "stored a question");
            }
            Enqueued::Known => tracing::debug!(key = job.key, "knew the question"),
        }
        Ok(())
    }

    /// Whether a post is ours to answer: by the rule of its channel, where it does not mention us.
    async fn is_ours(&self, question: &Question) -> anyhow::Result<bool> {
        let is_named = |channels: &[String]| {
            channels
                .iter()
                .any(|channel| channel.eq_ignore_ascii_case(&question.channel))
        };
        Ok(match question.how {
            How::Mention | How::Direct | How::Proposed => true,
            How::Overheard => is_named(&self.answer_unmentioned),
            How::ThreadReply => {
                !is_named(&self.mention_only) && self.queue.knows_lane(&question.lane()).await?
            }
        })
    }

    /// A view that somebody opened is filled, where that is wanted.
    async fn open(&self, opened: Opened) -> anyhow::Result<()> {
        let is_wanted = match opened.view {
            View::Home => self.has_home,
            View::Messages | View::Thread(_) => self.has_agent,
        };
        if !is_wanted {
            return Ok(());
        }
        let lane = format!("{}/{}/views", opened.team, opened.user);
        Errand::Show(opened)
            .enqueue(&self.queue, lane)
            .await
            .map(drop)
    }

    /// A question that was deleted takes its answer along.
    async fn withdraw(&self, deleted: Deleted) -> anyhow::Result<()> {
        if self.queue.lookup(&deleted.question()).await?.is_none() {
            return Ok(());
        }
        let lane = deleted.lane();
        Errand::Withdraw(deleted)
            .enqueue(&self.queue, lane)
            .await
            .map(drop)
    }
}

/// Does it before Slack delivers again.
async fn in_time(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<Reply> {
    tokio::time::timeout(IN_TIME, work)
        .await
        .map_err(|_| anyhow!("it was not stored within {IN_TIME:?}"))??;
    Ok(Reply::Accepted)
}
