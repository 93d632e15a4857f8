//! Sanitizes untrusted text before it is shown: no link, image, mention or tag becomes active markup, and every `[n]` is
//! a citation that exists.
//!
//! It works on a stream: an incomplete construct is held back until it is complete. The first line of defence removes
//! constructs; the second, in [`Sanitizer::emit`], keeps the remaining characters from forming one.

mod bracket;

use std::mem;

/// Maximum length of the text between brackets and of a tag, in bytes; longer ones are plain text.
const MAX_BRACKET_BYTES: usize = 600;
const MAX_TAG_BYTES: usize = 300;
/// Maximum length of an address in a Markdown link, in bytes.
const MAX_ADDRESS_BYTES: usize = 2000;
/// Maximum length of a word that is held back because it may begin an address, in bytes.
const MAX_SCHEME_BYTES: usize = 64;
/// Replacement of an address.
const ADDRESS_REPLACEMENT: char = '…';
/// Mentions that reach a whole channel.
const BROADCASTS: [&str; 3] = ["channel", "everyone", "here"];
/// Elements that a model may write; other words between angle brackets are kept.
const ELEMENTS: [&str; 39] = [
    "a", "area", "audio", "b", "base", "body", "br", "button", "div", "em", "embed", "form",
    "frame", "head", "hr", "html", "i", "iframe", "img", "input", "li", "link", "math", "meta",
    "object", "ol", "p", "script", "source", "span", "strong", "style", "sub", "sup", "svg",
    "table", "u", "ul", "video",
];

#[derive(Debug)]
pub(super) struct Sanitizer {
    /// Received but not processed yet.
    pending: String,
    clean: String,
    code: Code,
    in_address: bool,
    brackets: Brackets,
}

/// What numbers in brackets mean.
#[derive(Debug)]
enum Brackets {
    /// Citations of the passages 1 to `passage_count`; `order` has the cited ones in order of appearance, from 0.
    Cite {
        passage_count: usize,
        order: Vec<usize>,
    },
    /// Brackets of a quoted text, which must not look like our citations.
    Foreign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    No,
    /// Between two runs of backticks on one line.
    Span,
    /// Between fences of at least this many of the character.
    Fence(char, usize),
}

/// Where a bracket closes.
enum Close {
    /// At this byte.
    At(usize),
    Nowhere,
    NotYet,
}

impl Sanitizer {
    pub(super) fn quoting() -> Self {
        Self::new(Brackets::Foreign)
    }

    pub(super) fn citing(passage_count: usize) -> Self {
        Self::new(Brackets::Cite {
            passage_count,
            order: Vec::new(),
        })
    }

    fn new(brackets: Brackets) -> Self {
        Self {
            pending: String::new(),
            clean: String::new(),
            code: Code::No,
            in_address: false,
            brackets,
        }
    }

    pub(super) fn push(&mut self, piece: &str) {
        self.pending.push_str(piece);
        self.process(false);
    }

    pub(super) fn finish(&mut self) {
        self.process(true);
    }

    pub(super) fn text(&self) -> &str {
        &self.clean
    }

    pub(super) fn cited(&self) -> &[usize] {
        match &self.brackets {
            Brackets::Cite { order, .. } => order,
            Brackets::Foreign => &[],
        }
    }

    fn process(&mut self, last: bool) {
        let pending = mem::take(&mut self.pending);
        let processed = self.consume(&pending, last);
        pending[processed..].clone_into(&mut self.pending);
    }

    /// Consumes all complete constructs, with `last` the whole text. Returns the number of consumed bytes.
    fn consume(&mut self, text: &str, last: bool) -> usize {
        let mut at = 0;
        while let Some(length) = self.step(&text[at..], last) {
            at += length;
        }
        at
    }

    /// Consumes the construct at the beginning. Returns its length in bytes; `None` if it is incomplete.
    fn step(&mut self, rest: &str, last: bool) -> Option<usize> {
        let first = rest.chars().next()?;
        if self.in_address {
            if is_in_address(first) {
                return Some(first.len_utf8());
            }
            self.in_address = false;
        }
        let in_code = self.code != Code::No;
        match first {
            '`' | '~' => self.code_mark(rest, first, last),
            '[' if !in_code => self.bracket(rest, ']', last),
            '【' if !in_code => self.bracket(rest, '】', last),
            '!' if !in_code && (rest == "!" && !last) => None,
            '!' if !in_code && rest.starts_with("![") => Some(1),
            '<' => self.angle(rest, last),
            '@' => self.mention(rest, last),
            _ if first.is_ascii_alphanumeric() => self.word(rest, last),
            _ => {
                self.emit(first);
                Some(first.len_utf8())
            }
        }
    }

    /// Emits one character, after a space if it would begin a link, a mention or a tag with the character before it.
    fn emit(&mut self, letter: char) {
        if letter.is_control() && !matches!(letter, '\n' | '\t') || is_direction_mark(letter) {
            return;
        }
        let before = self.clean.chars().next_back();
        let becomes_active = match (before, letter) {
            (Some('<'), '@' | '!' | '#' | '/') | (Some(']'), '(') => true,
            (Some('<'), letter) => letter.is_ascii_alphabetic(),
            (Some(']'), ':') => self.line().trim_start().starts_with('['),
            (Some('/'), '/') => self.clean.ends_with(":/"),
            _ => false,
        };
        if becomes_active {
            self.clean.push(' ');
        }
        self.clean.push(letter);
    }

    fn emit_all(&mut self, text: &str) {
        text.chars().for_each(|letter| self.emit(letter));
    }

    /// The current line of the output.
    fn line(&self) -> &str {
        self.clean.rsplit('\n').next().unwrap_or_default()
    }

    /// Consumes a fence, a code span with its content, or just the characters.
    fn code_mark(&mut self, rest: &str, mark: char, last: bool) -> Option<usize> {
        let length = run(rest, mark);
        if length == rest.len() && !last {
            return None;
        }
        // A fence may be in a quotation or in an item of a list.
        let opens_line = self
            .line()
            .chars()
            .all(|before| " \t>-*+.)0123456789".contains(before));
        let is_fence = length >= 3 && opens_line;
        match self.code {
            Code::No if is_fence => self.code = Code::Fence(mark, length),
            Code::Fence(fence, open) if mark == fence && length >= open && opens_line => {
                self.code = Code::No;
            }
            Code::No if mark == '`' => match span(rest, length, last) {
                Close::At(end) => {
                    self.code = Code::Span;
                    self.emit_all(&rest[..length]);
                    self.consume(&rest[length..end], true);
                    self.in_address = false;
                    self.emit_all(&rest[..length]);
                    self.code = Code::No;
                    return Some(end + length);
                }
                Close::NotYet => return None,
                Close::Nowhere => {}
            },
            _ => {}
        }
        self.emit_all(&rest[..length]);
        Some(length)
    }

    fn bracket(&mut self, rest: &str, close: char, last: bool) -> Option<usize> {
        let open = rest.chars().next()?;
        let end = match closing(rest, open, close, MAX_BRACKET_BYTES, last) {
            Close::At(end) => end,
            Close::NotYet => return None,
            Close::Nowhere => {
                self.emit(open);
                return Some(open.len_utf8());
            }
        };
        let between = &rest[open.len_utf8()..end];
        let after = &rest[end + close.len_utf8()..];
        if after.is_empty() && !last {
            return None;
        }
        let address = match closing(after, '(', ')', MAX_ADDRESS_BYTES, last) {
            Close::At(end) if is_destination(&after[1..end]) => end + 1,
            Close::NotYet => return None,
            Close::At(_) | Close::Nowhere => 0,
        };
        let whole = rest.len() - after.len() + address;
        let passage_count = match &self.brackets {
            Brackets::Cite { passage_count, .. } => *passage_count,
            Brackets::Foreign => usize::MAX,
        };
        if let Some(numbers) = bracket::numbers(between, passage_count) {
            let opens_line = self.line().trim().is_empty();
            self.cite(&numbers, between);
            // "[1]: …" at the beginning of a line would define a link.
            return Some(whole + usize::from(opens_line && address == 0 && after.starts_with(':')));
        }
        if address > 0 {
            self.consume(between, true);
            return Some(whole);
        }
        self.emit(open);
        Some(open.len_utf8())
    }

    fn cite(&mut self, numbers: &[usize], between: &str) {
        let Brackets::Cite {
            passage_count,
            order,
        } = &mut self.brackets
        else {
            let plain = format!("({})", between.trim_matches(['[', ']']));
            return self.emit_all(&plain);
        };
        let mut written = false;
        for number in numbers
            .iter()
            .filter(|number| (1..=*passage_count).contains(*number))
        {
            let place = order
                .iter()
                .position(|cited| cited + 1 == *number)
                .unwrap_or_else(|| {
                    order.push(number - 1);
                    order.len() - 1
                });
            let citation = format!("[{}]", place + 1);
            if !self.clean.ends_with(&citation) {
                self.clean.push_str(&citation);
            }
            written = true;
        }
        if !written && self.clean.ends_with(' ') {
            self.clean.pop();
        }
    }

    /// Consumes a Slack mention or link, an address between angle brackets, an HTML tag, or just the sign.
    fn angle(&mut self, rest: &str, last: bool) -> Option<usize> {
        let Some(second) = rest[1..].chars().next() else {
            if last {
                self.emit('<');
            }
            return last.then_some(1);
        };
        let is_mention = matches!(second, '@' | '!' | '#');
        if !is_mention && !second.is_ascii_alphabetic() && second != '/' {
            self.emit('<');
            return Some(1);
        }
        let between = match closing(rest, '<', '>', MAX_TAG_BYTES, last) {
            Close::At(end) => &rest[1..end],
            Close::NotYet => return None,
            Close::Nowhere => {
                self.emit('<');
                return Some(1);
            }
        };
        let whole = between.len() + 2;
        let label = between.split_once('|').map(|(_, label)| label);
        if is_mention {
            self.consume(label.unwrap_or_default(), true);
            return Some(whole);
        }
        if between.contains("://") || between.starts_with("mailto:") || between.starts_with("tel:")
        {
            match label {
                Some(label) => {
                    self.consume(label, true);
                }
                None => self.emit(ADDRESS_REPLACEMENT),
            }
            return Some(whole);
        }
        let name = between
            .trim_start_matches('/')
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        if !ELEMENTS.contains(&name.as_str()) {
            self.emit('<');
            return Some(1);
        }
        match name.as_str() {
            "sup" if !between.starts_with('/') => self.emit('^'),
            "br" | "p" | "div" | "li" => self.emit(' '),
            _ => {}
        }
        Some(whole)
    }

    fn mention(&mut self, rest: &str, last: bool) -> Option<usize> {
        let name: String = rest[1..]
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        let name = name.to_ascii_lowercase();
        if !last
            && name.len() + 1 == rest.len()
            && BROADCASTS
                .iter()
                .any(|broadcast| broadcast.starts_with(&name))
        {
            return None;
        }
        if !BROADCASTS.contains(&name.as_str()) {
            self.emit('@');
        }
        Some(1)
    }

    /// Consumes a word, or an address that begins with it.
    fn word(&mut self, rest: &str, last: bool) -> Option<usize> {
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte))
            .count();
        let (word, after) = rest.split_at(length);
        let undecided = !last && "://".starts_with(after) && length < MAX_SCHEME_BYTES;
        if undecided {
            return None;
        }
        if after.starts_with("://") {
            self.emit(ADDRESS_REPLACEMENT);
            self.in_address = true;
            return Some(length + 3);
        }
        if word
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("www."))
        {
            self.emit(ADDRESS_REPLACEMENT);
            self.in_address = true;
        } else {
            self.emit_all(word);
        }
        Some(length)
    }
}

/// How often the character is repeated at the beginning.
fn run(text: &str, mark: char) -> usize {
    text.bytes()
        .take_while(|byte| char::from(*byte) == mark)
        .count()
}

/// Finds the backticks that close the code span at the beginning, which opens with `open` backticks.
fn span(text: &str, open: usize, last: bool) -> Close {
    let mut at = open;
    while let Some(letter) = text[at..].chars().next() {
        if letter == '\n' || at > MAX_BRACKET_BYTES {
            return Close::Nowhere;
        }
        if letter != '`' {
            at += letter.len_utf8();
            continue;
        }
        let length = run(&text[at..], '`');
        if at + length == text.len() && !last {
            return Close::NotYet;
        }
        if length == open {
            return Close::At(at);
        }
        at += length;
    }
    if last { Close::Nowhere } else { Close::NotYet }
}

/// Finds the end of the bracket at the beginning, on the same line. `Nowhere` also if the text has no such bracket.
fn closing(text: &str, open: char, close: char, max_bytes: usize, last: bool) -> Close {
    if !text.starts_with(open) {
        return Close::Nowhere;
    }
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        if letter == '\n' || at > max_bytes {
            return Close::Nowhere;
        }
        if letter == open {
            depth += 1;
        } else if letter == close {
            depth -= 1;
            if depth == 0 {
                return Close::At(at);
            }
        }
    }
    if last { Close::Nowhere } else { Close::NotYet }
}

/// Returns true if the text between the parentheses of `[…](…)` makes it a link rather than a remark: an address has no
/// spaces, except before a title in quotation marks.
fn is_destination(text: &str) -> bool {
    let text = text.trim();
    match text.split_once(char::is_whitespace) {
        None => !text.is_empty(),
        Some((_, title)) => {
            text.starts_with('<') || title.trim_start().starts_with(['"', '\'', '('])
        }
    }
}

fn is_in_address(letter: char) -> bool {
    letter.is_ascii_graphic() && !"()[]<>\"'|`*".contains(letter)
}

/// Characters that change the direction of writing, with which a text can be disguised.
fn is_direction_mark(letter: char) -> bool {
    matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}
