//! Puts the drawings of recipes into threads.

use super::Responder;
use super::progress::Stop;
use crate::answer::recipe_commands::RecipeCommand;
use crate::chat::slack::command::recipe::audience_of;
use crate::chat::slack::errand::Draw;
use crate::chat::slack::error::Remedy;
use crate::chat::slack::escape::escape;
use crate::chat::slack::event::{field, is_before, is_own};
use crate::chat::slack::message::{Block, Mark, Message, Role};
use crate::chat::slack::render;
use crate::domain::answer::Drawing;
use crate::i18n::recipe as text;
use crate::storage::queue::Job;

impl Responder {
    /// Attaches a drawing to a thread, unless an earlier attempt has done so; false where Slack does not take it.
    pub(super) async fn attach_once(
        &self,
        job: &Job,
        channel: &str,
        thread: &str,
        after: &str,
        drawing: &Drawing,
    ) -> Result<bool, Stop> {
        if job.fence > 1 {
            let messages = self.parts.client.replies(channel, thread).await?;
            let is_there = messages.iter().any(|message| {
                let files = message.get("files").and_then(|files| files.as_array());
                let mut names = files
                    .into_iter()
                    .flatten()
                    .filter_map(|file| field(file, "name").or_else(|| field(file, "title")));
                let is_later = field(message, "ts").is_some_and(|ts| is_before(after, ts));
                is_later
                    && is_own(message, &self.parts.bot)
                    && names.any(|name| name == drawing.name)
            });
            if is_there {
                return Ok(true);
            }
        }
        let attached = self
            .parts
            .client
            .attach(channel, thread, &drawing.name, drawing.png.clone())
            .await;
        match attached {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.remedy(), Remedy::Retry(_)) && job.fence < 3 => {
                Err(error.into())
            }
            Err(error) => {
                tracing::warn!(key = job.key, %error, "a drawing cannot be attached");
                Ok(false)
            }
        }
    }

    /// Draws a recipe for whoever asked by a command: a message in their channel, or to them alone where we are not in
    /// it, with the picture in its thread.
    pub(super) async fn draw(&self, job: &Job, draw: &Draw) -> Result<(), Stop> {
        let access = self.parts.access(&draw.channel, &draw.user).await;
        let wanted = RecipeCommand::Plot(draw.recipe.clone());
        let audience = audience_of(&draw.channel, &draw.user);
        let answer = self
            .parts
            .answerer
            .recipes(&wanted, &access, &audience, draw.language)
            .await
            .map_err(Stop::Search)?;
        let mut message = render::answer(&answer, &[]).remove(0);
        let head = text::drawn_for(draw.language, &draw.user, &escape(&draw.command));
        message.blocks.insert(0, Block::new(Role::Status, head));
        let mark = Mark {
            question: job.key.clone(),
            part: 1,
        };
        let (channel, ts) = self.announce_once(job, draw, &message, &mark).await?;
        let Some(drawing) = &answer.drawing else {
            return Ok(());
        };
        if !self.attach_once(job, &channel, &ts, &ts, drawing).await? {
            let notice = text::not_attached(draw.language);
            let message = Message {
                blocks: [message.blocks, vec![Block::new(Role::Notice, notice)]].concat(),
                ..message
            };
            self.parts
                .client
                .update(&channel, &ts, &message, &mark)
                .await?;
        }
        Ok(())
    }

    async fn announce_once(
        &self,
        job: &Job,
        draw: &Draw,
        message: &Message,
        mark: &Mark,
    ) -> Result<(String, String), Stop> {
        if job.fence > 1 {
            let mut channels = vec![draw.channel.clone()];
            channels.extend(self.parts.client.direct(&draw.user).await.ok());
            for channel in channels {
                let recent = self.parts.client.recent(&channel).await.unwrap_or_default();
                if let Some(ts) = mark.find(&recent, &self.parts.bot) {
                    return Ok((channel, ts));
                }
            }
        }
        match self
            .parts
            .client
            .announce(&draw.channel, message, mark)
            .await
        {
            Err(error) if error.remedy() == Remedy::None => Ok(self
                .parts
                .client
                .announce(&draw.user, message, mark)
                .await?),
            announced => Ok(announced?),
        }
    }
}
