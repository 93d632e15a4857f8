//! Lexer for Aixtron scripts.

/// A token with its position.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Lexeme<'a>,
    /// Counted from 1.
    pub(super) line: u32,
    /// Byte range in the text.
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Lexeme<'a> {
    Name(&'a str),
    /// Digits, possibly with a decimal point or an exponent.
    Number(f64),
    /// `m:ss` or `h:mm:ss`, in seconds.
    Time(f64),
    /// Without its quotation marks.
    Text(&'a str),
    /// `>>` or `<<`.
    Above,
    Below,
    Sign(char),
    /// A string whose closing quotation mark is missing on its line.
    Unclosed,
    /// A character without meaning.
    Strange,
}

/// A comment, without its `#`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment<'a> {
    pub(super) text: &'a str,
    pub(super) line: u32,
}

/// Splits a script into tokens and comments.
pub(super) fn scan(text: &str) -> (Vec<Token<'_>>, Vec<Comment<'_>>) {
    let (mut tokens, mut comments) = (Vec::new(), Vec::new());
    let bytes = text.as_bytes();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b'\n' => {
                line += 1;
                at += 1;
                continue;
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'#' => {
                let end = end_of_line(bytes, at);
                comments.push(Comment {
                    text: &text[at + 1..end],
                    line,
                });
                at = end;
                continue;
            }
            b'"' => {
                let end = end_of_line(bytes, at);
                if let Some(length) = bytes[at + 1..end].iter().position(|byte| *byte == b'"') {
                    at += length + 2;
                    Lexeme::Text(&text[start + 1..at - 1])
                } else {
                    at = end;
                    Lexeme::Unclosed
                }
            }
            b'>' if bytes.get(at + 1) == Some(&b'>') => {
                at += 2;
                Lexeme::Above
            }
            b'<' if bytes.get(at + 1) == Some(&b'<') => {
                at += 2;
                Lexeme::Below
            }
            b'0'..=b'9' => {
                let (kind, end) = number(text, at);
                at = end;
                kind
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                at = end_of_name(bytes, at);
                Lexeme::Name(&text[start..at])
            }
            byte if b",;{}=()+-*/".contains(&byte) => {
                at += 1;
                Lexeme::Sign(char::from(byte))
            }
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                Lexeme::Strange
            }
        };
        tokens.push(Token {
            kind,
            line,
            start,
            end: at,
        });
    }
    (tokens, comments)
}

fn end_of_line(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |length| at + length)
}

/// Returns the end of a name, which may contain dots: `TMGa_1.run`, `Heatup_700_v1.0`.
fn end_of_name(bytes: &[u8], at: usize) -> usize {
    let is_part = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let mut end = at;
    while is_part(end) || bytes.get(end) == Some(&b'.') && is_part(end + 1) {
        end += 1;
    }
    end
}

/// Reads a number or time, and returns its end.
fn number(text: &str, at: usize) -> (Lexeme<'_>, usize) {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut end = at + digits(at);
    if bytes.get(end) == Some(&b':') && digits(end + 1) > 0 {
        let mut parts = vec![&text[at..end]];
        while bytes.get(end) == Some(&b':') && digits(end + 1) > 0 {
            let from = end + 1;
            end = from + digits(from);
            if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
                end += 1 + digits(end + 1);
            }
            parts.push(&text[from..end]);
        }
        let seconds = parts
            .iter()
            .try_fold(0.0, |sum, part| {
                Some(sum * 60.0 + part.parse::<f64>().ok()?)
            })
            .filter(|_| parts.len() <= 3);
        return (seconds.map_or(Lexeme::Strange, Lexeme::Time), end);
    }
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let kind = text[at..end]
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map_or(Lexeme::Strange, Lexeme::Number);
    (kind, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Lexeme<'_>> {
        scan(text).0.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn times_numbers_and_names_are_distinguished() {
        assert_eq!(
            kinds("2:40:00 0:10 17.2 5 1e3 Heatup_700_v1.0 TMAl_1.source=2.1"),
            [
                Lexeme::Time(9600.0),
                Lexeme::Time(10.0),
                Lexeme::Number(17.2),
                Lexeme::Number(5.0),
                Lexeme::Number(1000.0),
                Lexeme::Name("Heatup_700_v1.0"),
                Lexeme::Name("TMAl_1.source"),
                Lexeme::Sign('='),
                Lexeme::Number(2.1),
            ]
        );
    }

    #[test]
    fn comments_are_separate_and_strings_end_on_their_line() {
        let (tokens, comments) = scan("a # b\n\"c # d\" \"e\nf");
        let kinds: Vec<_> = tokens.iter().map(|token| token.kind).collect();
        assert_eq!(
            kinds,
            [
                Lexeme::Name("a"),
                Lexeme::Text("c # d"),
                Lexeme::Unclosed,
                Lexeme::Name("f")
            ]
        );
        assert_eq!(
            comments,
            [Comment {
                text: " b",
                line: 1
            }]
        );
        assert_eq!(tokens[3].line, 3);
    }
}
