//! Where a message is: the platform, the workspace, the conversation, and who reads along.

use serde::{Deserialize, Serialize};

/// A chat platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    #[default]
    Slack,
}

impl Platform {
    /// What the keys of stored work begin with. Slack's have no prefix, since they are older than the second platform.
    fn key_prefix(self) -> &'static str {
        match self {
            Self::Slack => "",
        }
    }
}

/// Who reads a conversation. Decided when an event is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// One person and epibot.
    Private,
    /// Several people.
    Shared,
}

/// A conversation: a channel, a group, or the direct messages with one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    #[serde(default)]
    pub platform: Platform,
    /// The team or tenant.
    pub workspace: String,
    pub conversation: String,
    pub visibility: Visibility,
}

impl Place {
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.visibility == Visibility::Private
    }

    /// The key of a message in this conversation; the lane of a thread, if it is the thread's first message.
    #[must_use]
    pub fn key(&self, message: &str) -> String {
        format!("{}/{}/{message}", self.workspace_key(), self.conversation)
    }

    /// What the keys of everything in the workspace begin with.
    #[must_use]
    pub fn workspace_key(&self) -> String {
        format!("{}{}", self.platform.key_prefix(), self.workspace)
    }
}
