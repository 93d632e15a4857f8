//! How many questions are answered in a minute, to each person and in each channel.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::storage::database::Postgres;

const MINUTE: Duration = Duration::from_mins(1);

/// What was asked in the last minute. Cloning gives another handle to the same.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    per_user: usize,
    per_channel: usize,
    asked: Arc<Mutex<HashMap<String, VecDeque<Instant>>>>,
    /// Where it is counted that several processes share.
    shared: Option<Postgres>,
}

impl Allowance {
    pub(super) fn new(per_user: usize, per_channel: usize, shared: Option<Postgres>) -> Self {
        Self {
            per_user,
            per_channel,
            asked: Arc::default(),
            shared,
        }
    }

    /// Whether one more question is too many.
    ///
    /// # Errors
    /// The database cannot be used.
    pub(super) async fn is_used_up(&self, user: &str, channel: &str) -> anyhow::Result<bool> {
        for (name, most) in [(user, self.per_user), (channel, self.per_channel)] {
            let times = match &self.shared {
                Some(postgres) => postgres.counted(name).await?,
                None => self.lock().get(name).map_or(0, VecDeque::len),
            };
            if times >= most {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Counts a question.
    ///
    /// # Errors
    /// The database cannot be used.
    pub(super) async fn count(&self, user: &str, channel: &str) -> anyhow::Result<()> {
        if let Some(postgres) = &self.shared {
            return postgres.count(&[user, channel]).await;
        }
        let mut asked = self.lock();
        for name in [user, channel] {
            asked
                .entry(name.to_owned())
                .or_default()
                .push_back(Instant::now());
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, VecDeque<Instant>>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, times| {
            while times.front().is_some_and(|time| time.elapsed() >= MINUTE) {
                times.pop_front();
            }
            !times.is_empty()
        });
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_person_and_each_channel_has_a_share_of_each_minute() {
        let allowance = Allowance::new(2, 3, None);
        for _ in 0..2 {
            assert!(!allowance.is_used_up("U1", "C1").await.unwrap());
            allowance.count("U1", "C1").await.unwrap();
        }
        assert!(allowance.is_used_up("U1", "C2").await.unwrap());
        assert!(!allowance.is_used_up("U2", "C1").await.unwrap());
        allowance.count("U2", "C1").await.unwrap();
        assert!(allowance.is_used_up("U3", "C1").await.unwrap());
        tokio::time::advance(MINUTE).await;
        assert!(!allowance.is_used_up("U1", "C1").await.unwrap());
    }
}
