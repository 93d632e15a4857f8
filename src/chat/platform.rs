//! The port to a chat platform: everything that the neutral code asks of one.

use std::time::Duration;

use async_trait::async_trait;

use super::live::{AnswerStream, Beginning};
use super::place::{Place, Platform, Visibility};
use super::question::{Attachment, Question};
use super::reply::{Content, Ephemeral, HomeView, RenderedMessage};
use super::thread::{MessageTag, ThreadMessage};
use crate::domain::language::Language;
use crate::i18n::files::Reason;
use crate::i18n::markup::Markup;

/// A chat platform. Calls end in time and are paced as the platform asks; failures say what to do about them.
#[async_trait]
pub trait ChatPlatform: Send + Sync {
    fn platform(&self) -> Platform;

    fn capabilities(&self) -> Capabilities;

    fn markup(&self) -> &dyn Markup;

    /// Who reads a conversation of which only the id was kept.
    fn visibility(&self, conversation: &str) -> Visibility;

    /// Whether an id is a person's, not a conversation's.
    fn is_person(&self, id: &str) -> bool;

    /// The messages of a content, each within the platform's limits.
    fn render(&self, content: &Content<'_>) -> Vec<RenderedMessage>;

    /// The messages of a thread, oldest first, ordered around the message `around`.
    async fn thread(
        &self,
        conversation: &str,
        root: &str,
        around: &str,
    ) -> Result<Vec<ThreadMessage>, PlatformError>;

    /// The latest messages of a conversation.
    async fn recent(&self, conversation: &str) -> Result<Vec<ThreadMessage>, PlatformError>;

    /// Begins a streamed message below the question, showing `status`; its id. None if an ordinary message must be used.
    async fn begin(
        &self,
        question: &Question,
        status: &str,
    ) -> Result<Option<String>, PlatformError>;

    /// Shows the states of an answer in the message that was begun.
    fn stream<'a>(
        &'a self,
        question: &'a Question,
        language: Language,
        beginning: Beginning,
    ) -> Box<dyn AnswerStream + 'a>;

    /// Posts a message into a thread; its id. A failure does not tell whether it was posted: look for its tag before
    /// posting again.
    async fn post(
        &self,
        conversation: &str,
        root: &str,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<String, PlatformError>;

    /// Posts a message of its own; to a person's id, it is a direct message.
    async fn notify(
        &self,
        to: &str,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<Posted, PlatformError>;

    /// Replaces a message's content if the platform takes it now: for a state that a later update replaces anyway.
    async fn update(
        &self,
        posted: &Posted,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<(), PlatformError>;

    /// Replaces a message's content for the last time, ending its stream.
    async fn finish(
        &self,
        posted: &Posted,
        message: &RenderedMessage,
        tag: &MessageTag,
    ) -> Result<(), PlatformError>;

    /// Deletes a message of epibot's; one that is gone already counts as deleted.
    async fn delete(&self, posted: &Posted) -> Result<(), PlatformError>;

    /// Shows something in a thread to one person only.
    async fn post_ephemeral(
        &self,
        conversation: &str,
        root: &str,
        person: &str,
        content: &Ephemeral<'_>,
    ) -> Result<(), PlatformError>;

    /// Puts a file into a thread.
    async fn upload(
        &self,
        conversation: &str,
        root: &str,
        name: &str,
        content: Vec<u8>,
    ) -> Result<(), PlatformError>;

    /// The content of an attached file, of at most so many megabytes.
    async fn download(&self, file: &Attachment, megabytes: u64) -> Result<Vec<u8>, Reason>;

    /// The conversation with one person.
    async fn direct_conversation(&self, person: &str) -> Result<String, PlatformError>;

    /// The address of a message; none if the platform does not tell.
    async fn permalink(&self, conversation: &str, message: &str) -> Option<String>;

    /// Whether epibot is a member of a conversation; none if the platform does not tell.
    async fn is_member(&self, conversation: &str) -> Option<bool>;

    /// The locale of a person, such as `ko-KR`; none if the platform does not tell.
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

    /// Shows that a question is being looked into, before there is a message. May fail silently.
    async fn show_status(&self, place: &Place, root: &str, status: &str);

    /// Names a thread. May fail silently.
    async fn name_thread(&self, place: &Place, root: &str, title: &str);

    /// Suggests questions, each with a title, in a conversation or in a thread of it. May fail silently.
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
    /// Shows messages while they are written.
    pub streaming: bool,
    /// Shows tables itself.
    pub tables: bool,
    /// Lets messages be edited.
    pub edit: bool,
    pub slash_commands: bool,
    /// Shows what an assistant is doing, suggested questions and names of threads.
    pub assistant: bool,
}

/// A message that was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    pub conversation: String,
    pub message: String,
}

/// A call to a platform that failed. Carries what was called and why it failed, never what was sent.
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
    /// It may work later, after this pause if one is known.
    Retry(Option<Duration>),
    /// The message no longer exists, or can no longer be changed.
    Gone,
    /// It will fail again.
    None,
}

impl PlatformError {
    /// Whether the message no longer exists, or can no longer be changed.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.remedy == Remedy::Gone
    }

    /// Whether it will fail again.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.remedy == Remedy::None
    }
}
