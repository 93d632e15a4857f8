//! Actions of the buttons below an answer. All that they need is in their values and in the answer log, so that they
//! work after a restart and below old messages.

use std::sync::Arc;

use super::pages::{self, PageViewer};
use super::place::Place;
use super::platform::ChatPlatform;
use super::question::{Question, QuestionTrigger};
use super::reader_access::ReaderAccess;
use super::record::expert_for;
use super::reply::Ephemeral;
use super::services::ChatServices;
use super::work::{CitedPages, Consultation, Work};
use crate::config::settings::Config;
use crate::domain::language::Language;
use crate::i18n::buttons as text;
use crate::runtime::metrics::{Vote, metrics};
use crate::storage::answer_log::{AnswerLog, LoggedAnswer};
use crate::storage::queue::Queue;

/// Length to which a comment is cut, in characters.
const MAX_COMMENT_CHARS: usize = 3_000;

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Helpful,
    Unhelpful,
    /// Shows the passages that the answer is based on.
    Passages,
    /// Forwards the question to an expert.
    Person,
    /// Asks a suggested question.
    Ask,
}

/// A button below an answer that somebody pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ButtonPress {
    pub action: Action,
    pub place: Place,
    pub person: String,
    /// The first message of the thread.
    pub root: String,
    /// Time of the press in the platform's notation; unique in its conversation.
    pub at: String,
    /// The key of the question that was answered, or the question to ask.
    pub value: String,
    /// The id with which a dialog can be opened.
    pub trigger: String,
}

/// A comment on an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub person: String,
    /// The key of the question that was answered.
    pub question: String,
    pub text: String,
}

/// Handles buttons and comments. Cheap to clone.
#[derive(Clone)]
pub struct Actions {
    platform: Arc<dyn ChatPlatform>,
    queue: Queue,
    access: ReaderAccess,
    log: AnswerLog,
    pages: PageViewer,
    config: Arc<Config>,
}

impl Actions {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        Self {
            platform: Arc::clone(&services.platform),
            queue: services.queue.clone(),
            access: services.access(),
            log: services.feedback.clone(),
            pages: PageViewer::new(services),
            config: Arc::clone(&services.config),
        }
    }

    /// Executes the action of a button.
    ///
    /// # Errors
    /// The action failed; the platform shows that next to the button.
    pub async fn press(&self, press: &ButtonPress) -> anyhow::Result<()> {
        let mut given = match press.action {
            Action::Ask => None,
            _ => self.log.find(&press.value).await?,
        };
        if let Some(given) = &mut given {
            self.retain_readable(given, press).await;
        }
        let language = given
            .as_ref()
            .map_or_else(|| Language::detect(&press.value), |given| given.language);
        match press.action {
            Action::Helpful => {
                // A press may be delivered twice.
                if self.log.vote(&press.value, &press.person, true, "").await? {
                    metrics().votes.get_or_create(&Vote::UP).inc();
                    self.show_text(press, text::thanks(language)).await
                } else {
                    Ok(())
                }
            }
            Action::Unhelpful => {
                if self
                    .log
                    .vote(&press.value, &press.person, false, "")
                    .await?
                {
                    metrics().votes.get_or_create(&Vote::DOWN).inc();
                }
                Ok(self
                    .platform
                    .open_comment_dialog(&press.trigger, language, &press.value)
                    .await?)
            }
            Action::Passages => self.show_passages(press, given.as_ref(), language).await,
            Action::Person => self.consult(press, given.as_ref(), language).await,
            Action::Ask => self.ask(press).await,
        }
    }

    /// Retains the passages that the current access rules allow in the conversation of the button.
    async fn retain_readable(&self, given: &mut LoggedAnswer, press: &ButtonPress) {
        let access = self.access.in_place(&press.place, &press.person).await;
        given
            .passages
            .retain(|shown| pages::may_be_read(shown, &access));
    }

    /// Stores a comment on an answer.
    ///
    /// # Errors
    /// It could not be stored.
    pub async fn comment(&self, comment: &Comment) -> anyhow::Result<()> {
        let text: String = comment.text.chars().take(MAX_COMMENT_CHARS).collect();
        self.log
            .vote(&comment.question, &comment.person, false, text.trim())
            .await
            .map(drop)
    }

    async fn show_passages(
        &self,
        press: &ButtonPress,
        given: Option<&LoggedAnswer>,
        language: Language,
    ) -> anyhow::Result<()> {
        let Some(given) = given.filter(|given| !given.passages.is_empty()) else {
            return self
                .show_text(press, text::passages_not_kept(language))
                .await;
        };
        let content = Ephemeral::Passages {
            head: text::passages_follow(language),
            passages: &given.passages,
            language,
        };
        self.show(press, &content).await?;
        self.show_pages(press, given).await
    }

    /// Enqueues the drawing of the cited pages, which takes a moment.
    async fn show_pages(&self, press: &ButtonPress, given: &LoggedAnswer) -> anyhow::Result<()> {
        if !self.pages.can_show(&given.passages) {
            return Ok(());
        }
        let pages = CitedPages {
            question: press.value.clone(),
            place: press.place.clone(),
            root: press.root.clone(),
            person: press.person.clone(),
            at: press.at.clone(),
        };
        let lane = format!("{}/{}/pages", press.place.workspace_key(), press.person);
        let stored = Work::Pages(pages).enqueue(&self.queue, lane).await;
        stored.map(drop)
    }

    async fn consult(
        &self,
        press: &ButtonPress,
        given: Option<&LoggedAnswer>,
        language: Language,
    ) -> anyhow::Result<()> {
        let experts = &self.config.chat.experts;
        let Some((given, expert)) =
            given.and_then(|given| Some((given, expert_for(experts, given)?)))
        else {
            return self.show_text(press, text::nobody_to_ask(language)).await;
        };
        let work = Work::Consult(Consultation {
            question: given.key.clone(),
            place: press.place.clone(),
            root: press.root.clone(),
            person: press.person.clone(),
            expert,
        });
        let lane = press.place.key(&press.root);
        let reply = if work.enqueue(&self.queue, lane).await? {
            text::passed_on(language)
        } else {
            text::passed_on_before(language)
        };
        self.show_text(press, reply).await
    }

    /// Asks a suggested question on behalf of the person who pressed the button.
    async fn ask(&self, press: &ButtonPress) -> anyhow::Result<()> {
        let question = Question {
            place: press.place.clone(),
            message: press.at.clone(),
            thread: Some(press.root.clone()),
            person: press.person.clone(),
            text: press.value.clone(),
            trigger: QuestionTrigger::Suggestion,
            attachments: Some(Vec::new()),
            edited: None,
            is_over_limit: false,
        };
        let lane = question.lane();
        let stored = Work::Question(question).enqueue(&self.queue, lane).await;
        stored.map(drop)
    }

    /// Shows a text to the person who pressed the button only.
    async fn show_text(&self, press: &ButtonPress, text: String) -> anyhow::Result<()> {
        self.show(press, &Ephemeral::Text(text)).await
    }

    async fn show(&self, press: &ButtonPress, content: &Ephemeral<'_>) -> anyhow::Result<()> {
        let (conversation, root) = (&press.place.conversation, &press.root);
        Ok(self
            .platform
            .post_ephemeral(conversation, root, &press.person, content)
            .await?)
    }
}
