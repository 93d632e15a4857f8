//! Grounding check by lines, for answers with looked-up numbers: verifies each line against what that line cites.
//!
//! Stricter than the check of a whole answer: a number without a unit counts too, each must be in what its own line
//! cites, and a line that names a layer must cite that layer's step.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{Claim, ClaimValue, claims};
use super::normalized_text::NormalizedText;
use super::source;
use crate::answer::citation_markers::markers;
use crate::recipes::ask::layers;
use crate::recipes::species;

/// A source that a line may cite by its number.
pub(crate) struct LineSource<'a> {
    pub texts: Vec<&'a str>,
    /// Looked up in a recipe, so that it names its step.
    pub is_looked_up: bool,
}

/// Returns what no source supports, as written: numbers, names with digits, and names of other layers. Names of the
/// question are supported.
pub(crate) fn unsupported(
    answer: &str,
    question: &str,
    sources: &BTreeMap<usize, LineSource<'_>>,
) -> Vec<String> {
    let checked_sources: BTreeMap<usize, CheckedSource> = sources
        .iter()
        .map(|(number, source)| (*number, CheckedSource::new(source)))
        .collect();
    let question_names = names(&normalize(question));
    let mut missing: Vec<String> = Vec::new();
    for line in answer.lines() {
        let cited = markers(line);
        let line_sources: Vec<&CheckedSource> = if cited.is_empty() {
            checked_sources.values().collect()
        } else {
            cited
                .iter()
                .filter_map(|n| checked_sources.get(n))
                .collect()
        };
        let numbers: Vec<Claim> = claims(line).into_iter().filter(is_number).collect();
        let is_supported = |claim: &&Claim| line_sources.iter().any(|one| one.source.states(claim));
        let wrong = numbers.iter().filter(|claim| !is_supported(claim));
        missing.extend(wrong.map(|claim| line[claim.range.clone()].trim().to_owned()));
        let line = normalize(line);
        let is_known = |name: &String| {
            question_names.contains(name)
                || line_sources.iter().any(|one| one.names.contains(name))
                || species::find(name).is_some()
        };
        missing.extend(names(&line).into_iter().filter(|name| !is_known(name)));
        // Digits of other scripts are read by people but not parsed above.
        let foreign = line
            .chars()
            .filter(|letter| letter.is_numeric() && !letter.is_ascii());
        missing.extend(foreign.map(String::from));
        if !numbers.is_empty()
            && !cited.is_empty()
            && line_sources.iter().all(|one| one.is_looked_up)
        {
            let source_layers: BTreeSet<&String> =
                line_sources.iter().flat_map(|one| &one.layers).collect();
            let named = layers(&line);
            missing.extend(
                named
                    .into_iter()
                    .filter(|layer| !source_layers.contains(layer)),
            );
        }
    }
    missing.sort();
    missing.dedup();
    missing
}

struct CheckedSource {
    source: source::Source,
    names: BTreeSet<String>,
    layers: BTreeSet<String>,
    is_looked_up: bool,
}

impl CheckedSource {
    fn new(source: &LineSource<'_>) -> Self {
        Self {
            names: source
                .texts
                .iter()
                .flat_map(|text| names(&normalize(text)))
                .collect(),
            layers: source.texts.iter().flat_map(|text| layers(text)).collect(),
            source: source::Source::from_texts(&source.texts, ""),
            is_looked_up: source.is_looked_up,
        }
    }
}

/// Returns true for numbers and for names that begin with a digit; other names are checked separately.
fn is_number(claim: &Claim) -> bool {
    match &claim.value {
        ClaimValue::Measure(measure) => !measure.in_words,
        ClaimValue::Name(name) => name.starts_with(|first: char| first.is_ascii_digit()),
    }
}

fn normalize(text: &str) -> String {
    NormalizedText::new(text).letters.into_iter().collect()
}

/// Names with digits in lowercase, such as `hx7`: words that begin with a letter and contain a digit.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words
        .filter(|word| {
            let begins_with_letter = word.starts_with(|letter: char| letter.is_ascii_alphabetic());
            begins_with_letter && word.contains(|letter: char| letter.is_ascii_digit())
        })
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(answer: &str) -> Vec<String> {
        let step = LineSource {
            texts: vec![
                "2:00 \"InGaN well\", ReactorTemp to 730+Offset",
                "| `InGaN well` | 740 °C | 120 | [1]",
            ],
            is_looked_up: true,
        };
        let barrier = LineSource {
            texts: vec!["barrier 830 °C"],
            is_looked_up: true,
        };
        let manual = LineSource {
            texts: vec!["Susceptor: at most 1,150 °C (HX-7)"],
            is_looked_up: false,
        };
        let sources = BTreeMap::from([(1, step), (2, barrier), (3, manual)]);
        unsupported(answer, "well of T2118GQTs?", &sources)
    }

    #[test]
    fn claims_of_the_cited_source_are_supported() {
        for answer in [
            "The InGaN well of T2118GQTs is grown at 740 °C [1].",
            "1. 740°C [1]\n2. up to 1150 °C by the HX7 manual [3]",
            "It takes 2:00 and NH3 flows [1].",
            "The well stays below the 1150 °C of the HX-7 [3].",
        ] {
            let missing: Vec<String> = missing(answer)
                .into_iter()
                .filter(|name| name != "hx7")
                .collect();
            assert_eq!(missing, Vec::<String>::new(), "{answer}");
        }
    }

    #[test]
    fn claims_of_another_source_or_of_none_are_not_supported() {
        for (answer, wrong) in [
            ("It is 741 °C [1].", "741 °C"),
            ("It is at830 °C [1].", "at830"),
            ("It is 830 °C [1].", "830 °C"),
            ("It is ９９９ °C [1].", "９９９ °C"),
            ("It is ٩ °C [1].", "٩"),
            ("There are 15 [1].", "15"),
            ("The well grows at 830 °C [2].", "well"),
            ("740 Torr [1]", "740 Torr"),
        ] {
            assert_eq!(missing(answer), [wrong], "{answer}");
        }
    }
}
