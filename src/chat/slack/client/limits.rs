//! Slack's published rate limits: calls of a method a minute in a workspace, and posts in one channel.
//!
//! <https://docs.slack.dev/apis/web-api/rate-limits>. A message that must be sent reserves the next free time and is never
//! refused. An update that a later one replaces anyway is sent only while enough is left for the others.

use std::time::Duration;

use tokio::time::Instant;

use crate::runtime::rate_limit::{Limit, RateLimiter};

/// Slack's minute and a little, since calls do not travel equally fast.
const MINUTE: Duration = Duration::from_secs(61);
/// Posts in one channel: one a second on average, so many in a burst.
const BURST: (usize, Duration) = (5, Duration::from_millis(5_100));
/// Posts in all channels; Slack says "several hundred" a minute.
const POSTS: usize = 300;

/// How much of a limit a call may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat::slack) enum Share {
    /// Three of five calls: for what can wait, or be left out.
    Part,
    All,
}

/// The calls of the last minute, and those that are reserved.
#[derive(Debug, Default)]
pub(super) struct SlackLimits(RateLimiter);

impl SlackLimits {
    /// Reserves the next free time for a call, and returns it.
    pub(super) fn reserve(&self, method: &str, channel: &str) -> Instant {
        self.0.reserve(&limits(method, channel))
    }

    /// Reserves the present time for a call, or returns how long to wait before asking again.
    pub(super) fn try_reserve(
        &self,
        method: &str,
        channel: &str,
        share: Share,
    ) -> Result<(), Duration> {
        self.0
            .try_reserve(&limits(method, channel), |limit| match share {
                Share::Part => limit.most * 2 / 5,
                Share::All => 0,
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
                most: BURST.0,
                window: BURST.1,
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
    async fn posts_are_reserved_and_never_beyond_the_tier() {
        let limits = SlackLimits::default();
        let times: Vec<Instant> = (0..70)
            .map(|_| limits.reserve("chat.startStream", "C1"))
            .collect();
        assert_eq!(most_within(&times, Duration::from_mins(1)), 20);
        let wait = times[69] - times[0];
        assert!(wait < Duration::from_secs(4 * 61), "{wait:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_wait_leaves_places_for_what_cannot() {
        let limits = SlackLimits::default();
        let part = |limits: &SlackLimits| limits.try_reserve("chat.update", "C1", Share::Part);
        let taken = (0..100).filter(|_| part(&limits).is_ok()).count();
        assert_eq!(taken, 30);
        let now = Instant::now();
        assert!((0..20).all(|_| limits.reserve("chat.update", "C2") == now));
        assert!(limits.reserve("chat.update", "C1") > now);
        // A reservation ahead of time counts, too.
        tokio::time::advance(MINUTE).await;
        assert_eq!((0..100).filter(|_| part(&limits).is_ok()).count(), 29);
        let wait = part(&limits).unwrap_err();
        tokio::time::advance(wait).await;
        assert!(part(&limits).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn channels_do_not_wait_for_each_other() {
        let limits = SlackLimits::default();
        let now = Instant::now();
        let first: Vec<Instant> = (0..50)
            .map(|_| limits.reserve("chat.postMessage", "C1"))
            .collect();
        assert_eq!(most_within(&first, Duration::from_secs(5)), 5);
        assert_eq!(limits.reserve("chat.postMessage", "C2"), now);
    }
}
