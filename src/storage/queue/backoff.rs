//! Exponential backoff, with jitter so that jobs that failed together are not retried together.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

/// Maximum pause between two attempts, before jitter.
const MAX_PAUSE: Duration = Duration::from_hours(1);

/// Returns the pause after attempt number `attempt` (from 1): `first`, doubled for each attempt after the first, plus a
/// random share of up to as much again.
pub(super) fn pause(first: Duration, attempt: u32) -> Duration {
    let attempt = usize::try_from(attempt).unwrap_or(usize::MAX).max(1);
    ExponentialBuilder::new()
        .with_min_delay(first)
        .with_max_delay(MAX_PAUSE)
        .with_max_times(attempt)
        .with_jitter()
        .build()
        .last()
        .unwrap_or(MAX_PAUSE)
}

/// Returns the pauses while the database is unavailable: short at first, without end.
pub(super) fn outage() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(5))
        .without_max_times()
        .with_jitter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_with_each_attempt_and_jitter_at_most_doubles_it_again() {
        for (attempt, least) in [(1, 2), (2, 4), (3, 8), (4, 16)] {
            let pause = pause(Duration::from_secs(2), attempt);
            assert!(pause >= Duration::from_secs(least), "{attempt}: {pause:?}");
            assert!(
                pause <= Duration::from_secs(2 * least),
                "{attempt}: {pause:?}"
            );
        }
    }

    #[test]
    fn a_pause_never_exceeds_the_maximum() {
        assert!(pause(Duration::from_secs(2), 1_000) <= 2 * MAX_PAUSE);
    }

    #[test]
    fn no_first_pause_means_no_pause_at_all() {
        assert_eq!(pause(Duration::ZERO, 5), Duration::ZERO);
    }
}
