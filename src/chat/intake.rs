//! Decides which messages are questions to epibot, and enqueues them and other events.

use super::question::{Question, QuestionTrigger};
use super::services::ChatServices;
use super::user_rate_limit::UserRateLimit;
use super::work::{OpenedView, View, Withdrawal, Work};
use crate::storage::queue::Queue;

/// Enqueues events as work.
#[derive(Clone)]
pub struct EventIntake {
    queue: Queue,
    rate_limit: UserRateLimit,
    mention_only: Vec<String>,
    answer_unmentioned: Vec<String>,
    has_home: bool,
    has_assistant: bool,
}

impl EventIntake {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        let (config, slack) = (&services.config.chat, &services.config.slack);
        let shared = services.queue.postgres().cloned();
        let (per_user, per_channel) = (config.questions_per_user, config.questions_per_channel);
        Self {
            queue: services.queue.clone(),
            rate_limit: UserRateLimit::new(per_user, per_channel, shared),
            mention_only: config.mention_only.clone(),
            answer_unmentioned: config.answer_unmentioned.clone(),
            has_home: slack.home_tab,
            has_assistant: slack.agent,
        }
    }

    /// Enqueues a message as a question, if epibot should answer it.
    ///
    /// # Errors
    /// It could not be stored.
    pub async fn store(&self, mut question: Question) -> anyhow::Result<()> {
        let key = question.key();
        let is_known = self.queue.lookup(&key).await?.is_some();
        if question.edited.is_some() && !is_known {
            // The edit may have turned the message into a question.
            question.edited = None;
        }
        if question.edited.is_none() && !self.should_answer(&question).await? {
            tracing::debug!(key, "ignored a message that is not for epibot");
            return Ok(());
        }
        let (person, conversation) = (question.person.clone(), question.place.conversation.clone());
        if !is_known || question.edited.is_some() {
            question.is_over_limit = self.rate_limit.is_exceeded(&person, &conversation).await?;
        }
        let (key, lane, trigger) = (question.job_key(), question.lane(), question.trigger);
        if Work::Question(question).enqueue(&self.queue, lane).await? {
            // The question is stored, so the event must be acknowledged in any case.
            if let Err(error) = self.rate_limit.record(&person, &conversation).await {
                let error = format!("{error:#}");
                tracing::warn!(error, "cannot count a question for the rate limit");
            }
            tracing::info!(key, ?trigger, "stored a question");
        } else {
            tracing::debug!(key, "the question is stored already");
        }
        Ok(())
    }

    /// Returns true if epibot should answer a message: without a mention, the rules of its conversation decide.
    async fn should_answer(&self, question: &Question) -> anyhow::Result<bool> {
        let conversation = &question.place.conversation;
        let is_named = |conversations: &[String]| {
            conversations
                .iter()
                .any(|named| named.eq_ignore_ascii_case(conversation))
        };
        Ok(match question.trigger {
            QuestionTrigger::Mention | QuestionTrigger::Direct | QuestionTrigger::Suggestion => {
                true
            }
            QuestionTrigger::ChannelMessage => is_named(&self.answer_unmentioned),
            QuestionTrigger::ThreadReply => {
                !is_named(&self.mention_only) && self.queue.knows_lane(&question.lane()).await?
            }
        })
    }

    /// Enqueues the content of an opened view, if the view is enabled.
    ///
    /// # Errors
    /// It could not be stored.
    pub async fn open(&self, opened: OpenedView) -> anyhow::Result<()> {
        let is_configured = match opened.view {
            View::Home => self.has_home,
            View::Messages | View::Thread(_) => self.has_assistant,
        };
        if !is_configured {
            return Ok(());
        }
        let lane = format!("{}/{}/views", opened.place.workspace_key(), opened.person);
        let shown = Work::Show(opened).enqueue(&self.queue, lane).await;
        shown.map(drop)
    }

    /// Enqueues the deletion of the answer to a deleted question.
    ///
    /// # Errors
    /// It could not be stored.
    pub async fn withdraw(&self, withdrawal: Withdrawal) -> anyhow::Result<()> {
        if self.queue.lookup(&withdrawal.question()).await?.is_none() {
            return Ok(());
        }
        let lane = withdrawal.lane();
        let stored = Work::Withdraw(withdrawal).enqueue(&self.queue, lane).await;
        stored.map(drop)
    }
}
