//! Splits folded text into terms.

use crate::domain::language::is_hangul;

use super::number::{number, unit};
use super::word::word;

/// A term in a text.
pub(super) struct Token {
    pub(super) term: String,
    /// The last pair of a run of syllables, which a particle or an ending may have cut into.
    pub(super) is_ending: bool,
}

/// The terms of folded text in its order.
pub(super) fn scan(text: &[char]) -> Vec<Token> {
    let mut scanner = Scanner {
        text,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 2),
        before: Before::Nothing,
    };
    scanner.run();
    scanner.tokens
}

/// What precedes the current position, with at most a space between.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    Number,
    /// A word of one to three capital letters, as in front of a code's number: where it begins and ends.
    Capitals(usize, usize),
    /// A syllable that ended its line.
    Syllable(char),
}

struct Scanner<'a> {
    text: &'a [char],
    at: usize,
    tokens: Vec<Token>,
    before: Before,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(&letter) = self.text.get(self.at) {
            if is_syllable(letter) {
                self.syllables();
            } else if letter.is_alphanumeric() {
                self.chunk();
            } else if letter == '°' {
                self.degrees();
            } else {
                self.gap(letter);
            }
        }
    }

    fn emit(&mut self, term: String) {
        self.tokens.push(Token {
            term,
            is_ending: false,
        });
    }

    /// Passes over one character that is part of no term.
    fn gap(&mut self, letter: char) {
        let next_is_gap = self
            .text
            .get(self.at + 1)
            .is_some_and(|next| next.is_whitespace());
        let keeps = match self.before {
            Before::Syllable(_) => letter == '\n',
            _ => letter == ' ',
        };
        if !keeps || next_is_gap {
            self.before = Before::Nothing;
        }
        self.at += 1;
    }

    /// A run of Hangul or of Chinese characters: overlapping pairs.
    fn syllables(&mut self) {
        let start = self.at;
        while self
            .text
            .get(self.at)
            .is_some_and(|letter| is_syllable(*letter))
        {
            self.at += 1;
        }
        let run = &self.text[start..self.at];
        match self.before {
            Before::Number if is_degrees(run) => self.emit("°c".to_owned()),
            // A line ends in the middle of a Korean word as often as not.
            Before::Syllable(last) => self.emit([last, run[0]].iter().collect()),
            _ => {}
        }
        if let [only] = run {
            self.emit(only.to_string());
        }
        for (place, pair) in run.windows(2).enumerate() {
            self.tokens.push(Token {
                term: pair.iter().collect(),
                is_ending: place > 0 && place + 2 == run.len(),
            });
        }
        self.before = match self.text.get(self.at) {
            Some('\n') => Before::Syllable(run[run.len() - 1]),
            _ => Before::Nothing,
        };
    }

    fn degrees(&mut self) {
        self.at += 1;
        let space = usize::from(self.text.get(self.at) == Some(&' '));
        let scale = self.text.get(self.at + space).copied();
        let ends = self
            .text
            .get(self.at + space + 1)
            .is_none_or(|next| !next.is_ascii_alphanumeric());
        if let (Some('C' | 'c' | 'F' | 'f'), true) = (scale, ends) {
            self.at += space + 1;
            self.emit(format!("°{}", scale.unwrap_or('C').to_ascii_lowercase()));
        }
        self.before = Before::Nothing;
    }

    /// Letters and digits with what joins them: a word, a number, a quantity, a formula or a code.
    fn chunk(&mut self) {
        let start = self.at;
        while self.at < self.text.len() && self.joins(start) {
            self.at += 1;
        }
        let (before, end) = (self.before, self.at);
        self.before = Before::Nothing;
        let chunk = &self.text[start..end];
        if chunk
            .iter()
            .all(|letter| letter.is_alphabetic() || *letter == '\'')
        {
            self.plain_word(start, end, before);
        } else if let Some((spelling, taken)) = number(chunk)
            && (taken == chunk.len() || measures(&chunk[taken..]))
        {
            self.quantity(start, taken, end, spelling, before);
        } else {
            self.compound(chunk);
        }
    }

    /// Whether the chunk that began at `start` goes on with the character in hand.
    fn joins(&self, start: usize) -> bool {
        let letter = self.text[self.at];
        if letter.is_alphanumeric() {
            return !is_syllable(letter);
        }
        if self.at == start {
            return false;
        }
        let before = self.text[self.at - 1];
        let Some(&next) = self.text.get(self.at + 1) else {
            return false;
        };
        match letter {
            '.' => before.is_ascii_digit() && next.is_ascii_digit(),
            ',' => before.is_ascii_digit() && thousands(&self.text[self.at + 1..]),
            '-' | '_' => before.is_alphanumeric() && next.is_alphanumeric() && !is_syllable(next),
            '+' => {
                matches!(before, 'e' | 'E')
                    && next.is_ascii_digit()
                    && self.text[start].is_ascii_digit()
            }
            '\'' => before.is_alphabetic() && next.is_alphabetic(),
            _ => false,
        }
    }

    fn plain_word(&mut self, start: usize, end: usize, before: Before) {
        let chunk = &self.text[start..end];
        let lower = lower(chunk);
        let lower = lower.strip_suffix("'s").unwrap_or(&lower).replace('\'', "");
        if let (Before::Number, Some(unit)) = (before, unit(&lower)) {
            return self.emit(unit.to_owned());
        }
        if let Some(term) = word(&lower) {
            self.emit(term);
        }
        self.camel_parts(chunk);
        if chunk.len() <= 3 && chunk.iter().all(char::is_ascii_uppercase) {
            self.before = Before::Capitals(start, end);
        }
    }

    /// `PowerShare` is also found by its two words.
    fn camel_parts(&mut self, chunk: &[char]) {
        let cuts: Vec<usize> = (1..chunk.len())
            .filter(|&at| chunk[at].is_uppercase() && chunk[at - 1].is_lowercase())
            .collect();
        let mut edges = vec![0];
        edges.extend(&cuts);
        edges.push(chunk.len());
        if cuts.is_empty() || edges.windows(2).any(|edge| edge[1] - edge[0] < 3) {
            return;
        }
        for edge in edges.windows(2) {
            if let Some(term) = word(&lower(&chunk[edge[0]..edge[1]])) {
                self.emit(term);
            }
        }
    }

    /// A number, and the unit that clings to it.
    fn quantity(
        &mut self,
        start: usize,
        taken: usize,
        end: usize,
        spelling: String,
        before: Before,
    ) {
        if let Before::Capitals(from, to) = before
            && is_code_number(&spelling)
        {
            self.emit(format!("{}{spelling}", lower(&self.text[from..to])));
        }
        self.emit(spelling);
        if start + taken < end {
            if let Some(unit) = unit(&lower(&self.text[start + taken..end])) {
                self.emit(unit.to_owned());
            }
        } else {
            self.before = Before::Number;
        }
    }

    /// Anything joined from several parts: whole, then each part.
    fn compound(&mut self, chunk: &[char]) {
        let segments: Vec<&[char]> = chunk.split(|letter| matches!(letter, '-' | '_')).collect();
        let has_letters = chunk.iter().any(|letter| letter.is_alphabetic());
        let has_digits = chunk.iter().any(char::is_ascii_digit);
        if has_letters && (has_digits || segments.len() == 2) {
            let joined: String = lower(chunk)
                .chars()
                .filter(|letter| !matches!(letter, '-' | '_' | '\'' | ','))
                .collect();
            if has_digits {
                self.emit(joined);
            } else if let Some(term) = word(&joined) {
                self.emit(term);
            }
        }
        for segment in &segments {
            let mixed = segment.iter().any(|letter| letter.is_alphabetic())
                && segment.iter().any(char::is_ascii_digit);
            if mixed && segments.len() > 1 {
                self.emit(lower(segment));
            }
            self.parts(segment);
            if mixed && segment.contains(&'.') {
                // The compound of an alloy whatever its composition.
                self.emit(
                    lower(segment)
                        .chars()
                        .filter(|letter| letter.is_alphabetic())
                        .collect(),
                );
            }
        }
    }

    /// The words and numbers of a segment. Single letters mean nothing by themselves.
    fn parts(&mut self, segment: &[char]) {
        let mut at = 0;
        while at < segment.len() {
            let start = at;
            if segment[at].is_ascii_digit() {
                while at < segment.len()
                    && (segment[at].is_ascii_digit() || matches!(segment[at], '.' | ','))
                {
                    at += 1;
                }
                self.emit(
                    segment[start..at]
                        .iter()
                        .filter(|letter| **letter != ',')
                        .collect(),
                );
            } else {
                while at < segment.len() && !segment[at].is_ascii_digit() {
                    at += 1;
                }
                if at - start > 1
                    && let Some(term) = word(&lower(&segment[start..at]).replace('\'', ""))
                {
                    self.emit(term);
                }
            }
        }
    }
}

/// Whether it is the unit of the number before it.
fn measures(rest: &[char]) -> bool {
    let word: String = rest
        .iter()
        .flat_map(|letter| letter.to_lowercase())
        .collect();
    unit(&word).is_some()
}

/// Scripts written without spaces between words, or with particles clinging to them.
fn is_syllable(letter: char) -> bool {
    is_hangul(letter)
        || matches!(letter, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

fn lower(text: &[char]) -> String {
    text.iter()
        .flat_map(|letter| letter.to_lowercase())
        .collect()
}

/// Exactly three digits follow.
fn thousands(rest: &[char]) -> bool {
    rest.iter()
        .take_while(|letter| letter.is_ascii_digit())
        .count()
        == 3
}

/// `도` after a number, alone or with a particle, means degrees Celsius; `도면` and the like do not.
fn is_degrees(run: &[char]) -> bool {
    run[0] == '도'
        && run
            .get(1)
            .is_none_or(|next| "가까는도로를에와의이인쯤씩".contains(*next))
}

/// Enough digits for a code, and no year.
fn is_code_number(spelling: &str) -> bool {
    spelling.len() >= 3
        && spelling.chars().all(|letter| letter.is_ascii_digit())
        && !(spelling.len() == 4 && (spelling.starts_with("19") || spelling.starts_with("20")))
}
