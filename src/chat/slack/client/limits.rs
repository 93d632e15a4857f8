//! Slack's published rate limits: calls per method and minute in a workspace, and posts per channel.
//!
//! <https://docs.slack.dev/apis/web-api/rate-limits>. A message that must be sent reserves the next free time and is never
//! refused. An update that a later one replaces anyway is sent only while enough calls are left.

use std::time::Duration;

use tokio::time::Instant;

use crate::runtime::rate_limit::{Limit, RateLimiter};

/// Slack's minute and a margin for the different latencies of calls.
const MINUTE: Duration = Duration::from_secs(61);
/// Burst of posts in one channel, and its window: one post a second on average.
const BURST: (usize, Duration) = (5, Duration::from_millis(5_100));
/// Posts per minute in all channels; Slack allows "several hundred".
const POSTS_PER_MINUTE: usize = 300;

/// How much of a limit a call may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat::slack) enum Share {
    /// Three fifths: for calls that can wait or be left out.
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

    /// Reserves the current time for a call, or returns how long to wait before the next try.
    pub(super) fn try_reserve(
        &self,
        method: &str,
        channel: &str,
        share: Share,
    ) -> Result<(), Duration> {
        self.0
            .try_reserve(&limits(method, channel), |limit| match share {
                Share::Part => limit.max * 2 / 5,
                Share::All => 0,
            })
    }
}

fn limits(method: &str, channel: &str) -> Vec<Limit> {
    let a_minute = |max| Limit {
        name: method.to_owned(),
        max,
        window: MINUTE,
    };
    let tier = match method {
        "chat.postMessage" => {
            let in_channel = Limit {
                name: format!("{method} {channel}"),
                max: BURST.0,
                window: BURST.1,
            };
            return vec![in_channel, a_minute(POSTS_PER_MINUTE)];
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

    /// The maximum number of these times in any window of this length.
    fn max_in_window(times: &[Instant], window: Duration) -> usize {
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
        assert_eq!(max_in_window(&times, Duration::from_mins(1)), 20);
        let wait = times[69] - times[0];
        assert!(wait < Duration::from_secs(4 * 61), "{wait:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_can_wait_leave_room_for_others() {
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
        assert_eq!(max_in_window(&first, Duration::from_secs(5)), 5);
        assert_eq!(limits.reserve("chat.postMessage", "C2"), now);
    }
}
