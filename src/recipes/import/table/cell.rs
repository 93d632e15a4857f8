//! Parses cells: a number, a sweep, a state, a time.

use crate::domain::units::Unit;
use crate::recipes::model::{Action, Value};

/// Parses a number with an optional unit: `110.0`, `+  3.0`, `30.0nm`, `1,500`.
pub(super) fn number(text: &str) -> Option<(f64, Option<Unit>)> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1.0, rest.trim_start()),
        None => match text.strip_prefix(['-', '−']) {
            Some(rest) => (-1.0, rest.trim_start()),
            None => (1.0, text),
        },
    };
    let rest = without_thousands_separators(rest);
    let end = end_of_number(&rest);
    let value: f64 = rest[..end].parse().ok()?;
    let unit_text = rest[end..].trim();
    let unit = if unit_text.is_empty() {
        None
    } else {
        Some(Unit::parse(unit_text)?)
    };
    value.is_finite().then_some((sign * value, unit))
}

/// Removes thousands separators if they are in the right places.
fn without_thousands_separators(text: &str) -> String {
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count();
    let mut parts = text.split(',');
    let first = parts.next().unwrap_or_default();
    let is_first = (1..=3).contains(&first.len()) && digits(first) == first.len();
    let last = text.matches(',').count();
    let is_group = |(at, part): (usize, &str)| digits(part) == 3 && (part.len() == 3 || at == last);
    if is_first && (1..).zip(parts).all(is_group) {
        text.replace(',', "")
    } else {
        text.to_owned()
    }
}

fn end_of_number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let is_exponent = matches!(bytes[end], b'e' | b'E')
            && end > 0
            && matches!(bytes.get(end + 1), Some(b'0'..=b'9' | b'+' | b'-'));
        let is_sign = matches!(bytes[end], b'+' | b'-')
            && matches!(bytes[end - usize::from(end > 0)], b'e' | b'E');
        if bytes[end].is_ascii_digit() || bytes[end] == b'.' || is_exponent || is_sign {
            end += 1;
        } else {
            break;
        }
    }
    end
}

/// Parses a state: `0`, `1`, `TRUE`, `False`, `on`, `open`.
pub(super) fn state(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "1.0" | "true" | "on" | "open" => Some(true),
        "0" | "0.0" | "false" | "off" | "close" | "closed" => Some(false),
        _ => None,
    }
}

/// Parses a time to seconds: `0:35:00`, `0:01:02.5`, `90`; a plain number is in the unit of the column.
pub(super) fn time(text: &str, unit: Unit) -> Option<f64> {
    let text = text.trim();
    if text.contains(':') {
        let parts: Vec<&str> = text.split(':').collect();
        if parts.len() > 3 {
            return None;
        }
        return parts.iter().try_fold(0.0, |sum, part| {
            let is_plain = part
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
            let part: f64 = part.parse().ok().filter(|_| is_plain)?;
            Some(sum * 60.0 + part)
        });
    }
    let (value, own) = number(text)?;
    let unit = own.unwrap_or(if unit == Unit::None {
        Unit::Seconds
    } else {
        unit
    });
    unit.convert(value, Unit::Seconds)
        .filter(|seconds| *seconds >= 0.0)
}

/// Parses a cell to an action: a value at once, a ramp, or a sweep.
pub(super) fn action(text: &str, scale: f64, ramp: Option<f64>) -> Option<Action> {
    if let Some((from, to)) = text.split_once(">>") {
        let value = |text: &str| Some(Value::number(number(text)?.0 * scale, text.trim()));
        return Some(Action::Sweep {
            from: value(from)?,
            to: value(to)?,
        });
    }
    let value = Value::number(number(text)?.0 * scale, text.trim());
    Some(match ramp {
        Some(seconds) => Action::Ramp {
            to: value,
            seconds: Some(seconds),
        },
        None => Action::Set(value),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::units::format::clock;

    #[test]
    fn numbers_are_read_as_tools_write_them() {
        for (text, value, unit) in [
            (" 110.0", 110.0, None),
            ("+  3.0", 3.0, None),
            ("30.0nm", 30.0, Some(Unit::Nanometre)),
            ("1,500", 1500.0, None),
            ("9.17E-006", 9.17e-6, None),
            ("-4", -4.0, None),
        ] {
            assert_eq!(number(text), Some((value, unit)), "{text}");
        }
        for text in ["", "-", "abc", "1.2.3", "5 frogs", "e5", "1e999"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_in_every_form() {
        assert_eq!(time("0:35:00", Unit::None), Some(2100.0));
        assert_eq!(time("0:00:10.5", Unit::None), Some(10.5));
        assert_eq!(time("3.5", Unit::Minutes), Some(210.0));
        for text in ["At Run Time", "(t=0:00:10.0)", "1:2:3:4", "-5"] {
            assert_eq!(time(text, Unit::Seconds), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_read_as_it_was_written(value in -1e9_f64..1e9, grouped in 1_000_u32..1_000_000) {
            for text in [format!("{value}"), format!("{value:e}"), format!("{value:+.6} ")] {
                let (read, unit) = number(&text).unwrap();
                prop_assert!((read - value).abs() <= 1e-6_f64.max(value.abs() * 1e-12), "{}: {}", text, read);
                prop_assert_eq!(unit, None);
            }
            let text = format!("{},{:03} sccm", grouped / 1_000, grouped % 1_000);
            prop_assert_eq!(number(&text), Some((f64::from(grouped), Some(Unit::Sccm))), "{}", text);
        }

        #[test]
        fn a_time_is_read_as_it_was_written(seconds in 60_u32..360_000) {
            let seconds = f64::from(seconds);
            prop_assert_eq!(time(&clock(seconds), Unit::None), Some(seconds));
        }

        #[test]
        fn no_cell_makes_it_panic(text in "[-+−0-9eE.,: ]{0,9}\\PC{0,6}") {
            if let Some((value, _)) = number(&text) {
                prop_assert!(value.is_finite());
            }
            if let Some(seconds) = time(&text, Unit::Minutes) {
                prop_assert!(seconds >= 0.0, "{}: {}", text, seconds);
            }
            let _ = state(&text);
        }
    }
}
