//! Parses a question: which recipe, steps, quantity and thresholds it names.

mod quantity;
mod recipe_name;
mod threshold;

use std::collections::BTreeSet;

pub(super) use quantity::AskedQuantity;
pub use threshold::{Comparison, Threshold};

use crate::domain::units::Unit;
use crate::recipes::ask::vocabulary::{Token, layers, mentions, normalize, tokenize};
use crate::recipes::snapshot::{RecipeEntry, RecipeView};
use crate::recipes::species;
use quantity::quantity;
use recipe_name::RecipeMentions;
use threshold::threshold;

/// A parsed question.
#[derive(Debug)]
pub(super) struct RecipeQuestion<'v> {
    /// In lower case, without the names of recipes.
    pub(super) text: String,
    pub(super) words: Vec<Token>,
    /// The recipes that it names, in the order of the text.
    pub(super) entries: Vec<&'v RecipeEntry>,
    /// The recipes that an ambiguous name may mean.
    pub(super) candidates: Vec<&'v RecipeEntry>,
    /// A name next to the word "recipe" that no recipe has.
    pub(super) unknown: Option<String>,
    pub(super) quantity: Option<AskedQuantity>,
    pub(super) threshold: Option<Threshold>,
    /// Species that it names, such as `TMGa`.
    pub(super) species: Vec<String>,
    pub(super) layers: BTreeSet<String>,
    /// Step codes, such as `e08c`.
    pub(super) codes: Vec<String>,
    /// A unit named without a number, to answer in.
    pub(super) unit: Option<Unit>,
    /// Steps given by index, which take precedence over the words.
    pub(super) steps: Vec<usize>,
}

impl<'v> RecipeQuestion<'v> {
    /// Parses a question; `earlier` is the previous question, whose recipe is used if this one names none.
    pub(super) fn parse(text: &str, earlier: Option<&str>, view: &RecipeView<'v>) -> Self {
        let text = normalize(text);
        let all = tokenize(&text);
        let mut named = RecipeMentions::find(&text, &all, view);
        if named.entries.is_empty()
            && named.candidates.is_empty()
            && named.unknown.is_none()
            && let Some(earlier) = earlier
        {
            let earlier = normalize(earlier);
            named.entries = RecipeMentions::find(&earlier, &tokenize(&earlier), view).entries;
        }
        let mut blanked = text.clone().into_bytes();
        for (start, end) in &named.spans {
            blanked[*start..*end].fill(b' ');
        }
        let rest = String::from_utf8(blanked).unwrap_or(text);
        Self {
            entries: named.entries,
            candidates: named.candidates,
            unknown: named.unknown,
            ..Self::without_recipe(&rest)
        }
    }

    /// Parses a text about recipes that are already chosen.
    pub(super) fn without_recipe(text: &str) -> Self {
        let rest = normalize(text);
        let words = tokenize(&rest);
        let lower = rest.to_lowercase();
        let (threshold, threshold_at) =
            threshold(&lower).map_or((None, None), |(threshold, at)| (Some(threshold), Some(at)));
        Self {
            species: species(&words),
            layers: layers(&rest),
            codes: codes(&lower, &words, threshold_at),
            quantity: quantity(&lower, threshold),
            unit: unit(&lower),
            threshold,
            words,
            text: lower,
            entries: Vec::new(),
            candidates: Vec::new(),
            unknown: None,
            steps: Vec::new(),
        }
    }

    /// Whether the question contains one of these phrases.
    pub(super) fn mentions(&self, phrases: &[&str]) -> bool {
        mentions(&self.text, phrases)
    }

    /// As [`mentions`](Self::mentions), for phrases separated by `|`.
    pub(super) fn mentions_one_of(&self, phrases: &str) -> bool {
        phrases.split('|').any(|phrase| self.mentions(&[phrase]))
    }

    /// Whether the question mentions recipes at all.
    pub(super) fn is_about_recipes(&self) -> bool {
        self.mentions(&[
            "recipe",
            "recipes",
            "레시피",
            "growth run",
            "growth runs",
            "성장 런",
        ])
    }
}

fn species(words: &[Token]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words {
        let stem = word.raw.trim_end_matches('_');
        // Symbols of elements are also English words.
        if stem.len() < 3 && !matches!(stem, "H2" | "N2" | "O2") {
            continue;
        }
        if let Some(known) = species::find(stem)
            && !found.iter().any(|name| name == known.name)
        {
            found.push(known.name.to_owned());
        }
    }
    found
}

/// Returns step codes: `e08c`, `q03`, `step 17`, `17번 단계`.
fn codes(text: &str, words: &[Token], threshold_at: Option<usize>) -> Vec<String> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let small = word.lower.as_str();
        let letters = small.chars().take_while(char::is_ascii_alphabetic).count();
        let rest = &small[letters..];
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let tail = &rest[digits..];
        let is_code = (1..=3).contains(&digits)
            && tail.len() <= 1
            && tail.chars().all(|letter| letter.is_ascii_lowercase());
        if !is_code || threshold_at == Some(word.start) {
            continue;
        }
        let after = text[word.end..].trim_start();
        let before = text[..word.start].trim_end();
        let is_step = after.starts_with("번 단계")
            || after.starts_with("번째 단계")
            || after.starts_with("단계")
            || after.starts_with("번 스텝")
            || after.starts_with("번 step")
            || after.starts_with("번")
            || ["step", "steps", "단계", "스텝", "step no."]
                .iter()
                .any(|word| before.ends_with(word));
        let is_lone = letters == 1 && digits == 2;
        // Units and substances can look like codes.
        let is_other = species::find(&word.raw).is_some() || is_quantity(words, at, text);
        if (is_step && (letters <= 2) || is_lone) && !is_other {
            found.push(small.to_owned());
        }
    }
    found
}

/// Whether a number is followed by its unit.
fn is_quantity(words: &[Token], at: usize, text: &str) -> bool {
    let word = &words[at];
    if !word.raw.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let after = text[word.end..].trim_start();
    Unit::at_start(after).is_some_and(|(_, length)| {
        // `17 단계` is not 17 °C.
        !after[..length].is_empty()
    })
}

/// Returns the unit that the question wants the answer in: `몇 Torr`, `in Torr`.
fn unit(text: &str) -> Option<Unit> {
    ["torr", "mbar", "pa", "kpa", "slm", "minutes", "hours"]
        .iter()
        .find(|unit| mentions(text, &[unit]))
        .and_then(|unit| Unit::parse(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_steps_are_distinguished_from_numbers() {
        let codes = |text: &str| codes(text, &tokenize(text), None);
        assert_eq!(codes("what happens in e08c?"), ["e08c"]);
        assert_eq!(codes("temperature in step e08c"), ["e08c"]);
        assert_eq!(codes("q03 시간"), ["q03"]);
        assert_eq!(codes("17번 단계 온도"), ["17"]);
        assert_eq!(codes("step 13a"), ["13a"]);
        assert_eq!(codes("200 torr 단계"), Vec::<String>::new());
        assert_eq!(codes("n2 and h2"), Vec::<String>::new());
    }
}
