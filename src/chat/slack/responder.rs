//! Answers a stored question in its thread.
//!
//! Each answer has its message: posted at once as a sign, found again by every later attempt, changed as the
//! answer grows, and changed for the last time when it is there. What was posted and what was answered is saved
//! before the next step, so that whatever dies in between, the thread ends with one answer.

mod delivery;
mod drawing;
mod errand;
mod growth;
mod progress;
mod record;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument;

use self::growth::{Begun, Growth};
use self::progress::{Saved, Stop};
use super::errand::Errand;
use super::error::{Cause, Remedy};
use super::escape::escape;
use super::event::{Attachment, Question};
use super::files::{Read, Reader};
use super::message::{Mark, Message};
use super::parts::Parts;
use super::{agent, render, thread};
use crate::answer::attachments::Attachments;
use crate::answer::progress::Progress;
use crate::domain::access::Access;
use crate::domain::answer::Answer;
use crate::domain::audience::Audience;
use crate::domain::language::Language;
use crate::domain::question;
use crate::domain::question::Turn;
use crate::i18n;
use crate::i18n::trouble::Trouble;
use crate::runtime::metrics::{Refusal, Stage, metrics};
use crate::storage::queue::{Failure, FailureKind, Handler, Held, Job, Outcome};

/// Does the work of the queue: one question at a time, from the stored event to the answer in the thread.
pub struct Responder {
    parts: Parts,
    reader: Reader,
    update_interval: Duration,
    /// Characters of the thread that go along with a question.
    conversation: usize,
}

/// The thread around a question, as far as it could be read.
struct Surroundings {
    conversation: Vec<Turn>,
    attached: Vec<Attachment>,
    /// The files were attached earlier in the thread.
    is_earlier: bool,
    is_readable: bool,
}

impl Responder {
    /// # Errors
    /// The model that pictures are shown to cannot be set up.
    pub fn new(parts: Parts) -> anyhow::Result<Self> {
        let config = &parts.config;
        let extractor = Arc::clone(&parts.library.extractor);
        Ok(Self {
            reader: Reader::new(parts.client.clone(), extractor, config)?,
            update_interval: config.slack.update_interval(),
            conversation: config.llm.max_prompt_tokens / 3,
            parts,
        })
    }

    async fn respond(&self, job: &Job) -> Result<(), Stop> {
        if let Some(errand) = Errand::of(&job.payload) {
            return self.run(job, errand).await;
        }
        let question = question_of(job)?;
        if self.is_withdrawn(&question).await? {
            return Ok(());
        }
        let mut saved = Saved::of(job);
        let messages = if let Some(messages) = saved.answer.clone() {
            messages
        } else {
            let begun = self.show_sign(job, &question, &mut saved).await?;
            let messages = self.compose(job, &question, &mut saved, begun).await?;
            saved.answer = Some(messages.clone());
            self.save(job, &saved).await?;
            messages
        };
        self.deliver(job, &question, &mut saved, &messages).await
    }

    /// Everything that is said to the question, ready to be sent.
    async fn compose(
        &self,
        job: &Job,
        question: &Question,
        saved: &mut Saved,
        begun: Begun,
    ) -> Result<Vec<Message>, Stop> {
        let language = Language::of(&question.text);
        if question.too_many {
            metrics().refusals.get_or_create(&Refusal::TOO_MANY).inc();
            self.record_outcome(question, "too_many", "").await;
            return Ok(vec![Message::status(i18n::buttons::too_many(language))]);
        }
        let surroundings = self.surroundings(question).await?;
        let read = self.read(question, &surroundings).await;
        let mut notices = read.notices;
        if question.text.is_empty() && read.attached.passages.is_empty() {
            let said = if notices.is_empty() {
                i18n::slack::help_in_both()
            } else {
                notices.join("\n")
            };
            return Ok(vec![Message::status(said)]);
        }
        let access = self.access(question).await;
        if matches!(&access, Access::Only(collections) if collections.is_empty()) {
            if !question.is_private() {
                let channel = question.channel.clone();
                self.parts.admins.tell(Trouble::NoAccess { channel }).await;
            }
            metrics().refusals.get_or_create(&Refusal::NO_ACCESS).inc();
            self.record_outcome(question, "no_access", "").await;
            return Ok(vec![Message::status(i18n::trouble::no_access(language))]);
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
        let answering = self.answer(job, question, &asked, read.attached, saved, begun);
        let naming = async {
            if is_first {
                agent::name_thread(&self.parts, question).await;
            }
        };
        let (answer, ()) = tokio::join!(Box::pin(answering), naming);
        let answer = answer?;
        self.watch_model().await;
        self.record(question, &answer).await;
        if let Some(drawing) = &answer.drawing {
            let (channel, root) = (&question.channel, question.root());
            let attached = self.attach_once(job, channel, root, &question.ts, drawing);
            if !attached.await? {
                notices.push(i18n::recipe::not_attached(language));
            }
        }
        let mut messages = render::answer(&answer, &notices);
        self.add_buttons(question, &answer, &mut messages);
        Ok(messages)
    }

    /// Reads what is attached to the question, or was to an earlier one.
    async fn read(&self, question: &Question, surroundings: &Surroundings) -> Read {
        let language = Language::of(&question.text);
        let attached = &surroundings.attached;
        let mut read = Box::pin(self.reader.read(attached, &question.text, language)).await;
        if surroundings.is_earlier {
            // What was not read of them was said then.
            read.notices.clear();
        }
        read
    }

    /// What the question may be answered from. What a person may read beyond their channel is said to them alone.
    async fn access(&self, question: &Question) -> Access {
        if !question.is_private() {
            return self.parts.config.access.of_channel(&question.channel);
        }
        self.parts.access(&question.channel, &question.user).await
    }

    /// Tells the people in charge when the language model fails.
    async fn watch_model(&self) {
        let trouble = self
            .parts
            .answerer
            .llm()
            .and_then(crate::llm::client::Llm::last_failure);
        if let Some(error) = trouble {
            self.parts
                .admins
                .tell(Trouble::Model(error.to_string()))
                .await;
        }
    }

    /// Answers, and shows the answer as it grows.
    async fn answer(
        &self,
        job: &Job,
        question: &Question,
        asked: &question::Question,
        attached: Attachments,
        saved: &mut Saved,
        begun: Begun,
    ) -> Result<Answer, Stop> {
        let (sender, receiver) = watch::channel(Progress::default());
        let answering = async {
            let answer = self
                .parts
                .answerer
                .answer_with(asked, attached, &audience(question), &sender)
                .await;
            // Tells the other side that nothing more will come.
            drop(sender);
            answer
        };
        let mut growth = Growth {
            client: &self.parts.client,
            queue: &self.parts.queue,
            job,
            question,
            language: Language::of(&asked.text),
            saved,
            interval: self.update_interval,
        };
        // An update in flight is waited for, so that it cannot overtake the last one.
        let showing = growth.show(receiver, begun);
        let (answer, ()) = tokio::join!(Box::pin(answering), Box::pin(showing));
        answer.map_err(Stop::Search)
    }

    async fn surroundings(&self, question: &Question) -> Result<Surroundings, Stop> {
        if let (None, Some(attached)) = (&question.thread_ts, &question.attached) {
            return Ok(Surroundings {
                conversation: Vec::new(),
                attached: attached.clone(),
                is_earlier: false,
                is_readable: true,
            });
        }
        let (client, bot) = (&self.parts.client, &self.parts.bot);
        match client.replies(&question.channel, question.root()).await {
            Ok(messages) => {
                let own = match &question.attached {
                    Some(attached) if !attached.is_empty() => attached.clone(),
                    _ => thread::attached_to(&messages, question),
                };
                let is_earlier = own.is_empty();
                Ok(Surroundings {
                    conversation: thread::conversation(&messages, question, bot, self.conversation),
                    attached: if is_earlier {
                        thread::attached_before(&messages, question, bot)
                    } else {
                        own
                    },
                    is_earlier,
                    is_readable: true,
                })
            }
            Err(error) if matches!(error.remedy(), Remedy::Retry(_)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(key = question.key(), %error, "the thread cannot be read; answering the question alone");
                Ok(Surroundings {
                    conversation: Vec::new(),
                    attached: question.attached.clone().unwrap_or_default(),
                    is_earlier: false,
                    is_readable: question.thread_ts.is_none(),
                })
            }
        }
    }

    async fn save(&self, job: &Job, saved: &Saved) -> Result<(), Stop> {
        match self
            .parts
            .queue
            .save(job, &saved.to_json())
            .await
            .map_err(Stop::Store)?
        {
            Held::Yes => Ok(()),
            Held::Lost => Err(Stop::Lost),
        }
    }

    /// Says in the question's message why there is no answer.
    async fn excuse(&self, job: &Job, failure: &Failure) -> Result<(), Stop> {
        if Errand::of(&job.payload).is_some() {
            return Ok(());
        }
        let question = question_of(job)?;
        let mut saved = Saved::of(job);
        let is_search = failure.kind == FailureKind::Search;
        let said = if is_search {
            i18n::slack::Failure::Search
        } else {
            i18n::slack::Failure::Internal
        };
        let message = Message::status(i18n::slack::failed(Language::of(&question.text), said));
        self.record_outcome(&question, "failed", &failure.detail)
            .await;
        self.deliver(job, &question, &mut saved, &[message]).await
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
                metrics().took(Stage::THREAD, begun.elapsed());
                Outcome::Done
            }
            Err(stop) => stop.into(),
        }
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        metrics().refusals.get_or_create(&Refusal::FAILED).inc();
        if failure.kind == FailureKind::Search {
            self.parts.admins.tell(Trouble::Search).await;
        }
        match self.excuse(job, failure).await {
            Ok(()) => tracing::warn!(
                key = job.key,
                reason = failure.detail,
                "told a person that there is no answer"
            ),
            Err(Stop::Slack(error)) if self.tell_apart(job, &error.cause).await => {
                tracing::warn!(
                    key = job.key,
                    reason = failure.detail,
                    "told a person by themselves that there is no answer"
                );
            }
            Err(stop) => {
                tracing::error!(key = job.key, reason = failure.detail, error = %stop, "there is no answer, and the person cannot be told");
            }
        }
    }
}

impl Responder {
    /// Says in a direct message why a question in a channel has no answer; false if that fails, too.
    async fn tell_apart(&self, job: &Job, cause: &Cause) -> bool {
        let (Ok(question), Cause::Refused(code)) = (question_of(job), cause) else {
            return false;
        };
        if question.is_private() {
            return false;
        }
        let channel = question.channel.clone();
        let trouble = Trouble::Channel {
            channel: channel.clone(),
            code: code.clone(),
        };
        self.parts.admins.tell(trouble).await;
        let language = Language::of(&question.text);
        let asked: String = question.text.chars().take(300).collect();
        let said = i18n::trouble::not_posted(language, &channel, code, &escape(&asked));
        let mark = Mark {
            question: format!("{}/apart", question.key()),
            part: 1,
        };
        let told = Message::markup(said);
        let told = self
            .parts
            .client
            .announce(&question.user, &told, &mark)
            .await;
        told.is_ok()
    }
}

fn question_of(job: &Job) -> Result<Question, Stop> {
    serde_json::from_value(job.payload.clone()).map_err(|_| Stop::Unreadable)
}

/// Whom the links in an answer are for.
fn audience(question: &Question) -> Audience {
    let channel = question.channel.clone();
    if question.is_private() {
        Audience::Person {
            conversation: channel,
            person: question.user.clone(),
        }
    } else {
        Audience::Conversation(channel)
    }
}
