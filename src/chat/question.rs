//! A message that asks something, as it is stored until it is answered.

use serde::{Deserialize, Serialize};

use super::place::{Place, Visibility};

/// A message that asks something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub place: Place,
    /// The id of the message in its conversation.
    pub message: String,
    /// The first message of the thread that the message is in; none if it begins one.
    pub thread: Option<String>,
    pub person: String,
    /// Plain, without the mention of epibot. May be empty.
    pub text: String,
    pub trigger: QuestionTrigger,
    /// The attached files; none if the platform did not say.
    #[serde(default)]
    pub attachments: Option<Vec<Attachment>>,
    /// When the message was edited, if these are not its first words.
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
    /// It was written to epibot alone, or in a group message that epibot is part of.
    Direct,
    /// A reply that mentions nobody, in a thread; answered if epibot has answered in the thread before.
    ThreadReply,
    /// It asks something in a channel and mentions nobody; answered if the channel is configured for that.
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
    /// As the person named it.
    pub name: String,
    /// The media type, such as `image/png`; may be empty.
    pub kind: String,
    /// In bytes; 0 if unknown.
    pub size: u64,
    /// The address of its content; empty if unknown.
    pub url: String,
    /// The address at which a person opens it.
    pub permalink: Option<String>,
    /// Whether somebody else stores it and the platform only links to it.
    #[serde(rename = "is_elsewhere")]
    pub is_external: bool,
}

impl Question {
    /// Identifies the message, whichever event reported it.
    #[must_use]
    pub fn key(&self) -> String {
        self.place.key(&self.message)
    }

    /// The key of the job: each edit is answered again.
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

    /// Whether only the person who asked reads the answer.
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
