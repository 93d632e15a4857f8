//! A passage as a record on the server, with terms encoded so that the server's tokenizer does not split them.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::schema::{RecordVectors, explained_code_id, safe_id};
use crate::domain::language::is_hangul;
use crate::domain::passage::Passage;
use crate::search::analysis;
use crate::search::index::rank::heading;

/// Incremented when records would be written differently.
const VERSION: u32 = 2;
/// Strength from which a term is marked as strong, as are all terms of the headings. This and the constants below are
/// part of the record's version: other values require a new index.
const STRONG_THRESHOLD: f32 = 0.72;
/// Mean length of passages for the computation of strength, in terms.
const STRENGTH_MEAN_LENGTH: f32 = 250.0;
/// BM25's saturation and length normalization for the computation of strength.
const STRENGTH_K1: f32 = 0.9;
const STRENGTH_B: f32 = 0.4;
/// Longest word, in bytes, slightly below the server's own limit; longer ones are truncated.
const MAX_WORD_BYTES: usize = 200;

/// A passage with the fields for searching. Fields used in filters contain a [`safe_id`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    pub(super) key: String,
    pub(super) document: String,
    pub(super) collection: String,
    /// Id of the write, which distinguishes it from records of an older write of its document.
    #[serde(rename = "writing")]
    pub(super) write_id: String,
    pub(super) codes: Vec<String>,
    /// Number of terms of title and headings, which come first in `terms`.
    pub(super) heading_length: u32,
    /// Number of terms of the text, which come next; marks of strong terms follow.
    pub(super) text_length: u32,
    pub(super) terms: String,
    pub(super) passage: &'a Passage,
    #[serde(rename = "_vectors")]
    pub(super) vectors: RecordVectors,
}

impl<'a> Record<'a> {
    pub(super) fn new(passage: &'a Passage, write_id: &str) -> anyhow::Result<Self> {
        let heading = heading(passage);
        let (above, text) = (analysis::terms(&heading), analysis::terms(&passage.text));
        let strong = strong(&above, &text);
        let mut terms = String::with_capacity(8 * (above.len() + text.len()));
        for term in above.iter().chain(&text) {
            push_word(&mut terms, &encoded_term(term));
        }
        for term in strong {
            push_word(&mut terms, &strong_mark(term));
        }
        let in_text = analysis::codes(&passage.text);
        let explained = in_text.iter().filter(|code| code.leads);
        let mut codes: Vec<String> = explained
            .map(|code| explained_code_id(&code.name))
            .collect();
        // A document's own number and the codes in its headings are not in the text.
        let named = in_text
            .iter()
            .chain(&analysis::codes(&heading))
            .map(|code| safe_id(&code.name))
            .collect::<Vec<_>>();
        codes.extend(named);
        codes.sort();
        codes.dedup();
        Ok(Self {
            key: safe_id(&passage.id.0),
            document: safe_id(&passage.document.id.0),
            collection: safe_id(&passage.document.collection),
            write_id: write_id.to_owned(),
            codes,
            heading_length: u32::try_from(above.len())?,
            text_length: u32::try_from(text.len())?,
            terms,
            passage,
            vectors: RecordVectors::none(),
        })
    }
}

/// Returns the versions with which the records of an index are made.
pub(super) fn version() -> String {
    format!("analysis {}, records {VERSION}", analysis::VERSION)
}

/// Encodes a term as letters and digits that no tokenizer splits: Hangul as three letters per syllable, other
/// non-alphanumeric terms as five per character.
pub(super) fn encoded_term(term: &str) -> String {
    if term
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        return term[..term.len().min(MAX_WORD_BYTES)].to_owned();
    }
    let syllables = term.chars().all(|letter| matches!(letter, '가'..='힣'));
    let (mark, width) = if syllables { ("zk", 3) } else { ("zq", 5) };
    let mut word = mark.to_owned();
    for letter in term.chars() {
        let mut number = u32::from(letter);
        if is_hangul(letter) && syllables {
            number -= u32::from('가');
        }
        for _ in 0..width {
            word.extend(char::from_digit(10 + number % 26, 36));
            number /= 26;
        }
    }
    word.truncate(MAX_WORD_BYTES);
    word
}

/// Returns the mark of a strong term of a passage.
pub(super) fn strong_mark(term: &str) -> String {
    format!("zz{}", encoded_term(term))
}

fn push_word(terms: &mut String, word: &str) {
    if !terms.is_empty() {
        terms.push(' ');
    }
    terms.push_str(word);
}

/// Returns the strong terms of a passage, in a fixed order.
fn strong<'a>(heading: &'a [String], text: &'a [String]) -> Vec<&'a str> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for term in text {
        *counts.entry(term).or_default() += 1;
    }
    let above: HashSet<&str> = heading.iter().map(String::as_str).collect();
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut strong: Vec<&str> = counts
        .into_iter()
        .filter(|(term, count)| {
            !above.contains(term) && strength(*count, length) >= STRONG_THRESHOLD
        })
        .map(|(term, _)| term)
        .collect();
    let mut above: Vec<&str> = above.into_iter().collect();
    above.sort_unstable();
    strong.extend(above);
    strong
}

/// Returns the strength of a term by its count in a passage of this length: 0 to 1, independent of any query.
#[expect(clippy::cast_precision_loss, reason = "no passage has 2^24 terms")]
fn strength(count: u32, length: u32) -> f32 {
    let (count, length) = (count as f32, length as f32);
    count / (count + STRENGTH_K1 * (1.0 - STRENGTH_B + STRENGTH_B * length / STRENGTH_MEAN_LENGTH))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_letters_and_digits_and_distinguish_terms() {
        for (term, expected) in [
            ("pump", "pump"),
            ("e1042", "e1042"),
            ("가", "zkaaa"),
            ("서셉", "zkwzhpbi"),
        ] {
            assert!(
                encoded_term(term).starts_with(expected),
                "{term}: {}",
                encoded_term(term)
            );
        }
        assert_ne!(encoded_term("0.25"), encoded_term("025"));
        assert_ne!(encoded_term("°c"), encoded_term("c"));
    }

    proptest! {
        #[test]
        fn different_terms_have_different_words(one in "[a-z0-9가-힣.°é-]{1,6}", other in "[a-z0-9가-힣.°é-]{1,6}") {
            prop_assume!(one != other);
            prop_assert_ne!(encoded_term(&one), encoded_term(&other));
            prop_assert!(encoded_term(&one).bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
}
