//! Questions and their conversations.

use serde::{Deserialize, Serialize};

use super::access::Access;

/// An earlier message of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub speaker: Speaker,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// A person, identified by a name or id.
    Person(String),
    Epibot,
}

/// A question to be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub text: String,
    /// Oldest first; without the question itself.
    pub conversation: Vec<Turn>,
    pub access: Access,
}
