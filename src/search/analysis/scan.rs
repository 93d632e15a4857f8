//! Splits folded text into terms.

use crate::domain::language::is_hangul;

use super::number::{number, unit};
use super::word::word;

/// A term in a text.
pub(super) struct Token {
    pub(super) term: String,
    /// Whether it is the last pair of a run of syllables, which may contain a particle or an ending.
    pub(super) is_ending: bool,
}

/// Returns the terms of folded text in order.
pub(super) fn scan(text: &[char]) -> Vec<Token> {
    let mut scanner = Scanner {
        text,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 2),
        before: Preceding::Nothing,
    };
    scanner.run();
    scanner.tokens
}

/// What precedes the current position, with at most one space in between.
#[derive(Clone, Copy)]
enum Preceding {
    Nothing,
    Number,
    /// A word of one to three capitals, as before a code's number, with its start and end.
    Capitals(usize, usize),
    /// A syllable that ended its line.
    Syllable(char),
}

struct Scanner<'a> {
    text: &'a [char],
    at: usize,
    tokens: Vec<Token>,
    before: Preceding,
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

    /// Skips one character that is not part of a term.
    fn gap(&mut self, letter: char) {
        let next_is_gap = self
            .text
            .get(self.at + 1)
            .is_some_and(|next| next.is_whitespace());
        let keeps = match self.before {
            Preceding::Syllable(_) => letter == '\n',
            _ => letter == ' ',
        };
        if !keeps || next_is_gap {
            self.before = Preceding::Nothing;
        }
        self.at += 1;
    }

    /// Reads a run of Hangul or Chinese characters as overlapping pairs.
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
            Preceding::Number if is_degrees(run) => self.emit("°c".to_owned()),
            // Korean lines often end within a word.
            Preceding::Syllable(last) => self.emit([last, run[0]].iter().collect()),
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
            Some('\n') => Preceding::Syllable(run[run.len() - 1]),
            _ => Preceding::Nothing,
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
        self.before = Preceding::Nothing;
    }

    /// Reads letters and digits with what joins them: a word, a number, a quantity, a formula or a code.
    fn chunk(&mut self) {
        let start = self.at;
        while self.at < self.text.len() && self.joins(start) {
            self.at += 1;
        }
        let (before, end) = (self.before, self.at);
        self.before = Preceding::Nothing;
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

    /// Whether the chunk that began at `start` continues with the current character.
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

    fn plain_word(&mut self, start: usize, end: usize, before: Preceding) {
        let chunk = &self.text[start..end];
        let lower = lower(chunk);
        let lower = lower.strip_suffix("'s").unwrap_or(&lower).replace('\'', "");
        if let (Preceding::Number, Some(unit)) = (before, unit(&lower)) {
            return self.emit(unit.to_owned());
        }
        if let Some(term) = word(&lower) {
            self.emit(term);
        }
        self.camel_parts(chunk);
        if chunk.len() <= 3 && chunk.iter().all(char::is_ascii_uppercase) {
            self.before = Preceding::Capitals(start, end);
        }
    }

    /// Adds the parts of a compound such as `PowerShare`.
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

    /// Reads a number with the unit attached to it.
    fn quantity(
        &mut self,
        start: usize,
        taken: usize,
        end: usize,
        spelling: String,
        before: Preceding,
    ) {
        if let Preceding::Capitals(from, to) = before
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
            self.before = Preceding::Number;
        }
    }

    /// Adds a compound term: the whole, then each part.
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
                // The compound of an alloy, regardless of composition.
                self.emit(
                    lower(segment)
                        .chars()
                        .filter(|letter| letter.is_alphabetic())
                        .collect(),
                );
            }
        }
    }

    /// Adds the words and numbers of a segment; single letters are dropped.
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

/// Whether the text is a unit of the number before it.
fn measures(rest: &[char]) -> bool {
    let word: String = rest
        .iter()
        .flat_map(|letter| letter.to_lowercase())
        .collect();
    unit(&word).is_some()
}

/// Whether a script is written without spaces between words, or with particles attached.
fn is_syllable(letter: char) -> bool {
    is_hangul(letter)
        || matches!(letter, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

fn lower(text: &[char]) -> String {
    text.iter()
        .flat_map(|letter| letter.to_lowercase())
        .collect()
}

/// Whether exactly three digits follow.
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

/// Whether a number is long enough for a code, and not a year.
fn is_code_number(spelling: &str) -> bool {
    spelling.len() >= 3
        && spelling.chars().all(|letter| letter.is_ascii_digit())
        && !(spelling.len() == 4 && (spelling.starts_with("19") || spelling.starts_with("20")))
}
