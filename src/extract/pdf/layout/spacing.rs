//! Whether a line of Korean ends within a word, as the lines themselves tell.
//!
//! Korean is set with lines that end between any two syllables, and the file holds no hyphen where that was within a
//! word. But which syllables meet within words and which across spaces is seen within the lines, thousands of times in
//! a manual: a naive Bayes classifier over the letters on both sides learns it from the document that it judges.

use std::collections::HashMap;

use super::PageLines;
use crate::domain::language::is_hangul;

/// A joint in a paragraph is made where it is e³, twenty times, as likely to lie within a word as between two.
const SURE: f32 = 3.0;
/// In the narrow cells of a table most lines end within words, so there the doubt counts for the joint.
const LIKELY: f32 = -1.0;

/// How often letters met within a word, and how often across a space.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    within: f32,
    across: f32,
}

/// What a document's lines tell of its word spaces.
#[derive(Debug, Default)]
pub(in crate::extract) struct Spacing {
    features: HashMap<u64, Counts>,
    all: Counts,
}

impl Spacing {
    /// Learns from the letters that stand beside one another within lines.
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

    /// Whether the words at the end of one line and at the beginning of the next are one word.
    pub(in crate::extract) fn is_within_word(&self, line: &str, next: &str) -> bool {
        self.odds(line, next).is_some_and(|odds| odds >= SURE)
    }

    /// The same within a cell of a table.
    pub(in crate::extract) fn is_within_word_of_cell(&self, line: &str, next: &str) -> bool {
        line.ends_with(is_hangul)
            && next.starts_with(is_hangul)
            && self.odds(line, next).is_none_or(|odds| odds >= LIKELY)
    }

    /// The logarithm of how much likelier these letters meet within a word than across a space. None where they tell
    /// nothing.
    fn odds(&self, line: &str, next: &str) -> Option<f32> {
        let mut left: Vec<char> = line.chars().rev().take(2).map(class).collect();
        left.reverse();
        let right: Vec<char> = next.chars().take(2).map(class).collect();
        if !meet(&left, &right) || self.all.within < 1.0 || self.all.across < 1.0 {
            return None;
        }
        let share = self.all.within / (self.all.within + self.all.across);
        let odds = features(&left, &right).map(|feature| {
            let met = self.features.get(&feature).copied().unwrap_or_default();
            // One imagined meeting, shared out as all are, keeps what is rare from being certain.
            let within = (met.within + share) / self.all.within;
            let across = (met.across + 1.0 - share) / self.all.across;
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

/// Foreign words and numbers tell by being there, not by their letters.
fn class(letter: char) -> char {
    match letter {
        _ if is_hangul(letter) => letter,
        _ if letter.is_numeric() => '0',
        _ if letter.is_alphabetic() => 'a',
        _ => letter,
    }
}

/// Whether two words could be one: letters meet, and at least one of them is Hangul.
fn meet(left: &[char], right: &[char]) -> bool {
    let (Some(left), Some(right)) = (left.last(), right.first()) else {
        return false;
    };
    (is_hangul(*left) || is_hangul(*right)) && left.is_alphanumeric() && right.is_alphanumeric()
}

/// What is counted: up to two letters of each side, alone and where they meet.
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

/// Of the kind and up to three letters, each of which takes 20 bits; none that is used in Korean takes more.
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
    fn what_was_never_seen_is_left_as_it_is_but_in_cells_joined() {
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
