//! Rate limit of questions per minute, for each person and each conversation.

use std::sync::Arc;
use std::time::Duration;

use crate::runtime::rate_limit::{Limit, RateLimiter};
use crate::storage::database::Postgres;

const MINUTE: Duration = Duration::from_mins(1);

/// The questions of the last minute. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UserRateLimit {
    per_user: usize,
    per_conversation: usize,
    limiter: Arc<RateLimiter>,
    /// The shared counters of several replicas.
    shared: Option<Postgres>,
}

impl UserRateLimit {
    #[must_use]
    pub fn new(per_user: usize, per_conversation: usize, shared: Option<Postgres>) -> Self {
        Self {
            per_user,
            per_conversation,
            limiter: Arc::default(),
            shared,
        }
    }

    /// Returns true if one more question exceeds a limit.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn is_exceeded(&self, user: &str, conversation: &str) -> anyhow::Result<bool> {
        for (name, limit) in [(user, self.per_user), (conversation, self.per_conversation)] {
            let count = match &self.shared {
                Some(postgres) => postgres.events_within_minute(name).await?,
                None => self.limiter.count(name),
            };
            if count >= limit {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Counts a question.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn record(&self, user: &str, conversation: &str) -> anyhow::Result<()> {
        if let Some(postgres) = &self.shared {
            return postgres.count_event(&[user, conversation]).await;
        }
        let limit = |name: &str, max| Limit {
            name: name.to_owned(),
            max,
            window: MINUTE,
        };
        self.limiter.record(&[
            limit(user, self.per_user),
            limit(conversation, self.per_conversation),
        ]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_person_and_each_conversation_is_limited_per_minute() {
        let limit = UserRateLimit::new(2, 3, None);
        for _ in 0..2 {
            assert!(!limit.is_exceeded("U1", "C1").await.unwrap());
            limit.record("U1", "C1").await.unwrap();
        }
        assert!(limit.is_exceeded("U1", "C2").await.unwrap());
        assert!(!limit.is_exceeded("U2", "C1").await.unwrap());
        limit.record("U2", "C1").await.unwrap();
        assert!(limit.is_exceeded("U3", "C1").await.unwrap());
        tokio::time::advance(MINUTE).await;
        assert!(!limit.is_exceeded("U1", "C1").await.unwrap());
    }
}
