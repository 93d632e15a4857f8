//! Numbers, values with units and times as they are displayed.

use super::Unit;

/// Returns a number without trailing zeros and with at most `digits` decimal places.
#[must_use]
pub fn plain(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Returns a number with its unit.
#[must_use]
pub fn with_unit(value: f64, unit: Unit) -> String {
    let number = plain(value, 4);
    match unit {
        Unit::None => number,
        Unit::Percent => format!("{number}%"),
        unit => format!("{number} {unit}"),
    }
}

/// Returns a time as recipes write it: `15 s`, `2:40`, `2:40:00`.
#[must_use]
pub fn clock(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{} s", plain(seconds, 2));
    }
    let rounded = seconds.round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rounded positive time"
    )]
    let whole = rounded as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_without_needless_zeros() {
        assert_eq!(
            [740.0, 2.1, -0.0, 17.25, 1e6].map(|value| plain(value, 2)),
            ["740", "2.1", "0", "17.25", "1000000"]
        );
        assert_eq!(
            [17.2, 75.0, 9600.0].map(clock),
            ["17.2 s", "1:15", "2:40:00"]
        );
    }
}
