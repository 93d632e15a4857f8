//! Alarm records: what the documents' tables say of each code, looked up in any spelling of the code.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

/// Names of table columns that contain alarm codes, in lower case.
const CODE_HEADS: [&str; 22] = [
    "code",
    "alarm",
    "alarm code",
    "alarm no",
    "alarm no.",
    "alarm number",
    "alarm id",
    "error",
    "error code",
    "fault",
    "fault code",
    "warning",
    "event code",
    "코드",
    "알람",
    "알람 코드",
    "알람코드",
    "알람 번호",
    "알람번호",
    "에러 코드",
    "에러코드",
    "경보 코드",
];
/// Words that make a bare number next to them an alarm code.
const ALARM_WORDS: [&str; 18] = [
    "alarm",
    "alarms",
    "error",
    "errors",
    "err",
    "fault",
    "warning",
    "warn",
    "alm",
    "알람",
    "에러",
    "오류",
    "경보",
    "경고",
    "폴트",
    "얼람",
    "에러코드",
    "알람코드",
];
/// Words of a question that the alarm's record alone can answer.
const PLAIN: [&str; 62] = [
    "what", "does", "is", "the", "mean", "means", "meaning", "of", "code", "cause", "causes",
    "caused", "and", "remedy", "remedies", "action", "actions", "do", "to", "should", "i", "we",
    "about", "how", "for", "a", "an", "on", "at", "in", "it", "came", "up", "appeared", "occurred",
    "happened", "happens", "when", "why", "which", "tool", "please", "help", "explain", "show",
    "me", "no", "number", "got", "get", "have", "there", "with", "response", "reset", "clear",
    "fix", "solve", "handle", "display", "text", "severity",
];

/// A row of a table that explains a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// As written, such as `E-1042`.
    pub code: String,
    /// The other cells of the row, each with the name of its column.
    pub fields: Vec<(String, String)>,
    /// Line of the row in the document's text, counted from 1.
    pub line: u32,
}

/// An alarm code in a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlarmQuery {
    /// Letters and digits: `e1042`.
    Whole(String),
    /// A number next to a word such as "alarm".
    Digits(String),
}

/// Normalizes a code to lower case without separators: `e1042`.
#[must_use]
pub fn key(code: &str) -> String {
    code.nfkc()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl AlarmQuery {
    /// Whether this query matches a code.
    #[must_use]
    pub fn means(&self, code: &str) -> bool {
        let key = key(code);
        match self {
            Self::Whole(wanted) => key == *wanted,
            Self::Digits(wanted) => {
                key.trim_start_matches(|letter: char| !letter.is_ascii_digit()) == wanted
            }
        }
    }
}

/// Returns the codes that a question may name, surest first: whole codes, then bare numbers next to a word such as
/// "alarm".
#[must_use]
pub fn queries(question: &str) -> Vec<AlarmQuery> {
    let text: String = question.nfkc().collect();
    let words = words(&text);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let digits = word.text.chars().filter(char::is_ascii_digit).count();
        let letters = word.text.len() - digits;
        if (2..=6).contains(&digits)
            && (1..=4).contains(&letters)
            && word
                .text
                .starts_with(|letter: char| letter.is_ascii_alphabetic())
        {
            push(&mut found, AlarmQuery::Whole(word.text.to_lowercase()));
            let head: String = word
                .text
                .chars()
                .take_while(char::is_ascii_alphabetic)
                .collect();
            if ALARM_WORDS.contains(&head.to_lowercase().as_str()) {
                push(
                    &mut found,
                    AlarmQuery::Digits(word.text[head.len()..].to_owned()),
                );
            }
        }
        if letters > 0 || !(2..=6).contains(&digits) {
            continue;
        }
        // `E 1042`, `E:1042`, `E / 1042`.
        if let Some(before) = at.checked_sub(1).map(|before| &words[before]) {
            let gap = &text[before.end..word.start];
            let is_joined = gap.chars().count() <= 3
                && gap.chars().all(|letter| {
                    letter.is_whitespace()
                        || "-_.:/#·~".contains(letter)
                        || ('\u{2010}'..='\u{2015}').contains(&letter)
                        || letter == '\u{2212}'
                });
            let is_prefix = before.text.len() <= 3
                && before
                    .text
                    .chars()
                    .all(|letter| letter.is_ascii_alphabetic())
                && (before.text.len() == 1 && !before.text.eq_ignore_ascii_case("a")
                    || before
                        .text
                        .chars()
                        .all(|letter| letter.is_ascii_uppercase())
                    || gap == "-");
            if is_joined && is_prefix {
                push(
                    &mut found,
                    AlarmQuery::Whole(format!("{}{}", before.text.to_lowercase(), word.text)),
                );
            }
        }
        if is_next_to_alarm_word(&text, word) {
            push(&mut found, AlarmQuery::Digits(word.text.clone()));
        }
    }
    found
}

fn push(found: &mut Vec<AlarmQuery>, one: AlarmQuery) {
    if !found.contains(&one) {
        found.push(one);
    }
}

/// Whether an alarm's record can answer the whole question.
#[must_use]
pub fn is_plain_lookup(question: &str) -> bool {
    let text: String = question.nfkc().collect();
    words(&text).iter().all(|word| {
        let small = word.text.to_lowercase();
        word.text.chars().any(|letter| letter.is_ascii_digit())
            || word.text.len() <= 2
            || PLAIN.contains(&small.as_str())
            || ALARM_WORDS.contains(&small.as_str())
    }) && hangul_words(&text) <= 8
}

/// Whether a question consists of an alarm code alone: `E1042`, `에러 1042?`.
#[must_use]
pub fn is_bare(question: &str) -> bool {
    let text: String = question.nfkc().collect();
    let others = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty() && !word.chars().any(|letter| letter.is_ascii_digit()))
        .map(str::to_lowercase)
        .filter(|word| {
            word.len() > 1
                && !["code", "no", "number", "코드", "번호", "번"].contains(&word.as_str())
        })
        .filter(|word| !ALARM_WORDS.contains(&word.as_str()));
    others.count() == 0 && !queries(question).is_empty()
}

fn hangul_words(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.chars().any(crate::domain::language::is_hangul))
        .count()
}

/// Whether a number is next to an alarm word.
fn is_next_to_alarm_word(text: &str, word: &Word) -> bool {
    let lower = text.to_lowercase();
    let (Some(before), Some(after)) = (lower.get(..word.start), lower.get(word.end..)) else {
        return false;
    };
    let before = before.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let before = ["코드", "code", "번호", "number", "no", "id"]
        .iter()
        .find_map(|word| before.strip_suffix(word))
        .unwrap_or(before)
        .trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let after = after.trim_start_matches(|letter: char| !letter.is_alphanumeric());
    let after = after.strip_prefix('번').unwrap_or(after).trim_start();
    ALARM_WORDS.iter().any(|word| {
        let is_whole = |rest: &str| {
            !word.is_ascii() || !rest.ends_with(|letter: char| letter.is_ascii_alphanumeric())
        };
        before.strip_suffix(word).is_some_and(is_whole)
            || after.strip_prefix(word).is_some_and(|rest| {
                !word.is_ascii() || !rest.starts_with(|letter: char| letter.is_ascii_alphanumeric())
            })
    })
}

/// A run of Latin letters and digits.
struct Word {
    text: String,
    start: usize,
    end: usize,
}

fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        if !letter.is_ascii_alphanumeric() {
            continue;
        }
        let mut end = start + 1;
        while let Some((at, _)) = letters.next_if(|(_, letter)| letter.is_ascii_alphanumeric()) {
            end = at + 1;
        }
        found.push(Word {
            text: text[start..end].to_owned(),
            start,
            end,
        });
    }
    found
}

/// Reads alarms from a document's text: rows of cells separated by `|` below a header with a column of codes.
#[must_use]
pub fn in_text(text: &str) -> Vec<Alarm> {
    let rows = (1..)
        .zip(text.lines())
        .map(|(line, text)| (line, cells(text)));
    in_rows(rows)
}

/// Reads alarms from a table, given as rows with their line numbers.
#[must_use]
pub fn in_rows(rows: impl Iterator<Item = (u32, Vec<String>)>) -> Vec<Alarm> {
    let mut found = Vec::new();
    let mut head: Option<(usize, Vec<String>)> = None;
    for (line, cells) in rows {
        if cells.len() < 2 {
            head = None;
            continue;
        }
        if let Some(column) = code_column(&cells) {
            head = Some((column, cells));
            continue;
        }
        let Some((column, names)) = &head else {
            continue;
        };
        let Some(code) = cells.get(*column).filter(|code| is_code(code)) else {
            continue;
        };
        let fields = cells
            .iter()
            .enumerate()
            .filter(|(at, cell)| at != column && !cell.is_empty() && *cell != "-")
            .map(|(at, cell)| (names.get(at).cloned().unwrap_or_default(), cell.clone()))
            .collect();
        found.push(Alarm {
            code: code.clone(),
            fields,
            line,
        });
    }
    found
}

/// Reads alarms from a JSON document: objects with a code, at any depth.
#[must_use]
pub fn in_json(text: &str) -> Vec<Alarm> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        collect(&value, 0, &mut found);
    }
    // A parsed value has no line numbers, so each code is searched in the text after the previous one.
    let mut from = 0;
    for alarm in &mut found {
        let quoted = format!("\"{}\"", alarm.code);
        let at = text[from..]
            .find(&quoted)
            .map_or_else(|| text.find(&quoted), |at| Some(from + at));
        if let Some(at) = at {
            alarm.line = u32::try_from(text[..at].matches('\n').count() + 1).unwrap_or(u32::MAX);
            from = at + quoted.len();
        }
    }
    found
}

fn collect(value: &Value, depth: usize, found: &mut Vec<Alarm>) {
    if depth > 16 {
        return;
    }
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect(item, depth + 1, found)),
        Value::Object(fields) => {
            let code = fields.iter().find_map(|(name, value)| {
                let is_head =
                    CODE_HEADS.contains(&name.trim().to_lowercase().replace('_', " ").as_str());
                let code = value.as_str().filter(|_| is_head)?;
                is_code(code).then_some((name, code))
            });
            if let Some((own, code)) = code {
                let fields = fields
                    .iter()
                    .filter(|(name, _)| *name != own)
                    .filter_map(|(name, value)| {
                        let text = match value {
                            Value::String(text) => text.clone(),
                            Value::Number(number) => number.to_string(),
                            Value::Bool(is_so) => is_so.to_string(),
                            _ => return None,
                        };
                        Some((name.clone(), text))
                    })
                    .collect();
                found.push(Alarm {
                    code: code.to_owned(),
                    fields,
                    line: 1,
                });
                return;
            }
            for (name, value) in fields {
                // `{"E-1042": {"text": …}}` or `{"E-1042": "…"}`
                if is_code(name) && name.chars().any(|letter| letter.is_ascii_alphabetic()) {
                    let inner = match value {
                        Value::Object(inner) => inner
                            .iter()
                            .filter_map(|(name, value)| {
                                Some((name.clone(), value.as_str()?.to_owned()))
                            })
                            .collect(),
                        Value::String(text) => vec![(String::new(), text.clone())],
                        _ => continue,
                    };
                    found.push(Alarm {
                        code: name.clone(),
                        fields: inner,
                        line: 1,
                    });
                } else {
                    collect(value, depth + 1, found);
                }
            }
        }
        _ => {}
    }
}

fn cells(line: &str) -> Vec<String> {
    if !line.contains('|') {
        return Vec::new();
    }
    let inner = line.trim();
    let inner = inner.strip_prefix('|').unwrap_or(inner);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

/// Returns the index of the column that a header row names as one of codes.
fn code_column(cells: &[String]) -> Option<usize> {
    let is_head = |cell: &String| {
        let plain = cell.trim_matches(['*', '_', '`', ' ']).to_lowercase();
        CODE_HEADS.contains(&plain.as_str())
    };
    cells.iter().position(is_head)
}

/// `E-1042`, `W2011`, `1042`, `A01`.
fn is_code(text: &str) -> bool {
    let text = text.trim_matches(['*', '`', ' ']);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let plain = text
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | ' '));
    plain && (2..=6).contains(&digits) && letters <= 4 && text.len() <= 12
}

#[cfg(test)]
mod tests;
