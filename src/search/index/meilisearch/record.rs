//! A passage as a record on the server, and terms encoded so that its tokenizer does not split them.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::schema::{RecordVectors, explained_code_id, safe_id};
use crate::domain::language::is_hangul;
use crate::domain::passage::Passage;
use crate::search::analysis;
use crate::search::index::rank::heading;

/// Incremented when records would be written differently.
const VERSION: u32 = 2;
/// A term that a passage is about this strongly, or that occurs in its headings, is marked. This and the two below are
/// part of the record's version: other values would need another index.
const STRONG: f32 = 0.72;
/// The mean length that strength is measured at, in terms: about that of a passage.
const USUAL_LENGTH: f32 = 250.0;
/// BM25's saturation and length normalization, as strength is measured with.
const STRENGTH_K1: f32 = 0.9;
const STRENGTH_B: f32 = 0.4;
/// Longer words are cut, in bytes; the server's own limit is a little higher.
const LONGEST_WORD: usize = 200;

/// A passage with the fields that it is found by. Fields that are filtered by contain a [`safe_id`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    pub(super) key: String,
    pub(super) document: String,
    pub(super) collection: String,
    /// Id of the write that it came with, which distinguishes it from records of an older write of its document.
    #[serde(rename = "writing")]
    pub(super) write_id: String,
    pub(super) codes: Vec<String>,
    /// Number of terms of title and headings, which come first.
    pub(super) heading_length: u32,
    /// Number of terms of the text, which come next; marks of strong terms follow them.
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
        // A document's own number, and what a heading is about, are not in the text.
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

/// The versions that the records of an index are made with.
pub(super) fn version() -> String {
    format!("analysis {}, records {VERSION}", analysis::VERSION)
}

/// A term in letters and digits that no tokenizer cuts: Hangul in three letters a syllable, everything else that is
/// not plain in five a character.
pub(super) fn encoded_term(term: &str) -> String {
    if term
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        return term[..term.len().min(LONGEST_WORD)].to_owned();
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
    word.truncate(LONGEST_WORD);
    word
}

/// The mark of a term that a passage is strongly about.
pub(super) fn strong_mark(term: &str) -> String {
    format!("zz{}", encoded_term(term))
}

fn push_word(terms: &mut String, word: &str) {
    if !terms.is_empty() {
        terms.push(' ');
    }
    terms.push_str(word);
}

/// The terms that a passage is strongly about, in a fixed order.
fn strong<'a>(heading: &'a [String], text: &'a [String]) -> Vec<&'a str> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for term in text {
        *counts.entry(term).or_default() += 1;
    }
    let above: HashSet<&str> = heading.iter().map(String::as_str).collect();
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut strong: Vec<&str> = counts
        .into_iter()
        .filter(|(term, count)| !above.contains(term) && strength(*count, length) >= STRONG)
        .map(|(term, _)| term)
        .collect();
    let mut above: Vec<&str> = above.into_iter().collect();
    above.sort_unstable();
    strong.extend(above);
    strong
}

/// How strongly a passage of this length is about a term that occurs in it so often: 0 to 1, independent of any query.
#[expect(clippy::cast_precision_loss, reason = "no passage has 2^24 terms")]
fn strength(count: u32, length: u32) -> f32 {
    let (count, length) = (count as f32, length as f32);
    count / (count + STRENGTH_K1 * (1.0 - STRENGTH_B + STRENGTH_B * length / USUAL_LENGTH))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_letters_and_digits_and_tell_terms_apart() {
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
