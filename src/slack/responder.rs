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

use self::growth::{Begun, Growth};
use self::progress::{Saved, Stop};
use super::errand::Errand;
use super::error::Remedy;
use super::event::{Bot, Question};
use super::groups::Groups;
use super::message::Message;
use super::{Client, render, thread};
use crate::answer::{Answerer, Progress};
use crate::config::{AccessRules, Config};
use crate::domain::{self, Access, Answer, Language, Turn};
use crate::feedback::Feedback;
use crate::queue::{Handler, Held, Job, Outcome, Queue};
use crate::text;

/// A longer question is used from both its ends: pasted logs stand before or after what is asked.
const QUESTION_HEAD: usize = 3_000;
const QUESTION_TAIL: usize = 1_000;

/// Does the work of the queue: one question at a time, from the stored event to the answer in the thread.
pub struct Responder {
    client: Client,
    bot: Bot,
    answerer: Arc<Answerer>,
    queue: Queue,
    access: AccessRules,
    groups: Groups,
    feedback: Feedback,
    experts: Vec<String>,
    model: String,
    update_interval: Duration,
    /// Characters of the thread that go along with a question.
    conversation: usize,
}

/// The thread around a question, as far as it could be read.
struct Surroundings {
    conversation: Vec<Turn>,
    has_files: bool,
    is_readable: bool,
}

impl Responder {
    #[must_use]
    pub fn new(
        client: Client,
        bot: Bot,
        answerer: Arc<Answerer>,
        queue: Queue,
        groups: Groups,
        feedback: Feedback,
        config: &Config,
    ) -> Self {
        Self {
            client,
            bot,
            answerer,
            queue,
            access: config.access.clone(),
            groups,
            feedback,
            experts: config.slack.experts.clone(),
            model: config.llm.model.clone(),
            update_interval: config.slack.update_interval(),
            conversation: config.llm.max_prompt_tokens / 3,
        }
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
            return Ok(vec![Message::status(text::buttons::too_many(language))]);
        }
        let surroundings = self.surroundings(question).await?;
        let mut notices = Vec::new();
        if surroundings.has_files {
            notices.push(text::slack::files_not_read(language));
        }
        if question.text.is_empty() {
            let said = [text::slack::help_in_both()].into_iter().chain(notices);
            return Ok(vec![Message::status(said.collect::<Vec<_>>().join("\n"))]);
        }
        if !surroundings.is_readable {
            notices.push(text::slack::thread_not_read(language));
        }
        let (text, is_short) = shortened(&question.text);
        if is_short {
            notices.push(text::slack::shortened(
                language,
                QUESTION_HEAD + QUESTION_TAIL,
            ));
        }
        let access = self.access(question).await;
        let asked = domain::Question {
            text,
            conversation: surroundings.conversation,
            access,
        };
        let answer = self.answer(job, question, &asked, saved, begun).await?;
        self.record(question, &answer).await;
        if let Some(drawing) = &answer.drawing {
            let (channel, root) = (&question.channel, question.root());
            let attached = self.attach_once(job, channel, root, &question.ts, drawing);
            if !attached.await? {
                notices.push(text::recipe::not_attached(language));
            }
        }
        let mut messages = render::answer(&answer, &notices);
        self.add_buttons(question, &answer, &mut messages);
        Ok(messages)
    }

    /// What the question may be answered from. What a person may read beyond their channel is said to them alone.
    async fn access(&self, question: &Question) -> Access {
        if !question.is_private() {
            return self.access.of_channel(&question.channel);
        }
        let named = self.access.groups.keys().map(String::as_str);
        let groups = self.groups.of(&question.user, named).await;
        self.access
            .of_person(&question.channel, &question.user, &groups)
    }

    /// Answers, and shows the answer as it grows.
    async fn answer(
        &self,
        job: &Job,
        question: &Question,
        asked: &domain::Question,
        saved: &mut Saved,
        begun: Begun,
    ) -> Result<Answer, Stop> {
        let (sender, receiver) = watch::channel(Progress::default());
        let answering = async {
            let answer = self.answerer.answer(asked, &sender).await;
            // Tells the other side that nothing more will come.
            drop(sender);
            answer
        };
        let mut growth = Growth {
            client: &self.client,
            queue: &self.queue,
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
        if let (None, Some(has_files)) = (&question.thread_ts, question.files) {
            return Ok(Surroundings {
                conversation: Vec::new(),
                has_files,
                is_readable: true,
            });
        }
        match self
            .client
            .replies(&question.channel, question.root())
            .await
        {
            Ok(messages) => Ok(Surroundings {
                conversation: thread::conversation(
                    &messages,
                    question,
                    &self.bot,
                    self.conversation,
                ),
                has_files: question.files.unwrap_or_default()
                    || thread::question_has_files(&messages, question),
                is_readable: true,
            }),
            Err(error) if matches!(error.remedy(), Remedy::Retry(_)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(key = question.key(), %error, "the thread cannot be read; answering the question alone");
                let has_files = question.files.unwrap_or_default();
                Ok(Surroundings {
                    conversation: Vec::new(),
                    has_files,
                    is_readable: question.thread_ts.is_none(),
                })
            }
        }
    }

    async fn save(&self, job: &Job, saved: &Saved) -> Result<(), Stop> {
        match self
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
    async fn excuse(&self, job: &Job, reason: &str) -> Result<(), Stop> {
        if Errand::of(&job.payload).is_some() {
            return Ok(());
        }
        let question = question_of(job)?;
        let mut saved = Saved::of(job);
        let failure = progress::failure(reason);
        let message = Message::status(text::slack::failed(Language::of(&question.text), failure));
        self.deliver(job, &question, &mut saved, &[message]).await
    }
}

#[async_trait]
impl Handler for Responder {
    async fn handle(&self, job: &Job) -> Outcome {
        match Box::pin(self.respond(job)).await {
            Ok(()) => Outcome::Done,
            Err(stop) => stop.into(),
        }
    }

    async fn give_up(&self, job: &Job, reason: &str) {
        match self.excuse(job, reason).await {
            Ok(()) => tracing::warn!(
                key = job.key,
                reason,
                "told a person that there is no answer"
            ),
            Err(stop) => {
                tracing::error!(key = job.key, reason, error = %stop, "there is no answer, and the person cannot be told");
            }
        }
    }
}

fn question_of(job: &Job) -> Result<Question, Stop> {
    serde_json::from_value(job.payload.clone()).map_err(|_| Stop::Unreadable)
}

/// The text that is searched with, and whether that is not all of it.
fn shortened(text: &str) -> (String, bool) {
    let length = text.chars().count();
    if length <= QUESTION_HEAD + QUESTION_TAIL {
        return (text.to_owned(), false);
    }
    let head: String = text.chars().take(QUESTION_HEAD).collect();
    let tail: String = text.chars().skip(length - QUESTION_TAIL).collect();
    (format!("{head}\n…\n{tail}"), true)
}
