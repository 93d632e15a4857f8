//! Tables in text: CSV by RFC 4180, and variants with semicolons or tabs.

use super::page_writer::{PageWriter, one_line};
use super::spreadsheet;
use crate::domain::document::Format;
use crate::extract::extracted::Extracted;

/// Cells of one row that are read.
const MAX_CELLS: usize = 256;

/// Reads a table separated by commas, semicolons or tabs, whichever is most frequent in its first lines.
pub(super) fn read(text: &str) -> Extracted {
    let text = text.trim_start_matches('\u{FEFF}');
    let sample: String = text.lines().take(10).collect();
    let count = |separator: char| sample.matches(separator).count();
    let separator = [',', ';', '\t']
        .into_iter()
        .max_by_key(|separator| count(*separator))
        .unwrap_or(',');
    let rows = records(text, separator);
    let mut flow = PageWriter::default();
    spreadsheet::write(&mut flow, "", &rows);
    Extracted {
        title: None,
        number: None,
        revision: None,
        effective: None,
        format: Format::Sheet,
        pages: vec![flow.page(None)],
        notes: Vec::new(),
    }
}

/// Splits a text into records by RFC 4180. An unclosed quote ends with its line.
fn records(text: &str, separator: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (row, after) = record(rest, separator);
        rows.push(row);
        rest = after;
    }
    rows
}

fn record(text: &str, separator: char) -> (Vec<String>, &str) {
    let mut row = Vec::new();
    let mut rest = text;
    loop {
        let (cell, after) = field(rest, separator);
        if row.len() < MAX_CELLS {
            row.push(cell);
        }
        if let Some(next) = after.strip_prefix(separator) {
            rest = next;
            continue;
        }
        let after = after.strip_prefix('\r').unwrap_or(after);
        return (row, after.strip_prefix('\n').unwrap_or(after));
    }
}

/// Returns a field, and the rest of the text from its separator or line end on.
fn field(text: &str, separator: char) -> (String, &str) {
    let ends = |letter: char| letter == separator || letter == '\n' || letter == '\r';
    if let Some(quoted) = text.strip_prefix('"')
        && let Some((value, after)) = until_quote(quoted)
        && (after.is_empty() || after.starts_with(ends))
    {
        return (one_line(&value), after);
    }
    let end = text.find(ends).unwrap_or(text.len());
    (one_line(&text[..end]), &text[end..])
}

/// Returns the value up to its closing quote; a doubled quote is one quote.
fn until_quote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let at = rest.find('"')?;
        value.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(next) => {
                value.push('"');
                rest = next;
            }
            None => return Some((value, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_protect_separators_and_line_breaks() {
        let rows = records(
            "a,\"b, c\"\r\n\"two\nlines\",\"say \"\"hi\"\"\"\nx,\"open\n",
            ',',
        );
        assert_eq!(
            rows,
            [
                vec!["a".to_owned(), "b, c".to_owned()],
                vec!["two lines".to_owned(), "say \"hi\"".to_owned()],
                vec!["x".to_owned(), "\"open".to_owned()],
            ]
        );
    }

    #[test]
    fn each_range_names_its_columns_and_position() {
        let mut text = String::from("Code;Cause\n");
        for row in 2..200 {
            text.extend([format!("E-{row};the cause of it\n")]);
        }
        let page = &read(&text).pages[0];
        let titles: Vec<&str> = page
            .headings
            .iter()
            .map(|heading| heading.title.as_str())
            .collect();
        assert_eq!(titles[0], "A2:B38");
        assert!(titles.last().unwrap().ends_with(":B199"), "{titles:?}");
        assert_eq!(page.text.matches("| Code | Cause |").count(), titles.len());
        assert_eq!(page.text.matches("| E-57 |").count(), 1);
    }

    proptest! {
        #[test]
        fn every_line_is_read_whatever_quotes_it_has(text in "[a-c,\"\n\r;]{0,60}") {
            for separator in [',', ';'] {
                let letters = |text: &str| text.chars().filter(char::is_ascii_lowercase).count();
                let rows = records(&text, separator);
                let read: usize = rows.iter().flatten().map(|cell| letters(cell)).sum();
                prop_assert_eq!(read, letters(&text));
            }
        }
    }
}
