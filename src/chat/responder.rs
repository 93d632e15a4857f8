//! Answers a stored question in its thread.
//!
//! Each answer has its message: posted at once with a status, found again by every later attempt, updated while the
//! answer is written, and updated for the last time when it is complete. What was posted and what was answered is saved
//! before the next step, so that the thread ends with one answer whenever the process dies.

mod delivery;
mod drawing;
mod failure;
mod surroundings;
mod tasks;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument;

use self::failure::AttemptError;
use self::surroundings::Surroundings;
use super::admins::Admins;
use super::attachments::{AttachmentReader, ReadAttachments};
use super::greeting::{Greeter, thread_title};
use super::home::Home;
use super::live::{Beginning, PostedMessages};
use super::pages::PageViewer;
use super::platform::{ChatPlatform, PlatformError};
use super::question::{Question, QuestionTrigger};
use super::reader_access::{self, ReaderAccess, link_audience};
use super::record::AnswerRecorder;
use super::reply::{AnswerContent, Content, RenderedMessage, Section, SectionKind};
use super::saved::SavedProgress;
use super::services::ChatServices;
use super::streaming;
use super::thread::MessageTag;
use super::weekly_report::WeeklyReport;
use super::work::{self, Work};
use crate::answer::answerer::Answerer;
use crate::answer::attachments::Attachments;
use crate::answer::progress::Progress;
use crate::domain::access::Access;
use crate::domain::answer::Answer;
use crate::domain::language::Language;
use crate::domain::question;
use crate::i18n;
use crate::i18n::trouble::Trouble;
use crate::runtime::metrics::{Refusal, Stage, metrics};
use crate::storage::queue::{ClaimStatus, Failure, FailureKind, Handler, Job, Outcome, Queue};

/// Does the work of the queue: one question at a time, from the stored event to the answer in the thread.
pub struct Responder {
    platform: Arc<dyn ChatPlatform>,
    queue: Queue,
    answerer: Arc<Answerer>,
    access: ReaderAccess,
    recorder: AnswerRecorder,
    admins: Admins,
    attachments: AttachmentReader,
    greeter: Greeter,
    home: Home,
    pages: PageViewer,
    report: WeeklyReport,
    /// The shortest time between two updates of one answer.
    update_interval: Duration,
    /// Characters of the thread that go along with a question.
    conversation_budget: usize,
}

/// One attempt at a question.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    job: &'a Job,
    question: &'a Question,
    language: Language,
}

impl Responder {
    /// # Errors
    /// The model that reads pictures cannot be set up.
    pub fn new(services: &ChatServices) -> anyhow::Result<Self> {
        let config = &services.config;
        Ok(Self {
            platform: Arc::clone(&services.platform),
            queue: services.queue.clone(),
            answerer: Arc::clone(&services.answerer),
            access: services.access(),
            recorder: services.recorder(),
            admins: services.admins.clone(),
            attachments: AttachmentReader::new(services)?,
            greeter: Greeter::new(services),
            home: Home::new(services),
            pages: PageViewer::new(services),
            report: WeeklyReport::new(services),
            update_interval: config.slack.update_interval(),
            conversation_budget: config.llm.max_prompt_tokens / 3,
        })
    }

    async fn respond(&self, job: &Job) -> Result<(), AttemptError> {
        let question = match Work::from_payload(&job.payload) {
            Some(Work::Question(question)) => question,
            Some(work) => return self.run(job, work).await,
            None => return Err(AttemptError::Unreadable),
        };
        if self.is_withdrawn(&question).await? {
            return Ok(());
        }
        let attempt = Attempt {
            job,
            question: &question,
            language: Language::of(&question.text),
        };
        let mut saved = SavedProgress::from_job(job);
        let messages = if let Some(messages) = saved.answer.clone() {
            messages
        } else {
            let beginning = self.show_status_message(attempt, &mut saved).await?;
            let messages = self.compose(attempt, &mut saved, beginning).await?;
            saved.answer = Some(messages.clone());
            self.save(job, &saved).await?;
            messages
        };
        self.deliver(job, &question, &mut saved, &messages).await
    }

    /// Whether the question was deleted before it was answered.
    async fn is_withdrawn(&self, question: &Question) -> Result<bool, AttemptError> {
        let key = work::withdrawal_key(&question.key());
        let record = self.queue.lookup(&key).await;
        Ok(record.map_err(AttemptError::Storage)?.is_some())
    }

    /// Everything that is said to the question, ready to be sent.
    async fn compose(
        &self,
        attempt: Attempt<'_>,
        saved: &mut SavedProgress,
        beginning: Beginning,
    ) -> Result<Vec<RenderedMessage>, AttemptError> {
        let Attempt {
            job,
            question,
            language,
        } = attempt;
        if question.is_over_limit {
            metrics().refusals.get_or_create(&Refusal::TOO_MANY).inc();
            self.recorder
                .record_outcome(question, language, "too_many", "")
                .await;
            return Ok(vec![self.status_message(i18n::buttons::too_many(language))]);
        }
        let surroundings = self.surroundings(question).await?;
        let read = self.read(question, language, &surroundings).await;
        let mut notices = read.notices;
        if question.text.is_empty() && read.attached.passages.is_empty() {
            let said = if notices.is_empty() {
                i18n::slack::help_in_both()
            } else {
                notices.join("\n")
            };
            return Ok(vec![self.status_message(said)]);
        }
        let access = self.access_for(question).await;
        if reader_access::is_empty(&access) {
            return Ok(vec![self.refuse_access(question, language).await]);
        }
        if !surroundings.is_readable {
            notices.push(i18n::slack::thread_not_read(language));
        }
        let is_first = surroundings.conversation.is_empty();
        let asked = question::Question {
            text: question.text.clone(),
            conversation: surroundings.conversation,
            access,
        };
        let answering = self.answer(attempt, &asked, read.attached, saved, beginning);
        let naming = async {
            if is_first {
                self.name_thread(question).await;
            }
        };
        let (answer, ()) = tokio::join!(Box::pin(answering), naming);
        let answer = answer?;
        self.report_model_trouble().await;
        self.recorder.record(question, &answer).await;
        if let Some(drawing) = &answer.drawing {
            let (root, message) = (question.root(), &question.message);
            let conversation = &question.place.conversation;
            let uploaded = self.upload_once(job, conversation, root, message, drawing);
            if !uploaded.await? {
                notices.push(i18n::recipe::not_attached(language));
            }
        }
        Ok(self.render_answer(question, &answer, &notices))
    }

    fn render_answer(
        &self,
        question: &Question,
        answer: &Answer,
        notices: &[String],
    ) -> Vec<RenderedMessage> {
        // Nobody has written a suggested question: it is shown with its answer.
        let header = (question.trigger == QuestionTrigger::Suggestion).then(|| {
            let asked = i18n::buttons::asked_by_button(answer.language, &question.text);
            Section {
                kind: SectionKind::Note,
                markup: self.platform.markup().escape(&asked),
            }
        });
        let content = AnswerContent {
            answer,
            notices,
            header,
            footer: None,
            buttons: Some(self.recorder.buttons(question, answer)),
        };
        self.platform.render(&Content::Answer(content))
    }

    /// Says that nothing may be read here, also to the admins if it is about a shared conversation.
    async fn refuse_access(&self, question: &Question, language: Language) -> RenderedMessage {
        if !question.is_private() {
            let channel = question.place.conversation.clone();
            self.admins.report(Trouble::NoAccess { channel }).await;
        }
        metrics().refusals.get_or_create(&Refusal::NO_ACCESS).inc();
        self.recorder
            .record_outcome(question, language, "no_access", "")
            .await;
        self.status_message(i18n::trouble::no_access(language))
    }

    /// Reads what is attached to the question, or was to an earlier one.
    async fn read(
        &self,
        question: &Question,
        language: Language,
        surroundings: &Surroundings,
    ) -> ReadAttachments {
        let attachments = &surroundings.attachments;
        let reading = self.attachments.read(attachments, &question.text, language);
        let mut read = Box::pin(reading).await;
        if surroundings.is_earlier {
            // What was not read of them was said then.
            read.notices.clear();
        }
        read
    }

    /// What the question may be answered from. What a person may read beyond their conversation is only used in private.
    async fn access_for(&self, question: &Question) -> Access {
        let conversation = &question.place.conversation;
        if !question.is_private() {
            return self.access.of_everyone_in(conversation);
        }
        self.access
            .in_place(&question.place, &question.person)
            .await
    }

    /// Names the thread of a question by what it asks.
    async fn name_thread(&self, question: &Question) {
        let title = thread_title(&question.text);
        let can_name = self.platform.capabilities().assistant;
        if can_name && question.is_private() && !title.is_empty() {
            self.platform
                .name_thread(&question.place, question.root(), &title)
                .await;
        }
    }

    /// Tells the admins when the language model fails.
    async fn report_model_trouble(&self) {
        let llm = self.answerer.llm();
        if let Some(error) = llm.and_then(crate::llm::client::Llm::last_failure) {
            self.admins.report(Trouble::Model(error.to_string())).await;
        }
    }

    /// Answers, and shows the answer while it is written.
    async fn answer(
        &self,
        attempt: Attempt<'_>,
        asked: &question::Question,
        attached: Attachments,
        saved: &mut SavedProgress,
        beginning: Beginning,
    ) -> Result<Answer, AttemptError> {
        let question = attempt.question;
        let audience = link_audience(
            &question.place.conversation,
            question.is_private(),
            &question.person,
        );
        let (sender, receiver) = watch::channel(Progress::default());
        let answering = async {
            let answer = self
                .answerer
                .answer(asked, &attached, &audience, &sender)
                .await;
            // Tells the other side that nothing more will come.
            drop(sender);
            answer
        };
        let mut stream = self.platform.stream(question, attempt.language, beginning);
        let mut posted = PostedMessages {
            queue: &self.queue,
            job: attempt.job,
            saved,
        };
        // An update in flight is waited for, so that it cannot overtake the last one.
        let showing =
            streaming::show_progress(stream.as_mut(), &mut posted, receiver, self.update_interval);
        let (answer, ()) = tokio::join!(Box::pin(answering), Box::pin(showing));
        answer.map_err(AttemptError::Search)
    }

    async fn save(&self, job: &Job, saved: &SavedProgress) -> Result<(), AttemptError> {
        match self
            .queue
            .save(job, &saved.to_json())
            .await
            .map_err(AttemptError::Storage)?
        {
            ClaimStatus::Owned => Ok(()),
            ClaimStatus::Lost => Err(AttemptError::Lost),
        }
    }

    fn status_message(&self, text: String) -> RenderedMessage {
        self.platform.render(&Content::Status(text)).remove(0)
    }

    /// Says in the question's message why there is no answer.
    async fn excuse(&self, job: &Job, failure: &Failure) -> Result<(), AttemptError> {
        let question = match Work::from_payload(&job.payload) {
            Some(Work::Question(question)) => question,
            Some(_) => return Ok(()),
            None => return Err(AttemptError::Unreadable),
        };
        let language = Language::of(&question.text);
        let mut saved = SavedProgress::from_job(job);
        let said = if failure.kind == FailureKind::Search {
            i18n::slack::Failure::Search
        } else {
            i18n::slack::Failure::Internal
        };
        let message = self.status_message(i18n::slack::failed(language, said));
        self.recorder
            .record_outcome(&question, language, "failed", &failure.detail)
            .await;
        self.deliver(job, &question, &mut saved, &[message]).await
    }

    /// Says in a direct message why a question in a shared conversation has no answer; false if that fails, too.
    async fn excuse_in_private(&self, job: &Job, code: &str) -> bool {
        let Some(Work::Question(question)) = Work::from_payload(&job.payload) else {
            return false;
        };
        if question.is_private() {
            return false;
        }
        let channel = question.place.conversation.clone();
        let trouble = Trouble::Channel {
            channel: channel.clone(),
            code: code.to_owned(),
        };
        self.admins.report(trouble).await;
        let markup = self.platform.markup();
        let asked: String = question.text.chars().take(300).collect();
        let said = i18n::trouble::not_posted(
            Language::of(&question.text),
            &markup.conversation(&channel),
            code,
            &markup.escape(&asked),
        );
        let message = self.platform.render(&Content::Markup(said)).remove(0);
        let tag = MessageTag::first(format!("{}/apart", question.key()));
        let posted = self.platform.notify(&question.person, &message, &tag).await;
        posted.is_ok()
    }
}

#[async_trait]
impl Handler for Responder {
    async fn handle(&self, job: &Job) -> Outcome {
        // Whatever is logged on the way carries the question's id.
        let span = tracing::error_span!("question", id = job.key, attempt = job.attempt);
        let begun = Instant::now();
        match Box::pin(self.respond(job)).instrument(span).await {
            Ok(()) => {
                metrics().observe_stage(Stage::THREAD, begun.elapsed());
                Outcome::Done
            }
            Err(error) => error.into(),
        }
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        let reason = failure.detail.as_str();
        metrics().refusals.get_or_create(&Refusal::FAILED).inc();
        if failure.kind == FailureKind::Search {
            self.admins.report(Trouble::Search).await;
        }
        match self.excuse(job, failure).await {
            Ok(()) => tracing::warn!(
                key = job.key,
                reason,
                "told a person that there is no answer"
            ),
            Err(AttemptError::Platform(PlatformError {
                code: Some(code), ..
            })) if self.excuse_in_private(job, &code).await => tracing::warn!(
                key = job.key,
                reason,
                "told a person in private that there is no answer"
            ),
            Err(error) => {
                tracing::error!(key = job.key, reason, %error, "there is no answer, and the person cannot be told");
            }
        }
    }
}
