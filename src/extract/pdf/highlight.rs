//! Locates quoted words among the letters of a page.

use std::ops::Range;

use super::layout;

/// Shortest run of letters that is searched alone if the whole quote is not on the page.
const MIN_PIECE: usize = 2;

/// Largest distance between two pieces of the quote, in letters: a table's cell or a removed line may be in between.
const WINDOW: usize = 600;

/// The letters of a page that can be quoted, each with its index in the page's own count.
#[derive(Debug, Default)]
pub(super) struct Letters {
    letters: Vec<char>,
    places: Vec<usize>,
}

impl Letters {
    /// Adds the next letter of the page. Characters that quotes lack, such as spaces, are dropped.
    pub(super) fn push(&mut self, letter: char, place: usize) {
        for letter in fold(letter) {
            self.letters.push(letter);
            self.places.push(place);
        }
    }

    /// Returns the positions of the quote's words, as ranges in the page's own count; empty if it is not on the page.
    pub(super) fn find(&self, quote: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        let whole: Vec<char> = quote.chars().flat_map(fold).collect();
        if let Some(at) = self.search(&whole, 0, usize::MAX) {
            found.push(at..at + whole.len());
        } else {
            for line in quote.lines() {
                self.find_line(line, &mut from, &mut found);
            }
        }
        // Half of the quote must be found; scattered words would mark the wrong place.
        let marked: usize = found.iter().map(ExactSizeIterator::len).sum();
        if marked * 2 < whole.len() || whole.is_empty() {
            return Vec::new();
        }
        self.on_the_page(&found)
    }

    /// Searches for a line, else for its cells, else for its words, after the previous match.
    fn find_line(&self, line: &str, from: &mut usize, found: &mut Vec<Range<usize>>) {
        if self.take(line, from, found) {
            return;
        }
        for cell in line.split('|') {
            if !self.take(cell, from, found) {
                for word in cell.split_whitespace() {
                    self.take(word, from, found);
                }
            }
        }
    }

    fn take(&self, piece: &str, from: &mut usize, found: &mut Vec<Range<usize>>) -> bool {
        let piece: Vec<char> = piece.chars().flat_map(fold).collect();
        if piece.len() < MIN_PIECE {
            return piece.is_empty();
        }
        // Only a long piece justifies a jump; a short one would be found anywhere.
        let near = self.search(&piece, *from, WINDOW);
        let at = match near {
            None if piece.len() >= 12 => self.search(&piece, 0, usize::MAX),
            near => near,
        };
        let Some(at) = at else {
            return false;
        };
        *from = at + piece.len();
        found.push(at..at + piece.len());
        true
    }

    fn search(&self, piece: &[char], from: usize, window: usize) -> Option<usize> {
        let end = from
            .saturating_add(window)
            .saturating_add(piece.len())
            .min(self.letters.len());
        if piece.is_empty() || from >= end {
            return None;
        }
        self.letters[from..end]
            .windows(piece.len())
            .position(|here| here == piece)
            .map(|at| from + at)
    }

    fn on_the_page(&self, found: &[Range<usize>]) -> Vec<Range<usize>> {
        found
            .iter()
            .map(|range| self.places[range.start]..self.places[range.end - 1] + 1)
            .collect()
    }
}

/// Normalizes a letter for comparison: drops spaces, hyphens and cell borders, which reading adds and removes, and
/// lowers exponents.
fn fold(letter: char) -> impl Iterator<Item = char> {
    let letter = layout::lowered(letter);
    let dropped = letter.is_whitespace()
        || matches!(
            letter,
            '|' | '-' | '\u{2212}' | '\u{2013}' | '\u{2}' | '\u{AD}' | '\u{FFFE}' | '\u{FFFF}'
        );
    let expanded = layout::expand_ligature(letter).filter(|_| letter != '\r');
    let is_kept = !dropped && expanded.is_none() && !letter.is_control();
    expanded
        .unwrap_or_default()
        .chars()
        .chain(is_kept.then_some(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(text: &str) -> Letters {
        let mut letters = Letters::default();
        for (place, letter) in text.chars().enumerate() {
            letters.push(letter, place);
        }
        letters
    }

    fn found(text: &str, quote: &str) -> Vec<String> {
        let all: Vec<char> = text.chars().collect();
        page(text)
            .find(quote)
            .into_iter()
            .map(|range| all[range].iter().collect())
            .collect()
    }

    #[test]
    fn a_quote_is_found_across_lines_and_mended_hyphens() {
        let text = "The purge must be com\u{2}\r\npleted before the lid is opened.";
        assert_eq!(
            found(text, "be completed before the lid\nis opened"),
            ["be com\u{2}\r\npleted before the lid is opened"]
        );
    }

    #[test]
    fn korean_is_found_regardless_of_spaces() {
        assert_eq!(
            found(
                "챔버 압력이\r\n50 mbar를 넘지 않게 합니다.",
                "챔버압력이 50mbar를 넘지않게"
            ),
            ["챔버 압력이\r\n50 mbar를 넘지 않게"]
        );
    }

    #[test]
    fn a_row_and_the_lines_around_a_removed_footer_are_found_piece_by_piece() {
        let text = "E-1042  Overtemperature   Check TC-1\r\nfooter 12\r\nE-1043  Low flow  Open V3";
        assert_eq!(
            found(
                text,
                "E-1042 | Overtemperature | Check TC-1\nE-1043 | Low flow | Open V3"
            ),
            [
                "E-1042  Overtemperature   Check TC-1",
                "E-1043  Low flow  Open V3"
            ]
        );
    }

    #[test]
    fn exponents_are_found_as_the_page_has_them() {
        assert_eq!(
            found("below 10\r\n\u{2212}6 mbar", "10⁻⁶ mbar"),
            ["10\r\n\u{2212}6 mbar"]
        );
    }

    #[test]
    fn a_quote_from_elsewhere_marks_nothing() {
        assert!(
            found(
                "The purge is done.",
                "A quite different sentence on the pump"
            )
            .is_empty()
        );
        assert!(found("The purge is done.", "").is_empty());
    }

    proptest! {
        #[test]
        fn marks_are_on_the_page_and_in_order(
            text in "[가-힣a-c0-9 |\r\n-]{0,120}",
            quote in "[가-힣a-c0-9 |\n⁻⁶-]{0,60}",
        ) {
            let length = text.chars().count();
            for range in page(&text).find(&quote) {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}
