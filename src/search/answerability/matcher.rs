//! The meaningful words of a question, and how each is recognized in a passage.

use std::collections::{BTreeMap, BTreeSet};

use super::count;
use super::lexicon::{
    ESSENTIAL, QUESTION_WORDS, WEAK_ENDINGS, WEAK_ENGLISH, WEAK_KOREAN, WEAK_VERBS,
};
use crate::domain::language::{Language, is_hangul};
use crate::domain::search_params::{AnswerabilityParams, SearchParams};
use crate::domain::units::question::QUANTITIES;
use crate::search::analysis;
use crate::search::index::{QueryExpansion, QueryTerm, SearchResults, inverse_document_frequency};

/// A word of a question.
pub(super) struct WordMatcher {
    pub(super) text: String,
    weight: f32,
    terms: Vec<String>,
    /// Sets of terms, each of which replaces the word if it is present completely.
    alternatives: Vec<Vec<String>>,
    pub(super) out_of_corpus: bool,
}

impl WordMatcher {
    /// Returns the word's weight for a passage in this language. A Korean word outside the glossary cannot occur in an
    /// English passage, and counts less against it.
    pub(super) fn weight_in(&self, language: Language, params: &AnswerabilityParams) -> f32 {
        let is_foreign = language == Language::English && self.text.chars().any(is_hangul);
        if is_foreign && self.alternatives.is_empty() {
            params.untranslated_weight * self.weight
        } else {
            self.weight
        }
    }

    /// Whether a window with these terms contains the word.
    pub(super) fn is_in(&self, window: &BTreeSet<String>, params: &AnswerabilityParams) -> bool {
        let present = self
            .terms
            .iter()
            .filter(|term| window.contains(*term))
            .count();
        (!self.terms.is_empty()
            && count(present) >= params.min_present_share * count(self.terms.len()))
            || self
                .alternatives
                .iter()
                .any(|terms| terms.iter().all(|term| window.contains(term)))
    }
}

/// Returns the words of a question.
pub(super) fn matchers(
    text: &str,
    expansions: &[QueryExpansion],
    results: &SearchResults,
    params: &SearchParams,
) -> Vec<WordMatcher> {
    let known: BTreeMap<&str, &QueryTerm> = results
        .terms
        .iter()
        .map(|term| (term.term.as_str(), term))
        .collect();
    let of_question: BTreeMap<String, f32> = analysis::query_terms(text, &params.query)
        .into_iter()
        .map(|term| (term.term, term.weight))
        .collect();
    let params = &params.answerability;
    let mut words: Vec<WordMatcher> = Vec::new();
    let mut counts = false;
    let chunks: Vec<&str> = text.split_whitespace().collect();
    for (index, chunk) in chunks.iter().enumerate() {
        let bare = chunk.trim_matches(|letter: char| !letter.is_alphanumeric());
        let was_count = std::mem::take(&mut counts);
        if let Some(asking) = QUESTION_WORDS
            .iter()
            .find(|asking| bare.starts_with(**asking))
        {
            counts = *asking == "몇";
            continue;
        }
        if bare.is_empty() {
            continue;
        }
        // A unit follows `몇`.
        if was_count {
            words.extend(unit(bare, params));
            continue;
        }
        let own_terms = analysis::terms(chunk);
        let is_strong =
            |term: &&String| of_question.get(*term).is_some_and(|weight| *weight >= 1.0);
        let mut terms: Vec<String> = own_terms.iter().filter(is_strong).cloned().collect();
        if terms.is_empty() {
            terms = own_terms
                .iter()
                .filter(|term| of_question.contains_key(*term))
                .cloned()
                .collect();
        }
        if terms.is_empty() || words.iter().any(|word| word.terms == terms) {
            continue;
        }
        let replacing = expansions
            .iter()
            .filter(|expansion| replaces(expansion, &terms, params));
        let replacing = replacing.map(|expansion| analysis::terms(&expansion.text));
        let alternatives: Vec<Vec<String>> = replacing.chain(units(&terms)).collect();
        let doc_freq = |term: &String| known.get(term.as_str()).map_or(0, |known| known.doc_freq);
        let in_corpus = |terms: &[String]| terms.iter().filter(|term| doc_freq(term) > 0).count();
        let is_known = count(in_corpus(&terms)) >= params.min_present_share * count(terms.len())
            || alternatives
                .iter()
                .any(|alternative| in_corpus(alternative) == alternative.len());
        // As rare as the rarest of its terms that occur anywhere.
        let rarest = terms
            .iter()
            .map(doc_freq)
            .filter(|doc_freq| *doc_freq > 0)
            .min();
        let doc_freq = rarest.filter(|_| is_known).unwrap_or(1);
        let rarity = inverse_document_frequency(results.total_passages, doc_freq);
        let specificity = specificity(bare, &terms, index + 1 == chunks.len(), params);
        words.push(WordMatcher {
            text: bare.to_owned(),
            weight: rarity * specificity,
            terms,
            alternatives,
            out_of_corpus: !is_known && specificity >= 1.0,
        });
    }
    words
}

/// Returns the units of the quantity that the terms name.
fn units(terms: &[String]) -> impl Iterator<Item = Vec<String>> {
    let names = |names: &[&str]| terms.iter().any(|term| names.contains(&term.as_str()));
    let quantities = QUANTITIES
        .iter()
        .filter(move |quantity| names(quantity.names));
    let units: Vec<Vec<String>> = quantities
        .flat_map(|quantity| quantity.units.iter().map(|unit| vec![(*unit).to_owned()]))
        .collect();
    units.into_iter()
}

/// Returns the unit that a question counts in, as a word that a passage should contain; `None` if it is not a unit.
fn unit(word: &str, params: &AnswerabilityParams) -> Option<WordMatcher> {
    let letters: String = word
        .chars()
        .take_while(|letter| !is_hangul(*letter))
        .collect();
    let alternatives: Vec<Vec<String>> = if letters.is_empty() {
        let named = QUANTITIES.iter().filter(|quantity| {
            quantity
                .names
                .iter()
                .any(|name| name.chars().all(is_hangul) && word.starts_with(*name))
        });
        let units = named.flat_map(|quantity| quantity.units);
        units.map(|unit| vec![(*unit).to_owned()]).collect()
    } else {
        // As spelled after a number.
        vec![analysis::terms(&format!("1 {letters}")).split_off(1)]
    };
    (!alternatives.is_empty()).then(|| WordMatcher {
        text: word.to_owned(),
        weight: params.unit_weight,
        terms: Vec::new(),
        alternatives,
        out_of_corpus: false,
    })
}

/// Whether an expansion replaces most of a word's terms.
fn replaces(expansion: &QueryExpansion, terms: &[String], params: &AnswerabilityParams) -> bool {
    let replaced = terms
        .iter()
        .filter(|term| expansion.replaces.contains(term))
        .count();
    count(replaced) >= params.min_replaced_share * count(terms.len())
}

/// Returns how specific a word is, regardless of the documents.
fn specificity(word: &str, terms: &[String], is_last: bool, params: &AnswerabilityParams) -> f32 {
    let is_korean = word.chars().any(is_hangul);
    let is_number = word.chars().all(|letter| !letter.is_alphabetic());
    let is_weak = if is_korean {
        is_last
            || WEAK_KOREAN.contains(&word)
            || WEAK_ENDINGS.iter().any(|ending| word.ends_with(*ending))
            || WEAK_VERBS.iter().any(|verb| word.starts_with(*verb))
    } else {
        terms
            .iter()
            .all(|term| WEAK_ENGLISH.contains(&term.as_str()))
    };
    let is_essential = terms
        .first()
        .is_some_and(|term| ESSENTIAL.contains(&term.as_str()));
    match () {
        () if is_essential => params.essential_word_weight,
        () if is_name(word) => params.name_weight,
        () if is_weak || is_number => params.weak_word_weight,
        () => 1.0,
    }
}

/// Whether a word is a formula, a tool's id or an abbreviation: letters with digits, or with capitals after the first
/// letter.
fn is_name(word: &str) -> bool {
    let latin: Vec<char> = word.chars().take_while(char::is_ascii).collect();
    let has = |is: fn(&char) -> bool| latin.iter().any(is);
    let later_capital = latin.iter().skip(1).any(char::is_ascii_uppercase);
    has(char::is_ascii_uppercase) && (later_capital || has(char::is_ascii_digit))
}
