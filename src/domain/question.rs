//! What is asked, and the conversation that it belongs to.

use serde::{Deserialize, Serialize};

use super::access::Access;

/// One earlier contribution to the conversation that a question belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub speaker: Speaker,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// A person, by the name or id that tells people apart.
    Person(String),
    Epibot,
}

/// What is to be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub text: String,
    /// Oldest first; without the question itself.
    pub conversation: Vec<Turn>,
    pub access: Access,
}
