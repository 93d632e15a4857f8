//! The chat platform port for Slack.

use std::time::Duration;

use async_trait::async_trait;

use super::client::{Chunk, Client, Share};
use super::dialog;
use super::error::{Cause, Error};
use super::event::{Bot, visibility};
use super::home;
use super::markup::SlackMarkup;
use super::message::Message;
use super::render;
use super::streaming::SlackStream;
use super::thread;
use crate::chat::answer_stream::{AnswerStream, FirstMessage};
use crate::chat::place::{Place, Platform, Visibility};
use crate::chat::platform::{Capabilities, ChatPlatform, PlatformError, Posted};
use crate::chat::question::{Attachment, Question};
use crate::chat::reply::{Content, Ephemeral, HomeView, Picture, RenderedMessage};
use crate::chat::thread::{MessageTag, ThreadMessage};
use crate::config;
use crate::domain::language::Language;
use crate::i18n::files::Reason;
use crate::i18n::markup::Markup;

/// Pause between attempts to show an uploaded picture, which Slack processes first, and the number of attempts.
const PICTURE_PAUSE: Duration = Duration::from_millis(1_500);
const PICTURE_ATTEMPTS: usize = 4;

/// Slack, as the bot of one workspace. Cheap to clone.
#[derive(Clone)]
pub struct SlackPlatform {
    client: Client,
    bot: Bot,
    capabilities: Capabilities,
}

impl SlackPlatform {
    #[must_use]
    pub fn new(client: Client, bot: Bot, config: &config::slack::Slack) -> Self {
        Self {
            client,
            bot,
            capabilities: Capabilities {
                streaming: config.streaming,
                tables: config.native_tables,
                edit: true,
                slash_commands: true,
                assistant: config.agent,
            },
        }
    }

    async fn show_pictures(
        &self,
        [channel, root, user]: [&str; 3],
        head: &str,
        pictures: &[Picture],
    ) -> Result<(), Error> {
        let mut blocks = Vec::new();
        for picture in pictures {
            let png = picture.png.clone();
            let file = self.client.store_picture("page.png", png).await?;
            blocks.push(render::picture(&file, &picture.title));
        }
        for attempt in 1.. {
            let shown = self
                .client
                .post_ephemeral(channel, root, user, head, blocks.clone())
                .await;
            match shown {
                Err(error) if is_not_processed(&error) && attempt < PICTURE_ATTEMPTS => {
                    tokio::time::sleep(PICTURE_PAUSE).await;
                }
                shown => return shown,
            }
        }
        Ok(())
    }
}

/// Returns true if Slack has not yet processed an uploaded picture.
fn is_not_processed(error: &Error) -> bool {
    matches!(&error.cause, Cause::Refused(code) if code == "invalid_blocks")
}

#[async_trait]
impl ChatPlatform for SlackPlatform {
    fn platform(&self) -> Platform {
        Platform::Slack
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn markup(&self) -> &dyn Markup {
        &SlackMarkup
    }

    fn visibility(&self, conversation: &str) -> Visibility {
        visibility(conversation)
    }

    fn is_person(&self, id: &str) -> bool {
        id.starts_with(['U', 'W'])
    }

    fn render(&self, content: &Content<'_>) -> Vec<RenderedMessage> {
        let messages = render::content(content).into_iter();
        messages.map(|message| message.to_rendered()).collect()
    }

    async fn thread(
        &self,
        conversation: &str,
        root: &str,
        around: &str,
    ) -> Result<Vec<ThreadMessage>, PlatformError> {
        let messages = self.client.replies(conversation, root).await?;
        Ok(thread::messages(&messages, around, &self.bot))
    }

    async fn recent(&self, conversation: &str) -> Result<Vec<ThreadMessage>, PlatformError> {
        let messages = self.client.recent(conversation).await?;
        Ok(thread::messages(&messages, "", &self.bot))
    }

    async fn begin(
        &self,
        question: &Question,
        status: &str,
    ) -> Result<Option<String>, PlatformError> {
        if !self.client.can_stream(&question.place.conversation) {
            return Ok(None);
        }
        let task = Chunk::Task {
            title: status.to_owned(),
            is_done: false,
        };
        match self
            .client
            .start_stream(question, &[task], Share::Part)
            .await
        {
            Ok(ts) => Ok(Some(ts)),
            // The stream may have started, so a second status message must not be posted.
            Err(error) if error.is_unsure() => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    fn stream<'a>(
        &'a self,
        question: &'a Question,
        language: Language,
        first_message: FirstMessage,
    ) -> Box<dyn AnswerStream + 'a> {
        Box::new(SlackStream::new(
            &self.client,
            question,
            language,
            first_message,
        ))
    }

    async fn post(
        &self,
        conversation: &str,
        root: &str,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<String, PlatformError> {
        let message = Message::from_rendered(message);
        Ok(self.client.post(conversation, root, &message, tag).await?)
    }

    async fn notify(
        &self,
        to: &str,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<Posted, PlatformError> {
        let message = Message::from_rendered(message);
        let (conversation, message) = self.client.post_unthreaded(to, &message, tag).await?;
        Ok(Posted {
            conversation,
            message,
        })
    }

    async fn update(
        &self,
        posted: &Posted,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<(), PlatformError> {
        let message = Message::from_rendered(message);
        let Posted {
            conversation,
            message: ts,
        } = posted;
        Ok(self
            .client
            .try_update(conversation, ts, &message, tag)
            .await?)
    }

    async fn finish(
        &self,
        posted: &Posted,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<(), PlatformError> {
        let message = Message::from_rendered(message);
        let (channel, ts) = (&posted.conversation, &posted.message);
        let mut updated = self.client.update(channel, ts, &message, tag).await;
        if updated.as_ref().is_err_and(Error::is_open_stream) {
            self.client.stop_stream(channel, ts).await?;
            updated = self.client.update(channel, ts, &message, tag).await;
        }
        Ok(updated?)
    }

    async fn delete(&self, posted: &Posted) -> Result<(), PlatformError> {
        let Posted {
            conversation,
            message,
        } = posted;
        Ok(self.client.delete(conversation, message).await?)
    }

    async fn post_ephemeral(
        &self,
        conversation: &str,
        root: &str,
        person: &str,
        content: &Ephemeral<'_>,
    ) -> Result<(), PlatformError> {
        let shown = match content {
            Ephemeral::Text(text) => {
                self.client
                    .post_ephemeral(conversation, root, person, text, Vec::new())
                    .await
            }
            Ephemeral::Passages {
                head,
                passages,
                language,
            } => {
                let blocks = render::passages(passages, *language);
                self.client
                    .post_ephemeral(conversation, root, person, head, blocks)
                    .await
            }
            Ephemeral::Pictures { head, pictures } => {
                self.show_pictures([conversation, root, person], head, pictures)
                    .await
            }
        };
        Ok(shown?)
    }

    async fn upload(
        &self,
        conversation: &str,
        root: &str,
        name: &str,
        content: Vec<u8>,
    ) -> Result<(), PlatformError> {
        Ok(self
            .client
            .attach(conversation, root, name, content)
            .await?)
    }

    async fn download(&self, file: &Attachment, megabytes: u64) -> Result<Vec<u8>, Reason> {
        self.client.download(file, megabytes).await
    }

    async fn direct_conversation(&self, person: &str) -> Result<String, PlatformError> {
        Ok(self.client.direct(person).await?)
    }

    async fn permalink(&self, conversation: &str, message: &str) -> Option<String> {
        self.client.permalink(conversation, message).await
    }

    async fn is_member(&self, conversation: &str) -> Option<bool> {
        self.client.is_member(conversation).await
    }

    async fn locale(&self, person: &str) -> Option<String> {
        self.client.locale(person).await
    }

    async fn open_comment_dialog(
        &self,
        trigger: &str,
        language: Language,
        question: &str,
    ) -> Result<(), PlatformError> {
        let view = dialog::comment(language, question);
        Ok(self.client.open_dialog(trigger, &view).await?)
    }

    async fn show_home(
        &self,
        person: &str,
        view: &HomeView,
        language: Language,
    ) -> Result<(), PlatformError> {
        let view = home::view(view, language);
        Ok(self.client.publish(person, &view).await?)
    }

    async fn show_status(&self, place: &Place, root: &str, status: &str) {
        self.client
            .show_status(&place.conversation, root, status)
            .await;
    }

    async fn name_thread(&self, place: &Place, root: &str, title: &str) {
        self.client
            .name_thread(&place.conversation, root, title)
            .await;
    }

    async fn suggest(
        &self,
        place: &Place,
        root: Option<&str>,
        title: &str,
        questions: &[(String, String)],
    ) {
        self.client
            .suggest(&place.conversation, root, title, questions)
            .await;
    }
}
