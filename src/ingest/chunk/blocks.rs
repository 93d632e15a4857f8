//! Splits a section into pieces of suitable length at the best boundaries.

use std::ops::Range;

use crate::config;

/// What a piece ends at, best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Boundary {
    None,
    Space,
    Sentence,
    Line,
    Paragraph,
}

/// Returns the pieces of `range`, each about as long as the target and never longer than the maximum. A table row is split
/// only if it alone is longer than that.
pub(super) fn cut(
    letters: &[char],
    range: Range<usize>,
    config: &config::sources::Chunk,
) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut rest = trim(letters, range);
    while let Some(range) = rest {
        if range.len() <= config.target_chars {
            pieces.push(range);
            break;
        }
        // A remainder of a few words is included in the piece.
        if range.len() <= config.max_chars.min(config.target_chars * 5 / 4) {
            pieces.push(range);
            break;
        }
        let at = best_end(letters, &range, config);
        pieces.extend(trim(letters, range.start..at));
        rest = trim(letters, at..range.end);
    }
    pieces
}

/// Returns the range without white space at its ends; None if nothing is left.
pub(super) fn trim(letters: &[char], range: Range<usize>) -> Option<Range<usize>> {
    let start = range.start
        + letters[range.clone()]
            .iter()
            .position(|letter| !letter.is_whitespace())?;
    let end = range.start
        + letters[range]
            .iter()
            .rposition(|letter| !letter.is_whitespace())?
        + 1;
    Some(start..end)
}

/// Returns the best end of the piece that begins with the range.
fn best_end(letters: &[char], range: &Range<usize>, config: &config::sources::Chunk) -> usize {
    let target = range.start + config.target_chars;
    let min = range.start + config.target_chars / 2;
    let max = (range.start + config.max_chars).min(range.end);
    let near = target + config.target_chars / 4;
    let mut chosen: Option<(Boundary, usize)> = None;
    for at in min..max {
        let boundary = boundary(letters, range, at);
        let better = match chosen {
            None => true,
            // Up to the target, the last of the best boundaries wins; a little beyond it, only a better one. Further on, only
            // a line end is worth a longer piece, and only if there was none before.
            Some((best, _)) if at <= target => boundary >= best,
            Some((best, _)) if at <= near => boundary > best,
            Some((best, _)) => boundary >= Boundary::Line && best < Boundary::Line,
        };
        if better {
            chosen = Some((boundary, at));
        }
    }
    match chosen {
        Some((_, at)) => at,
        None => max,
    }
}

/// Returns the boundary before `at`.
fn boundary(letters: &[char], range: &Range<usize>, at: usize) -> Boundary {
    let previous = letters[at - 1];
    if previous == '\n' {
        let blank = at >= range.start + 2 && letters[at - 2] == '\n';
        return if blank {
            Boundary::Paragraph
        } else {
            Boundary::Line
        };
    }
    if !previous.is_whitespace() {
        return Boundary::None;
    }
    let ends_sentence = at >= range.start + 2 && matches!(letters[at - 2], '.' | '!' | '?' | '。');
    let is_row = is_row(letters, range, at);
    match (ends_sentence, is_row) {
        (_, true) => Boundary::None,
        (true, false) => Boundary::Sentence,
        (false, false) => Boundary::Space,
    }
}

/// Whether the line around `at` is a table row.
fn is_row(letters: &[char], range: &Range<usize>, at: usize) -> bool {
    let start = letters[range.start..at]
        .iter()
        .rposition(|letter| *letter == '\n')
        .map_or(range.start, |found| range.start + found + 1);
    let end = letters[at..range.end]
        .iter()
        .position(|letter| *letter == '\n')
        .map_or(range.end, |found| at + found);
    letters[start..end]
        .windows(3)
        .any(|window| window == [' ', '|', ' '])
}
