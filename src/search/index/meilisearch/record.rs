//! A passage as the server keeps it, and terms as its tokenizer leaves them alone.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::schema::{RecordVectors, explained_code_id, safe_id};
use crate::domain::language::is_hangul;
use crate::domain::passage::Passage;
use crate::search::analysis;
use crate::search::index::rank::heading;
use crate::search::index::rank::score;

/// Counts up when passages would be kept in another way.
const VERSION: u32 = 2;
/// A term that a passage speaks of so strongly, or that stands in its headings, is marked.
const STRONG: f32 = 0.72;
/// The length that strength is measured at, in terms: about that of a passage.
const USUAL_LENGTH: f32 = 250.0;
/// The longest word that the server keeps, in bytes, is a little longer.
const LONGEST_WORD: usize = 200;

/// A passage with what it is found by. Fields that are filtered by contain a [`safe_id`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    pub(super) key: String,
    pub(super) document: String,
    pub(super) collection: String,
    /// Which writing it came with; what an older one left of a document is then known.
    pub(super) writing: String,
    pub(super) codes: Vec<String>,
    /// How many of the terms are of title and headings; they come first.
    pub(super) heading_length: u32,
    /// How many come after them and are of the text; what follows are marks of strong terms.
    pub(super) text_length: u32,
    pub(super) terms: String,
    pub(super) passage: &'a Passage,
    #[serde(rename = "_vectors")]
    pub(super) vectors: RecordVectors,
}

impl<'a> Record<'a> {
    pub(super) fn of(passage: &'a Passage, writing: &str) -> anyhow::Result<Self> {
        let heading = heading(passage);
        let (above, text) = (analysis::terms(&heading), analysis::terms(&passage.text));
        let strong = strong(&above, &text);
        let mut terms = String::with_capacity(8 * (above.len() + text.len()));
        for term in above.iter().chain(&text) {
            push_word(&mut terms, &word(term));
        }
        for term in strong {
            push_word(&mut terms, &strong_word(term));
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
            writing: writing.to_owned(),
            codes,
            heading_length: u32::try_from(above.len())?,
            text_length: u32::try_from(text.len())?,
            terms,
            passage,
            vectors: RecordVectors::none(),
        })
    }
}

/// What the records of an index were made with.
pub(super) fn version() -> String {
    format!("analysis {}, records {VERSION}", analysis::VERSION)
}

/// A term in letters and digits that no tokenizer cuts: Hangul in three letters a syllable, everything else that is
/// not plain in five a character.
pub(super) fn word(term: &str) -> String {
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

/// The mark of a term that a passage speaks of strongly.
pub(super) fn strong_word(term: &str) -> String {
    format!("zz{}", word(term))
}

fn push_word(terms: &mut String, word: &str) {
    if !terms.is_empty() {
        terms.push(' ');
    }
    terms.push_str(word);
}

/// The terms that a passage speaks of strongly, in a fixed order.
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
            !above.contains(term) && score::strength(*count, length, USUAL_LENGTH) >= STRONG
        })
        .map(|(term, _)| term)
        .collect();
    let mut above: Vec<&str> = above.into_iter().collect();
    above.sort_unstable();
    strong.extend(above);
    strong
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
            assert!(word(term).starts_with(expected), "{term}: {}", word(term));
        }
        assert_ne!(word("0.25"), word("025"));
        assert_ne!(word("°c"), word("c"));
    }

    proptest! {
        #[test]
        fn different_terms_have_different_words(one in "[a-z0-9가-힣.°é-]{1,6}", other in "[a-z0-9가-힣.°é-]{1,6}") {
            prop_assume!(one != other);
            prop_assert_ne!(word(&one), word(&other));
            prop_assert!(word(&one).bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
}
