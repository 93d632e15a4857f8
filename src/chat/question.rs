//! A question, as it is stored until it is answered.

use serde::{Deserialize, Serialize};

use super::place::{Place, Visibility};

/// A message that is a question to epibot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub place: Place,
    /// The id of the message in its conversation.
    pub message: String,
    /// The first message of the thread that the message is in; `None` outside threads.
    pub thread: Option<String>,
    pub person: String,
    /// Plain text without the mention of epibot. May be empty.
    pub text: String,
    pub trigger: QuestionTrigger,
    /// The attached files; `None` if unknown.
    #[serde(default)]
    pub attachments: Option<Vec<Attachment>>,
    /// When the message was edited, if it was.
    #[serde(default)]
    pub edited: Option<String>,
    /// Whether the person or the conversation has asked more than the rate limit allows.
    #[serde(default)]
    pub is_over_limit: bool,
}

/// Why a message counts as a question to epibot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionTrigger {
    /// It mentions epibot.
    Mention,
    /// A direct message, or a message in a group conversation with epibot.
    Direct,
    /// A reply in a thread that mentions nobody; answered if epibot has answered in the thread before.
    ThreadReply,
    /// A question in a channel that mentions nobody; answered if the channel is configured for that.
    #[serde(rename = "overheard")]
    ChannelMessage,
    /// A follow-up suggested below an answer, whose button somebody pressed.
    #[serde(rename = "proposed")]
    Suggestion,
}

/// A file that is attached to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: String,
    /// The file name given by the person.
    pub name: String,
    /// The media type, such as `image/png`; may be empty.
    pub kind: String,
    /// In bytes; 0 if unknown.
    pub size: u64,
    /// The address of its content; empty if unknown.
    pub url: String,
    /// The address at which people open the file.
    pub permalink: Option<String>,
    /// Whether the file is stored elsewhere and the platform only links to it.
    #[serde(rename = "is_elsewhere")]
    pub is_external: bool,
}

impl Question {
    /// Identifies the message, independent of the event that delivered it.
    #[must_use]
    pub fn key(&self) -> String {
        self.place.key(&self.message)
    }

    /// The key of the job; each edit is a job of its own.
    #[must_use]
    pub fn job_key(&self) -> String {
        match &self.edited {
            Some(edited) => format!("{}/edited/{edited}", self.key()),
            None => self.key(),
        }
    }

    /// The first message of the thread that the answer goes to.
    #[must_use]
    pub fn root(&self) -> &str {
        self.thread.as_deref().unwrap_or(&self.message)
    }

    /// Returns true if only the person who asked can read the answer.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.trigger == QuestionTrigger::Direct && self.place.visibility == Visibility::Private
    }

    /// Identifies the thread, whose questions are answered one after the other.
    #[must_use]
    pub fn lane(&self) -> String {
        self.place.key(self.root())
    }
}
