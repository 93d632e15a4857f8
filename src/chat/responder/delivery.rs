//! Delivers the messages of an answer to its thread, each exactly once across attempts.

use tokio::time::Instant;

use super::failure::AttemptError;
use super::{Attempt, Responder};
use crate::chat::answer_stream::FirstMessage;
use crate::chat::platform::{PlatformError, Posted};
use crate::chat::question::Question;
use crate::chat::reply::RenderedMessage;
use crate::chat::saved_progress::SavedProgress;
use crate::chat::thread::{self, MessageTag, ThreadMessage};
use crate::domain::language::Language;
use crate::i18n;
use crate::storage::queue::Job;

impl Responder {
    /// Finds or posts the first message of the answer, and saves its id.
    pub(super) async fn show_status_message(
        &self,
        attempt: Attempt<'_>,
        saved: &mut SavedProgress,
    ) -> Result<FirstMessage, AttemptError> {
        let Attempt {
            job,
            question,
            language,
        } = attempt;
        if saved.posted.is_empty() && job.fence > 1 {
            self.find_untagged(question, saved).await?;
        }
        if saved.posted.is_empty() && question.edited.is_some() {
            let thread = self.thread(question).await?;
            saved.posted = MessageTag::find_all(&question.key(), &thread);
        }
        if !saved.posted.is_empty() {
            return Ok(FirstMessage::Message);
        }
        // The fence counts the claims: only a first attempt can be sure that nothing was posted.
        let since = Instant::now();
        let (begun, ()) = tokio::join!(
            self.begin_stream(attempt),
            self.show_assistant_status(question, language)
        );
        if let Some(id) = begun? {
            saved.posted.push(id);
            self.save(job, saved).await?;
            return Ok(FirstMessage::Stream(since));
        }
        let status = self.status_message(status_text(question, language));
        let id = self
            .post_once(job, question, &status, &tag(question, 0), &[])
            .await?;
        saved.posted.push(id);
        self.save(job, saved).await?;
        Ok(FirstMessage::Message)
    }

    /// Begins a streamed message, if that is possible.
    async fn begin_stream(&self, attempt: Attempt<'_>) -> Result<Option<String>, PlatformError> {
        if attempt.job.fence > 1 {
            return Ok(None);
        }
        let status = status_text(attempt.question, attempt.language);
        self.platform.begin(attempt.question, &status).await
    }

    /// Shows the assistant's status until the first message is posted.
    async fn show_assistant_status(&self, question: &Question, language: Language) {
        if self.platform.capabilities().assistant && question.is_private() {
            let status = i18n::agent::status(language);
            self.platform
                .show_status(&question.place, question.root(), &status)
                .await;
        }
    }

    /// Brings the thread to the state of `messages`: updates existing messages, posts missing ones and deletes surplus
    /// ones.
    #[tracing::instrument(name = "deliver", level = "info", skip_all)]
    pub(super) async fn deliver(
        &self,
        job: &Job,
        question: &Question,
        saved: &mut SavedProgress,
        messages: &[RenderedMessage],
    ) -> Result<(), AttemptError> {
        if job.fence > 1 || saved.is_unsure {
            self.find_untagged(question, saved).await?;
            self.save(job, saved).await?;
        }
        let mut gone = Vec::new();
        for (position, message) in messages.iter().enumerate() {
            let tag = tag(question, position);
            // A message that a person deleted is replaced by the next one, which keeps the order.
            while let Some(id) = saved.posted.get(position).cloned() {
                if self.finish(question, id, message, &tag).await? {
                    break;
                }
                gone.push(saved.posted.remove(position));
            }
            if saved.posted.len() == position {
                let id = self.post_once(job, question, message, &tag, &gone).await?;
                saved.posted.push(id);
                self.save(job, saved).await?;
            }
        }
        while saved.posted.len() > messages.len() {
            let Some(id) = saved.posted.pop() else { break };
            match self.platform.delete(&posted(question, id)).await {
                Ok(()) => {}
                Err(error) if error.is_permanent() => {
                    tracing::warn!(key = job.key, %error, "cannot delete a surplus message");
                }
                Err(error) => return Err(error.into()),
            }
            self.save(job, saved).await?;
        }
        Ok(())
    }

    /// Posts a message unless an earlier attempt has, and returns its id. The messages `gone` are ignored.
    async fn post_once(
        &self,
        job: &Job,
        question: &Question,
        message: &RenderedMessage,
        tag: &MessageTag,
        gone: &[String],
    ) -> Result<String, AttemptError> {
        // In the first attempt, nothing can have been posted.
        if job.fence > 1 {
            let thread = self.thread(question).await?;
            if let Some(id) = tag.find(&thread).filter(|id| !gone.contains(id)) {
                return Ok(id);
            }
        }
        let conversation = &question.place.conversation;
        Ok(self
            .platform
            .post(conversation, question.root(), message, tag)
            .await?)
    }

    pub(super) async fn thread(
        &self,
        question: &Question,
    ) -> Result<Vec<ThreadMessage>, PlatformError> {
        let conversation = &question.place.conversation;
        self.platform
            .thread(conversation, question.root(), &question.message)
            .await
    }

    /// Adds messages of the thread that were begun but not saved. The questions of a thread are answered one after the
    /// other, so that a message without a tag belongs to this one.
    async fn find_untagged(
        &self,
        question: &Question,
        saved: &mut SavedProgress,
    ) -> Result<(), AttemptError> {
        let thread = self.thread(question).await?;
        for id in thread::untagged(&thread) {
            if !saved.posted.contains(&id) {
                saved.posted.push(id);
            }
        }
        saved.is_unsure = false;
        Ok(())
    }

    /// Updates a message for the last time; returns false if it no longer exists.
    async fn finish(
        &self,
        question: &Question,
        id: String,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<bool, AttemptError> {
        match self
            .platform
            .finish(&posted(question, id), message, tag)
            .await
        {
            Ok(()) => Ok(true),
            Err(error) if error.is_gone() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The text of the first message.
fn status_text(question: &Question, language: Language) -> String {
    match &question.attachments {
        Some(attachments) if !attachments.is_empty() => i18n::files::reading(language),
        _ => i18n::slack::searching(language),
    }
}

fn tag(question: &Question, position: usize) -> MessageTag {
    MessageTag {
        question: question.key(),
        part: position + 1,
    }
}

fn posted(question: &Question, message: String) -> Posted {
    Posted {
        conversation: question.place.conversation.clone(),
        message,
    }
}
