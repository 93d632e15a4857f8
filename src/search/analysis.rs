//! Text analysis: splits text into the terms with which every engine indexes and searches.
//!
//! Hangul words are not separated like English ones, and particles and endings are attached to them; pairs of
//! neighbouring syllables find a word inside all of these without a dictionary. Latin words are stemmed lightly.
//! Formulas, codes and quantities are kept whole and also split, so that `E-1042`, `E1042` and `E 1042` are one term, and
//! `Al0.25Ga0.75N` is found as itself and as `AlGaN`.

mod code;
mod fold;
mod number;
mod phrasing;
mod scan;
mod stop;
mod word;

use std::collections::HashMap;

use crate::domain::search_params::QueryParams;

pub use code::{Code, codes};

/// Incremented when the same text would give other terms; an index made with another version is rebuilt.
pub const VERSION: u32 = 1;

/// A term of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedTerm {
    pub term: String,
    /// 1, or less if a match is likely to be chance.
    pub weight: f32,
}

/// Returns the terms of a question, each once, in order: those of [`terms`], without the words that only phrase it as a
/// question.
#[must_use]
pub fn query_terms(text: &str, params: &QueryParams) -> Vec<WeightedTerm> {
    let mut terms: Vec<WeightedTerm> = Vec::new();
    let mut indexes: HashMap<String, usize> = HashMap::new();
    for token in scan::scan(&phrasing::without_phrasing(fold::fold(text))) {
        let weight = if token.is_ending {
            params.ending_weight
        } else {
            1.0
        };
        if let Some(index) = indexes.get(&token.term) {
            terms[*index].weight = terms[*index].weight.max(weight);
        } else {
            indexes.insert(token.term.clone(), terms.len());
            terms.push(WeightedTerm {
                term: token.term,
                weight,
            });
        }
    }
    terms
}

/// Returns the terms of a text in order, with repetitions. A code or formula gives its whole form, then its parts.
#[must_use]
pub fn terms(text: &str) -> Vec<String> {
    scan::scan(&fold::fold(text))
        .into_iter()
        .map(|token| token.term)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn both(one: &str, other: &str) -> bool {
        let (one, other) = (terms(one), terms(other));
        one.iter().any(|term| other.contains(term))
    }

    #[test]
    fn korean_words_become_pairs_of_syllables_across_line_ends_too() {
        assert_eq!(terms("서셉터는"), ["서셉", "셉터", "터는"]);
        assert_eq!(terms("서\n셉터"), ["서", "서셉", "셉터"]);
        assert_eq!(terms("값"), ["값"]);
    }

    #[test]
    fn the_end_of_a_korean_word_counts_less_in_a_question() {
        let weights: Vec<f32> = query_terms("서셉터는 온도", &QueryParams::DEFAULT)
            .into_iter()
            .map(|term| term.weight)
            .collect();
        assert_eq!(weights, [1.0, 1.0, QueryParams::DEFAULT.ending_weight, 1.0]);
    }

    #[test]
    fn english_words_are_stemmed_and_stop_words_dropped() {
        assert_eq!(
            terms("What are the replaced filters?"),
            ["replac", "filter"]
        );
    }

    #[test]
    fn spellings_of_one_code_or_formula_share_a_term() {
        for (one, other) in [
            ("E-1042", "E1042"),
            ("E 1042", "e1042"),
            ("Al0.25Ga0.75N", "AlGaN"),
            ("TMGa_1", "TMGa"),
            ("10⁻⁶ mbar", "1e-6"),
            ("1,050 °C", "1050도"),
            ("LED450-MQW-012A", "led450"),
        ] {
            assert!(
                both(one, other),
                "{one}: {:?}, {other}: {:?}",
                terms(one),
                terms(other)
            );
        }
    }

    #[test]
    fn a_unit_is_separated_from_its_number() {
        assert_eq!(terms("1050°C"), terms("1050 °C"));
        assert_eq!(terms("200mbar"), terms("200 mbar"));
    }

    proptest! {
        #[test]
        fn any_text_is_analysed(text in "\\PC{0,80}") {
            let found = terms(&text);
            prop_assert!(found.iter().all(|term| !term.is_empty()));
            prop_assert!(codes(&text).iter().all(|code| !code.name.is_empty()));
        }

        #[test]
        fn texts_side_by_side_keep_their_terms(one in "[a-z가-힣]{2,9}", other in "[A-Z]-[0-9]{4}") {
            let together = terms(&format!("{one}, {other}"));
            let apart: Vec<String> = terms(&one).into_iter().chain(terms(&other)).collect();
            prop_assert_eq!(together, apart);
        }
    }
}
