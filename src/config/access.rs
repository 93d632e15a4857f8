//! Access rules: who may read which collections.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::access::Access;

/// Collections by default, channel, user and user group; `*` means all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRules {
    pub default: Vec<String>,
    #[serde(default)]
    pub channels: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub users: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
}

impl AccessRules {
    /// Returns the access of a question in this channel.
    #[must_use]
    pub fn for_channel(&self, channel: &str) -> Access {
        // Keys from environment variables are in lower case, so ids are compared without case.
        let named = self
            .channels
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(channel));
        Self::access(named.map_or(&self.default, |(_, collections)| collections))
    }

    /// Returns the access of a person's question whose answer nobody else reads: that of the channel, of the person, and of
    /// their user groups.
    #[must_use]
    pub fn for_person(&self, channel: &str, user: &str, groups: &BTreeSet<String>) -> Access {
        let mut allowed: Vec<String> = match self.for_channel(channel) {
            Access::Everything => return Access::Everything,
            Access::Only(collections) => collections.into_iter().collect(),
        };
        let for_user = self
            .users
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(user));
        let for_groups = self
            .groups
            .iter()
            .filter(|(name, _)| groups.iter().any(|group| group.eq_ignore_ascii_case(name)));
        for (_, collections) in for_user.chain(for_groups) {
            allowed.extend(collections.iter().cloned());
        }
        Self::access(&allowed)
    }

    /// Returns the access of a question from anywhere else.
    #[must_use]
    pub fn for_everyone(&self) -> Access {
        Self::access(&self.default)
    }

    fn access(collections: &[String]) -> Access {
        if collections.iter().any(|name| name == "*") {
            Access::Everything
        } else {
            Access::Only(collections.iter().cloned().collect())
        }
    }
}
