//! Uploads drawings of recipes.

use super::Responder;
use super::failure::AttemptError;
use crate::answer::recipe_commands::RecipeCommand;
use crate::chat::platform::{Posted, Remedy};
use crate::chat::reader_access::link_audience;
use crate::chat::reply::{AnswerContent, Content, RenderedMessage, Section, SectionKind};
use crate::chat::thread::{self, MessageTag};
use crate::chat::work::RecipeDrawing;
use crate::domain::answer::Drawing;
use crate::i18n::recipe as text;
use crate::storage::queue::Job;

impl Responder {
    /// Uploads a drawing to a thread unless an earlier attempt has; returns false if the platform refuses it.
    pub(super) async fn upload_once(
        &self,
        job: &Job,
        conversation: &str,
        root: &str,
        after: &str,
        drawing: &Drawing,
    ) -> Result<bool, AttemptError> {
        if job.fence > 1 {
            let messages = self.platform.thread(conversation, root, after).await?;
            if thread::has_file(&messages, &drawing.name) {
                return Ok(true);
            }
        }
        let uploaded = self
            .platform
            .upload(conversation, root, &drawing.name, drawing.png.clone())
            .await;
        match uploaded {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.remedy, Remedy::Retry(_)) && job.fence < 3 => {
                Err(error.into())
            }
            Err(error) => {
                tracing::warn!(key = job.key, %error, "cannot attach a drawing");
                Ok(false)
            }
        }
    }

    /// Draws a recipe for the caller of the command: posts a message to the conversation, or to the caller if epibot is
    /// not in it, and the picture into its thread.
    pub(super) async fn draw(&self, job: &Job, draw: &RecipeDrawing) -> Result<(), AttemptError> {
        let access = self.access.in_place(&draw.place, &draw.person).await;
        let command = RecipeCommand::Plot(draw.recipe.clone());
        let (conversation, is_private) = (&draw.place.conversation, draw.place.is_private());
        let audience = link_audience(conversation, is_private, &draw.person);
        let answer = self
            .answerer
            .recipes(&command, &access, &audience, draw.language)
            .await
            .map_err(AttemptError::Search)?;
        let markup = self.platform.markup();
        let head = text::drawn_for(
            draw.language,
            &markup.person(&draw.person),
            &markup.escape(&draw.command),
        );
        let render = |footer: Option<String>| {
            let content = AnswerContent {
                answer: &answer,
                notices: &[],
                header: Some(Section {
                    kind: SectionKind::Text,
                    markup: head.clone(),
                }),
                footer,
                buttons: None,
            };
            self.platform.render(&Content::Answer(content)).remove(0)
        };
        let tag = MessageTag::first(&job.key);
        let posted = self.notify_once(job, draw, &render(None), &tag).await?;
        let Some(drawing) = &answer.drawing else {
            return Ok(());
        };
        let (conversation, message) = (&posted.conversation, &posted.message);
        if !self
            .upload_once(job, conversation, message, message, drawing)
            .await?
        {
            let message = render(Some(text::not_attached(draw.language)));
            self.platform.finish(&posted, &message, &tag).await?;
        }
        Ok(())
    }

    async fn notify_once(
        &self,
        job: &Job,
        draw: &RecipeDrawing,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<Posted, AttemptError> {
        let platform = &self.platform;
        if job.fence > 1 {
            let mut conversations = vec![draw.place.conversation.clone()];
            conversations.extend(platform.direct_conversation(&draw.person).await.ok());
            for conversation in conversations {
                let recent = platform.recent(&conversation).await.unwrap_or_default();
                if let Some(message) = tag.find(&recent) {
                    return Ok(Posted {
                        conversation,
                        message,
                    });
                }
            }
        }
        match platform
            .notify(&draw.place.conversation, message, tag)
            .await
        {
            Err(error) if error.is_permanent() => {
                Ok(platform.notify(&draw.person, message, tag).await?)
            }
            posted => Ok(posted?),
        }
    }
}
