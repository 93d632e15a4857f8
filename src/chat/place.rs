//! The place of a message: platform, workspace, conversation and visibility.

use serde::{Deserialize, Serialize};

/// A chat platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    #[default]
    Slack,
}

impl Platform {
    /// Prefix of the keys of stored work. Slack's keys have none, since they were stored before platforms had prefixes.
    fn key_prefix(self) -> &'static str {
        match self {
            Self::Slack => "",
        }
    }
}

/// Who can read a conversation. Determined when an event is parsed.
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

    /// The key of a message in this conversation. That of a thread's first message is the lane of the thread.
    #[must_use]
    pub fn key(&self, message: &str) -> String {
        format!("{}/{}/{message}", self.workspace_key(), self.conversation)
    }

    /// Prefix of all keys in the workspace.
    #[must_use]
    pub fn workspace_key(&self) -> String {
        format!("{}{}", self.platform.key_prefix(), self.workspace)
    }
}
