//! Who belongs to which user group, remembered for a few minutes.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;

/// So old may what is known of a group be.
const FRESH: Duration = Duration::from_mins(5);

/// The members of user groups. Cloning gives another handle to the same knowledge.
#[derive(Clone)]
pub struct Groups {
    client: Client,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

#[derive(Clone)]
struct Known {
    members: BTreeSet<String>,
    at: Instant,
}

impl Groups {
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client,
            known: Arc::default(),
        }
    }

    /// Which of these groups a user belongs to. A group that Slack does not tell about counts as one that the user is
    /// not in.
    pub async fn of(&self, user: &str, groups: impl IntoIterator<Item = &str>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for group in groups {
            if self.members(group).await.contains(user) {
                found.insert(group.to_owned());
            }
        }
        found
    }

    async fn members(&self, group: &str) -> BTreeSet<String> {
        let known = self.lock().get(group).cloned();
        if let Some(known) = &known
            && known.at.elapsed() < FRESH
        {
            return known.members.clone();
        }
        match self.client.group_members(group).await {
            Ok(members) => {
                let fresh = Known {
                    members: members.clone(),
                    at: Instant::now(),
                };
                self.lock().insert(group.to_owned(), fresh);
                members
            }
            Err(error) => {
                tracing::warn!(group, %error, "Slack does not tell who is in a user group");
                // What was known a while ago is likelier right than nobody.
                known.map(|known| known.members).unwrap_or_default()
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
