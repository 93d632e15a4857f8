//! Keeps to what Slack allows: so many calls of a method in a minute, so many posts in a channel.
//!
//! Slack publishes tiers of calls a minute, for each method in each workspace, and one post a second for each channel:
//! <https://docs.slack.dev/apis/web-api/rate-limits>. What must be said is booked for the next free time and never
//! refused. What a later call says as well goes only while enough is left for that.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Slack's minute and a little, since calls do not travel equally fast.
const MINUTE: Duration = Duration::from_secs(61);
/// Posts in one channel: one a second, a few of them together.
const FLOCK: (usize, Duration) = (5, Duration::from_millis(5_100));
/// Posts in all channels; Slack says "several hundred" a minute.
const POSTS: usize = 300;

/// What may be taken of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat::slack) enum Share {
    /// Three of five calls: for what can wait, or be left out.
    Part,
    All,
}

/// The calls of the last minute, and those that are booked.
#[derive(Debug, Default)]
pub(super) struct Pace {
    booked: Mutex<HashMap<String, Booked>>,
}

#[derive(Debug)]
struct Booked {
    /// In order; later ones than now are still to come.
    times: VecDeque<Instant>,
    most: usize,
    window: Duration,
}

impl Pace {
    /// Books the next free time for a call; when that is.
    pub(super) fn book(&self, method: &str, channel: &str) -> Instant {
        let now = Instant::now();
        let mut all = self.lock(now);
        let names = limits(method, channel);
        let free = names.iter().map(|limit| limit.of(&mut all).next(0, now));
        let at = free.max().unwrap_or(now);
        for limit in names {
            limit.of(&mut all).insert(at);
        }
        at
    }

    /// Books a call for now, or says how long to wait until it is worth asking again.
    pub(super) fn try_book(
        &self,
        method: &str,
        channel: &str,
        share: Share,
    ) -> Result<(), Duration> {
        let now = Instant::now();
        let mut all = self.lock(now);
        let names = limits(method, channel);
        for limit in &names {
            let kept = match share {
                Share::Part => limit.most * 2 / 5,
                Share::All => 0,
            };
            let free = limit.of(&mut all).next(kept, now);
            if free > now {
                return Err(free - now);
            }
        }
        for limit in names {
            limit.of(&mut all).insert(now);
        }
        Ok(())
    }

    fn lock(&self, now: Instant) -> std::sync::MutexGuard<'_, HashMap<String, Booked>> {
        let mut all = self.booked.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, booked| booked.is_of_use(now));
        all
    }
}

impl Booked {
    /// The first time from now at which there is a place, `kept` places left aside.
    fn next(&self, kept: usize, now: Instant) -> Instant {
        let most = self.most - kept;
        match self.times.len().checked_sub(most) {
            Some(first) => now.max(self.times[first] + self.window),
            None => now,
        }
    }

    fn insert(&mut self, at: Instant) {
        let place = self.times.partition_point(|time| *time <= at);
        self.times.insert(place, at);
    }

    /// Drops what is over; false if that is all.
    fn is_of_use(&mut self, now: Instant) -> bool {
        while self
            .times
            .front()
            .is_some_and(|time| *time + self.window <= now)
        {
            self.times.pop_front();
        }
        !self.times.is_empty()
    }
}

/// So many calls under this name in any stretch of time of this length.
struct Limit {
    name: String,
    most: usize,
    window: Duration,
}

impl Limit {
    fn of<'a>(&self, all: &'a mut HashMap<String, Booked>) -> &'a mut Booked {
        all.entry(self.name.clone()).or_insert_with(|| Booked {
            times: VecDeque::new(),
            most: self.most,
            window: self.window,
        })
    }
}

fn limits(method: &str, channel: &str) -> Vec<Limit> {
    let a_minute = |most| Limit {
        name: method.to_owned(),
        most,
        window: MINUTE,
    };
    let tier = match method {
        "chat.postMessage" => {
            let in_channel = Limit {
                name: format!("{method} {channel}"),
                most: FLOCK.0,
                window: FLOCK.1,
            };
            return vec![in_channel, a_minute(POSTS)];
        }
        "chat.startStream" | "chat.stopStream" | "usergroups.users.list" => 20,
        "chat.appendStream"
        | "chat.postEphemeral"
        | "files.completeUploadExternal"
        | "files.getUploadURLExternal"
        | "assistant.threads.setSuggestedPrompts"
        | "files.info"
        | "users.info"
        | "views.open"
        | "views.publish" => 100,
        _ => 50,
    };
    vec![a_minute(tier)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most of these times in any stretch of this length.
    fn most_within(times: &[Instant], window: Duration) -> usize {
        let within = |from: &Instant| {
            times
                .iter()
                .filter(|time| *time >= from && **time < *from + window)
                .count()
        };
        times.iter().map(within).max().unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn what_must_be_said_is_booked_and_never_beyond_the_tier() {
        let pace = Pace::default();
        let times: Vec<Instant> = (0..70)
            .map(|_| pace.book("chat.startStream", "C1"))
            .collect();
        assert_eq!(most_within(&times, Duration::from_mins(1)), 20);
        let wait = times[69] - times[0];
        assert!(wait < Duration::from_secs(4 * 61), "{wait:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_wait_leaves_places_for_what_cannot() {
        let pace = Pace::default();
        let part = |pace: &Pace| pace.try_book("chat.update", "C1", Share::Part);
        let taken = (0..100).filter(|_| part(&pace).is_ok()).count();
        assert_eq!(taken, 30);
        let now = Instant::now();
        assert!((0..20).all(|_| pace.book("chat.update", "C2") == now));
        assert!(pace.book("chat.update", "C1") > now);
        // The booking ahead of time counts, too.
        tokio::time::advance(MINUTE).await;
        assert_eq!((0..100).filter(|_| part(&pace).is_ok()).count(), 29);
        let wait = part(&pace).unwrap_err();
        tokio::time::advance(wait).await;
        assert!(part(&pace).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn channels_do_not_wait_for_each_other() {
        let pace = Pace::default();
        let now = Instant::now();
        let first: Vec<Instant> = (0..50)
            .map(|_| pace.book("chat.postMessage", "C1"))
            .collect();
        assert_eq!(most_within(&first, Duration::from_secs(5)), 5);
        assert_eq!(pace.book("chat.postMessage", "C2"), now);
    }
}
