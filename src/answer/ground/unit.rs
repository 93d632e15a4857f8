//! Units after numbers, in every spelling, as products of powers of base units.

use std::collections::BTreeMap;

use super::normalized_text::NormalizedText;
use crate::domain::units::{Base, prose};

/// A unit as base units and a scale.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unit {
    /// The base units with their powers, such as `m^1 s^-1`.
    pub measures: String,
    /// The factor from this unit to the base units.
    pub scale: f64,
}

/// Syllables that may follow `도` in the meaning of degrees, unlike in `도면`.
const AFTER_DEGREES: &str = "가까는도로를에와의이인쯤씩";

/// Parses the unit after a number that ends at this position, with at most a space or a hyphen between; returns its end,
/// too.
pub(super) fn after_number(text: &NormalizedText, at: usize) -> Option<(Unit, usize)> {
    let begin = match text.letter(at) {
        ' ' => at + 1,
        '-' if text.letter(at + 1).is_ascii_alphabetic() => at + 1,
        _ => at,
    };
    expression(text, begin)
}

/// Returns the units between parentheses or brackets, as in table heads.
pub(super) fn in_parentheses(text: &NormalizedText) -> Vec<Unit> {
    let opens = (0..text.letters.len()).filter(|at| matches!(text.letters[*at], '(' | '['));
    opens
        .filter_map(|at| {
            let (unit, end) = expression(text, at + 1)?;
            matches!(text.letter(end), ')' | ']' | ',').then_some(unit)
        })
        .collect()
}

/// Base units with their powers, multiplied and divided.
fn expression(text: &NormalizedText, begin: usize) -> Option<(Unit, usize)> {
    let mut powers: BTreeMap<&'static str, i32> = BTreeMap::new();
    let mut scale = 1.0;
    let (mut at, mut sign) = (begin, 1);
    let mut end = None;
    while let Some((base, size, after)) = base(text, at) {
        let (power, after) = power(text, after);
        *powers.entry(base.symbol()).or_default() += sign * power;
        scale *= size.powi(sign * power);
        end = Some(after);
        (at, sign) = match text.letter(after) {
            '/' => (after + 1, -1),
            '·' | '*' => (after + 1, sign),
            _ if text.has(after, " per ") => (after + 5, -1),
            _ => break,
        };
    }
    let measures: Vec<String> = powers
        .iter()
        .filter(|(_, power)| **power != 0)
        .map(|(base, power)| format!("{base}^{power}"))
        .collect();
    let measures = measures.join(" ");
    end.map(|end| (Unit { measures, scale }, end))
}

fn base(text: &NormalizedText, at: usize) -> Option<(Base, f64, usize)> {
    if text.letter(at) == '%' {
        return Some((Base::Percent, 1.0, at + 1));
    }
    if text.letter(at) == '°' {
        let letter = at + 1 + usize::from(text.letter(at + 1) == ' ');
        let ends = !text.letter(letter + 1).is_ascii_alphanumeric();
        return Some(match text.letter(letter) {
            'C' | 'c' if ends => (Base::Celsius, 1.0, letter + 1),
            'F' | 'f' if ends => (Base::Fahrenheit, 1.0, letter + 1),
            _ => (Base::Degree, 1.0, at + 1),
        });
    }
    for spelling in [
        "degrees Celsius",
        "degrees C",
        "degree C",
        "deg C",
        "deg. C",
    ] {
        let end = at + spelling.len();
        if text.has(at, spelling) && !text.letter(end).is_ascii_alphabetic() {
            return Some((Base::Celsius, 1.0, end));
        }
    }
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || matches!(letter, 'Å' | 'Ω');
    let letters = text.letters.iter().skip(at);
    let length = letters.take_while(|letter| is_letter(**letter)).count();
    if length > 0 {
        let word: String = text.letters[at..at + length].iter().collect();
        // "um-3" and "cm2" continue with a power; "m2DEG" does not.
        return prose::word(&word).map(|(base, size)| (base, size, at + length));
    }
    if text.letter(at) == '도' {
        let after = text.letter(at + 1);
        let ends = !crate::domain::language::is_hangul(after) || AFTER_DEGREES.contains(after);
        return ends.then_some((Base::Celsius, 1.0, at + 1));
    }
    let (base, size, length) = prose::korean(text.letters.get(at..)?)?;
    Some((base, size, at + length))
}

/// Parses the power after a base unit; returns its end, too.
fn power(text: &NormalizedText, at: usize) -> (i32, usize) {
    let marked = usize::from(text.letter(at) == '^');
    let minus = usize::from(text.letter(at + marked) == '-');
    let digit = text.letter(at + marked + minus);
    let after = at + marked + minus + 1;
    match digit.to_digit(10) {
        Some(digit @ 1..=4) if !text.letter(after).is_ascii_alphanumeric() => {
            let power = i32::try_from(digit).unwrap_or(1);
            (if minus > 0 { -power } else { power }, after)
        }
        _ => (1, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, f64)> {
        after_number(&NormalizedText::new(text), 0).map(|(unit, _)| (unit.measures, unit.scale))
    }

    #[test]
    fn spellings_of_one_unit_are_one() {
        for (one, other) in [
            (" ℃", "°C"),
            ("도까지", " degrees C."),
            (" µm/h", "um/h"),
            ("시간", " hours"),
            (" mbar·l/s", " mbar*l/s"),
            (" cm⁻³", " cm-3"),
            ("분 동안", "-minute"),
            (" °C per minute", " °C/min"),
            (" L", "리터"),
            (" slpm", " slm"),
            (" hPa", " mbar"),
        ] {
            assert!(read(one).is_some(), "{one}");
            assert_eq!(read(one), read(other), "{one} / {other}");
        }
    }

    #[test]
    fn other_units_and_words_are_distinguished() {
        for (one, other) in [
            (" mbar", " Torr"),
            (" °C", " K"),
            (" nm", " nm/s"),
            (" s", " min"),
        ] {
            assert_ne!(read(one), read(other));
        }
        for word in ["도면", " wafers", " and", "회"] {
            assert_eq!(read(word), None, "{word}");
        }
    }
}
