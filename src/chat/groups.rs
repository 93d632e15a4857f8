//! The port to the user groups of a chat platform.

use std::collections::BTreeSet;

use async_trait::async_trait;

/// Looks up members of user groups.
#[async_trait]
pub trait GroupMembership: Send + Sync {
    /// Returns the groups among `groups` that a person belongs to. A group whose members cannot be read is left out.
    async fn groups_of(&self, person: &str, groups: &[&str]) -> BTreeSet<String>;
}
