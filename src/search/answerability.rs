//! Answerability: whether the retrieved passages are likely to contain the answer.
//!
//! The question is split into words, each weighted by how discriminating it is. A passage with the answer contains most
//! of them, close together. A word that occurs in no document, such as the name of something unknown to the documents,
//! counts most against an answer.

mod lexicon;
mod matcher;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::search_params::SearchParams;
use crate::search::analysis;
use crate::search::index::{QueryExpansion, SearchResults, fusion};
use matcher::matchers;

/// A word of a question, compared with the best window of a passage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuestionWord {
    pub text: String,
    /// Weight relative to the other words.
    pub weight: f32,
    /// Whether the best window contains it.
    pub present: bool,
    /// Whether no document contains it or a synonym of it.
    pub out_of_corpus: bool,
}

/// How much of a question the retrieved passages cover.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AnswerabilityScore {
    pub words: Vec<QuestionWord>,
    /// The share of the words, by weight, in the best window, less a penalty for the share that no document contains: at
    /// most 1.
    pub score: f32,
}

/// Scores the results of a search for a text with these expansions.
pub(crate) fn score(
    text: &str,
    expansions: &[QueryExpansion],
    results: &SearchResults,
    params: &SearchParams,
) -> AnswerabilityScore {
    let matchers = matchers(text, expansions, results, params);
    let params = &params.answerability;
    let mut best = AnswerabilityScore::default();
    for hit in results.hits.iter().take(params.hits) {
        let language = Language::detect(&hit.passage.text);
        let weights: Vec<f32> = matchers
            .iter()
            .map(|word| word.weight_in(language, params))
            .collect();
        let all: f32 = weights.iter().sum();
        if all <= 0.0 {
            continue;
        }
        let heading = terms(&heading(&hit.passage));
        let unknown = matchers.iter().zip(&weights);
        let unknown = unknown.filter(|(word, _)| word.out_of_corpus);
        let unknown_share = unknown.map(|(_, weight)| weight).sum::<f32>() / all;
        for mut window in windows(&hit.passage.text, params.window_chars) {
            window.extend(heading.iter().cloned());
            let present = matchers.iter().zip(&weights);
            let present = present.filter(|(word, _)| word.is_in(&window, params));
            let present_share = present.map(|(_, weight)| weight).sum::<f32>() / all;
            let score = present_share - params.out_of_corpus_penalty * unknown_share;
            if best.words.is_empty() || score > best.score {
                let words = matchers.iter().zip(&weights);
                best = AnswerabilityScore {
                    words: words
                        .map(|(word, weight)| QuestionWord {
                            text: word.text.clone(),
                            weight: *weight,
                            present: word.is_in(&window, params),
                            out_of_corpus: word.out_of_corpus,
                        })
                        .collect(),
                    score,
                };
            }
        }
    }
    if names_unknown_code(text, results) {
        best.score *= params.unknown_code_factor;
    }
    best
}

/// Whether the text names codes, and no document contains the number of any of them.
fn names_unknown_code(text: &str, results: &SearchResults) -> bool {
    let codes = analysis::codes(text);
    let is_known = |name: &str| {
        let mut numbers = name.split(|letter: char| !letter.is_ascii_digit());
        numbers.any(|number| {
            number.len() > 2
                && results
                    .terms
                    .iter()
                    .any(|term| term.term == number && term.doc_freq > 0)
        })
    };
    !codes.is_empty()
        && !fusion::has_exact_hit(results)
        && !codes.iter().any(|code| is_known(&code.name))
}

fn terms(text: &str) -> BTreeSet<String> {
    analysis::terms(text).into_iter().collect()
}

fn heading(passage: &Passage) -> String {
    let mut heading = vec![passage.document.title.as_str()];
    heading.extend(passage.headings.iter().map(String::as_str));
    heading.join("\n")
}

/// Returns the terms of overlapping windows of a text, each of whole lines or sentences and at most `max_length`
/// characters, unless it is a single one.
fn windows(text: &str, max_length: usize) -> Vec<BTreeSet<String>> {
    let mut pieces: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut piece = String::new();
        for sentence in line.split_inclusive(". ") {
            if piece.chars().count() + sentence.chars().count() > max_length && !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
            piece.push_str(sentence);
        }
        pieces.push(piece);
    }
    let analysed: Vec<(usize, BTreeSet<String>)> = pieces
        .iter()
        .map(|piece| (piece.chars().count(), terms(piece)))
        .collect();
    let window = |first: usize| {
        let mut together = BTreeSet::new();
        let mut length = 0;
        for (index, (letters, terms)) in analysed[first..].iter().enumerate() {
            length += letters;
            if index > 0 && length > max_length {
                break;
            }
            together.extend(terms.iter().cloned());
        }
        together
    };
    (0..analysed.len()).map(window).collect()
}

fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests;
