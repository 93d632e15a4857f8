//! What the buttons under an answer do. All that they need stands in their values and in what is kept of the answer,
//! so that they work after a restart and under old messages.

use super::errand::{Consult, Errand, Pages};
use super::event::{Action, COMMENT, Comment, How, Press, Question};
use super::parts::Parts;
use super::{pages, render};
use crate::domain::language::Language;
use crate::i18n::buttons as text;
use crate::runtime::metrics::{Vote, metrics};
use crate::storage::answer_log::Given;
use crate::storage::queue::NewJob;

/// The buttons with what they need. Cloning gives another handle.
#[derive(Clone)]
pub struct Buttons(Parts);

impl Buttons {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// Does what a button is for.
    ///
    /// # Errors
    /// It could not be done; Slack shows that beside the button.
    pub(super) async fn pressed(&self, press: &Press) -> anyhow::Result<()> {
        let mut given = match press.action {
            Action::Ask => None,
            _ => self.0.feedback.given(&press.value).await?,
        };
        if let Some(given) = &mut given {
            self.keep_readable(given, press).await;
        }
        let language = given
            .as_ref()
            .map_or(Language::of(&press.value), |given| given.language);
        match press.action {
            Action::Helpful => {
                let feedback = &self.0.feedback;
                // Slack may deliver a press twice.
                if feedback.vote(&press.value, &press.user, true, "").await? {
                    metrics().votes.get_or_create(&Vote::UP).inc();
                    self.tell(press, &text::thanks(language)).await
                } else {
                    Ok(())
                }
            }
            Action::Unhelpful => {
                let feedback = &self.0.feedback;
                if feedback.vote(&press.value, &press.user, false, "").await? {
                    metrics().votes.get_or_create(&Vote::DOWN).inc();
                }
                let dialog = text::comment_dialog(language, COMMENT, &press.value);
                Ok(self.0.client.open_dialog(&press.trigger, &dialog).await?)
            }
            Action::Passages => self.show_passages(press, given.as_ref(), language).await,
            Action::Person => self.consult(press, given.as_ref(), language).await,
            Action::Ask => self.ask(press).await,
        }
    }

    /// Keeps of an answer's passages those that may be read where the button is, as the rules are now.
    async fn keep_readable(&self, given: &mut Given, press: &Press) {
        let access = self.0.access(&press.channel, &press.user).await;
        given
            .passages
            .retain(|shown| pages::may_be_read(shown, &access));
    }

    /// Keeps what somebody wrote about an answer.
    ///
    /// # Errors
    /// It could not be stored.
    pub(super) async fn commented(&self, comment: &Comment) -> anyhow::Result<()> {
        let text: String = comment.text.chars().take(3_000).collect();
        let feedback = &self.0.feedback;
        feedback
            .vote(&comment.question, &comment.user, false, text.trim())
            .await
            .map(drop)
    }

    async fn show_passages(
        &self,
        press: &Press,
        given: Option<&Given>,
        language: Language,
    ) -> anyhow::Result<()> {
        let blocks = given.map(|given| render::passages(&given.passages, language));
        match blocks.filter(|blocks| !blocks.is_empty()) {
            Some(blocks) => {
                let head = text::passages_follow(language);
                self.0
                    .client
                    .whisper(&press.channel, &press.root, &press.user, &head, blocks)
                    .await?;
                self.show_pages(press, given).await
            }
            None => self.tell(press, &text::passages_not_kept(language)).await,
        }
    }

    /// The pages take a moment to draw, and follow.
    async fn show_pages(&self, press: &Press, given: Option<&Given>) -> anyhow::Result<()> {
        let can_be_shown = |given: &Given| pages::can_be_shown(&self.0.library, &given.passages);
        if !given.is_some_and(can_be_shown) {
            return Ok(());
        }
        let pages = Pages {
            question: press.value.clone(),
            channel: press.channel.clone(),
            root: press.root.clone(),
            user: press.user.clone(),
            at: press.at.clone(),
        };
        let lane = format!("{}/{}/pages", press.team, press.user);
        Errand::Pages(pages)
            .enqueue(&self.0.queue, lane)
            .await
            .map(drop)
    }

    async fn consult(
        &self,
        press: &Press,
        given: Option<&Given>,
        language: Language,
    ) -> anyhow::Result<()> {
        let Some((given, expert)) =
            given.and_then(|given| Some((given, expert(&self.0.config.chat.experts, given)?)))
        else {
            return self.tell(press, &text::nobody_to_ask(language)).await;
        };
        let errand = Errand::Consult(Consult {
            question: given.key.clone(),
            channel: press.channel.clone(),
            root: press.root.clone(),
            user: press.user.clone(),
            expert,
        });
        let lane = format!("{}/{}/{}", press.team, press.channel, press.root);
        let said = if errand.enqueue(&self.0.queue, lane).await? {
            text::passed_on(language)
        } else {
            text::passed_on_before(language)
        };
        self.tell(press, &said).await
    }

    /// Asks a proposed question in the name of whoever pressed the button.
    async fn ask(&self, press: &Press) -> anyhow::Result<()> {
        let question = Question {
            team: press.team.clone(),
            channel: press.channel.clone(),
            ts: press.at.clone(),
            thread_ts: Some(press.root.clone()),
            user: press.user.clone(),
            text: press.value.clone(),
            how: How::Proposed,
            attached: Some(Vec::new()),
            edited: None,
            too_many: false,
        };
        let job = NewJob {
            key: question.key(),
            lane: question.lane(),
            payload: serde_json::to_value(&question)?,
        };
        self.0.queue.enqueue(&job).await?;
        Ok(())
    }

    /// Says something that only who pressed the button sees.
    async fn tell(&self, press: &Press, text: &str) -> anyhow::Result<()> {
        let (channel, root, user) = (&press.channel, &press.root, &press.user);
        Ok(self
            .0
            .client
            .whisper(channel, root, user, text, Vec::new())
            .await?)
    }
}

/// Who is asked about an answer: the first expert whose collection it was drawn from.
pub(super) fn expert(experts: &[String], given: &Given) -> Option<String> {
    experts.iter().find_map(|expert| {
        let (collection, id) = expert.split_once(':')?;
        let is_theirs = collection.trim() == "*"
            || given
                .passages
                .iter()
                .any(|passage| passage.collection == collection.trim());
        is_theirs.then(|| id.trim().to_owned())
    })
}
