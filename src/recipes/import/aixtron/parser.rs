//! Parses the statements of a script: includes, variables, layers, loops and steps.

mod finish;

use std::collections::BTreeMap;

use super::Include;
use super::lexer::{self, Comment, Lexeme, Token};
use crate::recipes::import::aixtron::included_file::Extent;
use crate::recipes::import::channel_name::ChannelTable;
use crate::recipes::import::{shorten, step_code};
use crate::recipes::model::{Duration, ImportLoss, LineText, Loop, Node, Recipe, Step, Variable};

/// Maximum nesting of blocks; deeper ones are an accident or an attack.
const MAX_DEPTH: usize = 60;
/// Number of files that a script may include.
const MAX_INCLUDED: usize = 32;
/// Number of losses that are listed; a file with more is not a script.
const MAX_LOSSES: usize = 1_000;

/// Parses the statements of a script.
pub(super) fn parse(
    text: &str,
    tokens: &[Token<'_>],
    comments: &[Comment<'_>],
    include: Option<Include<'_>>,
) -> Recipe {
    let mut parser = Parser {
        include,
        included: Vec::new(),
        text,
        tokens,
        comments,
        at: 0,
        recipe: Recipe::default(),
        channels: ChannelTable::default(),
        variables: BTreeMap::new(),
        definitions: BTreeMap::new(),
        loops: 0,
        loss_count: 0,
    };
    parser.file();
    parser.finish()
}

pub(super) struct Parser<'a> {
    /// `None` if includes are not followed.
    include: Option<Include<'a>>,
    /// Names of the files included so far.
    included: Vec<String>,
    text: &'a str,
    tokens: &'a [Token<'a>],
    comments: &'a [Comment<'a>],
    pub(super) at: usize,
    pub(super) recipe: Recipe,
    pub(super) channels: ChannelTable,
    /// Values of names at this point of the script.
    pub(super) variables: BTreeMap<String, Option<f64>>,
    /// Subroutines that the script defines.
    definitions: BTreeMap<String, Vec<Node>>,
    /// Nesting depth of loops at this point.
    pub(super) loops: usize,
    loss_count: usize,
}

impl<'a> Parser<'a> {
    fn file(&mut self) {
        while let Some(token) = self.peek() {
            match token.kind {
                Lexeme::Name("read") => self.include(),
                Lexeme::Name("variable") => self.variable(),
                Lexeme::Name(name) if self.is_sign(1, '{') => {
                    self.at += 2;
                    let body = self.block(0);
                    if name == "layer" {
                        self.recipe.body.extend(body);
                    } else {
                        self.definitions.insert(name.to_owned(), body);
                    }
                }
                Lexeme::Name(name) if self.is_sign(1, '=') => self.constant(name),
                Lexeme::Sign(';') => self.at += 1,
                _ => self.skip_statement("this is no statement that may stand outside a layer"),
            }
        }
    }

    /// Parses `read NAME;`.
    fn include(&mut self) {
        let begin = self.at;
        self.at += 1;
        match self.peek().map(|token| token.kind) {
            Some(Lexeme::Name(name) | Lexeme::Text(name)) => {
                self.recipe.includes.push(LineText {
                    text: name.to_owned(),
                    line: self.tokens[begin].line,
                });
                self.at += 1;
                self.end_statement(begin);
                self.parse_included(name, begin);
            }
            _ => self.skip_statement("read names no file"),
        }
    }

    /// Parses an included file. Its names and subroutines count as if defined here; their positions carry the file's name
    /// and the line of the include.
    fn parse_included(&mut self, name: &str, begin: usize) {
        let Some(include) = self.include else {
            return;
        };
        if self.included.len() >= MAX_INCLUDED || self.included.iter().any(|known| known == name) {
            self.lose(begin, begin, "this file is read already, or reads too many");
            return;
        }
        self.included.push(name.to_owned());
        let text = match include(name) {
            Ok(text) => text,
            Err(reason) => {
                self.lose(begin, begin, &reason);
                return;
            }
        };
        let (tokens, comments) = lexer::scan(&text);
        let line = self.tokens[begin].line;
        let before = Extent::new(&self.recipe);
        let mut inner = Parser {
            include: self.include,
            included: std::mem::take(&mut self.included),
            text: &text,
            tokens: &tokens,
            comments: &comments,
            at: 0,
            recipe: std::mem::take(&mut self.recipe),
            channels: std::mem::take(&mut self.channels),
            variables: std::mem::take(&mut self.variables),
            definitions: std::mem::take(&mut self.definitions),
            loops: 0,
            loss_count: self.loss_count,
        };
        inner.file();
        let loss_count = inner.loss_count;
        (self.included, self.recipe) = (inner.included, inner.recipe);
        (self.channels, self.variables) = (inner.channels, inner.variables);
        (self.definitions, self.loss_count) = (inner.definitions, loss_count);
        before.attribute(&mut self.recipe, name, line);
    }

    /// Parses `variable NAME = expression;`.
    pub(super) fn variable(&mut self) {
        let begin = self.at;
        self.at += 1;
        if let Some(Lexeme::Name(name)) = self.peek().map(|token| token.kind)
            && self.is_sign(1, '=')
        {
            self.at += 2;
            self.define(name, begin);
        } else {
            self.skip_statement("the variable has no name or no value");
        }
    }

    /// Parses `NAME = expression;`, or a list of columns for the log.
    fn constant(&mut self, name: &'a str) {
        let begin = self.at;
        self.at += 2;
        let is_list = matches!(self.peek().map(|token| token.kind), Some(Lexeme::Name(_)))
            && matches!(self.kind(1), Some(Lexeme::Name(_)));
        if is_list {
            while matches!(self.peek().map(|token| token.kind), Some(Lexeme::Name(_))) {
                self.at += 1;
            }
            self.end_statement(begin);
        } else {
            self.define(name, begin);
        }
    }

    fn define(&mut self, name: &str, begin: usize) {
        match self.value() {
            Ok(value) => {
                self.variables.insert(name.to_owned(), value.number);
                self.recipe.variables.push(Variable {
                    origin: None,
                    name: name.to_owned(),
                    value: value.number,
                    raw: value.raw,
                    line: self.tokens[begin].line,
                });
                self.end_statement(begin);
            }
            Err(reason) => {
                self.at = begin;
                self.skip_statement(reason);
            }
        }
    }

    /// Parses the contents of a block after its opening brace.
    fn block(&mut self, depth: usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        while let Some(token) = self.peek() {
            match token.kind {
                Lexeme::Sign('}') => {
                    self.at += 1;
                    if self.is_sign(0, ';') {
                        self.at += 1;
                    }
                    return nodes;
                }
                Lexeme::Sign(';') => self.at += 1,
                Lexeme::Name("loop") => nodes.extend(self.repeat(depth)),
                Lexeme::Name("variable") => self.variable(),
                Lexeme::Sign('{') => {
                    self.lose(
                        self.at,
                        self.at,
                        "this brace belongs to no loop; its steps are read once",
                    );
                    self.at += 1;
                    if depth < MAX_DEPTH {
                        nodes.extend(self.block(depth + 1));
                    }
                }
                _ => nodes.extend(self.step()),
            }
        }
        if let Some(last) = self.tokens.len().checked_sub(1) {
            self.lose(
                last,
                last,
                "a closing brace is missing; read as if it stood at the end",
            );
        }
        nodes
    }

    /// Parses `loop N { … }`.
    fn repeat(&mut self, depth: usize) -> Option<Node> {
        let begin = self.at;
        self.at += 1;
        let value = match self.value() {
            Ok(value) if self.is_sign(0, '{') => value,
            Ok(_) | Err(_) => {
                self.lose(
                    begin,
                    self.at.min(self.tokens.len() - 1),
                    "the loop has no count or no brace; its steps are read once",
                );
                // Its steps are kept as if outside a loop.
                if self.is_sign(0, '{') {
                    self.at += 1;
                    return (depth < MAX_DEPTH).then(|| {
                        Node::Loop(Loop {
                            count: None,
                            raw: String::new(),
                            line: self.tokens[begin].line,
                            body: self.block(depth + 1),
                        })
                    });
                }
                return None;
            }
        };
        self.at += 1;
        if depth >= MAX_DEPTH {
            self.skip_block(begin);
            return None;
        }
        let count = value
            .number
            .filter(|count| count.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(count));
        if count.is_none() {
            self.lose(
                begin,
                self.at - 1,
                "how often the loop runs cannot be computed from this file",
            );
        }
        self.loops += 1;
        let body = self.block(depth + 1);
        self.loops -= 1;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number within the range"
        )]
        Some(Node::Loop(Loop {
            count: count.map(|count| count as u32),
            raw: value.raw,
            line: self.tokens[begin].line,
            body,
        }))
    }

    fn step(&mut self) -> Option<Node> {
        let begin = self.at;
        let line = self.tokens[begin].line;
        let duration = self.duration();
        let mut step = Step {
            duration,
            ..Step::default()
        };
        if let Some(Lexeme::Text(text)) = self.peek().map(|token| token.kind) {
            let label = text.split_whitespace().collect::<Vec<_>>().join(" ");
            step.number = step_code(&label);
            step.label = (!label.is_empty()).then_some(label);
            self.at += 1;
        }
        let is_bare = step.duration.is_none() && step.label.is_none();
        if let Some(Lexeme::Name(name)) = self.peek().map(|token| token.kind)
            && is_bare
            && self.is_sign(1, ';')
        {
            self.at += 2;
            return Some(Node::Call(LineText {
                text: name.to_owned(),
                line,
            }));
        }
        self.operations(&mut step, begin);
        let last = self.at.clamp(begin + 1, self.tokens.len().max(begin + 1)) - 1;
        step.lines = (line, self.tokens[last.min(self.tokens.len() - 1)].line);
        if step.operations.is_empty() && step.until.is_none() && is_bare {
            return None;
        }
        step.section = self.section(line);
        self.recipe.steps.push(step);
        Some(Node::Step(self.recipe.steps.len() - 1))
    }

    /// Parses a number, a time or an expression before a label.
    fn duration(&mut self) -> Option<Duration> {
        let begin = self.at;
        let token = self.peek()?;
        let line = token.line;
        let plain = match token.kind {
            Lexeme::Number(seconds) | Lexeme::Time(seconds) => Some(seconds),
            _ => None,
        };
        let seconds = match plain {
            Some(seconds) if !matches!(self.kind(1), Some(Lexeme::Sign('+' | '-' | '*' | '/'))) => {
                self.at += 1;
                Some(seconds)
            }
            _ => match self.value() {
                Ok(value) if matches!(self.kind(0), Some(Lexeme::Text(_))) => {
                    if value.number.is_none() {
                        self.lose(begin, begin, "its time cannot be computed from this file");
                    }
                    value.number
                }
                _ => {
                    self.at = begin;
                    None
                }
            },
        }?;
        if seconds < 0.0 {
            self.lose(begin, begin, "its time is negative");
            return None;
        }
        Some(Duration {
            seconds,
            raw: self.raw(begin, self.at - 1),
            line,
        })
    }

    /// Returns the heading in the comments above a step: `# Grow QW #######`.
    fn section(&self, line: u32) -> Option<String> {
        let upto = self.comments.partition_point(|comment| comment.line < line);
        let previous = self.recipe.steps.last();
        let after = previous.map_or(0, |step| step.lines.1);
        let heading = self.comments[..upto]
            .iter()
            .rev()
            .take_while(|comment| comment.line > after)
            .find_map(|comment| heading(comment.text));
        // A heading applies until its block ends.
        heading.or_else(|| {
            let ends = self.tokens[..self.at.min(self.tokens.len())]
                .iter()
                .rev()
                .take_while(|token| token.line > after)
                .any(|token| token.kind == Lexeme::Sign('}'));
            previous
                .filter(|_| !ends)
                .and_then(|step| step.section.clone())
        })
    }

    pub(super) fn peek(&self) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at)
    }

    /// Returns the token kind `ahead` tokens further on.
    pub(super) fn kind(&self, ahead: usize) -> Option<Lexeme<'a>> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    pub(super) fn is_sign(&self, ahead: usize, sign: char) -> bool {
        self.kind(ahead) == Some(Lexeme::Sign(sign))
    }

    /// Returns the line of a token, or that of the last token.
    pub(super) fn line(&self, at: usize) -> u32 {
        self.tokens
            .get(at)
            .or(self.tokens.last())
            .map_or(1, |token| token.line)
    }

    /// Returns the text from one token to another, on one line.
    pub(super) fn raw(&self, first: usize, last: usize) -> String {
        let end = self.tokens.len().saturating_sub(1);
        let (first, last) = (first.min(end), last.min(end));
        self.tokens.get(first).map_or_else(String::new, |token| {
            let text = &self.text[token.start..self.tokens[last.max(first)].end];
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
    }

    /// Records something that was not understood.
    pub(super) fn lose(&mut self, first: usize, last: usize, reason: &str) {
        self.loss_count += 1;
        if self.loss_count > MAX_LOSSES {
            let line = self.line(last);
            if let Some(loss) = self.recipe.losses.last_mut() {
                loss.lines.1 = line;
                loss.reason = format!(
                    "{} further places were not understood",
                    self.loss_count - MAX_LOSSES + 1
                );
            }
            return;
        }
        self.recipe.losses.push(ImportLoss {
            lines: (self.line(first), self.line(last.max(first))),
            raw: shorten(&self.raw(first, last)),
            reason: reason.to_owned(),
        });
    }

    /// Skips a statement that is not understood.
    pub(super) fn skip_statement(&mut self, reason: &str) {
        let begin = self.at;
        while let Some(token) = self.peek() {
            match token.kind {
                Lexeme::Sign('}') if self.at > begin => break,
                Lexeme::Sign(';' | '}' | '{') | Lexeme::Unclosed => {
                    self.at += 1;
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.lose(begin, self.at - 1, reason);
    }

    fn skip_block(&mut self, begin: usize) {
        let mut open = 1;
        while open > 0
            && let Some(token) = self.peek()
        {
            match token.kind {
                Lexeme::Sign('{') => open += 1,
                Lexeme::Sign('}') => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
        self.lose(begin, self.at - 1, "loops are nested too deep");
    }

    /// Expects the `;` of a statement.
    fn end_statement(&mut self, begin: usize) {
        if self.is_sign(0, ';') {
            self.at += 1;
        } else {
            self.lose(
                begin,
                self.at.saturating_sub(1),
                "the closing ; is missing; read as if it were there",
            );
        }
    }
}

/// Returns the words of a comment that is decorated as a heading.
fn heading(comment: &str) -> Option<String> {
    if !comment.contains("#####") {
        return None;
    }
    let words = comment.trim_matches(|letter: char| letter == '#' || letter.is_whitespace());
    let is_code = words.contains([';', '"', '=']);
    (words.chars().any(char::is_alphabetic) && !is_code).then(|| words.to_owned())
}
