//! Splits an answer into statements, each with the passages that it cites.

use std::ops::Range;

use crate::answer::citation_markers::markers;
use crate::answer::stream;

/// A sentence, an item of a list or a row of a table.
#[derive(Debug)]
pub(super) struct Statement {
    /// Its range in the answer, in bytes, with its citation markers and without its bullet or number.
    pub range: Range<usize>,
    /// Numbers of the passages that it cites.
    pub cited: Vec<usize>,
    pub is_row: bool,
    /// A heading, a question, or a sentence that says that the passages do not answer.
    pub needs_no_source: bool,
}

/// Abbreviations whose full stop does not end a sentence.
const ABBREVIATIONS: [&str; 13] = [
    "e.g", "i.e", "no", "nos", "rev", "fig", "approx", "vs", "ca", "cf", "p", "pp", "ch",
];

/// The statements of an answer, in their order.
pub(super) fn statements(answer: &str) -> Vec<Statement> {
    let mut splitter = Splitter::default();
    let mut begin = 0;
    for line in answer.split_inclusive('\n') {
        splitter.line(line.trim_end(), begin);
        begin += line.len();
    }
    splitter.found
}

#[derive(Default)]
struct Splitter {
    found: Vec<Statement>,
    /// Citations of the line above a list or table, which apply to its items.
    lead_citations: Vec<usize>,
    /// Index of the first statement to which a line of only markers applies.
    block_start: usize,
    in_code: bool,
}

impl Splitter {
    fn line(&mut self, line: &str, begin: usize) {
        let trimmed = line.trim_start();
        let begin = begin + line.len() - trimmed.len();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            self.in_code = !self.in_code;
            return;
        }
        let is_rule = !trimmed.contains(|letter: char| letter.is_alphanumeric());
        if trimmed.is_empty()
            || trimmed.starts_with('#')
            || (is_rule && markers(trimmed).is_empty())
        {
            return;
        }
        if is_only_markers(trimmed) {
            let cited = markers(trimmed);
            for statement in &mut self.found[self.block_start..] {
                if statement.cited.is_empty() {
                    statement.cited.clone_from(&cited);
                }
            }
            self.block_start = self.found.len();
            return;
        }
        let is_row = trimmed.starts_with('|') || trimmed.contains(" | ");
        let item = item(trimmed);
        let is_indented = line.starts_with([' ', '\t']);
        if is_row || item > 0 || self.in_code || is_indented {
            let mut cited = markers(trimmed);
            if cited.is_empty() {
                cited.clone_from(&self.lead_citations);
            } else if item > 0 && trimmed.trim_end().ends_with(':') {
                self.lead_citations.clone_from(&cited);
            }
            if is_row || self.in_code {
                self.add(begin..begin + trimmed.len(), cited, is_row);
            } else {
                self.sentences(&trimmed[item..], begin + item, &cited);
            }
        } else {
            self.lead_citations = markers(trimmed);
            self.sentences(trimmed, begin, &[]);
        }
    }

    /// Splits after each full stop and the markers that follow it. Sentences without markers get the citations `given`.
    fn sentences(&mut self, text: &str, begin: usize, given: &[usize]) {
        let mut start = 0;
        for (at, letter) in text.char_indices() {
            if at < start || !matches!(letter, '.' | '?' | '!' | '。') {
                continue;
            }
            let after = at + letter.len_utf8();
            let after = after
                + text[after..]
                    .bytes()
                    .take_while(|byte| b"\"')*_".contains(byte))
                    .count();
            let end = after + markers_len(&text[after..]);
            let ends = text[end..].chars().next().is_none_or(char::is_whitespace);
            let is_inside = letter == '.' && end == after && is_abbreviation(&text[start..at]);
            if ends && !is_inside {
                self.sentence(text, start..end, begin, given);
                start = end;
            }
        }
        self.sentence(text, start..text.len(), begin, given);
    }

    fn sentence(&mut self, text: &str, range: Range<usize>, begin: usize, given: &[usize]) {
        let sentence = &text[range.clone()];
        let blank = sentence.len() - sentence.trim_start().len();
        if sentence.trim().is_empty() {
            return;
        }
        let mut cited = markers(sentence);
        if cited.is_empty() {
            cited = given.to_vec();
        }
        self.add(begin + range.start + blank..begin + range.end, cited, false);
        if let Some(last) = self.found.last_mut() {
            let bare = sentence.trim().trim_end_matches(['*', '_', ' ']);
            last.needs_no_source = bare.ends_with([':', '：', '?', '？'])
                || (bare.starts_with("**")
                    && !bare.contains(['.', '。'])
                    && bare.chars().count() < 40)
                || stream::is_denial(sentence);
        }
    }

    fn add(&mut self, range: Range<usize>, cited: Vec<usize>, is_row: bool) {
        self.found.push(Statement {
            range,
            cited,
            is_row,
            needs_no_source: false,
        });
    }
}

/// Length of the bullet, number or quotation mark at the beginning of a line, in bytes.
fn item(line: &str) -> usize {
    let rest = line.trim_start_matches(['-', '*', '+', '•', '>', '◦']);
    if rest.len() < line.len() && rest.starts_with(' ') {
        return line.len() - rest.trim_start().len();
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line[digits..].strip_prefix(['.', ')']) {
        Some(rest) if (1..=2).contains(&digits) && rest.starts_with(' ') => {
            line.len() - rest.trim_start().len()
        }
        _ => 0,
    }
}

/// Length of the markers at the beginning with the spaces before them, in bytes.
fn markers_len(text: &str) -> usize {
    let mut length = 0;
    loop {
        let rest = &text[length..];
        let open = rest.len() - rest.trim_start_matches(' ').len();
        let digits = rest[open..].strip_prefix('[').map_or(0, |rest| {
            rest.bytes().take_while(u8::is_ascii_digit).count()
        });
        if digits == 0 || !rest[open + 1 + digits..].starts_with(']') {
            return length;
        }
        length += open + digits + 2;
    }
}

fn is_abbreviation(before: &str) -> bool {
    let word = before
        .rsplit([' ', '('])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    ABBREVIATIONS.contains(&word.as_str()) && !before.trim_start().is_empty()
}

/// Returns true for `출처: [1][2]`, `Sources: [1]`, or only markers.
fn is_only_markers(line: &str) -> bool {
    let mut rest = line
        .trim_matches(['(', ')', '*', '_', '.', ' '])
        .to_lowercase();
    for label in ["sources", "source", "출처", "근거", "참고"] {
        if let Some(without) = rest.strip_prefix(label) {
            rest = without.trim_start_matches([':', '*', ' ']).to_owned();
            break;
        }
    }
    !rest.is_empty() && markers_len(&rest.replace(", ", "")) == rest.replace(", ", "").len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(answer: &str) -> Vec<(&str, Vec<usize>)> {
        let found = statements(answer).into_iter();
        found.map(|one| (&answer[one.range], one.cited)).collect()
    }

    #[test]
    fn sentences_end_after_their_markers() {
        assert_eq!(
            cut("Bake at 1.5 slm, e.g. in H2 [1]. Then wait 5 min. [2][3] Log it."),
            [
                ("Bake at 1.5 slm, e.g. in H2 [1].", vec![1]),
                ("Then wait 5 min. [2][3]", vec![2, 3]),
                ("Log it.", vec![])
            ]
        );
    }

    #[test]
    fn items_and_rows_take_citations_from_the_line_above_or_from_a_line_of_markers() {
        assert_eq!(
            cut("Steps [2]:\n1. Close V1.\n2. Open V2 [3].\n\nNext.\n\n- Wait.\n출처: [1]"),
            [
                ("Steps [2]:", vec![2]),
                ("Close V1.", vec![2]),
                ("Open V2 [3].", vec![3]),
                ("Next.", vec![1]),
                ("Wait.", vec![1])
            ]
        );
        assert_eq!(
            cut("| Gas | Flow |\n|---|---|\n| NH3 | 5 slm [1] |")[1],
            ("| NH3 | 5 slm [1] |", vec![1])
        );
    }

    #[test]
    fn lead_ins_questions_and_denials_need_no_source() {
        for text in [
            "다음과 같습니다:",
            "Which tool?",
            "문서에서 찾을 수 없습니다.",
            "**Purge**",
        ] {
            assert!(statements(text)[0].needs_no_source, "{text}");
        }
        assert!(!statements("It is 5 °C.")[0].needs_no_source);
    }
}
