//! Pairs of claims that only make sense together: the two ends of a range, a quantity and the substance after it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::claim::{Claim, ClaimValue, Measure, number};
use super::formula;
use super::normalized_text::NormalizedText;

/// Normalized signs, and words, between the ends of a range.
const RANGE_SIGNS: [&str; 4] = ["-", "~", "to", "에서"];

/// Length of the longest word for a substance, in characters.
const MAX_WORD_CHARS: usize = 24;

/// Two claims of a text that belong together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ClaimPair {
    /// From the beginning of the first to the end of the second, in bytes.
    pub range: Range<usize>,
    first: Part,
    second: Part,
    /// The number of the first claim without its unit.
    number: String,
}

/// One claim of a pair in comparable form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// An end of a range without its unit, which may be elsewhere.
    End(String),
    /// The unit and value before a substance.
    Quantity(String, String),
    /// In lowercase, without its composition.
    Substance(String),
}

/// The pairs of a text, and the claims that are in no pair.
#[derive(Debug, Default)]
pub(super) struct ClaimPairs {
    pairs: BTreeSet<(Part, Part)>,
    /// Numbers without units, each with the substance after it.
    numbers: BTreeSet<(String, Part)>,
    paired_parts: BTreeSet<Part>,
    unpaired_parts: BTreeSet<Part>,
}

/// Returns the pairs among the claims of a text.
pub(super) fn claim_pairs(text: &str, claims: &[Claim]) -> Vec<ClaimPair> {
    let following = claims.iter().skip(1).map(Some).chain([None]);
    let pairs = claims
        .iter()
        .zip(following)
        .filter_map(|(claim, next)| claim_pair(text, claim, next));
    pairs.collect()
}

fn claim_pair(text: &str, claim: &Claim, next: Option<&Claim>) -> Option<ClaimPair> {
    let ClaimValue::Measure(measure) = &claim.value else {
        return None;
    };
    let rest = text.get(claim.range.end..)?;
    let between = next.and_then(|next| text.get(claim.range.end..next.range.start));
    let (first, second, end) = match next.map(|next| &next.value) {
        Some(ClaimValue::Measure(high)) if between.is_some_and(is_range_sign) => {
            (end(measure), end(high), next?.range.end)
        }
        Some(ClaimValue::Name(name)) if between.is_some_and(|it| matches!(it, " " | "\n")) => {
            (quantity(measure)?, substance(name)?, next?.range.end)
        }
        _ => {
            let word: String = rest.chars().skip(1).take(MAX_WORD_CHARS).collect();
            let named = formula::at_begin(&word.to_lowercase());
            let named = named.filter(|_| rest.starts_with([' ', '\n']))?;
            (quantity(measure)?, substance(named)?, claim.range.end)
        }
    };
    Some(ClaimPair {
        range: claim.range.start..end,
        first,
        second,
        number: number(measure.value),
    })
}

fn is_range_sign(between: &str) -> bool {
    let between: String = NormalizedText::new(between).letters.into_iter().collect();
    RANGE_SIGNS.contains(&between.trim())
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

impl ClaimPair {
    pub(super) fn contains(&self, claim: &Claim) -> bool {
        self.range.start <= claim.range.start && claim.range.end <= self.range.end
    }
}

impl ClaimPairs {
    /// Adds the claims of a text.
    pub(super) fn add(&mut self, text: &str, claims: &[Claim]) {
        let found = claim_pairs(text, claims);
        for claim in claims {
            let ClaimValue::Measure(measure) = &claim.value else {
                continue;
            };
            let is_paired = |part: &Part| {
                let mut around = found.iter().filter(|pair| pair.contains(claim));
                around.any(|pair| pair.first == *part || pair.second == *part)
            };
            let parts = std::iter::once(end(measure)).chain(quantity(measure));
            self.unpaired_parts
                .extend(parts.filter(|part| !is_paired(part)));
        }
        for pair in found {
            self.paired_parts
                .extend([pair.first.clone(), pair.second.clone()]);
            if matches!(pair.second, Part::Substance(_)) {
                self.numbers.insert((pair.number, pair.second.clone()));
            }
            self.pairs.insert((pair.first, pair.second));
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.pairs.extend(other.pairs.iter().cloned());
        self.numbers.extend(other.numbers.iter().cloned());
        self.paired_parts.extend(other.paired_parts.iter().cloned());
        self.unpaired_parts
            .extend(other.unpaired_parts.iter().cloned());
    }

    /// Returns true if the text contradicts a pair: it has one of its numbers, but never unpaired and never paired with
    /// the other; or it has the number before the same substance in another unit.
    pub(super) fn contradict(&self, pair: &ClaimPair) -> bool {
        let is_contradicted = |part: &Part| {
            !matches!(part, Part::Substance(_))
                && self.paired_parts.contains(part)
                && !self.unpaired_parts.contains(part)
        };
        let both = (pair.first.clone(), pair.second.clone());
        let has_other_unit = || {
            let number = (pair.number.clone(), pair.second.clone());
            self.numbers.contains(&number)
        };
        !self.pairs.contains(&both)
            && (is_contradicted(&pair.first) || is_contradicted(&pair.second) || has_other_unit())
    }
}

#[cfg(test)]
mod tests {
    use super::super::claim::claims;
    use super::*;

    fn contradicted(source: &str, answer: &str) -> bool {
        let mut pairs = ClaimPairs::default();
        pairs.add(source, &claims(source));
        let found = claim_pairs(answer, &claims(answer));
        found.iter().any(|pair| pairs.contradict(pair))
    }

    #[test]
    fn a_quantity_of_another_substance_is_contradicted() {
        let source = "Anneal in 5 % H2 at 200 °C; O2 stays below 1 ppm.";
        assert!(!contradicted(source, "5 % H2, 200 °C"));
        assert!(contradicted(source, "5 % O2, 200 °C"));
        assert!(contradicted("12 h with 5 % hydrogen", "5 % O2"));
        assert!(!contradicted("12 h with 5 % hydrogen", "5 % 수소"));
        assert!(!contradicted("밸브를 연 뒤 5 min 물러난다", "5 min N2"));
        // If the quantity is also alone, it may be that of anything.
        assert!(!contradicted(&format!("{source} It is 5 %."), "5 % O2"));
        assert!(!contradicted("20 nm Al0.25Ga0.75N", "20 nm AlGaN"));
        assert!(contradicted("20 nm Al0.25Ga0.75N, GaN", "20 nm GaN"));
    }

    #[test]
    fn another_unit_of_the_same_substance_is_contradicted() {
        let source = "Grow 2 µm GaN. The wells must be within 2 nm.";
        assert!(!contradicted(source, "2 μm GaN"));
        assert!(contradicted(source, "2 nm GaN"));
        assert!(!contradicted("2 slm N2", "2000 sccm N2"));
    }

    #[test]
    fn a_range_with_another_end_is_contradicted() {
        let source = "The difference is 150–190 °C, and 60 °C at the start.";
        assert!(!contradicted(source, "150~190 ℃"));
        assert!(!contradicted(source, "150 to 190 °C"));
        assert!(!contradicted(source, "150−190 °C"));
        assert!(contradicted(source, "190–190 °C"));
        assert!(contradicted(source, "60–190 °C"));
        assert!(!contradicted("700 °C, then 760 °C", "700–760 °C"));
    }
}
