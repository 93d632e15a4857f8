//! Slack's times, which name messages and order them.

/// Whether one of Slack's times is earlier than the other. They are seconds and a running number.
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
