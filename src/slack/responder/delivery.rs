//! Brings the messages of an answer into its thread, each once, whatever earlier attempts have left there.

use tokio::time::Instant;

use super::Responder;
use super::growth::{self, Begun};
use super::progress::{Saved, Stop};
use crate::domain::Language;
use crate::queue::Job;
use crate::slack::error::Error;
use crate::slack::event::Question;
use crate::slack::message::{Mark, Message, unmarked};
use crate::text;

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
        if !saved.posted.is_empty() {
            return Ok(Begun::Message);
        }
        let language = Language::of(&question.text);
        // The fence counts the claims: after the first one, the thread holds what was begun.
        let since = Instant::now();
        if job.fence == 1
            && let Some(ts) = growth::begin(&self.client, question, language).await?
        {
            saved.posted.push(ts);
            self.save(job, saved).await?;
            return Ok(Begun::Stream(since));
        }
        let sign = Message::status(text::slack::searching(language));
        let ts = self
            .post_once(job, question, &sign, &mark(job, 0), &[])
            .await?;
        saved.posted.push(ts);
        self.save(job, saved).await?;
        Ok(Begun::Message)
    }

    /// Brings the thread to the state of `messages`: updates what is there, posts what is missing, and deletes what
    /// is there beyond them.
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
            let mark = mark(job, position);
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
            match self.client.delete(&question.channel, &ts).await {
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
    async fn post_once(
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
            let thread = self.client.replies(channel, root).await?;
            if let Some(ts) = mark
                .find(&thread, &self.bot)
                .filter(|ts| !gone.contains(ts))
            {
                return Ok(ts);
            }
        }
        Ok(self
            .client
            .post(&question.channel, question.root(), message, mark)
            .await?)
    }

    /// Looks in the thread for messages that were begun but not noted. A thread's questions are answered one after
    /// the other, so what bears no mark belongs to this one.
    async fn find_unnoted(&self, question: &Question, saved: &mut Saved) -> Result<(), Stop> {
        let (channel, root) = (&question.channel, question.root());
        let thread = self.client.replies(channel, root).await?;
        for ts in unmarked(&thread, &question.ts, &self.bot) {
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
        let mut updated = self.client.update(channel, ts, message, mark).await;
        if updated.as_ref().is_err_and(Error::is_open_stream) {
            self.client.stop_stream(channel, ts).await?;
            updated = self.client.update(channel, ts, message, mark).await;
        }
        match updated {
            Ok(()) => Ok(true),
            Err(error) if error.is_gone() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn mark(job: &Job, position: usize) -> Mark {
    Mark {
        question: job.key.clone(),
        part: position + 1,
    }
}
