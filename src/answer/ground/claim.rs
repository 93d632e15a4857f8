//! Claims of a text that can be compared literally: numbers with their units, codes, names and formulas.

use std::ops::Range;

use super::digits;
use super::formula;
use super::normalized_text::NormalizedText;
use super::numeral;
use super::unit::{self, Unit};

/// A number, code, name or formula in a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Claim {
    /// Its range in the text, in bytes.
    pub range: Range<usize>,
    pub value: ClaimValue,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ClaimValue {
    Measure(Measure),
    /// In lowercase, without hyphens and underscores.
    Name(String),
}

/// A number and what it measures.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measure {
    pub value: f64,
    pub unit: Option<Unit>,
    /// The unit follows a later number of the same range or list.
    pub is_shared: bool,
    /// The number is a word: `five cycles`, `세 번`.
    pub in_words: bool,
}

/// Formats a number so that equal values compare equal.
pub(super) fn number(value: f64) -> String {
    // Adding zero turns -0 into 0.
    format!("{:.8e}", value + 0.0)
}

/// Words that count the answer's own points.
const POINT_WORDS: [&str; 14] = [
    "가지",
    "단계",
    "개 항목",
    "개의",
    "곳",
    "steps",
    "step",
    "points",
    "items",
    "conditions",
    "things",
    "reasons",
    "ways",
    "cases",
];

/// Words before the number of a part of a document.
const PART_WORDS: [&str; 14] = [
    "section", "chapter", "sections", "chapters", "table", "figure", "fig.", "page", " p.", "rev.",
    "revision", "표", "그림", "개정",
];

/// The claims of a text, in their order. Citation markers, ordinals and numbers of points are not claims.
pub(super) fn claims(text: &str) -> Vec<Claim> {
    let mut reader = Reader {
        text: NormalizedText::new(text),
        found: Vec::new(),
    };
    reader.run();
    reader.share_units();
    reader.join_times();
    let text = &reader.text;
    let claims = reader.found.into_iter().map(|(range, value)| Claim {
        range: text.offset(range.start)..text.offset(range.end),
        value,
    });
    claims.collect()
}

struct Reader {
    text: NormalizedText,
    found: Vec<(Range<usize>, ClaimValue)>,
}

impl Reader {
    fn run(&mut self) {
        let mut at = 0;
        while at < self.text.letters.len() {
            let letter = self.text.letters[at];
            let after = if letter == '[' {
                self.skip_marker(at)
            } else if letter.is_ascii_digit() {
                self.digits(at)
            } else if letter.is_ascii_alphabetic() {
                self.word(at)
            } else {
                self.korean(at)
            };
            at = after.max(at + 1);
        }
    }

    /// Skips a citation marker such as `[3]`.
    fn skip_marker(&self, at: usize) -> usize {
        let digits = self.text.run_end(at + 1, |letter| letter.is_ascii_digit());
        if digits > at + 1 && self.text.letter(digits) == ']' {
            digits + 1
        } else {
            at + 1
        }
    }

    fn korean(&mut self, at: usize) -> usize {
        let Some((value, end)) = numeral::korean(&self.text, at) else {
            return at + 1;
        };
        self.measure(at, value, end, true)
    }

    /// Letters and digits of the Latin script with the hyphens, underscores and dots between them.
    fn word(&mut self, begin: usize) -> usize {
        let end = self.word_end(begin);
        let word = self.text.slice(begin..end);
        if let Some(value) = numeral::english(&word) {
            return self.measure(begin, value, end, true);
        }
        if word.contains(|letter: char| letter.is_ascii_digit()) {
            self.name(begin..end);
            return end;
        }
        if let Some(number) = self.spaced_code_end(&word, end) {
            self.name(begin..number);
            return number;
        }
        let mut at = begin;
        for part in word.split(['-', '_', '.']) {
            let length = part.len();
            if formula::is_formula(part) {
                self.name(at..at + length);
            }
            at += length + 1;
        }
        end
    }

    fn word_end(&self, begin: usize) -> usize {
        let is_part = |at: usize| self.text.letter(at).is_ascii_alphanumeric();
        let mut at = begin;
        while is_part(at)
            || (at > begin && matches!(self.text.letter(at), '-' | '_' | '.') && is_part(at + 1))
        {
            at += 1;
        }
        at
    }

    /// Returns the end of a code that is written with a space, such as `E 1042`.
    fn spaced_code_end(&self, word: &str, end: usize) -> Option<usize> {
        let is_prefix = word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        let after = self.text.run_end(end + 1, |letter| letter.is_ascii_digit());
        let is_code = is_prefix
            && self.text.letter(end) == ' '
            && (3..=5).contains(&(after - end - 1))
            && !self.text.letter(after).is_ascii_alphanumeric()
            && !matches!(self.text.letter(after), '.' | ',' | '-' | '~')
            && unit::after_number(&self.text, after).is_none();
        is_code.then_some(after)
    }

    fn name(&mut self, range: Range<usize>) {
        let name = normalize_name(&self.text.slice(range.clone()));
        self.found.push((range, ClaimValue::Name(name)));
    }

    /// Parses what begins with a digit: a number, or else a date, a version or a name.
    fn digits(&mut self, begin: usize) -> usize {
        let whole = self.text.run_end(begin, |letter| letter.is_ascii_digit());
        for parse in [digits::date, digits::clock_or_version] {
            if let Some((name, end)) = parse(&self.text, begin, whole) {
                self.found.push((begin..end, ClaimValue::Name(name)));
                return end;
            }
        }
        let (value, end) = digits::value(&self.text, begin);
        let next = self.text.letter(end);
        if self.is_ordinal(begin, end) {
            return end;
        }
        let written = self.text.slice(begin..end);
        if let Some((mantissa, _)) = written
            .split_once(['×', 'x', '·', '*'])
            .filter(|_| written.contains("10^"))
            && mantissa
                .trim()
                .parse::<f64>()
                .is_ok_and(|mantissa| mantissa >= 10.0)
        {
            // A mantissa of ten or more is not normalized notation, so it was copied and is compared literally.
            self.found
                .push((begin..end, ClaimValue::Name(normalize_name(&written))));
            return end;
        }
        let has_unit = unit::after_number(&self.text, end).is_some();
        if next.is_ascii_alphabetic() && !has_unit {
            let end = self.word_end(begin);
            let suffix = self.text.slice(whole..end);
            if !["st", "nd", "rd", "th", "x"].contains(&suffix.as_str()) {
                self.name(begin..end);
            }
            return end;
        }
        self.measure(begin, value, end, false)
    }

    /// Returns true if it numbers a list item, a chapter (`제4장`) or points of the answer itself (`다음 3가지`).
    fn is_ordinal(&self, begin: usize, end: usize) -> bool {
        let line = self.text.letters[..begin]
            .iter()
            .rposition(|letter| *letter == '\n');
        let line_begin = line.map_or(0, |at| at + 1);
        let opens_line = self.text.letters[line_begin..begin]
            .iter()
            .all(|letter| " \t>*#(".contains(*letter));
        let is_item = opens_line
            && end - begin <= 2
            && matches!(self.text.letter(end), '.' | ')')
            && matches!(self.text.letter(end + 1), ' ' | '\n' | '*');
        let next = end + usize::from(self.text.letter(end) == ' ');
        let counts_points = POINT_WORDS.iter().any(|points| self.text.has(next, points));
        is_item || counts_points || self.text.before(begin) == '제' || self.is_reference(begin)
    }

    /// Returns true if it follows the word for a part of a document: `section 5.1`, `표 2`.
    fn is_reference(&self, begin: usize) -> bool {
        let before: String = self.text.letters[begin.saturating_sub(10)..begin]
            .iter()
            .collect();
        let before = before.trim_end().to_lowercase();
        PART_WORDS.iter().any(|part| before.ends_with(part))
    }

    fn measure(&mut self, begin: usize, value: f64, end: usize, in_words: bool) -> usize {
        let (unit, after) = match unit::after_number(&self.text, end) {
            Some((unit, after)) => (Some(unit), after),
            None => (None, end),
        };
        let before = self.text.before(begin.saturating_sub(1));
        let is_negative = begin > 0
            && self.text.before(begin) == '-'
            && !(before.is_alphanumeric() || matches!(before, '°' | '%' | ')'));
        let begin = if is_negative { begin - 1 } else { begin };
        let measure = Measure {
            value: if is_negative { -value } else { value },
            unit,
            is_shared: false,
            in_words,
        };
        self.found
            .push((begin..after, ClaimValue::Measure(measure)));
        after
    }

    /// Gives the earlier numbers of a range or list the unit that follows the last one.
    fn share_units(&mut self) {
        for at in (1..self.found.len()).rev() {
            let ([.., (one, first)], [(other, second), ..]) = self.found.split_at_mut(at) else {
                continue;
            };
            let (ClaimValue::Measure(first), ClaimValue::Measure(second)) = (first, second) else {
                continue;
            };
            let between: String = self.text.letters[one.end.min(other.start)..other.start]
                .iter()
                .collect();
            let joins = [
                "", "-", "~", "to", "and", "or", ",", "/", "±", "+-", "+/-", ", and", ", or", "및",
                "또는", "와", "과", "에서", "부터", "x", "×", "through",
            ];
            if first.unit.is_none() && second.unit.is_some() && joins.contains(&between.trim()) {
                first.unit.clone_from(&second.unit);
                first.is_shared = true;
            }
        }
    }

    /// Joins times such as `3 h 40 min` into one.
    fn join_times(&mut self) {
        for at in (1..self.found.len()).rev() {
            let ((one, ClaimValue::Measure(first)), (other, ClaimValue::Measure(second))) =
                (&self.found[at - 1], &self.found[at])
            else {
                continue;
            };
            let is_time = |measure: &Measure| {
                measure
                    .unit
                    .as_ref()
                    .is_some_and(|unit| unit.measures == "s^1")
                    && !measure.is_shared
            };
            let size = |measure: &Measure| measure.unit.as_ref().map_or(0.0, |unit| unit.scale);
            let between: String = self.text.letters[one.end.min(other.start)..other.start]
                .iter()
                .collect();
            let joins = between.trim().is_empty()
                && is_time(first)
                && is_time(second)
                && size(first) > size(second);
            if !joins {
                continue;
            }
            let mut joined = first.clone();
            joined.value += second.value * size(second) / size(first);
            let range = one.start..other.end;
            self.found[at - 1] = (range, ClaimValue::Measure(joined));
            self.found.remove(at);
        }
    }
}

/// A name in lowercase, without hyphens, underscores and spaces.
pub(super) fn normalize_name(name: &str) -> String {
    let letters = name
        .chars()
        .filter(|letter| !matches!(letter, '-' | '_' | ' '));
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let claims = claims(text).into_iter().map(|claim| match claim.value {
            ClaimValue::Name(name) => name,
            ClaimValue::Measure(Measure { value, unit, .. }) => match unit {
                Some(unit) => {
                    let value: f64 = number(value * unit.scale).parse().unwrap();
                    format!("{value} {}", unit.measures)
                }
                None => format!("{value}"),
            },
        });
        claims.collect()
    }

    #[test]
    fn numbers_and_units_are_read_in_every_spelling() {
        for (text, claims) in [
            ("1,050°C", &["1050 °C^1"][..]),
            ("1 860 tubes", &["1860"]),
            ("−5 ℃", &["-5 °C^1"]),
            ("700–760 °C", &["700 °C^1", "760 °C^1"]),
            ("1 × 10⁻⁹ mbar·l/s", &["0.0000001 Pa^1 l^1 s^-1"]),
            ("2E12 cm-2", &["20000000000000000 m^-2"]),
            ("20분 동안", &["1200 s^1"]),
            ("천오십 도", &["1050 °C^1"]),
            ("3만 시간", &["108000000 s^1"]),
            (
                "10, 20 and 30 sccm",
                &["10 sccm^1", "20 sccm^1", "30 sccm^1"],
            ),
            ("2.5 bar(g)", &["250000 Pa^1"]),
            ("pH 4.5–6.5", &["4.5", "6.5"]),
            ("1000 ± 15 mbar", &["100000 Pa^1", "1500 Pa^1"]),
            ("110 C, 10 min", &["110 °C^1", "600 s^1"]),
            ("a 2-inch wafer", &["2 inch^1"]),
            ("1,5 slm", &["1500 sccm^1"]),
            ("3 h 40 min", &["13200 s^1"]),
            ("1시간 30분", &["5400 s^1"]),
        ] {
            assert_eq!(read(text), claims, "{text}");
        }
    }

    #[test]
    fn codes_names_formulas_and_dates_are_read_in_every_spelling() {
        for (text, claims) in [
            (
                "E-1042, E 1042 and e1042가",
                &["e1042", "e1042", "e1042"][..],
            ),
            ("HX-00971-B", &["hx00971b"]),
            ("TMGa_1과 p-GaN", &["tmga1", "gan"]),
            ("Al₀.₂₅Ga₀.₇₅N", &["al0.25ga0.75n"]),
            ("2025년 1월 22일, 2025-01-22", &["20250122", "20250122"]),
            ("13:30에 5:1:1로", &["13:30", "5:1:1"]),
            ("2DEG", &["2deg"]),
        ] {
            assert_eq!(read(text), claims, "{text}");
        }
    }

    #[test]
    fn citation_markers_and_ordinals_are_not_claims() {
        for text in [
            "Close it [1][12].",
            "1. Close\n2) Open",
            "다음 3가지",
            "the 3rd time",
            "제4장",
        ] {
            assert_eq!(read(text), Vec::<String>::new(), "{text}");
        }
    }
}
