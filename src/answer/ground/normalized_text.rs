//! Normalized text, with the position of each letter in the original.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// A text in normal form: plain minus signs and spaces, digits of one width, powers after `^`, `u` for micro.
pub(super) struct NormalizedText {
    pub letters: Vec<char>,
    /// Start of each letter in the original, in bytes; the last is the end of the original.
    offsets: Vec<usize>,
}

impl NormalizedText {
    pub(super) fn new(text: &str) -> Self {
        let mut normalized = Self {
            letters: Vec::with_capacity(text.len()),
            offsets: Vec::with_capacity(text.len() + 1),
        };
        let mut is_raised = false;
        for (at, letter) in text.char_indices() {
            let raised = matches!(letter, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '⁺' | '⁻');
            if raised && !is_raised && !normalized.letters.ends_with(&['^']) {
                normalized.push(at, '^');
            }
            is_raised = raised;
            match letter {
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '⁻' => normalized.push(at, '-'),
                '〜' | '～' | '∼' => normalized.push(at, '~'),
                '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' => {}
                'μ' | 'µ' => normalized.push(at, 'u'),
                'º' | '˚' => normalized.push(at, '°'),
                '∙' | '⋅' | '•' => normalized.push(at, '·'),
                // An item number in a circle or parentheses is not a number of the text.
                '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' => normalized.push(at, ' '),
                letter if letter.is_whitespace() && letter != '\n' => normalized.push(at, ' '),
                letter => letter.nfkc().for_each(|letter| {
                    normalized.push(at, if letter == '\u{2044}' { '/' } else { letter });
                }),
            }
        }
        normalized.offsets.push(text.len());
        normalized
    }

    fn push(&mut self, at: usize, letter: char) {
        self.letters.push(letter);
        self.offsets.push(at);
    }

    /// Start of the letter at a position in the original, in bytes.
    pub(super) fn offset(&self, at: usize) -> usize {
        self.offsets[at]
    }

    /// The letter at a position; a space if there is none.
    pub(super) fn letter(&self, at: usize) -> char {
        self.letters.get(at).copied().unwrap_or(' ')
    }

    /// The letter before a position; a space if there is none.
    pub(super) fn before(&self, at: usize) -> char {
        at.checked_sub(1).map_or(' ', |at| self.letters[at])
    }

    /// The letters of a range; empty if it is beyond the end.
    pub(super) fn slice(&self, range: Range<usize>) -> String {
        let letters = self.letters.get(range).unwrap_or_default();
        letters.iter().collect()
    }

    /// End of the run of letters from a position on that satisfy `belongs`.
    pub(super) fn run_end(&self, at: usize, belongs: impl Fn(char) -> bool) -> usize {
        (at..self.letters.len())
            .find(|at| !belongs(self.letters[*at]))
            .unwrap_or(self.letters.len().max(at))
    }

    /// Returns true if `text` is at a position.
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
    fn each_letter_has_its_position_in_the_original() {
        let normalized = NormalizedText::new("１０⁻⁶ ℃");
        assert_eq!(normalized.letters.iter().collect::<String>(), "10^-6 °C");
        assert_eq!(normalized.offset(2), 6);
        assert_eq!(
            normalized.offset(normalized.letters.len()),
            "１０⁻⁶ ℃".len()
        );
        assert_eq!(normalized.letter(99), ' ');
    }
}
