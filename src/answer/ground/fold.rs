//! One form for what is written in several, and where each letter of it comes from.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// A text in one form: plain minus signs and spaces, digits of one width, powers behind `^`, `u` for micro.
pub(super) struct Folded {
    pub letters: Vec<char>,
    /// Where each letter begins in the text, in bytes; the end of the text stands behind the last.
    offsets: Vec<usize>,
}

impl Folded {
    pub(super) fn of(text: &str) -> Self {
        let mut folded = Self {
            letters: Vec::with_capacity(text.len()),
            offsets: Vec::with_capacity(text.len() + 1),
        };
        let mut is_raised = false;
        for (at, letter) in text.char_indices() {
            let raised = matches!(letter, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '⁺' | '⁻');
            if raised && !is_raised && !folded.letters.ends_with(&['^']) {
                folded.push(at, '^');
            }
            is_raised = raised;
            match letter {
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '⁻' => folded.push(at, '-'),
                '〜' | '～' | '∼' => folded.push(at, '~'),
                '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' => {}
                'μ' | 'µ' => folded.push(at, 'u'),
                'º' | '˚' => folded.push(at, '°'),
                '∙' | '⋅' | '•' => folded.push(at, '·'),
                // The number of an item, in a circle or with parentheses, is no number of the text.
                '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' => folded.push(at, ' '),
                letter if letter.is_whitespace() && letter != '\n' => folded.push(at, ' '),
                letter => letter.nfkc().for_each(|letter| {
                    folded.push(at, if letter == '\u{2044}' { '/' } else { letter });
                }),
            }
        }
        folded.offsets.push(text.len());
        folded
    }

    fn push(&mut self, at: usize, letter: char) {
        self.letters.push(letter);
        self.offsets.push(at);
    }

    /// Where the letter of this place begins in the text, in bytes.
    pub(super) fn offset(&self, at: usize) -> usize {
        self.offsets[at]
    }

    /// The letter at a place; a space where there is none.
    pub(super) fn letter(&self, at: usize) -> char {
        self.letters.get(at).copied().unwrap_or(' ')
    }

    /// The letter before a place; a space where there is none.
    pub(super) fn before(&self, at: usize) -> char {
        at.checked_sub(1).map_or(' ', |at| self.letters[at])
    }

    /// The letters of a range; none where it lies beyond the end.
    pub(super) fn slice(&self, range: Range<usize>) -> String {
        let letters = self.letters.get(range).unwrap_or_default();
        letters.iter().collect()
    }

    /// Where the letters from a place on end that belong together.
    pub(super) fn run_of(&self, at: usize, belongs: impl Fn(char) -> bool) -> usize {
        (at..self.letters.len())
            .find(|at| !belongs(self.letters[*at]))
            .unwrap_or(self.letters.len().max(at))
    }

    /// Whether this stands at a place.
    pub(super) fn has(&self, at: usize, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(number, letter)| self.letters.get(at + number) == Some(&letter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_knows_where_it_comes_from() {
        let folded = Folded::of("１０⁻⁶ ℃");
        assert_eq!(folded.letters.iter().collect::<String>(), "10^-6 °C");
        assert_eq!(folded.offset(2), 6);
        assert_eq!(folded.offset(folded.letters.len()), "１０⁻⁶ ℃".len());
        assert_eq!(folded.letter(99), ' ');
    }
}
