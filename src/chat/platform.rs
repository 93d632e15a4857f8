//! The port to a chat platform.

use std::time::Duration;

use async_trait::async_trait;

use super::answer_stream::{AnswerStream, FirstMessage};
use super::place::{Place, Platform, Visibility};
use super::question::{Attachment, Question};
use super::reply::{Content, Ephemeral, HomeView, RenderedMessage};
use super::thread::{MessageTag, ThreadMessage};
use crate::domain::language::Language;
use crate::i18n::files::Reason;
use crate::i18n::markup::Markup;

/// A chat platform. Calls have timeouts and keep to the platform's rate limits; errors carry a remedy.
#[async_trait]
pub trait ChatPlatform: Send + Sync {
    fn platform(&self) -> Platform;

    fn capabilities(&self) -> Capabilities;

    fn markup(&self) -> &dyn Markup;

    /// Who can read a conversation of which only the id is known.
    fn visibility(&self, conversation: &str) -> Visibility;

    /// Returns true if an id is that of a person, not of a conversation.
    fn is_person(&self, id: &str) -> bool;

    /// Renders a content as messages within the platform's limits.
    fn render(&self, content: &Content<'_>) -> Vec<RenderedMessage>;

    /// Returns the messages of a thread, oldest first; each knows whether it is before or after the message `around`.
    async fn thread(
        &self,
        conversation: &str,
        root: &str,
        around: &str,
    ) -> Result<Vec<ThreadMessage>, PlatformError>;

    /// Returns the latest messages of a conversation.
    async fn recent(&self, conversation: &str) -> Result<Vec<ThreadMessage>, PlatformError>;

    /// Begins a streamed message below the question with `status` and returns its id; `None` if an ordinary message must
    /// be used.
    async fn begin(
        &self,
        question: &Question,
        status: &str,
    ) -> Result<Option<String>, PlatformError>;

    /// Returns a stream that shows the states of an answer in its first message.
    fn stream<'a>(
        &'a self,
        question: &'a Question,
        language: Language,
        beginning: FirstMessage,
    ) -> Box<dyn AnswerStream + 'a>;

    /// Posts a message into a thread and returns its id. After a failure it may have been posted: look for its tag before
    /// posting again.
    async fn post(
        &self,
        conversation: &str,
        root: &str,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<String, PlatformError>;

    /// Posts a message outside threads; to a person's id, as a direct message.
    async fn notify(
        &self,
        to: &str,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<Posted, PlatformError>;

    /// Replaces a message's content if the rate limit allows it now: for a state that a later update replaces anyway.
    async fn update(
        &self,
        posted: &Posted,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<(), PlatformError>;

    /// Replaces a message's content for the last time and ends its stream.
    async fn finish(
        &self,
        posted: &Posted,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<(), PlatformError>;

    /// Deletes one of epibot's messages; succeeds if it no longer exists.
    async fn delete(&self, posted: &Posted) -> Result<(), PlatformError>;

    /// Posts an ephemeral message into a thread, visible to one person.
    async fn post_ephemeral(
        &self,
        conversation: &str,
        root: &str,
        person: &str,
        content: &Ephemeral<'_>,
    ) -> Result<(), PlatformError>;

    /// Uploads a file to a thread.
    async fn upload(
        &self,
        conversation: &str,
        root: &str,
        name: &str,
        content: Vec<u8>,
    ) -> Result<(), PlatformError>;

    /// Downloads an attached file of at most so many megabytes.
    async fn download(&self, file: &Attachment, megabytes: u64) -> Result<Vec<u8>, Reason>;

    /// Returns the direct conversation with a person.
    async fn direct_conversation(&self, person: &str) -> Result<String, PlatformError>;

    /// Returns the address of a message; `None` if unknown.
    async fn permalink(&self, conversation: &str, message: &str) -> Option<String>;

    /// Whether epibot is a member of a conversation; `None` if unknown.
    async fn is_member(&self, conversation: &str) -> Option<bool>;

    /// Returns the locale of a person, such as `ko-KR`; `None` if unknown.
    async fn locale(&self, person: &str) -> Option<String>;

    /// Opens the dialog in which a person may comment on an answer.
    async fn open_comment_dialog(
        &self,
        trigger: &str,
        language: Language,
        question: &str,
    ) -> Result<(), PlatformError>;

    /// Shows a person's home view.
    async fn show_home(
        &self,
        person: &str,
        view: &HomeView,
        language: Language,
    ) -> Result<(), PlatformError>;

    /// Shows a status before there is a message. Best effort.
    async fn show_status(&self, place: &Place, root: &str, status: &str);

    /// Sets the title of a thread. Best effort.
    async fn name_thread(&self, place: &Place, root: &str, title: &str);

    /// Suggests questions, each with a title, in a conversation or in a thread of it. Best effort.
    async fn suggest(
        &self,
        place: &Place,
        root: Option<&str>,
        title: &str,
        questions: &[(String, String)],
    );
}

/// What a platform can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a capability of its own"
)]
pub struct Capabilities {
    /// Streams messages.
    pub streaming: bool,
    /// Renders tables natively.
    pub tables: bool,
    /// Lets messages be edited.
    pub edit: bool,
    pub slash_commands: bool,
    /// Shows the status of an assistant, suggested questions and titles of threads.
    pub assistant: bool,
}

/// A message that was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    pub conversation: String,
    pub message: String,
}

/// A failed call to a platform. Carries the method and the cause, never the content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct PlatformError {
    pub detail: String,
    pub remedy: Remedy,
    /// The platform's own code, if it refused the call.
    pub code: Option<String>,
    /// Whether the call may have taken effect.
    pub is_unsure: bool,
}

/// What to do about a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Retry later, after this pause if one is known.
    Retry(Option<Duration>),
    /// The message no longer exists, or can no longer be changed.
    Gone,
    /// A retry will fail again.
    None,
}

impl PlatformError {
    /// Returns true if the message no longer exists, or can no longer be changed.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.remedy == Remedy::Gone
    }

    /// Returns true if a retry will fail again.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.remedy == Remedy::None
    }
}
