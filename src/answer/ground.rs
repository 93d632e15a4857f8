//! Whether the cited passages bear out what an answer says: every number with a unit must stand in one of them.

pub(super) mod lines;

use std::collections::BTreeSet;

/// Units as they are written, in lower case unless they are one letter, with the one name under which each is
/// compared. Longer spellings stand before those that they begin with.
const UNITS: [(&str, &str); 77] = [
    ("degrees c", "°C"),
    ("degc", "°C"),
    ("deg c", "°C"),
    ("°c", "°C"),
    ("℃", "°C"),
    ("°f", "°F"),
    ("℉", "°F"),
    ("mtorr", "mTorr"),
    ("torr", "Torr"),
    ("mbar", "mbar"),
    ("bar", "bar"),
    ("hpa", "hPa"),
    ("kpa", "kPa"),
    ("mpa", "MPa"),
    ("pa", "Pa"),
    ("psi", "psi"),
    ("atm", "atm"),
    ("sccm", "sccm"),
    ("slpm", "slm"),
    ("slm", "slm"),
    ("l/min", "l/min"),
    ("lpm", "l/min"),
    ("µmol/min", "µmol/min"),
    ("umol/min", "µmol/min"),
    ("nm/min", "nm/min"),
    ("nm/s", "nm/s"),
    ("µm/h", "µm/h"),
    ("um/h", "µm/h"),
    ("nm", "nm"),
    ("µm", "µm"),
    ("um", "µm"),
    ("mm", "mm"),
    ("cm", "cm"),
    ("inches", "inch"),
    ("inch", "inch"),
    ("인치", "inch"),
    ("å", "Å"),
    ("ml", "ml"),
    ("liters", "l"),
    ("litres", "l"),
    ("리터", "l"),
    ("kg", "kg"),
    ("mg", "mg"),
    ("g", "g"),
    ("ppm", "ppm"),
    ("ppb", "ppb"),
    ("%", "%"),
    ("퍼센트", "%"),
    ("rpm", "rpm"),
    ("khz", "kHz"),
    ("mhz", "MHz"),
    ("hz", "Hz"),
    ("kw", "kW"),
    ("mw", "mW"),
    ("W", "W"),
    ("kv", "kV"),
    ("mv", "mV"),
    ("V", "V"),
    ("ma", "mA"),
    ("A", "A"),
    ("seconds", "s"),
    ("sec", "s"),
    ("초", "s"),
    ("minutes", "min"),
    ("minute", "min"),
    ("min", "min"),
    ("분", "min"),
    ("hours", "h"),
    ("hour", "h"),
    ("hrs", "h"),
    ("시간", "h"),
    ("days", "d"),
    ("day", "d"),
    ("K", "K"),
    ("m", "m"),
    ("s", "s"),
    ("h", "h"),
];

/// A number as it stands in a text.
#[derive(Debug, PartialEq)]
struct Measure<'a> {
    /// With its unit, as written.
    written: &'a str,
    /// Comparable: no separators of thousands, a plain minus, no zeros that add nothing.
    number: String,
    unit: Option<&'static str>,
}

/// The numbers with a unit in the answer that stand in none of the texts, as written, without repetitions.
///
/// A number also counts as borne out where the text holds it without its unit and the unit elsewhere, as tables
/// do whose heads name the unit.
pub(super) fn unsupported(answer: &str, texts: &[&str]) -> Vec<String> {
    let known: Vec<Known> = texts.iter().map(|text| Known::of(text)).collect();
    let answer = fold(answer);
    let mut missing: Vec<String> = Vec::new();
    for Measure {
        written,
        number,
        unit,
    } in measures(&answer)
    {
        let Some(unit) = unit else { continue };
        let stands = known.iter().any(|text| text.bears_out(&number, unit));
        if !stands && !missing.iter().any(|known| known == written) {
            missing.push(written.to_owned());
        }
    }
    missing
}

/// The numbers of one passage.
struct Known {
    bare: BTreeSet<String>,
    with_unit: BTreeSet<(String, &'static str)>,
    text: String,
}

impl Known {
    fn of(text: &str) -> Self {
        let text = fold(text);
        let (mut bare, mut with_unit) = (BTreeSet::new(), BTreeSet::new());
        for measure in measures(&text) {
            match measure.unit {
                None => bare.insert(measure.number),
                Some(unit) => with_unit.insert((measure.number, unit)),
            };
        }
        Self {
            bare,
            with_unit,
            text,
        }
    }

    /// Whether a number stands there, with whatever unit.
    fn holds(&self, number: &str) -> bool {
        self.bare.contains(number) || self.with_unit.iter().any(|(known, _)| known == number)
    }

    fn bears_out(&self, number: &str, unit: &'static str) -> bool {
        self.with_unit.contains(&(number.to_owned(), unit))
            || (self.bare.contains(number) && names_unit(&self.text, unit))
    }
}

fn names_unit(text: &str, unit: &str) -> bool {
    let lower = text.to_lowercase();
    UNITS
        .iter()
        .filter(|(_, name)| *name == unit)
        .any(|(spelling, _)| {
            // "a" is a word, "A" is a unit.
            let text = if spelling.len() == 1 { text } else { &lower };
            text.match_indices(spelling).any(|(at, _)| {
                let before = text[..at].chars().next_back();
                let after = text[at + spelling.len()..].chars().next();
                !before.is_some_and(|letter| letter.is_ascii_alphabetic())
                    && !after.is_some_and(|letter| letter.is_ascii_alphabetic())
            })
        })
}

/// One form for what is written in several: minus signs, spaces, superscripts, the two letters µ, Å and °.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\u{2212}' | '\u{2010}' | '\u{2011}' | '⁻' => folded.push('-'),
            '\u{A0}' | '\u{202F}' | '\u{2009}' | '\u{3000}' => folded.push(' '),
            'μ' => folded.push('µ'),
            '\u{212B}' => folded.push('Å'),
            'º' => folded.push('°'),
            '％' => folded.push('%'),
            '⁰'..='⁹' | '²' | '³' | '¹' => folded.push(match letter {
                '¹' => '1',
                '²' => '2',
                '³' => '3',
                '⁰' => '0',
                other => char::from_digit(other as u32 - '⁰' as u32, 10).unwrap_or(other),
            }),
            other => folded.push(other),
        }
    }
    folded
}

/// The numbers of a folded text, leaving out citations, and digits that belong to a word such as `E-1042`.
fn measures(text: &str) -> Vec<Measure<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..]
        .find(|letter: char| letter.is_ascii_digit())
        .map(|offset| at + offset)
    {
        let end = start + digits(&text[start..]);
        at = end;
        let before = text[..start].chars().next_back();
        let signed = before == Some('-');
        let before_sign = if signed {
            text[..start - 1].chars().next_back()
        } else {
            before
        };
        let in_word =
            before_sign.is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
        if in_word || before == Some('[') {
            continue;
        }
        // "700-760" is a range, not a negative number.
        let negative =
            signed && !before_sign.is_some_and(|letter| letter.is_alphanumeric() || letter == '°');
        let mut number = plain(&text[start..end]);
        if negative {
            number.insert(0, '-');
        }
        let (unit, unit_end) = unit(text, end);
        at = unit_end;
        let from = if negative { start - 1 } else { start };
        found.push(Measure {
            written: text[from..unit_end].trim_end(),
            number,
            unit,
        });
    }
    found
}

/// Length of the number at the beginning: digits, separators of thousands, a decimal point, an exponent.
fn digits(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end) || (matches!(bytes.get(end), Some(b'.' | b',')) && digit(end + 1)) {
        end += 1;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        if digit(end + 1 + sign) {
            end += 1 + sign;
            while digit(end) {
                end += 1;
            }
        }
    }
    end
}

/// A number without separators of thousands and without zeros at its end that add nothing.
fn plain(written: &str) -> String {
    let lower = written.to_ascii_lowercase();
    let (mantissa, exponent) = lower
        .split_once('e')
        .map_or((lower.as_str(), None), |(number, power)| {
            (number, Some(power))
        });
    let groups: Vec<&str> = mantissa.split(',').collect();
    let whole_groups = groups[1..].iter().all(|group| {
        group
            .split('.')
            .next()
            .is_some_and(|digits| digits.len() == 3)
    });
    // "1,5" is a decimal comma; "1,050" is a thousand and fifty.
    let mut number = if whole_groups {
        groups.concat()
    } else {
        groups.join(".")
    };
    if number.contains('.') {
        number.truncate(number.trim_end_matches('0').trim_end_matches('.').len());
    }
    match exponent {
        Some(power) => format!("{number}e{}", power.trim_start_matches('+')),
        None => number,
    }
}

/// The unit that follows, with at most one space between, and where it ends.
fn unit(text: &str, number_end: usize) -> (Option<&'static str>, usize) {
    let rest = &text[number_end..];
    let spaces = usize::from(rest.starts_with(' '));
    let rest = &rest[spaces..];
    for (spelling, name) in UNITS {
        let Some(written) = prefix_of_length(rest, spelling.chars().count()) else {
            continue;
        };
        let after = rest[written.len()..].chars().next();
        let is_latin =
            spelling.ends_with(|letter: char| letter.is_alphabetic() && !is_korean(letter));
        let goes_on =
            is_latin && after.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '/');
        let matches = if spelling.len() == 1 {
            written == spelling
        } else {
            written.to_lowercase() == spelling
        };
        if matches && !goes_on {
            return (Some(name), number_end + spaces + written.len());
        }
    }
    (None, number_end)
}

fn prefix_of_length(text: &str, characters: usize) -> Option<&str> {
    let end = text
        .char_indices()
        .nth(characters)
        .map_or(text.len(), |(at, _)| at);
    (text[..end].chars().count() == characters).then(|| &text[..end])
}

fn is_korean(letter: char) -> bool {
    crate::domain::is_hangul(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_stands_in_no_passage_is_named_as_written() {
        let passages = ["Bake at 1050 °C for 20 min.", "Purge with 5 slm N2."];
        assert_eq!(
            unsupported(
                "Bake at 1,100 °C for 20 minutes, purge with 5 slm, then 1,100 °C [1].",
                &passages
            ),
            ["1,100 °C"]
        );
    }

    #[test]
    fn spelling_does_not_matter() {
        for (answer, passage) in [
            ("1,050°C", "1050 ℃"),
            ("−5 °C", "-5 °C"),
            ("20분 동안", "for 20 minutes"),
            ("3 µm", "3 μm"),
            ("1.50 slm", "1.5 slpm"),
            ("760 °C", "700–760 °C"),
            ("760 °C", "700-760 °C"),
            ("10 ppm", "| limit (ppm) |\n| 10 |"),
            ("2e-6 mbar", "2E-6 mbar"),
            ("30 %", "30%"),
            ("압력은 100mbar이다", "100 mbar"),
        ] {
            assert_eq!(
                unsupported(answer, &[passage]),
                Vec::<String>::new(),
                "{answer} / {passage}"
            );
        }
    }

    #[test]
    fn a_changed_number_unit_or_sign_is_seen() {
        for (answer, passage) in [
            ("1051 °C", "1050 °C"),
            ("100 Torr", "100 mbar"),
            ("-5 °C", "5 °C"),
            ("20초", "20분"),
            ("5 slm", "5 sccm"),
            ("105 °C", "1050 °C"),
        ] {
            assert_eq!(unsupported(answer, &[passage]), [answer], "{passage}");
        }
    }

    #[test]
    fn codes_citations_and_plain_numbers_are_none() {
        assert_eq!(
            unsupported(
                "Alarm E-1042, step 3 of HX-700 [1], 2DEG, TMGa_1, 4 wafers",
                &[]
            ),
            Vec::<String>::new()
        );
    }
}
