//! Thresholds in questions: `200 Torr 이상`, `above 1100 °C`.

use crate::domain::units::Unit;
use crate::recipes::ask::phrases;
use crate::recipes::ask::vocabulary::find_phrase;

/// How a value compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    AtLeast,
    Above,
    AtMost,
    Below,
    Equal,
}

/// A value with its unit and the comparison with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    pub value: f64,
    pub unit: Unit,
    pub comparison: Comparison,
}

impl Threshold {
    pub(in crate::recipes::ask) fn holds(self, value: f64) -> bool {
        let slack = 1e-9 * self.value.abs().max(1.0);
        match self.comparison {
            Comparison::AtLeast => value >= self.value - slack,
            Comparison::Above => value > self.value + slack,
            Comparison::AtMost => value <= self.value + slack,
            Comparison::Below => value < self.value - slack,
            Comparison::Equal => (value - self.value).abs() <= slack,
        }
    }
}

/// Finds a threshold, and the byte offset of its number.
pub(super) fn threshold(text: &str) -> Option<(Threshold, usize)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let is_start = bytes[at].is_ascii_digit()
            && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'.');
        if !is_start {
            at += 1;
            continue;
        }
        let mut end = at;
        while end < bytes.len()
            && (bytes[end].is_ascii_digit()
                || matches!(bytes[end], b'.' | b',')
                    && bytes.get(end + 1).is_some_and(u8::is_ascii_digit))
        {
            end += 1;
        }
        let number = text[at..end].replace(',', "").parse::<f64>().ok();
        let rest = text[end..].trim_start();
        let gap = text.len() - end - rest.len();
        if let Some(value) = number
            && let Some((unit, length)) = Unit::at_start(rest)
            && let Some(comparison) = comparison(&text[..at], &text[end + gap + length..])
        {
            return Some((
                Threshold {
                    value,
                    unit,
                    comparison,
                },
                at,
            ));
        }
        at = end.max(at + 1);
    }
    None
}

fn comparison(before: &str, after: &str) -> Option<Comparison> {
    let before = before.trim_end();
    let is_place = ["에서", "인 "]
        .iter()
        .any(|phrase| after.trim_start().starts_with(phrase));
    let after = after.trim_start().trim_start_matches(|letter: char| {
        // Particles between unit and comparison.
        matches!(
            letter,
            '를' | '을' | '의' | '보' | '다' | '가' | '이' | '에' | ' '
        ) && !after.trim_start().starts_with("이상")
            && !after.trim_start().starts_with("이하")
            && !after.trim_start().starts_with("이내")
    });
    let after_number = [
        (Comparison::AtLeast, phrases::AT_LEAST_AFTER),
        (Comparison::AtMost, phrases::AT_MOST_AFTER),
        (Comparison::Above, phrases::ABOVE_AFTER),
        (Comparison::Below, phrases::BELOW_AFTER),
    ]
    .into_iter()
    .find(|(_, phrases)| phrases.split('|').any(|phrase| after.starts_with(phrase)));
    if let Some((comparison, _)) = after_number {
        return Some(comparison);
    }
    let before_number = [
        (Comparison::AtLeast, phrases::AT_LEAST),
        (Comparison::AtMost, phrases::AT_MOST),
        (Comparison::Above, phrases::ABOVE),
        (Comparison::Below, phrases::BELOW),
        (Comparison::Equal, phrases::EXACTLY),
    ]
    .into_iter()
    .find(|(_, phrases)| {
        phrases
            .split('|')
            .any(|phrase| before.ends_with(phrase) && find_phrase(before, phrase).is_some())
    });
    if let Some((comparison, _)) = before_number {
        return Some(comparison);
    }
    is_place.then_some(Comparison::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_understood_in_both_languages() {
        use Comparison::{Above, AtLeast, AtMost, Below, Equal};
        for (text, value, unit, comparison) in [
            ("steps at 200 torr or more", 200.0, Unit::Torr, AtLeast),
            ("압력이 200 torr 이상인 단계", 200.0, Unit::Torr, AtLeast),
            ("above 1100 °c", 1100.0, Unit::Celsius, Above),
            ("1100도를 넘는 레시피", 1100.0, Unit::Celsius, Above),
            ("1,100 °c 초과", 1100.0, Unit::Celsius, Above),
            ("at most 0.5 slm", 0.5, Unit::Slm, AtMost),
            ("100 mbar 이하", 100.0, Unit::Millibar, AtMost),
            ("below 300 k", 300.0, Unit::Kelvin, Below),
            ("at 540 °c", 540.0, Unit::Celsius, Equal),
            ("60 rpm에서", 60.0, Unit::Rpm, Equal),
        ] {
            let (threshold, _) = threshold(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (threshold.value, threshold.unit, threshold.comparison),
                (value, unit, comparison),
                "{text}"
            );
        }
        assert_eq!(threshold("step 17 of the recipe"), None);
    }
}
