//! What a question says: which recipe, which steps, which quantity, which bounds.

use std::collections::BTreeSet;

use super::phrases;
use super::words::{Word, folded, layers, position, says, words};
use crate::recipe::book::{Entry, View, key};
use crate::recipe::model::Kind;
use crate::recipe::substance;
use crate::recipe::unit::{Dimension, Unit};

/// A question, understood word by word.
#[derive(Debug)]
pub(super) struct Asked<'v> {
    /// In small letters, without the names of recipes.
    pub(super) text: String,
    pub(super) words: Vec<Word>,
    /// The recipes that it names, in their order.
    pub(super) entries: Vec<&'v Entry>,
    /// Recipes that a name may mean which means several.
    pub(super) candidates: Vec<&'v Entry>,
    /// A name beside the word "recipe" that no recipe bears.
    pub(super) unknown: Option<String>,
    pub(super) quantity: Option<Quantity>,
    pub(super) bound: Option<Bound>,
    /// Species that it names, such as `TMGa`.
    pub(super) species: Vec<String>,
    pub(super) layers: BTreeSet<String>,
    /// Codes of steps.
    pub(super) codes: Vec<String>,
    /// A unit that it names without a number.
    pub(super) unit: Option<Unit>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Temperature,
    Pressure,
    Rotation,
    Flow(Kind),
    Time,
    Thickness,
    Power,
}

/// How a value compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    AtLeast,
    Above,
    AtMost,
    Below,
    Equal,
}

/// A bound with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound {
    pub(super) value: f64,
    pub(super) unit: Unit,
    pub(super) comparison: Comparison,
}

impl Bound {
    pub(super) fn holds(self, value: f64) -> bool {
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

impl<'v> Asked<'v> {
    /// Understands a question; `earlier` is the one before it, whose recipe it may lean on.
    pub(super) fn of(text: &str, earlier: Option<&str>, view: &View<'v>) -> Self {
        let text = folded(text);
        let all = words(&text);
        let mut named = Named::find(&text, &all, view);
        if named.entries.is_empty()
            && named.candidates.is_empty()
            && named.unknown.is_none()
            && let Some(earlier) = earlier
        {
            let earlier = folded(earlier);
            named.entries = Named::find(&earlier, &words(&earlier), view).entries;
        }
        let mut blanked = text.clone().into_bytes();
        for (start, end) in &named.spans {
            blanked[*start..*end].fill(b' ');
        }
        let rest = String::from_utf8(blanked).unwrap_or(text);
        let words = words(&rest);
        let lower = rest.to_lowercase();
        let (bound, bound_at) =
            bound(&lower).map_or((None, None), |(bound, at)| (Some(bound), Some(at)));
        Self {
            species: species(&words),
            layers: layers(&rest),
            codes: codes(&lower, &words, bound_at),
            quantity: quantity(&lower, bound),
            unit: unit(&lower),
            bound,
            words,
            text: lower,
            entries: named.entries,
            candidates: named.candidates,
            unknown: named.unknown,
        }
    }

    /// Whether it holds one of these phrases.
    pub(super) fn says(&self, phrases: &[&str]) -> bool {
        says(&self.text, phrases)
    }

    /// As [`says`](Self::says), of phrases parted by `|`.
    pub(super) fn says_one(&self, phrases: &str) -> bool {
        phrases.split('|').any(|phrase| self.says(&[phrase]))
    }

    /// Whether it is about recipes at all.
    pub(super) fn is_about_recipes(&self) -> bool {
        self.says(&[
            "recipe",
            "recipes",
            "레시피",
            "growth run",
            "growth runs",
            "성장 런",
        ])
    }
}

/// Recipes that a text names.
#[derive(Debug, Default)]
struct Named<'v> {
    entries: Vec<&'v Entry>,
    candidates: Vec<&'v Entry>,
    unknown: Option<String>,
    /// Places of the names in the text.
    spans: Vec<(usize, usize)>,
}

/// A name has at most so many parts.
const MOST_PARTS: usize = 9;

impl<'v> Named<'v> {
    fn find(text: &str, words: &[Word], view: &View<'v>) -> Self {
        let mut found = Self::default();
        let mut at = 0;
        while at < words.len() {
            match whole(text, words, at, view) {
                Some((entries, next)) => {
                    found.spans.push((words[at].start, words[next - 1].end));
                    for entry in entries {
                        found.add(entry);
                    }
                    at = next;
                }
                None => at += 1,
            }
        }
        found.parts(text, words, view);
        if found.entries.is_empty() && found.candidates.is_empty() {
            found.unknown = unknown(text, words);
        }
        found
    }

    fn add(&mut self, entry: &'v Entry) {
        if !self.entries.iter().any(|known| std::ptr::eq(*known, entry)) {
            self.entries.push(entry);
        }
    }

    /// Names that are given in part: `T2118` for `T2118GQTs`, `012B` beside `LED450-MQW-012A`.
    fn parts(&mut self, text: &str, words: &[Word], view: &View<'v>) {
        let mut at = 0;
        while at < words.len() {
            let inside = self
                .spans
                .iter()
                .any(|(start, end)| (*start..*end).contains(&words[at].start));
            if inside {
                at += 1;
                continue;
            }
            let mut taken = at + 1;
            for next in (at + 1..=joined(text, words, at)).rev() {
                let (start, end) = (words[at].start, words[next - 1].end);
                let name = key(&text[start..end]);
                let letters = name.chars().any(|letter| letter.is_ascii_alphabetic());
                let digits = name.chars().filter(char::is_ascii_digit).count();
                if name.len() < 4 || !letters || digits < 2 {
                    continue;
                }
                let some: Vec<&Entry> = view
                    .entries
                    .iter()
                    .copied()
                    .filter(|entry| begins(&entry.key, &name) || ends(&entry.key, &name))
                    .collect();
                match some.as_slice() {
                    [] => continue,
                    [one] => self.add(one),
                    several if self.candidates.is_empty() => self.candidates = several.to_vec(),
                    _ => {}
                }
                self.spans.push((start, end));
                taken = next;
                break;
            }
            at = taken;
        }
        if !self.entries.is_empty() {
            // What is named whole settles what a part may mean.
            self.candidates.clear();
        }
    }
}

/// The recipe whose whole name begins at a word, and the word behind it. The longest name counts.
fn whole<'v>(
    text: &str,
    words: &[Word],
    at: usize,
    view: &View<'v>,
) -> Option<(Vec<&'v Entry>, usize)> {
    for next in (at + 1..=joined(text, words, at)).rev() {
        let name = key(&text[words[at].start..words[next - 1].end]);
        if name.len() < 3 {
            continue;
        }
        let found = view.named(&name);
        if !found.is_empty() {
            return Some((found, next));
        }
    }
    None
}

/// The word behind the longest chain of words joined by `-`, `_`, `.` or one space.
fn joined(text: &str, words: &[Word], at: usize) -> usize {
    let mut next = at + 1;
    while next < words.len()
        && next - at < MOST_PARTS
        && matches!(
            text.get(words[next - 1].end..words[next].start),
            Some("-" | "_" | "." | " ")
        )
    {
        next += 1;
    }
    next
}

/// Whether a name begins so, and a new part begins there.
fn begins(whole: &str, part: &str) -> bool {
    whole.strip_prefix(part).is_some_and(|rest| {
        !(rest.starts_with(|letter: char| letter.is_ascii_digit())
            && part.ends_with(|letter: char| letter.is_ascii_digit()))
    })
}

fn ends(whole: &str, part: &str) -> bool {
    whole.strip_suffix(part).is_some_and(|rest| {
        !(rest.ends_with(|letter: char| letter.is_ascii_digit())
            && part.starts_with(|letter: char| letter.is_ascii_digit()))
    })
}

/// A name right beside the word "recipe" that is none.
fn unknown(text: &str, words: &[Word]) -> Option<String> {
    let lower = text.to_lowercase();
    let places: Vec<(usize, usize)> = ["레시피", "recipe"]
        .iter()
        .filter_map(|word| position(&lower, word).map(|at| (at, at + word.len())))
        .collect();
    let is_name = |name: &str| {
        name.chars().filter(char::is_ascii_digit).count() >= 2
            && name.chars().any(|letter| letter.is_ascii_alphabetic())
    };
    for at in 0..words.len() {
        let next = (at + 1..=joined(text, words, at))
            .take_while(|next| {
                *next == at + 1
                    || text.get(words[*next - 2].end..words[*next - 1].start) != Some(" ")
            })
            .last()?;
        let (start, end) = (words[at].start, words[next - 1].end);
        let beside = places.iter().any(|(from, to)| {
            text.get(*to..start)
                .is_some_and(|gap| gap.trim().is_empty())
                || text
                    .get(end..*from)
                    .is_some_and(|gap| gap.trim().is_empty())
        });
        if beside && is_name(&text[start..end]) {
            return Some(text[start..end].to_owned());
        }
    }
    None
}

fn species(words: &[Word]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words {
        let stem = word.raw.trim_end_matches('_');
        // Symbols of elements are words of English, too.
        if stem.len() < 3 && !matches!(stem, "H2" | "N2" | "O2") {
            continue;
        }
        if let Some(known) = substance::find(stem)
            && !found.iter().any(|name| name == known.name)
        {
            found.push(known.name.to_owned());
        }
    }
    found
}

/// Codes of steps: `e08c`, `q03`, `step 17`, `17번 단계`.
fn codes(text: &str, words: &[Word], bound_at: Option<usize>) -> Vec<String> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let small = word.small.as_str();
        let letters = small.chars().take_while(char::is_ascii_alphabetic).count();
        let rest = &small[letters..];
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let tail = &rest[digits..];
        let is_code = (1..=3).contains(&digits)
            && tail.len() <= 1
            && tail.chars().all(|letter| letter.is_ascii_lowercase());
        if !is_code || bound_at == Some(word.start) {
            continue;
        }
        let behind = text[word.end..].trim_start();
        let before = text[..word.start].trim_end();
        let is_step = behind.starts_with("번 단계")
            || behind.starts_with("번째 단계")
            || behind.starts_with("단계")
            || behind.starts_with("번 스텝")
            || behind.starts_with("번 step")
            || behind.starts_with("번")
            || ["step", "steps", "단계", "스텝", "step no."]
                .iter()
                .any(|word| before.ends_with(word));
        let is_lone = letters == 1 && digits == 2;
        // What looks like a code and is a unit or a substance is none.
        let is_other = substance::find(&word.raw).is_some() || is_quantity(words, at, text);
        if (is_step && (letters <= 2) || is_lone) && !is_other {
            found.push(small.to_owned());
        }
    }
    found
}

/// Whether a number is followed by its unit.
fn is_quantity(words: &[Word], at: usize, text: &str) -> bool {
    let word = &words[at];
    if !word.raw.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let behind = text[word.end..].trim_start();
    unit_at(behind).is_some_and(|(_, length)| {
        // `17 단계` is no 17 °C.
        !behind[..length].is_empty()
    })
}

/// The unit that a text begins with, and its length.
fn unit_at(text: &str) -> Option<(Unit, usize)> {
    const UNITS: [&str; 27] = [
        "°c",
        "℃",
        "degc",
        "deg c",
        "도",
        "torr",
        "토르",
        "mbar",
        "밀리바",
        "kpa",
        "pa",
        "bar",
        "rpm",
        "sccm",
        "slm",
        "°f",
        "seconds",
        "sec",
        "minutes",
        "min",
        "hours",
        "초",
        "분",
        "시간",
        "s",
        "h",
        "k",
    ];
    UNITS.iter().find_map(|unit| {
        let rest = text.strip_prefix(unit)?;
        let cut =
            unit.is_ascii() && rest.starts_with(|letter: char| letter.is_ascii_alphanumeric());
        let parsed = Unit::parse(if *unit == "deg c" { "degc" } else { unit })?;
        (!cut).then_some((parsed, unit.len()))
    })
}

/// A number with a unit and a comparison, and where the number stands.
fn bound(text: &str) -> Option<(Bound, usize)> {
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
        let behind = text[end..].trim_start();
        let gap = text.len() - end - behind.len();
        if let Some(value) = number
            && let Some((unit, length)) = unit_at(behind)
            && let Some(comparison) = comparison(&text[..at], &text[end + gap + length..])
        {
            return Some((
                Bound {
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
    let behind = [
        (Comparison::AtLeast, phrases::AT_LEAST_AFTER),
        (Comparison::AtMost, phrases::AT_MOST_AFTER),
        (Comparison::Above, phrases::ABOVE_AFTER),
        (Comparison::Below, phrases::BELOW_AFTER),
    ]
    .into_iter()
    .find(|(_, phrases)| phrases.split('|').any(|phrase| after.starts_with(phrase)));
    if let Some((comparison, _)) = behind {
        return Some(comparison);
    }
    let ahead = [
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
            .any(|phrase| before.ends_with(phrase) && position(before, phrase).is_some())
    });
    if let Some((comparison, _)) = ahead {
        return Some(comparison);
    }
    is_place.then_some(Comparison::Equal)
}

/// A unit that is named to answer in: `몇 Torr`, `in Torr`.
fn unit(text: &str) -> Option<Unit> {
    ["torr", "mbar", "pa", "kpa", "slm", "minutes", "hours"]
        .iter()
        .find(|unit| says(text, &[unit]))
        .and_then(|unit| Unit::parse(unit))
}

fn quantity(text: &str, bound: Option<Bound>) -> Option<Quantity> {
    let named = [
        (
            Quantity::Flow(Kind::BubblerPressure),
            &["bubbler pressure", "버블러 압력", "source pressure"][..],
        ),
        (Quantity::Thickness, &["thickness", "how thick", "두께"]),
        (
            Quantity::Temperature,
            &[
                "temperature",
                "temperatures",
                "temp",
                "how hot",
                "온도",
                "몇 도",
                "몇도",
                "reactortemp",
            ],
        ),
        (
            Quantity::Pressure,
            &[
                "pressure",
                "pressures",
                "압력",
                "reactorpress",
                "torr",
                "mbar",
            ],
        ),
        (Quantity::Rotation, &["rotation", "rpm", "회전"]),
        (Quantity::Power, &["power", "파워", "출력"]),
        (Quantity::Flow(Kind::Push), &["push", "푸시"]),
        (
            Quantity::Flow(Kind::Dilute),
            &["dilute", "dilution", "희석"],
        ),
        (
            Quantity::Flow(Kind::Inject),
            &["inject", "injection", "주입 유량"],
        ),
        (
            Quantity::Flow(Kind::SourceFlow),
            &["flow", "flows", "flow rate", "sccm", "slm", "유량", "흐름"],
        ),
        (
            Quantity::Time,
            &[
                "how long",
                "duration",
                "time",
                "minutes",
                "seconds",
                "시간",
                "몇 분",
                "몇 초",
                "얼마나 오래",
                "얼마 동안",
            ],
        ),
    ];
    let by_word = named
        .iter()
        .find(|(_, phrases)| says(text, phrases))
        .map(|(quantity, _)| *quantity);
    by_word.or_else(|| {
        Some(match bound?.unit.dimension()? {
            Dimension::Temperature => Quantity::Temperature,
            Dimension::Pressure => Quantity::Pressure,
            Dimension::Rotation => Quantity::Rotation,
            Dimension::Flow => Quantity::Flow(Kind::SourceFlow),
            Dimension::Time => Quantity::Time,
            _ => return None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_understood_in_both_languages() {
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
            let (bound, _) = bound(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (bound.value, bound.unit, bound.comparison),
                (value, unit, comparison),
                "{text}"
            );
        }
        assert_eq!(bound("step 17 of the recipe"), None);
    }

    #[test]
    fn codes_of_steps_are_told_from_numbers() {
        let codes = |text: &str| codes(text, &words(text), None);
        assert_eq!(codes("what happens in e08c?"), ["e08c"]);
        assert_eq!(codes("temperature in step e08c"), ["e08c"]);
        assert_eq!(codes("q03 시간"), ["q03"]);
        assert_eq!(codes("17번 단계 온도"), ["17"]);
        assert_eq!(codes("step 13a"), ["13a"]);
        assert_eq!(codes("200 torr 단계"), Vec::<String>::new());
        assert_eq!(codes("n2 and h2"), Vec::<String>::new());
    }
}
