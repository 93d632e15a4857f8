//! The thread around a question, if it can be read.

use super::Responder;
use super::failure::AttemptError;
use crate::chat::platform::Remedy;
use crate::chat::question::{Attachment, Question};
use crate::chat::thread;
use crate::domain::question::Turn;

/// The thread around a question.
pub(super) struct ThreadContext {
    pub(super) conversation: Vec<Turn>,
    pub(super) attachments: Vec<Attachment>,
    /// Whether the files were attached earlier in the thread.
    pub(super) is_earlier: bool,
    pub(super) is_readable: bool,
}

impl Responder {
    pub(super) async fn thread_context(
        &self,
        question: &Question,
    ) -> Result<ThreadContext, AttemptError> {
        if let (None, Some(attachments)) = (&question.thread, &question.attachments) {
            return Ok(ThreadContext {
                conversation: Vec::new(),
                attachments: attachments.clone(),
                is_earlier: false,
                is_readable: true,
            });
        }
        match self.thread(question).await {
            Ok(messages) => {
                let current = match &question.attachments {
                    Some(attachments) if !attachments.is_empty() => attachments.clone(),
                    _ => thread::attached_to(&messages),
                };
                let is_earlier = current.is_empty();
                Ok(ThreadContext {
                    conversation: thread::conversation(&messages, self.conversation_budget),
                    attachments: if is_earlier {
                        thread::attached_before(&messages)
                    } else {
                        current
                    },
                    is_earlier,
                    is_readable: true,
                })
            }
            Err(error) if matches!(error.remedy, Remedy::Retry(_)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(key = question.key(), %error, "the thread cannot be read; answering the question alone");
                Ok(ThreadContext {
                    conversation: Vec::new(),
                    attachments: question.attachments.clone().unwrap_or_default(),
                    is_earlier: false,
                    is_readable: question.thread.is_none(),
                })
            }
        }
    }
}
