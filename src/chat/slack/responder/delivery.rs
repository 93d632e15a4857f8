//! Brings the messages of an answer into its thread, each once, whatever earlier attempts have left there.

use tokio::time::Instant;

use super::Responder;
use super::growth::{self, Begun};
use super::progress::{Saved, Stop};
use crate::chat::slack::agent;
use crate::chat::slack::error::Error;
use crate::chat::slack::event::Question;
use crate::chat::slack::message::{Mark, Message, unmarked};
use crate::domain::language::Language;
use crate::i18n;
use crate::storage::queue::Job;

impl Responder {
    /// Makes sure that the question's first message is in the thread and known.
    pub(super) async fn show_sign(
        &self,
        job: &Job,
        question: &Question,
        saved: &mut Saved,
    ) -> Result<Begun, Stop> {
        if saved.posted.is_empty() && job.fence > 1 {
            self.find_unnoted(question, saved).await?;
        }
        if saved.posted.is_empty() && question.edited.is_some() {
            let (channel, root) = (&question.channel, question.root());
            let thread = self.parts.client.replies(channel, root).await?;
            saved.posted = Mark::all(&question.key(), &thread, &self.parts.bot);
        }
        if !saved.posted.is_empty() {
            return Ok(Begun::Message);
        }
        let language = Language::of(&question.text);
        // The fence counts the claims: after the first one, the thread holds what was begun.
        let since = Instant::now();
        let (begun, ()) = tokio::join!(
            self.begin(job, question, language),
            agent::show_status(&self.parts, question)
        );
        if let Some(ts) = begun? {
            saved.posted.push(ts);
            self.save(job, saved).await?;
            return Ok(Begun::Stream(since));
        }
        let sign = Message::status(sign(question, language));
        let ts = self
            .post_once(job, question, &sign, &mark(question, 0), &[])
            .await?;
        saved.posted.push(ts);
        self.save(job, saved).await?;
        Ok(Begun::Message)
    }

    /// Begins a message that is shown while it is written, where that can be done.
    async fn begin(
        &self,
        job: &Job,
        question: &Question,
        language: Language,
    ) -> Result<Option<String>, Error> {
        if job.fence > 1 {
            return Ok(None);
        }
        growth::begin(&self.parts.client, question, sign(question, language)).await
    }

    /// Brings the thread to the state of `messages`: updates what is there, posts what is missing, and deletes what
    /// is there beyond them.
    #[tracing::instrument(name = "deliver", level = "info", skip_all)]
    pub(super) async fn deliver(
        &self,
        job: &Job,
        question: &Question,
        saved: &mut Saved,
        messages: &[Message],
    ) -> Result<(), Stop> {
        if job.fence > 1 || saved.is_unsure {
            self.find_unnoted(question, saved).await?;
            self.save(job, saved).await?;
        }
        let mut gone = Vec::new();
        for (position, message) in messages.iter().enumerate() {
            let mark = mark(question, position);
            // What a person has deleted does not count: the next one takes its place, so that the order holds.
            while let Some(ts) = saved.posted.get(position).cloned() {
                if self.is_updated(question, &ts, message, &mark).await? {
                    break;
                }
                gone.push(saved.posted.remove(position));
            }
            if saved.posted.len() == position {
                let ts = self.post_once(job, question, message, &mark, &gone).await?;
                saved.posted.push(ts);
                self.save(job, saved).await?;
            }
        }
        while saved.posted.len() > messages.len() {
            let Some(ts) = saved.posted.pop() else { break };
            match self.parts.client.delete(&question.channel, &ts).await {
                Ok(()) => {}
                Err(error) if error.is_lasting() => {
                    tracing::warn!(key = job.key, %error, "a message too many cannot be deleted");
                }
                Err(error) => return Err(error.into()),
            }
            self.save(job, saved).await?;
        }
        Ok(())
    }

    /// Posts a message unless an earlier attempt has done so; its `ts`. The messages `gone` do not count.
    pub(super) async fn post_once(
        &self,
        job: &Job,
        question: &Question,
        message: &Message,
        mark: &Mark,
        gone: &[String],
    ) -> Result<String, Stop> {
        // Before the first claim, nobody can have posted.
        if job.fence > 1 {
            let (channel, root) = (&question.channel, question.root());
            let thread = self.parts.client.replies(channel, root).await?;
            if let Some(ts) = mark
                .find(&thread, &self.parts.bot)
                .filter(|ts| !gone.contains(ts))
            {
                return Ok(ts);
            }
        }
        Ok(self
            .parts
            .client
            .post(&question.channel, question.root(), message, mark)
            .await?)
    }

    /// Looks in the thread for messages that were begun but not noted. A thread's questions are answered one after
    /// the other, so what bears no mark belongs to this one.
    async fn find_unnoted(&self, question: &Question, saved: &mut Saved) -> Result<(), Stop> {
        let (channel, root) = (&question.channel, question.root());
        let thread = self.parts.client.replies(channel, root).await?;
        for ts in unmarked(&thread, &question.ts, &self.parts.bot) {
            if !saved.posted.contains(&ts) {
                saved.posted.push(ts);
            }
        }
        saved.is_unsure = false;
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
        let channel = &question.channel;
        let mut updated = self.parts.client.update(channel, ts, message, mark).await;
        if updated.as_ref().is_err_and(Error::is_open_stream) {
            self.parts.client.stop_stream(channel, ts).await?;
            updated = self.parts.client.update(channel, ts, message, mark).await;
        }
        match updated {
            Ok(()) => Ok(true),
            Err(error) if error.is_gone() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The first thing that is said.
fn sign(question: &Question, language: Language) -> String {
    match &question.attached {
        Some(attached) if !attached.is_empty() => i18n::files::reading(language),
        _ => i18n::slack::searching(language),
    }
}

fn mark(question: &Question, position: usize) -> Mark {
    Mark {
        question: question.key(),
        part: position + 1,
    }
}
