//! Splits the rows of a sheet into ranges, cited as people name them: `Alarms!A2:D40`.

use super::page_writer::PageWriter;

/// Characters of a range, about the length of a passage.
const RANGE_LENGTH: usize = 900;

/// Writes the rows of a sheet. The first row has the names of the columns and is repeated in each range.
pub(super) fn write(flow: &mut PageWriter, name: &str, rows: &[Vec<String>]) {
    let Some(head) = rows.iter().position(|row| !is_empty(row)) else {
        return;
    };
    let columns = rows.iter().map(Vec::len).max().unwrap_or(1);
    let mut begin = head + 1;
    if begin == rows.len() {
        range(flow, name, head, head, columns);
        flow.table(&rows[head..=head]);
    }
    while begin < rows.len() {
        let mut length = 0;
        let mut end = begin;
        while end < rows.len() && (length < RANGE_LENGTH || end == begin) {
            length += rows[end]
                .iter()
                .map(|cell| cell.chars().count() + 3)
                .sum::<usize>();
            end += 1;
        }
        if rows[begin..end].iter().any(|row| !is_empty(row)) {
            let mut part = vec![rows[head].clone()];
            part.extend_from_slice(&rows[begin..end]);
            range(flow, name, begin, end - 1, columns);
            flow.table(&part);
        }
        begin = end;
    }
}

/// Begins the range from row `first` to row `last`, counted from 0.
fn range(flow: &mut PageWriter, name: &str, first: usize, last: usize, columns: usize) {
    let sheet = if name.is_empty() {
        String::new()
    } else {
        format!("{name}!")
    };
    let end = column(columns.saturating_sub(1));
    let title = format!("{sheet}A{}:{end}{}", first + 1, last + 1);
    flow.gap("\n\n");
    flow.mark(2, &title);
}

/// Returns the letters of a column, counted from 0: `A` to `Z`, then `AA`.
fn column(index: usize) -> String {
    let letter = |index: usize| char::from(b'A' + u8::try_from(index % 26).unwrap_or_default());
    if index < 26 {
        letter(index).to_string()
    } else {
        format!("{}{}", column(index / 26 - 1), letter(index))
    }
}

fn is_empty(row: &[String]) -> bool {
    row.iter().all(|cell| cell.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_sheets_do() {
        let names = [0, 25, 26, 701, 702].map(column);
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
