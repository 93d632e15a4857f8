//! Finds the words of a glossary in a text.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::{GlossaryLine, count};
use crate::domain::language::is_hangul;
use crate::search::analysis;

/// Minimum syllables of a Korean word that is found inside longer ones; shorter ones occur there by chance.
const MIN_SYLLABLES_INSIDE: usize = 3;
/// Minimum syllables of a Korean word that may be written with spaces anywhere.
const MIN_SYLLABLES_SPACED: usize = 4;
/// Particles that may follow a word of one syllable.
const PARTICLES: &[&str] = &[
    "",
    "가",
    "과",
    "까지",
    "는",
    "도",
    "를",
    "로",
    "마다",
    "만",
    "부터",
    "에",
    "에서",
    "와",
    "은",
    "을",
    "의",
    "이",
    "이나",
    "예요",
    "이에요",
];

/// Index of each line that contains a word, and the word's index on that line.
type Meanings = Vec<(usize, usize)>;

/// A word of the glossary in a text.
pub(super) struct Match {
    pub(super) meanings: Meanings,
    /// The terms of the text that it covers.
    pub(super) terms: Vec<String>,
    /// Number of its own terms, without those that it shares with its neighbours.
    pub(super) words: f32,
}

/// The words, by their first syllable or term.
#[derive(Default)]
pub(super) struct Lookup {
    korean: HashMap<char, Vec<Korean>>,
    /// By first term.
    other: HashMap<String, Vec<Other>>,
}

struct Korean {
    syllables: Vec<char>,
    /// Whether it may be written with spaces inside.
    is_parted: bool,
    meanings: Meanings,
}

struct Other {
    terms: Vec<String>,
    /// The exact spelling, if its case matters.
    exactly: Option<String>,
    meanings: Meanings,
}

impl Lookup {
    pub(super) fn new(lines: &[GlossaryLine]) -> Self {
        let mut lookup = Self::default();
        for (number, line) in lines.iter().enumerate() {
            for (place, word) in line.words.iter().enumerate() {
                let meaning = (number, place);
                if word.is_hangul() {
                    lookup.add_korean(&word.text, meaning);
                } else {
                    let exactly = word.has_case().then(|| word.text.clone());
                    lookup.add_other(&word.text, exactly, meaning);
                }
            }
        }
        lookup
    }

    fn add_korean(&mut self, text: &str, meaning: (usize, usize)) {
        let syllables: Vec<char> = text.chars().filter(|letter| *letter != ' ').collect();
        let Some(first) = syllables.first() else {
            return;
        };
        let known = self.korean.entry(*first).or_default();
        let is_parted = text.contains(' ') || syllables.len() >= MIN_SYLLABLES_SPACED;
        match known.iter_mut().find(|known| known.syllables == syllables) {
            Some(known) => known.meanings.push(meaning),
            None => known.push(Korean {
                syllables,
                is_parted,
                meanings: vec![meaning],
            }),
        }
    }

    fn add_other(&mut self, text: &str, exactly: Option<String>, meaning: (usize, usize)) {
        let terms = analysis::terms(&apart(text));
        let Some(first) = terms.first() else {
            return;
        };
        let known = self.other.entry(first.clone()).or_default();
        let same = known
            .iter_mut()
            .find(|known| known.terms == terms && known.exactly == exactly);
        match same {
            Some(known) => known.meanings.push(meaning),
            None => known.push(Other {
                terms,
                exactly,
                meanings: vec![meaning],
            }),
        }
    }

    /// Finds the words in a text, none of them inside another.
    pub(super) fn find(&self, text: &str) -> Vec<Match> {
        let text: String = text.nfkc().collect();
        let mut found = self.find_korean(&text.chars().collect::<Vec<_>>());
        found.extend(self.find_other(&text));
        found
    }

    fn find_other(&self, text: &str) -> Vec<Match> {
        let terms = analysis::terms(text);
        let mut found = Vec::new();
        let mut at = 0;
        while at < terms.len() {
            let begin = self.other.get(&terms[at]).into_iter().flatten();
            let matching = begin.filter(|word| {
                terms[at..].starts_with(&word.terms)
                    && word
                        .exactly
                        .as_ref()
                        .is_none_or(|exactly| occurs_in(text, exactly))
            });
            let Some(longest) = matching.max_by_key(|word| word.terms.len()) else {
                at += 1;
                continue;
            };
            at += longest.terms.len();
            found.push(Match {
                meanings: longest.meanings.clone(),
                terms: longest.terms.clone(),
                words: count(longest.terms.len()),
            });
        }
        found
    }

    fn find_korean(&self, text: &[char]) -> Vec<Match> {
        let mut found = Vec::new();
        let (mut at, mut is_start) = (0, true);
        while at < text.len() {
            if !is_hangul(text[at]) {
                (at, is_start) = (at + 1, true);
                continue;
            }
            let begin = self.korean.get(&text[at]).into_iter().flatten();
            let longest = begin
                .filter_map(|word| Some((word.ends(text, at, is_start)?, word)))
                .max_by_key(|(end, _)| *end);
            let Some((end, word)) = longest else {
                (at, is_start) = (at + 1, false);
                continue;
            };
            found.push(Match {
                meanings: word.meanings.clone(),
                terms: terms_of(text, at, end),
                words: count(word.syllables.len() - 1),
            });
            // The next word of a compound may follow immediately.
            (at, is_start) = (end, true);
        }
        found
    }
}

impl Korean {
    /// Returns the end of the word if it begins at `start`.
    fn ends(&self, text: &[char], start: usize, is_start: bool) -> Option<usize> {
        let mut at = start;
        for syllable in &self.syllables {
            if self.is_parted && at > start && text.get(at) == Some(&' ') {
                at += 1;
            }
            if text.get(at) != Some(syllable) {
                return None;
            }
            at += 1;
        }
        let rest: String = text[at..]
            .iter()
            .take_while(|letter| is_hangul(**letter))
            .collect();
        let is_standalone = is_start && PARTICLES.contains(&rest.as_str());
        match self.syllables.len() {
            1 => is_standalone,
            length => is_start || length >= MIN_SYLLABLES_INSIDE,
        }
        .then_some(at)
    }
}

/// Separates words joined by hyphens: the joined form is only an additional term of a text.
fn apart(text: &str) -> String {
    let are_words = text
        .split(['-', ' '])
        .all(|part| part.len() >= MIN_SYLLABLES_INSIDE && part.chars().all(char::is_alphabetic));
    if are_words {
        text.replace('-', " ")
    } else {
        text.to_owned()
    }
}

/// Returns the syllable pairs of a word, including those that it shares with its neighbours.
fn terms_of(text: &[char], start: usize, end: usize) -> Vec<String> {
    let is_syllable = |at: usize| text.get(at).is_some_and(|letter| is_hangul(*letter));
    let first = start - usize::from(start > 0 && is_syllable(start - 1));
    let last = end + usize::from(is_syllable(end));
    let pairs = (first..last)
        .filter(|at| is_syllable(*at) && *at + 1 < last && is_syllable(*at + 1))
        .map(|at| text[at..at + 2].iter().collect());
    // A single syllable is a term of its own.
    let is_alone =
        |at: usize| is_syllable(at) && !is_syllable(at + 1) && (at == 0 || !is_syllable(at - 1));
    let alone = (start..end).filter(|at| is_alone(*at));
    pairs.chain(alone.map(|at| text[at].to_string())).collect()
}

/// Whether a word occurs in the text as a separate word.
fn occurs_in(text: &str, word: &str) -> bool {
    let is_part =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    text.match_indices(word).any(|(at, found)| {
        !is_part(text[..at].chars().next_back())
            && !is_part(text[at + found.len()..].chars().next())
    })
}
