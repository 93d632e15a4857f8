//! Which collections a person may read in a conversation.

use std::sync::Arc;

use super::groups::GroupMembership;
use super::place::{Place, Visibility};
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::domain::audience::Audience;

/// The access rules with the members of user groups. Cheap to clone.
#[derive(Clone)]
pub struct ReaderAccess {
    config: Arc<Config>,
    groups: Arc<dyn GroupMembership>,
}

impl ReaderAccess {
    #[must_use]
    pub fn new(config: Arc<Config>, groups: Arc<dyn GroupMembership>) -> Self {
        Self { config, groups }
    }

    /// Returns what a person may read in a place: in a shared conversation the collections of the conversation, in a
    /// private one also those of the person and their groups.
    pub async fn in_place(&self, place: &Place, person: &str) -> Access {
        self.in_conversation(&place.conversation, place.visibility, person)
            .await
    }

    /// Like [`Self::in_place`], for a conversation of which only the id is known.
    pub async fn in_conversation(
        &self,
        conversation: &str,
        visibility: Visibility,
        person: &str,
    ) -> Access {
        let rules = &self.config.access;
        if visibility == Visibility::Shared {
            return self.of_everyone_in(conversation);
        }
        let named: Vec<&str> = rules.groups.keys().map(String::as_str).collect();
        let groups = self.groups.groups_of(person, &named).await;
        rules.for_person(conversation, person, &groups)
    }

    /// Returns what everybody in a conversation may read.
    #[must_use]
    pub fn of_everyone_in(&self, conversation: &str) -> Access {
        self.config.access.for_channel(conversation)
    }
}

/// Returns true if nothing may be read.
#[must_use]
pub fn is_empty(access: &Access) -> bool {
    matches!(access, Access::Only(collections) if collections.is_empty())
}

/// The audience of the links of an answer.
#[must_use]
pub fn link_audience(conversation: &str, is_private: bool, person: &str) -> Audience {
    let conversation = conversation.to_owned();
    if is_private {
        let person = person.to_owned();
        Audience::Person {
            conversation,
            person,
        }
    } else {
        Audience::Conversation(conversation)
    }
}
