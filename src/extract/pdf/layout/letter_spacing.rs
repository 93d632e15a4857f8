//! Joins letter-spaced words, as in Korean headings and column heads: `차 례`, `구 분`, `비 고`.

use std::ops::Range;

use super::{CELL, Word};
use crate::domain::language::is_hangul;

/// Longest word recognized if it fills its cell or line, in syllables.
const MAX_SYLLABLES: usize = 6;
/// Largest gap between its syllables if there is no space character, in font sizes.
const MAX_GAP: f32 = 1.2;
/// Fewest spaced letters within a line that are a word; fewer may be words of one letter.
const MIN_RUN: usize = 5;
/// Largest difference between the gaps of such a run, in font sizes.
const MAX_GAP_DIFFERENCE: f32 = 0.35;

/// Returns the separator before each word of a line: nothing, a space, or a border where a cell `begins`.
pub(super) fn joints(words: &[Word], begins: &[bool], size: f32) -> Vec<&'static str> {
    // A heading spaced with many spaces is not a row of cells.
    let is_heading = is_word(words, size);
    let begins = |at: usize| begins[at] && !is_heading;
    let mut joints: Vec<&str> = (0..words.len())
        .map(|at| if begins(at) { CELL } else { " " })
        .collect();
    let cells = ranges(words.len(), begins).into_iter();
    let cells = cells.filter(|cell| is_word(&words[cell.clone()], size));
    let runs = ranges(words.len(), |at| begins(at) || !goes_on(words, at)).into_iter();
    let runs = runs.filter(|run| run.len() >= MIN_RUN && is_even(&words[run.clone()], size));
    for word in cells.chain(runs) {
        joints[word.start + 1..word.end].fill("");
    }
    if let Some(first) = joints.first_mut() {
        *first = "";
    }
    joints
}

/// Splits `0..count` into ranges at the positions where `begins` is true.
fn ranges(count: usize, begins: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for at in 0..count {
        match ranges.last_mut() {
            Some(range) if !begins(at) => range.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
    }
    ranges
}

/// Whether these are the syllables of one word: a line or cell does not consist of one-syllable words only.
fn is_word(words: &[Word], size: f32) -> bool {
    let is_syllable = |word: &Word| single(word).is_some_and(is_hangul);
    let is_near = |word: &Word| word.typed || word.gap < MAX_GAP * size;
    (2..=MAX_SYLLABLES).contains(&words.len())
        && words.iter().all(is_syllable)
        && words[1..].iter().all(is_near)
}

/// Whether a letter continues a run: both words are single letters with no space character between them. Latin letters
/// and digits may be names of columns.
fn goes_on(words: &[Word], at: usize) -> bool {
    let is_letter = |word: &Word| {
        single(word).is_some_and(|letter| letter.is_alphanumeric() && !letter.is_ascii())
    };
    at > 0 && !words[at].typed && is_letter(&words[at]) && is_letter(&words[at - 1])
}

fn is_even(run: &[Word], size: f32) -> bool {
    let gaps = || run.iter().skip(1).map(|word| word.gap);
    let (min_gap, max_gap) = (gaps().fold(f32::MAX, f32::min), gaps().fold(0.0, f32::max));
    max_gap - min_gap <= MAX_GAP_DIFFERENCE * size
}

fn single(word: &Word) -> Option<char> {
    let mut letters = word.text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::join;
    use super::*;

    /// Joins words with gaps in points, in a font of 10 points; a negative gap is a space character.
    fn joined(words: &[(&str, f32)]) -> String {
        let words: Vec<Word> = words
            .iter()
            .map(|(text, gap)| Word {
                text: (*text).to_owned(),
                gap: gap.abs(),
                typed: *gap < 0.0,
                ..Word::default()
            })
            .collect();
        join(&words, 10.0).text
    }

    #[test]
    fn headings_and_heads_of_columns_are_closed() {
        assert_eq!(joined(&[("차", 0.0), ("례", 4.0)]), "차례");
        assert_eq!(joined(&[("목", 0.0), ("차", -40.0)]), "목차");
        let head = [("구", 0.0), ("분", 5.0), ("비", 60.0), ("고", 5.0)];
        assert_eq!(joined(&head), "구분 | 비고");
    }

    #[test]
    fn cells_and_words_of_one_syllable_are_left_unchanged() {
        let cells = [("상", 0.0), ("중", 40.0), ("하", 40.0)];
        assert_eq!(joined(&cells), "상 | 중 | 하");
        let words = [("할", 0.0), ("수", 3.0), ("있는", 3.0), ("일", 3.0)];
        assert_eq!(joined(&words), "할 수 있는 일");
        let digits: Vec<(&str, f32)> = ["1", "2", "3", "4", "5", "6"].map(|one| (one, 3.0)).into();
        assert_eq!(joined(&digits), "1 2 3 4 5 6");
    }

    #[test]
    fn letters_set_apart_evenly_are_closed_within_a_line() {
        let mut words = vec![("jaso", 0.0), ("ㄱ", 6.0)];
        words.extend(["ㄴ", "ㄷ", "ㄹ", "ㅁ", "ㅂ"].map(|letter| (letter, 3.0)));
        assert_eq!(joined(&words), "jaso ㄱㄴㄷㄹㅁㅂ");
        let typed: Vec<(&str, f32)> = ["갑", "을", "병", "정", "무", "와"]
            .map(|letter| (letter, -3.0))
            .into();
        let typed = [typed, vec![("기타", -3.0)]].concat();
        assert_eq!(joined(&typed), "갑 을 병 정 무 와 기타");
    }

    proptest! {
        #[test]
        fn no_letter_is_lost_or_made_up(
            words in proptest::collection::vec(("[가-힣a-z0-9①ㄱ]{1,3}", 0..60_u8, any::<bool>()), 1..12),
        ) {
            let line: Vec<Word> = words.iter().map(|(text, gap, typed)| Word {
                text: text.clone(),
                gap: f32::from(*gap),
                typed: *typed,
                ..Word::default()
            }).collect();
            let letters: String = words.iter().map(|(text, ..)| text.as_str()).collect();
            prop_assert_eq!(join(&line, 10.0).text.replace([' ', '|'], ""), letters);
        }
    }
}
