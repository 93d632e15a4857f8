//! Slack's user groups, cached for a few minutes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::client::Client;
use crate::chat::groups::GroupMembership;

/// How long the members of a group are cached.
const TTL: Duration = Duration::from_mins(5);

/// The members of user groups. Cheap to clone.
#[derive(Clone)]
pub struct Groups {
    client: Client,
    cache: Arc<Mutex<HashMap<String, CachedGroup>>>,
}

#[derive(Clone)]
struct CachedGroup {
    members: BTreeSet<String>,
    at: Instant,
}

impl Groups {
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client,
            cache: Arc::default(),
        }
    }

    async fn members(&self, group: &str) -> BTreeSet<String> {
        let cached = self.lock().get(group).cloned();
        if let Some(cached) = &cached
            && cached.at.elapsed() < TTL
        {
            return cached.members.clone();
        }
        match self.client.group_members(group).await {
            Ok(members) => {
                let fresh = CachedGroup {
                    members: members.clone(),
                    at: Instant::now(),
                };
                self.lock().insert(group.to_owned(), fresh);
                members
            }
            Err(error) => {
                tracing::warn!(group, %error, "cannot get the members of a user group");
                // A stale list is more likely right than an empty one.
                cached.map(|cached| cached.members).unwrap_or_default()
            }
        }
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, HashMap<String, CachedGroup>> {
        self.cache.lock()
    }
}

#[async_trait]
impl GroupMembership for Groups {
    async fn groups_of(&self, person: &str, groups: &[&str]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for group in groups {
            if self.members(group).await.contains(person) {
                found.insert((*group).to_owned());
            }
        }
        found
    }
}
