//! Fixed-width tables.

use pulldown_cmark::Alignment;

/// Wider columns are wrapped at spaces: a phone shows about fifty characters in a line.
const WRAP_WIDTH: usize = 24;

/// Aligns the rows in columns. The first row is the head.
pub(super) fn aligned(rows: &[Vec<String>], alignments: &[Alignment]) -> String {
    let rows: Vec<Vec<Vec<String>>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| wrapped(cell)).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .flatten()
                .map(|line| width(line))
                .max()
                .unwrap_or_default()
        })
        .collect();
    let mut lines = Vec::with_capacity(rows.len() + 1);
    for (number, row) in rows.iter().enumerate() {
        let height = row.iter().map(Vec::len).max().unwrap_or_default();
        for line in 0..height {
            let cells = widths.iter().enumerate().map(|(column, width)| {
                let cell = row.get(column).and_then(|cell| cell.get(line));
                let alignment = alignments.get(column).copied().unwrap_or(Alignment::None);
                padded(cell.map_or("", String::as_str), *width, alignment)
            });
            lines.push(cells.collect::<Vec<_>>().join("  ").trim_end().to_owned());
        }
        if number == 0 {
            lines.push(
                widths
                    .iter()
                    .map(|width| "-".repeat(*width))
                    .collect::<Vec<_>>()
                    .join("  "),
            );
        }
    }
    lines.join("\n")
}

/// The lines of a cell, broken at spaces. A word that is too long stays whole.
fn wrapped(cell: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in cell.split(' ') {
        let last = lines.len() - 1;
        if lines[last].is_empty() {
            lines[last].push_str(word);
        } else if width(&lines[last]) + 1 + width(word) <= WRAP_WIDTH {
            lines[last].push(' ');
            lines[last].push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn padded(cell: &str, to: usize, alignment: Alignment) -> String {
    let missing = to.saturating_sub(width(cell));
    let left = match alignment {
        Alignment::Right => missing,
        Alignment::Center => missing / 2,
        Alignment::None | Alignment::Left => 0,
    };
    format!("{}{cell}{}", " ".repeat(left), " ".repeat(missing - left))
}

/// Display width of a text: Hangul, Chinese characters and full-width forms count two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|letter| if is_wide(letter) { 2 } else { 1 })
        .sum()
}

fn is_wide(letter: char) -> bool {
    matches!(letter,
        '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{303E}' | '\u{3041}'..='\u{33FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{3FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_cells_are_wrapped_and_columns_stay_in_line() {
        let rows = [
            vec!["Step".to_owned(), "값".to_owned()],
            vec![
                "q06 GaN half barrier 5.5 nm → q06a GaN:Si half barrier".to_owned(),
                "열림".to_owned(),
            ],
            vec!["p04".to_owned(), "350 sccm".to_owned()],
        ];
        assert_eq!(
            aligned(&rows, &[Alignment::Left, Alignment::Right]),
            "Step                            값\n\
             ------------------------  --------\n\
             q06 GaN half barrier 5.5      열림\n\
             nm → q06a GaN:Si half\n\
             barrier\n\
             p04                       350 sccm"
        );
    }
}
