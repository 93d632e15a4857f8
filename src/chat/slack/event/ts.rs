//! Slack's timestamps, which identify messages and order them.

/// Returns true if the first timestamp is earlier. Timestamps are seconds and a sequence number.
pub(in crate::chat::slack) fn is_before(one: &str, other: &str) -> bool {
    let parts = |ts: &str| -> (u64, u64) {
        let (seconds, number) = ts.split_once('.').unwrap_or((ts, "0"));
        (
            seconds.parse().unwrap_or_default(),
            number.parse().unwrap_or_default(),
        )
    };
    parts(one) < parts(other)
}
