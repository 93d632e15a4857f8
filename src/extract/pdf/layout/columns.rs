//! Two columns of text whose lines were read across both: puts the left column first, then the right one.
//!
//! Most files store a page's columns one after the other. Some store them line by line, so that each line looks like a row
//! of two cells. Cells of a table are rarely filled to the right; lines of text fill their column.

use super::{CELL, Extent, Line};

/// Number of lines side by side that is no accident.
const MIN_LINES: usize = 8;
/// Average number of letters per line.
const MIN_LETTERS: usize = 25;
/// Share of the lines in a column that fill it, and share of its width that they fill.
const MIN_FULL_SHARE: f32 = 0.6;
const FULL_WIDTH: f32 = 0.85;
/// Largest difference between the left edges of lines in a column, in font sizes.
const SLACK: f32 = 1.5;

/// Returns the lines of a page in reading order.
pub(in crate::extract) fn split(lines: Vec<Line>) -> Vec<Line> {
    let Some(gutter) = gutter(&lines) else {
        return lines;
    };
    let mut ordered = Vec::with_capacity(lines.len());
    let mut right = Vec::new();
    for line in lines {
        match side(&line, gutter) {
            Side::Both => {
                let (one, other) = halves(&line);
                ordered.push(one);
                right.push(other);
            }
            Side::Left => ordered.push(line),
            Side::Right => right.push(line),
            Side::Across => {
                ordered.append(&mut right);
                ordered.push(line);
            }
        }
    }
    ordered.append(&mut right);
    ordered
}

/// Position of a line.
enum Side {
    Left,
    Right,
    /// Spans both columns, with a part in each.
    Both,
    /// Spans both columns as one text, such as a heading.
    Across,
}

/// Returns the left edge of the right column, if there is one.
fn gutter(lines: &[Line]) -> Option<f32> {
    let rows: Vec<&Line> = lines
        .iter()
        .filter(|line| line.cells.len() == 2 && line.table.is_none())
        .collect();
    let mut begins: Vec<f32> = rows.iter().map(|row| row.cells[1].left).collect();
    begins.sort_by(f32::total_cmp);
    let middle = *begins.get(begins.len() / 2)?;
    let rows: Vec<&Line> = rows
        .into_iter()
        .filter(|row| (row.cells[1].left - middle).abs() <= SLACK * row.size)
        .collect();
    let letters = |side: usize| -> usize {
        let parts = rows.iter().filter_map(|row| row.text.split(CELL).nth(side));
        parts.map(|part| part.chars().count()).sum()
    };
    let is_text = |side: usize| {
        letters(side) >= MIN_LETTERS * rows.len() && fills(rows.iter().map(|row| row.cells[side]))
    };
    (rows.len() >= MIN_LINES && is_text(0) && is_text(1)).then_some(middle)
}

/// Whether most of the lines fill the width of their column.
fn fills(lines: impl Iterator<Item = Extent> + Clone) -> bool {
    let width = |line: Extent| line.right - line.left;
    let widest = lines.clone().map(width).fold(0.0, f32::max);
    let full = lines
        .clone()
        .filter(|line| width(*line) >= FULL_WIDTH * widest)
        .count();
    #[expect(clippy::cast_precision_loss, reason = "a page has few lines")]
    let share = full as f32 / lines.count().max(1) as f32;
    share >= MIN_FULL_SHARE
}

fn side(line: &Line, gutter: f32) -> Side {
    let slack = SLACK * line.size;
    match line.cells.as_slice() {
        _ if line.table.is_some() => Side::Across,
        [_, right] if (right.left - gutter).abs() <= slack => Side::Both,
        _ if line.left >= gutter - slack => Side::Right,
        _ if line.right <= gutter => Side::Left,
        _ => Side::Across,
    }
}

/// Splits a line into its parts in both columns.
fn halves(line: &Line) -> (Line, Line) {
    let (left, right) = line.text.split_once(CELL).unwrap_or((&line.text, ""));
    let half = |text: &str, cell: Extent, hyphenated: bool| Line {
        text: text.to_owned(),
        left: cell.left,
        right: cell.right,
        cells: vec![cell],
        hyphenated,
        narrow: Vec::new(),
        ..line.clone()
    };
    // Within a line, a hyphen character cannot be distinguished from a line-end hyphen.
    let cut = left
        .strip_suffix('-')
        .filter(|word| word.ends_with(char::is_lowercase));
    (
        half(cut.unwrap_or(left), line.cells[0], cut.is_some()),
        half(right, line.cells[1], line.hyphenated),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[(&str, f32, f32)], bottom: f32) -> Line {
        let texts: Vec<&str> = cells.iter().map(|cell| cell.0).collect();
        let extents = cells.iter().map(|(_, left, right)| Extent {
            left: *left,
            right: *right,
            bottom,
        });
        Line {
            text: texts.join(CELL),
            left: cells[0].1,
            right: cells[cells.len() - 1].2,
            bottom,
            size: 10.0,
            cells: extents.collect(),
            ..Line::default()
        }
    }

    fn texts(lines: Vec<Line>) -> Vec<String> {
        split(lines).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn the_left_column_comes_before_the_right_one_and_headings_stay_between() {
        let mut lines = vec![row(
            &[("Two columns of text on one page", 50.0, 400.0)],
            760.0,
        )];
        for number in 0..9_u8 {
            let (left, right) = (
                format!("left line {number} fills its whole column"),
                format!("right line {number} fills its whole column"),
            );
            let bottom = 740.0 - 12.0 * f32::from(number);
            lines.push(row(&[(&left, 50.0, 290.0), (&right, 310.0, 550.0)], bottom));
        }
        lines.push(row(&[("the end of the left one", 50.0, 160.0)], 632.0));
        let texts = texts(lines);
        assert_eq!(texts[0], "Two columns of text on one page");
        assert!(
            texts[1..10].iter().all(|text| text.starts_with("left")),
            "{texts:?}"
        );
        assert_eq!(texts[10], "the end of the left one");
        assert!(
            texts[11..].iter().all(|text| text.starts_with("right")),
            "{texts:?}"
        );
    }

    #[test]
    fn a_table_of_two_columns_stays_a_table() {
        let lines: Vec<Line> = (0..12_u8)
            .map(|number| {
                let width = 40.0 + 17.0 * f32::from(number % 5);
                let words = format!("what the step {number} of the procedure does");
                let cells = [
                    ("Close the valve of the cabinet", 50.0, 50.0 + width),
                    (words.as_str(), 310.0, 350.0 + width),
                ];
                row(&cells, 740.0 - 12.0 * f32::from(number))
            })
            .collect();
        assert_eq!(split(lines.clone()), lines);
    }

    #[test]
    fn a_word_that_is_hyphenated_in_the_left_column_goes_on_in_its_next_line() {
        let line = row(
            &[
                ("the lid must not be low-", 50.0, 290.0),
                ("right", 310.0, 550.0),
            ],
            700.0,
        );
        let (left, right) = halves(&line);
        assert_eq!(
            (left.text.as_str(), left.hyphenated),
            ("the lid must not be low", true)
        );
        assert_eq!((right.text.as_str(), right.hyphenated), ("right", false));
    }
}
