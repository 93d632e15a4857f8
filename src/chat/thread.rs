//! The messages of a thread, independent of the platform.

use std::cmp::Ordering;

use super::question::Attachment;
use crate::domain::question::{Speaker, Turn};

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadMessage {
    pub id: String,
    /// Whether it was posted before the requested message, is that message, or was posted after it.
    pub order: Ordering,
    pub author: Author,
    /// The plain text. Of epibot's messages only the text of an answer, without its sources.
    pub text: Option<String>,
    pub attachments: Vec<Attachment>,
    /// The names of its files; empty for one without a name.
    pub files: Vec<String>,
    /// The tag, if it is a tagged message of epibot.
    pub tag: Option<MessageTag>,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    Epibot,
    /// A person or another program, by name or id.
    Other(String),
    Unknown,
}

/// Identifies a message of epibot: the key of the question, and the number of the message in the answer, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageTag {
    pub question: String,
    pub part: usize,
}

impl ThreadMessage {
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.author == Author::Epibot
    }

    fn turn(&self) -> Option<Turn> {
        let text = self.text.clone()?;
        match &self.author {
            Author::Epibot => Some(Turn {
                speaker: Speaker::Epibot,
                text,
            }),
            Author::Other(name) if !text.is_empty() => Some(Turn {
                speaker: Speaker::Person(name.clone()),
                text,
            }),
            Author::Other(_) | Author::Unknown => None,
        }
    }
}

impl MessageTag {
    /// The tag of the first message of an answer.
    #[must_use]
    pub fn first(question: impl Into<String>) -> Self {
        Self {
            question: question.into(),
            part: 1,
        }
    }

    /// Returns the id of the message with this tag.
    #[must_use]
    pub fn find(&self, messages: &[ThreadMessage]) -> Option<String> {
        let found = messages
            .iter()
            .find(|message| message.is_own() && message.tag.as_ref() == Some(self))?;
        Some(found.id.clone())
    }

    /// Returns the ids of all messages that answer a question, in order.
    #[must_use]
    pub fn find_all(question: &str, messages: &[ThreadMessage]) -> Vec<String> {
        let tagged = (1..=messages.len()).map_while(|part| {
            let question = question.to_owned();
            Self { question, part }.find(messages)
        });
        tagged.collect()
    }
}

/// Returns the ids of later messages of epibot without a tag: begun for an answer, and not saved before the process died.
/// Messages with files are left out.
#[must_use]
pub fn untagged(messages: &[ThreadMessage]) -> Vec<String> {
    let untagged = messages.iter().filter(|message| {
        message.order == Ordering::Greater
            && message.is_own()
            && message.tag.is_none()
            && message.files.is_empty()
    });
    untagged.map(|message| message.id.clone()).collect()
}

/// Returns the conversation before the question, oldest first: the newest messages that fit into `budget` characters.
#[must_use]
pub fn conversation(messages: &[ThreadMessage], budget: usize) -> Vec<Turn> {
    let mut left = budget;
    let mut turns = Vec::new();
    let earlier = messages
        .iter()
        .rev()
        .filter(|message| message.order == Ordering::Less);
    for turn in earlier.filter_map(ThreadMessage::turn) {
        let length = turn.text.chars().count();
        if length > left {
            break;
        }
        left -= length;
        turns.push(turn);
    }
    turns.reverse();
    turns
}

/// The files that are attached to the question.
#[must_use]
pub fn attached_to(messages: &[ThreadMessage]) -> Vec<Attachment> {
    let question = messages
        .iter()
        .find(|message| message.order == Ordering::Equal);
    question
        .map(|message| message.attachments.clone())
        .unwrap_or_default()
}

/// The last files that a person attached before the question, which is likely to be about them.
#[must_use]
pub fn attached_before(messages: &[ThreadMessage]) -> Vec<Attachment> {
    let earlier = messages
        .iter()
        .rev()
        .filter(|message| message.order == Ordering::Less && !message.is_own());
    earlier
        .map(|message| message.attachments.clone())
        .find(|files| !files.is_empty())
        .unwrap_or_default()
}

/// Returns true if epibot has uploaded a file of this name after the requested message.
#[must_use]
pub fn has_file(messages: &[ThreadMessage], name: &str) -> bool {
    messages.iter().any(|message| {
        message.order == Ordering::Greater
            && message.is_own()
            && message.files.iter().any(|file| file == name)
    })
}
