//! Answers a stored question in its thread.
//!
//! The first message of an answer is posted at once with a status, found again by every later attempt, updated while the
//! answer is written, and updated for the last time when it is complete. Posted messages and the answer are saved before
//! the next step, so that the thread ends with exactly one answer if the process dies at any point.

mod delivery;
mod drawing;
mod failure;
mod tasks;
mod thread_context;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument;

use self::failure::AttemptError;
use self::thread_context::ThreadContext;
use super::admins::Admins;
use super::answer_stream::{FirstMessage, PostedMessages};
use super::attachments::{AttachmentReader, ReadAttachments};
use super::greeting::{Greeter, thread_title};
use super::home::Home;
use super::pages::PageViewer;
use super::platform::{ChatPlatform, PlatformError};
use super::question::{Question, QuestionTrigger};
use super::reader_access::{self, ReaderAccess, link_audience};
use super::record::AnswerRecorder;
use super::reply::{AnswerContent, Content, RenderedMessage, Section, SectionKind};
use super::saved_progress::SavedProgress;
use super::services::ChatServices;
use super::stream_throttle;
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

/// Handles the jobs of the queue, from the stored event to the answer in the thread.
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
    /// Minimum time between two updates of one answer.
    update_interval: Duration,
    /// Length to which the conversation of a question is cut, in characters.
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
            language: Language::detect(&question.text),
        };
        let mut saved = SavedProgress::from_job(job);
        let messages = if let Some(messages) = saved.answer.clone() {
            messages
        } else {
            let first_message = self.show_status_message(attempt, &mut saved).await?;
            let messages = self.compose(attempt, &mut saved, first_message).await?;
            saved.answer = Some(messages.clone());
            self.save(job, &saved).await?;
            messages
        };
        self.deliver(job, &question, &mut saved, &messages).await
    }

    /// Returns true if the question was deleted before it was answered.
    async fn is_withdrawn(&self, question: &Question) -> Result<bool, AttemptError> {
        let key = work::withdrawal_key(&question.key());
        let record = self.queue.lookup(&key).await;
        Ok(record.map_err(AttemptError::Storage)?.is_some())
    }

    /// Composes the reply to the question: an answer, or why there is none.
    async fn compose(
        &self,
        attempt: Attempt<'_>,
        saved: &mut SavedProgress,
        first_message: FirstMessage,
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
        let thread_context = self.thread_context(question).await?;
        let read = self.read(question, language, &thread_context).await;
        let mut notices = read.notices;
        if question.text.is_empty() && read.attached.passages.is_empty() {
            let reply = if notices.is_empty() {
                i18n::slack::help_in_both()
            } else {
                notices.join("\n")
            };
            return Ok(vec![self.status_message(reply)]);
        }
        let access = self.access_for(question).await;
        if reader_access::is_empty(&access) {
            return Ok(vec![self.refuse_access(question, language).await]);
        }
        if !thread_context.is_readable {
            notices.push(i18n::slack::thread_not_read(language));
        }
        let is_first = thread_context.conversation.is_empty();
        let query = question::Question {
            text: question.text.clone(),
            conversation: thread_context.conversation,
            access,
        };
        let answering = self.answer(attempt, &query, read.attached, saved, first_message);
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
        // A suggested question is not in the thread, so it is shown above its answer.
        let header = (question.trigger == QuestionTrigger::Suggestion).then(|| {
            let query = i18n::buttons::asked_by_button(answer.language, &question.text);
            Section {
                kind: SectionKind::Note,
                markup: self.platform.markup().escape(&query),
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

    /// Replies that nothing may be read here, and reports a shared conversation to the admins.
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

    /// Reads the files of the question, or else those of an earlier message.
    async fn read(
        &self,
        question: &Question,
        language: Language,
        thread_context: &ThreadContext,
    ) -> ReadAttachments {
        let attachments = &thread_context.attachments;
        let reading = self.attachments.read(attachments, &question.text, language);
        let mut read = Box::pin(reading).await;
        if thread_context.is_earlier {
            // Their notices were shown with the earlier answer.
            read.notices.clear();
        }
        read
    }

    /// What the question may be answered from. Personal access rights are used in private conversations only.
    async fn access_for(&self, question: &Question) -> Access {
        let conversation = &question.place.conversation;
        if !question.is_private() {
            return self.access.of_everyone_in(conversation);
        }
        self.access
            .in_place(&question.place, &question.person)
            .await
    }

    /// Sets the title of a thread to the question.
    async fn name_thread(&self, question: &Question) {
        let title = thread_title(&question.text);
        let can_name = self.platform.capabilities().assistant;
        if can_name && question.is_private() && !title.is_empty() {
            self.platform
                .name_thread(&question.place, question.root(), &title)
                .await;
        }
    }

    /// Reports a failure of the language model to the admins.
    async fn report_model_trouble(&self) {
        let llm = self.answerer.llm();
        if let Some(error) = llm.and_then(crate::llm::client::Llm::last_failure) {
            self.admins.report(Trouble::Model(error.to_string())).await;
        }
    }

    /// Answers a question, and shows the answer while it is written.
    async fn answer(
        &self,
        attempt: Attempt<'_>,
        query: &question::Question,
        attached: Attachments,
        saved: &mut SavedProgress,
        first_message: FirstMessage,
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
                .answer(query, &attached, &audience, &sender)
                .await;
            // Ends the display of progress.
            drop(sender);
            answer
        };
        let mut stream = self
            .platform
            .stream(question, attempt.language, first_message);
        let mut posted = PostedMessages {
            queue: &self.queue,
            job: attempt.job,
            saved,
        };
        // Waits for an update in flight, so that it cannot overtake the last one.
        let showing = stream_throttle::show_progress(
            stream.as_mut(),
            &mut posted,
            receiver,
            self.update_interval,
        );
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

    /// Replaces the question's message by the reason why there is no answer.
    async fn report_failure(&self, job: &Job, failure: &Failure) -> Result<(), AttemptError> {
        let question = match Work::from_payload(&job.payload) {
            Some(Work::Question(question)) => question,
            Some(_) => return Ok(()),
            None => return Err(AttemptError::Unreadable),
        };
        let language = Language::detect(&question.text);
        let mut saved = SavedProgress::from_job(job);
        let failure_text = if failure.kind == FailureKind::Search {
            i18n::slack::Failure::Search
        } else {
            i18n::slack::Failure::Internal
        };
        let message = self.status_message(i18n::slack::failed(language, failure_text));
        self.recorder
            .record_outcome(&question, language, "failed", &failure.detail)
            .await;
        self.deliver(job, &question, &mut saved, &[message]).await
    }

    /// Sends the reason as a direct message, for a question in a shared conversation; returns false if that fails, too.
    async fn report_failure_privately(&self, job: &Job, code: &str) -> bool {
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
        let query: String = question.text.chars().take(300).collect();
        let text = i18n::trouble::not_posted(
            Language::detect(&question.text),
            &markup.conversation(&channel),
            code,
            &markup.escape(&query),
        );
        let message = self.platform.render(&Content::Markup(text)).remove(0);
        let tag = MessageTag::first(format!("{}/apart", question.key()));
        let posted = self.platform.notify(&question.person, &message, &tag).await;
        posted.is_ok()
    }
}

#[async_trait]
impl Handler for Responder {
    async fn handle(&self, job: &Job) -> Outcome {
        // All log lines of the attempt carry the question's id.
        let span = tracing::error_span!("question", id = job.key, attempt = job.attempt);
        let started = Instant::now();
        match Box::pin(self.respond(job)).instrument(span).await {
            Ok(()) => {
                metrics().observe_stage(Stage::THREAD, started.elapsed());
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
        match self.report_failure(job, failure).await {
            Ok(()) => tracing::warn!(key = job.key, reason, "replied that there is no answer"),
            Err(AttemptError::Platform(PlatformError {
                code: Some(code), ..
            })) if self.report_failure_privately(job, &code).await => tracing::warn!(
                key = job.key,
                reason,
                "replied in a direct message that there is no answer"
            ),
            Err(error) => {
                tracing::error!(key = job.key, reason, %error, "there is no answer, and the failure cannot be reported");
            }
        }
    }
}
