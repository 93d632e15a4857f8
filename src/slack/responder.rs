//! Answers a stored question in its thread.
//!
//! Each answer has its message: posted at once as a sign, found again by every later attempt, changed as the
//! answer grows, and changed for the last time when it is there. What was posted and what was answered is saved
//! before the next step, so that whatever dies in between, the thread ends with one answer.

mod growth;
mod progress;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use self::progress::{Saved, Stop};
use super::error::Remedy;
use super::event::{Bot, Question};
use super::groups::Groups;
use super::message::{Mark, Message};
use super::{Client, render, thread};
use crate::answer::{Answerer, Progress};
use crate::config::{AccessRules, Config};
use crate::domain::{self, Access, Answer, Language, Turn};
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
        config: &Config,
    ) -> Self {
        Self {
            client,
            bot,
            answerer,
            queue,
            access: config.access.clone(),
            groups,
            update_interval: config.slack.update_interval(),
            conversation: config.llm.max_prompt_tokens / 3,
        }
    }

    async fn respond(&self, job: &Job) -> Result<(), Stop> {
        let question = question_of(job)?;
        let mut saved = Saved::of(job);
        let messages = if let Some(messages) = saved.answer.clone() {
            messages
        } else {
            self.show_sign(job, &question, &mut saved).await?;
            let messages = self.compose(&question, &saved).await?;
            saved.answer = Some(messages.clone());
            self.save(job, &saved).await?;
            messages
        };
        self.deliver(job, &question, &mut saved, &messages).await
    }

    /// Makes sure that the question's message is in the thread and known.
    async fn show_sign(
        &self,
        job: &Job,
        question: &Question,
        saved: &mut Saved,
    ) -> Result<(), Stop> {
        if !saved.posted.is_empty() {
            return Ok(());
        }
        let mark = Mark {
            question: job.key.clone(),
            part: 1,
        };
        let sign = Message::status(text::slack::searching(Language::of(&question.text)));
        let ts = self.post_once(job, question, &sign, &mark, None).await?;
        saved.posted.push(ts);
        self.save(job, saved).await
    }

    /// Posts a message unless an earlier attempt has done so; its `ts`. The message `gone` does not count.
    async fn post_once(
        &self,
        job: &Job,
        question: &Question,
        message: &Message,
        mark: &Mark,
        gone: Option<&str>,
    ) -> Result<String, Stop> {
        // The fence counts the claims: before the first one, nobody can have posted.
        if job.fence > 1 {
            let thread = self
                .client
                .replies(&question.channel, question.root())
                .await?;
            if let Some(ts) = mark
                .find(&thread, &self.bot)
                .filter(|ts| Some(ts.as_str()) != gone)
            {
                return Ok(ts);
            }
        }
        Ok(self
            .client
            .post(&question.channel, question.root(), message, mark)
            .await?)
    }

    /// Everything that is said to the question, ready to be sent.
    async fn compose(&self, question: &Question, saved: &Saved) -> Result<Vec<Message>, Stop> {
        let surroundings = self.surroundings(question).await?;
        let language = Language::of(&question.text);
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
        let answer = self.answer(question, &asked, saved).await?;
        Ok(render::answer(&answer, &notices))
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
        question: &Question,
        asked: &domain::Question,
        saved: &Saved,
    ) -> Result<Answer, Stop> {
        let (sender, receiver) = watch::channel(Progress::default());
        let answering = async {
            let answer = self.answerer.answer(asked, &sender).await;
            // Tells the other side that nothing more will come.
            drop(sender);
            answer
        };
        let showing = growth::Growth {
            client: &self.client,
            question,
            language: Language::of(&asked.text),
            ts: saved.posted.first().map(String::as_str).unwrap_or_default(),
            interval: self.update_interval,
        };
        // An update in flight is waited for, so that it cannot overtake the last one.
        let (answer, ()) = tokio::join!(Box::pin(answering), showing.show(receiver));
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

    /// Brings the thread to the state of `messages`, from whatever earlier attempts have left.
    async fn deliver(
        &self,
        job: &Job,
        question: &Question,
        saved: &mut Saved,
        messages: &[Message],
    ) -> Result<(), Stop> {
        for (position, message) in messages.iter().enumerate() {
            let mark = Mark {
                question: job.key.clone(),
                part: position + 1,
            };
            let known = saved.posted.get(position).cloned();
            let is_there = match &known {
                Some(ts) => self.is_updated(question, ts, message, &mark).await?,
                None => false,
            };
            if is_there {
                continue;
            }
            let ts = self
                .post_once(job, question, message, &mark, known.as_deref())
                .await?;
            match saved.posted.get_mut(position) {
                Some(posted) => *posted = ts,
                None => saved.posted.push(ts),
            }
            self.save(job, saved).await?;
        }
        Ok(())
    }

    /// Updates a message; false if it is no longer there.
    async fn is_updated(
        &self,
        question: &Question,
        ts: &str,
        message: &Message,
        mark: &Mark,
    ) -> Result<bool, Stop> {
        match self
            .client
            .update(&question.channel, ts, message, mark)
            .await
        {
            Ok(()) => Ok(true),
            Err(error) if error.remedy() == Remedy::Gone => Ok(false),
            Err(error) => Err(error.into()),
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
        let question = question_of(job)?;
        let saved = Saved::of(job);
        let mark = Mark {
            question: job.key.clone(),
            part: 1,
        };
        let failure = progress::failure(reason);
        let message = Message::status(text::slack::failed(Language::of(&question.text), failure));
        let known = saved.posted.first();
        if let Some(ts) = known
            && self.is_updated(&question, ts, &message, &mark).await?
        {
            return Ok(());
        }
        let ts = self
            .post_once(job, &question, &message, &mark, known.map(String::as_str))
            .await?;
        self.is_updated(&question, &ts, &message, &mark)
            .await
            .map(drop)
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
