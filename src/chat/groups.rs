//! Who belongs to which user group, as every chat platform can answer it.

use std::collections::BTreeSet;

use async_trait::async_trait;

/// Knows the members of user groups.
#[async_trait]
pub trait GroupMembership: Send + Sync {
    /// The groups among `groups` that a person belongs to. A group whose members cannot be read counts as one that the
    /// person is not in.
    async fn groups_of(&self, person: &str, groups: &[&str]) -> BTreeSet<String>;
}
