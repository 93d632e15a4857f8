//! Cuts a section into pieces of a good length, at the best place within reach.

use std::ops::Range;

use crate::config;

/// How good a place is for a cut, best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Anywhere,
    Space,
    Sentence,
    Line,
    Paragraph,
}

/// The pieces of `range`: each about as long as the target and never longer than the maximum. A row of a table is
/// cut only if it alone is longer than that.
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
        // What is left over should not be a few words: then the piece may as well hold them.
        if range.len() <= config.max_chars.min(config.target_chars * 5 / 4) {
            pieces.push(range);
            break;
        }
        let at = best(letters, &range, config);
        pieces.extend(trim(letters, range.start..at));
        rest = trim(letters, at..range.end);
    }
    pieces
}

/// The range without white space at its ends; None if nothing is left.
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

/// Where to end the piece that begins with the range.
fn best(letters: &[char], range: &Range<usize>, config: &config::sources::Chunk) -> usize {
    let target = range.start + config.target_chars;
    let least = range.start + config.target_chars / 2;
    let most = (range.start + config.max_chars).min(range.end);
    let near = target + config.target_chars / 4;
    let mut chosen: Option<(Place, usize)> = None;
    for at in least..most {
        let place = place(letters, range, at);
        let better = match chosen {
            None => true,
            // Up to a little over the target the best kind of place counts, and of equals the last one. Beyond it,
            // only a line's end is worth a longer piece, and only if there was none before.
            Some((kind, _)) if at <= target => place >= kind,
            Some((kind, _)) if at <= near => place > kind,
            Some((kind, _)) => place >= Place::Line && kind < Place::Line,
        };
        if better {
            chosen = Some((place, at));
        }
    }
    match chosen {
        Some((_, at)) => at,
        None => most,
    }
}

/// What kind of place it is for a piece to end before `at`.
fn place(letters: &[char], range: &Range<usize>, at: usize) -> Place {
    let before = letters[at - 1];
    if before == '\n' {
        let blank = at >= range.start + 2 && letters[at - 2] == '\n';
        return if blank { Place::Paragraph } else { Place::Line };
    }
    if !before.is_whitespace() {
        return Place::Anywhere;
    }
    let ends = at >= range.start + 2 && matches!(letters[at - 2], '.' | '!' | '?' | '。');
    let is_row = is_row(letters, range, at);
    match (ends, is_row) {
        (_, true) => Place::Anywhere,
        (true, false) => Place::Sentence,
        (false, false) => Place::Space,
    }
}

/// Whether the line around `at` is a row of a table.
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
