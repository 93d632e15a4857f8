//! Who may read which collection.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::access::Access;

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
    /// What a question from this Slack channel may be answered from.
    #[must_use]
    pub fn of_channel(&self, channel: &str) -> Access {
        // Environment variables lower the case of keys, so channel ids are compared without it.
        let named = self
            .channels
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(channel));
        Self::access(named.map_or(&self.default, |(_, collections)| collections))
    }

    /// What a person's question may be answered from where nobody else reads the answer: what their direct messages
    /// may, and what they and their user groups may.
    #[must_use]
    pub fn of_person(&self, channel: &str, user: &str, groups: &BTreeSet<String>) -> Access {
        let mut allowed: Vec<String> = match self.of_channel(channel) {
            Access::Everything => return Access::Everything,
            Access::Only(collections) => collections.into_iter().collect(),
        };
        let theirs = self
            .users
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(user));
        let of_groups = self
            .groups
            .iter()
            .filter(|(name, _)| groups.iter().any(|group| group.eq_ignore_ascii_case(name)));
        for (_, collections) in theirs.chain(of_groups) {
            allowed.extend(collections.iter().cloned());
        }
        Self::access(&allowed)
    }

    /// What a question from anywhere else may be answered from.
    #[must_use]
    pub fn of_everyone(&self) -> Access {
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
