//! What stands so close together that neither part says the same without the other: the ends of a range, a quantity
//! and the substance behind it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::claim::{Claim, Measure, Says, number};
use super::fold::Folded;
use super::formula;

/// Signs, in one form, and words between the ends of a range.
const RANGE: [&str; 4] = ["-", "~", "to", "에서"];

/// As much as the longest word for a substance has, in characters.
const LONGEST_WORD: usize = 24;

/// Two things that a text says that belong together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bond {
    /// From the beginning of the first to the end of the second, in bytes.
    pub range: Range<usize>,
    first: Part,
    second: Part,
    /// The number of the first, whatever its unit.
    number: String,
}

/// One of them, in a form by which it can be compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Of a range, as written: its unit may stand elsewhere.
    End(String),
    /// Before a substance.
    Quantity(String, String),
    /// In small letters, whatever its composition.
    Substance(String),
}

/// What is bound in a text, and what stands there by itself.
#[derive(Debug, Default)]
pub(super) struct Bonds {
    bound: BTreeSet<(Part, Part)>,
    /// Numbers before substances, whatever their unit.
    numbers: BTreeSet<(String, Part)>,
    parts: BTreeSet<Part>,
    free: BTreeSet<Part>,
}

/// The bonds of a text with these claims.
pub(super) fn bonds(text: &str, claims: &[Claim]) -> Vec<Bond> {
    let following = claims.iter().skip(1).map(Some).chain([None]);
    let bonds = claims
        .iter()
        .zip(following)
        .filter_map(|(claim, next)| bond(text, claim, next));
    bonds.collect()
}

fn bond(text: &str, claim: &Claim, next: Option<&Claim>) -> Option<Bond> {
    let Says::Measure(measure) = &claim.says else {
        return None;
    };
    let behind = text.get(claim.range.end..)?;
    let between = next.and_then(|next| text.get(claim.range.end..next.range.start));
    let (first, second, end) = match next.map(|next| &next.says) {
        Some(Says::Measure(high)) if between.is_some_and(joins) => {
            (end(measure), end(high), next?.range.end)
        }
        Some(Says::Name(name)) if between.is_some_and(|it| matches!(it, " " | "\n")) => {
            (quantity(measure)?, substance(name)?, next?.range.end)
        }
        _ => {
            let word: String = behind.chars().skip(1).take(LONGEST_WORD).collect();
            let named = formula::at_begin(&word.to_lowercase());
            let named = named.filter(|_| behind.starts_with([' ', '\n']))?;
            (quantity(measure)?, substance(named)?, claim.range.end)
        }
    };
    Some(Bond {
        range: claim.range.start..end,
        first,
        second,
        number: number(measure.value),
    })
}

fn joins(between: &str) -> bool {
    let between: String = Folded::of(between).letters.into_iter().collect();
    RANGE.contains(&between.trim())
}

fn end(measure: &Measure) -> Part {
    Part::End(number(measure.value))
}

fn quantity(measure: &Measure) -> Option<Part> {
    let unit = measure.unit.as_ref()?;
    let value = number(measure.value * unit.scale);
    Some(Part::Quantity(unit.measures.clone(), value))
}

fn substance(name: &str) -> Option<Part> {
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    (!letters.is_empty()).then_some(Part::Substance(letters))
}

impl Bond {
    pub(super) fn holds(&self, claim: &Claim) -> bool {
        self.range.start <= claim.range.start && claim.range.end <= self.range.end
    }
}

impl Bonds {
    /// Takes in the claims of a text.
    pub(super) fn add(&mut self, text: &str, claims: &[Claim]) {
        let found = bonds(text, claims);
        for claim in claims {
            let Says::Measure(measure) = &claim.says else {
                continue;
            };
            let is_bound = |part: &Part| {
                let mut around = found.iter().filter(|bond| bond.holds(claim));
                around.any(|bond| bond.first == *part || bond.second == *part)
            };
            let parts = std::iter::once(end(measure)).chain(quantity(measure));
            self.free.extend(parts.filter(|part| !is_bound(part)));
        }
        for bond in found {
            self.parts.extend([bond.first.clone(), bond.second.clone()]);
            if matches!(bond.second, Part::Substance(_)) {
                self.numbers.insert((bond.number, bond.second.clone()));
            }
            self.bound.insert((bond.first, bond.second));
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.bound.extend(other.bound.iter().cloned());
        self.numbers.extend(other.numbers.iter().cloned());
        self.parts.extend(other.parts.iter().cloned());
        self.free.extend(other.free.iter().cloned());
    }

    /// Whether one of its numbers stands here, but never by itself and never bound to the other; or whether it stands
    /// before the same substance in another unit.
    pub(super) fn contradict(&self, bond: &Bond) -> bool {
        let is_torn = |part: &Part| {
            !matches!(part, Part::Substance(_))
                && self.parts.contains(part)
                && !self.free.contains(part)
        };
        let pair = (bond.first.clone(), bond.second.clone());
        let has_other_unit = || {
            let number = (bond.number.clone(), bond.second.clone());
            self.numbers.contains(&number)
        };
        !self.bound.contains(&pair)
            && (is_torn(&bond.first) || is_torn(&bond.second) || has_other_unit())
    }
}

#[cfg(test)]
mod tests {
    use super::super::claim::claims;
    use super::*;

    fn contradicted(source: &str, answer: &str) -> bool {
        let mut known = Bonds::default();
        known.add(source, &claims(source));
        let found = bonds(answer, &claims(answer));
        found.iter().any(|bond| known.contradict(bond))
    }

    #[test]
    fn a_quantity_of_another_substance_is_seen() {
        let source = "Anneal in 5 % H2 at 200 °C; O2 stays below 1 ppm.";
        assert!(!contradicted(source, "5 % H2, 200 °C"));
        assert!(contradicted(source, "5 % O2, 200 °C"));
        assert!(contradicted("12 h with 5 % hydrogen", "5 % O2"));
        assert!(!contradicted("12 h with 5 % hydrogen", "5 % 수소"));
        assert!(!contradicted("밸브를 연 뒤 5 min 물러난다", "5 min N2"));
        // Where the quantity also stands alone, nothing says of what it is.
        assert!(!contradicted(&format!("{source} It is 5 %."), "5 % O2"));
        assert!(!contradicted("20 nm Al0.25Ga0.75N", "20 nm AlGaN"));
        assert!(contradicted("20 nm Al0.25Ga0.75N, GaN", "20 nm GaN"));
    }

    #[test]
    fn another_unit_of_the_same_substance_is_seen() {
        let source = "Grow 2 µm GaN. The wells must be within 2 nm.";
        assert!(!contradicted(source, "2 μm GaN"));
        assert!(contradicted(source, "2 nm GaN"));
        assert!(!contradicted("2 slm N2", "2000 sccm N2"));
    }

    #[test]
    fn a_range_with_another_end_is_seen() {
        let source = "The difference is 150–190 °C, and 60 °C at the start.";
        assert!(!contradicted(source, "150~190 ℃"));
        assert!(!contradicted(source, "150 to 190 °C"));
        assert!(!contradicted(source, "150−190 °C"));
        assert!(contradicted(source, "190–190 °C"));
        assert!(contradicted(source, "60–190 °C"));
        assert!(!contradicted("700 °C, then 760 °C", "700–760 °C"));
    }
}
