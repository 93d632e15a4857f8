//! Decides whether a line of Korean text ends within a word, from the statistics of the document itself.
//!
//! Korean lines may end between any two syllables, without a hyphen if that is within a word. Which syllables meet within
//! words and which across spaces can be observed inside lines, thousands of times in a manual: a naive Bayes classifier
//! over the letters on both sides learns it from the same document.

use std::collections::HashMap;

use super::PageLines;
use crate::domain::language::is_hangul;

/// Log odds from which words in a paragraph are joined: e³, that is twenty times, more likely within a word.
const MIN_ODDS: f32 = 3.0;
/// The same in cells of a table, where most lines end within words.
const MIN_ODDS_IN_CELL: f32 = -1.0;

/// How often letters meet within a word, and how often across a space.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    within: f32,
    across: f32,
}

/// Statistics on word spaces in a document.
#[derive(Debug, Default)]
pub(in crate::extract) struct Spacing {
    features: HashMap<u64, Counts>,
    all: Counts,
}

impl Spacing {
    /// Learns from adjacent letters within lines.
    pub(in crate::extract) fn learn_from(page_lines: &[PageLines]) -> Self {
        let mut spacing = Self::default();
        let mut letters: Vec<char> = Vec::new();
        for line in page_lines.iter().flat_map(|sheet| &sheet.lines) {
            if line.text.contains(is_hangul) {
                letters.clear();
                letters.extend(line.text.chars().map(class));
                spacing.learn(&letters);
            }
        }
        spacing
    }

    fn learn(&mut self, letters: &[char]) {
        for at in 1..letters.len() {
            let (before, after) = match letters[at] {
                ' ' => (at, at + 1),
                _ => (at, at),
            };
            let (left, right) = (&letters[..before], &letters[after..]);
            if !meet(left, right) {
                continue;
            }
            let is_within = before == after;
            for feature in features(left, right) {
                self.features.entry(feature).or_default().count(is_within);
            }
            self.all.count(is_within);
        }
    }

    /// Whether the end of one line and the beginning of the next are one word.
    pub(in crate::extract) fn is_within_word(&self, line: &str, next: &str) -> bool {
        self.odds(line, next).is_some_and(|odds| odds >= MIN_ODDS)
    }

    /// As [`Self::is_within_word`], in a cell of a table.
    pub(in crate::extract) fn is_within_word_of_cell(&self, line: &str, next: &str) -> bool {
        line.ends_with(is_hangul)
            && next.starts_with(is_hangul)
            && self
                .odds(line, next)
                .is_none_or(|odds| odds >= MIN_ODDS_IN_CELL)
    }

    /// Returns the log odds that these letters meet within a word rather than across a space; `None` without evidence.
    fn odds(&self, line: &str, next: &str) -> Option<f32> {
        let mut left: Vec<char> = line.chars().rev().take(2).map(class).collect();
        left.reverse();
        let right: Vec<char> = next.chars().take(2).map(class).collect();
        if !meet(&left, &right) || self.all.within < 1.0 || self.all.across < 1.0 {
            return None;
        }
        let share = self.all.within / (self.all.within + self.all.across);
        let odds = features(&left, &right).map(|feature| {
            let counts = self.features.get(&feature).copied().unwrap_or_default();
            // Additive smoothing with one pseudo-observation, so that rare features do not become certain.
            let within = (counts.within + share) / self.all.within;
            let across = (counts.across + 1.0 - share) / self.all.across;
            (within / across).ln()
        });
        Some(odds.iter().sum())
    }
}

impl Counts {
    fn count(&mut self, is_within: bool) {
        if is_within {
            self.within += 1.0;
        } else {
            self.across += 1.0;
        }
    }
}

/// Foreign letters and digits are one class each.
fn class(letter: char) -> char {
    match letter {
        _ if is_hangul(letter) => letter,
        _ if letter.is_numeric() => '0',
        _ if letter.is_alphabetic() => 'a',
        _ => letter,
    }
}

/// Whether two words could be one: they meet in letters, at least one of which is Hangul.
fn meet(left: &[char], right: &[char]) -> bool {
    let (Some(left), Some(right)) = (left.last(), right.first()) else {
        return false;
    };
    (is_hangul(*left) || is_hangul(*right)) && left.is_alphanumeric() && right.is_alphanumeric()
}

/// Returns the features: up to two letters of each side, separately and combined.
fn features(left: &[char], right: &[char]) -> [u64; 5] {
    let (left, right) = (
        &left[left.len().saturating_sub(2)..],
        &right[..right.len().min(2)],
    );
    let (last, first) = (&left[left.len() - 1..], &right[..1]);
    [
        key(1, left, &[]),
        key(2, &[], right),
        key(3, last, first),
        key(4, left, first),
        key(5, last, right),
    ]
}

/// Packs a kind and up to three letters of 20 bits each; no letter in Korean text needs more.
fn key(kind: u64, left: &[char], right: &[char]) -> u64 {
    let letters = left.iter().chain(right);
    letters.fold(kind, |key, letter| {
        (key << 20) | u64::from(u32::from(*letter) & 0xF_FFFF)
    })
}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::*;

    fn learnt(lines: &[&str]) -> Spacing {
        let lines = lines.iter().cycle().take(40).map(|text| Line {
            text: (*text).to_owned(),
            ..Line::default()
        });
        Spacing::learn_from(&[PageLines {
            lines: lines.collect(),
            ..PageLines::default()
        }])
    }

    #[test]
    fn a_word_that_is_broken_at_a_line_end_is_known_by_its_letters_elsewhere() {
        let spacing = learnt(&[
            "챔버의 압력을 확인하고 질소로 퍼지합니다.",
            "반응기 압력이 낮으면 밸브를 닫습니다.",
        ]);
        assert!(spacing.is_within_word("챔버의 압", "력을 다시"));
        assert!(!spacing.is_within_word("챔버의 압력을", "확인하고"));
        assert!(!spacing.is_within_word("챔버의 압력이", "낮으면"));
    }

    #[test]
    fn unseen_letters_are_left_in_text_and_joined_in_cells() {
        let spacing = learnt(&["챔버의 압력을 확인하고 질소로 퍼지합니다."]);
        assert!(!spacing.is_within_word("암모", "니아"));
        assert!(spacing.is_within_word_of_cell("암모", "니아"));
        assert!(!spacing.is_within_word_of_cell("챔버의", "압력을"));
        let empty = Spacing::default();
        assert!(!empty.is_within_word("암모", "니아"));
        assert!(empty.is_within_word_of_cell("암모", "니아"));
    }

    #[test]
    fn a_particle_behind_a_foreign_word_is_joined_to_it() {
        let spacing = learnt(&["PECVD를 쓰고 MFC를 닫고 TMGa를 바꿉니다"]);
        assert!(spacing.is_within_word("MOCVD", "를 씁니다"));
        assert!(!spacing.is_within_word("MOCVD", "닫고"));
    }
}
