//! Who may open the target of a link under the current access rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::chat::groups::GroupMembership;
use crate::config::access::AccessRules;
use crate::domain::audience::Audience;

/// The rules of `[access]` and the source of user group members. Cheap to clone.
#[derive(Clone)]
pub struct ReadAccess {
    rules: AccessRules,
    groups: Option<Arc<dyn GroupMembership>>,
}

impl ReadAccess {
    /// Creates rules without user groups: nobody is a member of any.
    #[must_use]
    pub fn new(rules: AccessRules) -> Self {
        Self {
            rules,
            groups: None,
        }
    }

    /// Adds the source of user group members.
    #[must_use]
    pub fn with_groups(mut self, groups: Arc<dyn GroupMembership>) -> Self {
        self.groups = Some(groups);
        self
    }

    /// Returns true if the audience of a link may currently read a collection.
    pub(super) async fn may_read(&self, audience: &Audience, collection: &str) -> bool {
        let access = match audience {
            Audience::Everyone => self.rules.for_everyone(),
            Audience::Conversation(conversation) => self.rules.for_channel(conversation),
            Audience::Person {
                conversation,
                person,
            } => {
                let configured: Vec<&str> = self.rules.groups.keys().map(String::as_str).collect();
                let memberships = match &self.groups {
                    Some(groups) => groups.groups_of(person, &configured).await,
                    None => BTreeSet::new(),
                };
                self.rules.for_person(conversation, person, &memberships)
            }
        };
        access.allows(collection)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[tokio::test]
    async fn a_link_opens_for_those_who_may_read_its_collection_now() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let rules = AccessRules {
            default: list(&["manuals"]),
            channels: BTreeMap::from([("C1".to_owned(), list(&["recipes"]))]),
            users: BTreeMap::from([("U1".to_owned(), list(&["restricted"]))]),
            groups: BTreeMap::from([("S1".to_owned(), list(&["secret"]))]),
        };
        let access = ReadAccess::new(rules);
        let person = |user: &str| Audience::Person {
            conversation: "D1".to_owned(),
            person: user.to_owned(),
        };
        for (audience, collection, opens) in [
            (Audience::Everyone, "manuals", true),
            (Audience::Everyone, "recipes", false),
            (Audience::Conversation("C1".to_owned()), "recipes", true),
            (Audience::Conversation("C1".to_owned()), "manuals", false),
            (Audience::Conversation("C2".to_owned()), "recipes", false),
            (person("U1"), "restricted", true),
            (person("U2"), "restricted", false),
            // Without a source of members nobody is in a group.
            (person("U1"), "secret", false),
        ] {
            let allowed = access.may_read(&audience, collection).await;
            assert_eq!(allowed, opens, "{audience:?} {collection}");
        }
    }
}
