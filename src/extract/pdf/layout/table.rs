//! Recognizes and writes tables: rows of cells below one another.

use super::{CELL, Extent, Line, PageWriter, Style};

/// How far a cell may extend beyond its column, in points.
const SLACK: f32 = 1.0;
/// Longest line of one cell between two rows that is a row of its own, in characters.
const MAX_LABEL: usize = 60;
/// Largest distance of such a line from its neighbours, in font sizes.
const MAX_DISTANCE: f32 = 2.0;

/// Returns the number of lines, from the first on, that are rows of one table.
pub(super) fn rows(lines: &[Line], style: Style) -> usize {
    if !lines.first().is_some_and(Line::is_row) {
        return 0;
    }
    let mut count = 1;
    while let Some(line) = lines.get(count) {
        let before = &lines[count - 1];
        let goes_on = if line.table.is_some() || before.table.is_some() {
            before.table == line.table
        } else {
            is_label(lines, count)
                || (line.is_row() && (is_label(lines, count - 1) || !style.breaks(before, line)))
        };
        if !goes_on {
            break;
        }
        count += 1;
    }
    count
}

/// Whether a line within a table is a label for the rows below it.
fn is_label(lines: &[Line], at: usize) -> bool {
    let (Some(before), Some(next)) = (
        at.checked_sub(1).map(|before| &lines[before]),
        lines.get(at + 1),
    ) else {
        return false;
    };
    let line = &lines[at];
    let size = line.size.max(1.0);
    let is_near = |above: &Line, below: &Line| {
        (0.0..MAX_DISTANCE * size).contains(&(above.bottom - below.bottom))
    };
    let same_columns = match (before.cells.last(), next.cells.last()) {
        (Some(one), Some(other)) => one.left < other.right && other.left < one.right,
        _ => false,
    };
    !line.is_row()
        && before.is_row()
        && next.is_row()
        && next.table.is_none()
        && (line.left - before.left).abs() <= size
        && line.text.chars().count() <= MAX_LABEL
        && is_near(before, line)
        && is_near(line, next)
        && same_columns
}

/// Writes rows as a Markdown table, the first as its header.
pub(super) fn write(rows: &[Line], page: &mut PageWriter) {
    let columns = columns(rows);
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            page.push("\n");
        }
        page.line(&format!("| {} |", cells(row, &columns).join(CELL)));
        if index == 0 {
            page.push(&format!("\n|{}", "---|".repeat(columns.len())));
        }
    }
}

/// Returns the extents of the columns, by the rows with `column_count` cells.
fn columns(rows: &[Line]) -> Vec<Extent> {
    let column_count = rows.iter().map(|row| row.cells.len()).max().unwrap_or(1);
    let mut columns: Vec<Extent> = Vec::new();
    for row in rows.iter().filter(|row| row.cells.len() == column_count) {
        if columns.is_empty() {
            columns.clone_from(&row.cells);
        }
        for (column, cell) in columns.iter_mut().zip(&row.cells) {
            column.left = column.left.min(cell.left);
            column.right = column.right.max(cell.right);
        }
    }
    columns
}

/// Returns the cells of a row, each in its column; a column may be empty.
fn cells(row: &Line, columns: &[Extent]) -> Vec<String> {
    let parts = parts(row, columns);
    let mut cells = vec![String::new(); columns.len()];
    let mut from = 0;
    for (index, (text, extent)) in parts.iter().enumerate() {
        // Leave as many columns as there are further cells.
        let last = columns.len().saturating_sub(parts.len() - index);
        let nearest = extent.and_then(|extent| {
            (from..=last).min_by(|one, other| {
                let distance = |column: &usize| distance(extent, columns[*column]);
                distance(one).total_cmp(&distance(other))
            })
        });
        let column = nearest.unwrap_or(from).min(columns.len() - 1);
        let cell = &mut cells[column];
        if !cell.is_empty() {
            cell.push(' ');
        }
        cell.push_str(&text.replace('|', "\\|"));
        from = column + 1;
    }
    cells
}

/// Splits a row into cells at wide spaces, and at narrower ones between two columns of the table.
fn parts<'a>(row: &'a Line, columns: &[Extent]) -> Vec<(&'a str, Option<Extent>)> {
    let mut parts = Vec::new();
    let mut begin = 0;
    for (index, text) in row.text.split(CELL).enumerate() {
        let end = begin + text.len();
        let mut extent = row.cells.get(index).copied();
        let mut from = begin;
        for narrow in row
            .narrow
            .iter()
            .filter(|narrow| (begin..end).contains(&narrow.at))
        {
            let is_border = columns.windows(2).any(|pair| {
                pair[0].right <= narrow.left + SLACK && narrow.right <= pair[1].left + SLACK
            });
            if is_border && let Some(whole) = extent {
                let left = Extent {
                    right: narrow.left,
                    ..whole
                };
                parts.push((&row.text[from..narrow.at], Some(left)));
                extent = Some(Extent {
                    left: narrow.right,
                    ..whole
                });
                from = narrow.at + 1;
            }
        }
        parts.push((&row.text[from..end], extent));
        begin = end + CELL.len();
    }
    // A line that is not a row may itself contain `|`.
    if row.cells.len() < 2 {
        parts = vec![(row.text.as_str(), row.cells.first().copied())];
    }
    parts
}

/// Returns the distance of a cell from a column: 0 if it is inside, else that of their nearest edges.
fn distance(cell: Extent, column: Extent) -> f32 {
    let apart = (cell.left - column.right).max(column.left - cell.right);
    if apart > 0.0 {
        return 1000.0 + apart;
    }
    let edges = (cell.left - column.left)
        .abs()
        .min((cell.right - column.right).abs());
    edges.min(((cell.left + cell.right) - (column.left + column.right)).abs() / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Narrow;
    use super::*;

    fn row(cells: &[(&str, f32, f32)], bottom: f32) -> Line {
        let extents = cells.iter().map(|(_, left, right)| Extent {
            left: *left,
            right: *right,
            bottom,
        });
        Line {
            text: cells
                .iter()
                .map(|cell| cell.0)
                .collect::<Vec<_>>()
                .join(CELL),
            cells: extents.collect(),
            bottom,
            top: bottom + 10.0,
            size: 10.0,
            ..Line::default()
        }
    }

    fn written(rows: &[Line]) -> String {
        let mut page = PageWriter::default();
        write(rows, &mut page);
        page.done.text
    }

    #[test]
    fn a_missing_cell_leaves_its_column_empty() {
        let rows = [
            row(
                &[
                    ("Heater", 50.0, 90.0),
                    ("trip", 120.0, 140.0),
                    ("1180 °C", 300.0, 340.0),
                ],
                700.0,
            ),
            row(
                &[("warning", 120.0, 160.0), ("1160 °C", 300.0, 340.0)],
                686.0,
            ),
        ];
        assert_eq!(
            written(&rows),
            "| Heater | trip | 1180 °C |\n|---|---|---|\n|  | warning | 1160 °C |"
        );
    }

    #[test]
    fn a_space_between_two_columns_of_the_table_is_a_border_even_if_it_is_narrow() {
        let mut head = row(
            &[("Rev. Date", 50.0, 90.0), ("Change", 150.0, 180.0)],
            700.0,
        );
        head.narrow.push(Narrow {
            at: 4,
            left: 66.0,
            right: 70.0,
        });
        let rows = [
            head,
            row(
                &[
                    ("1", 50.0, 55.0),
                    ("2021", 70.0, 90.0),
                    ("First", 150.0, 180.0),
                ],
                686.0,
            ),
        ];
        assert_eq!(
            written(&rows),
            "| Rev. | Date | Change |\n|---|---|---|\n| 1 | 2021 | First |"
        );
    }

    #[test]
    fn a_label_within_a_table_is_a_row_and_a_sentence_below_it_is_not() {
        let style = Style::measure(&[]);
        let lines = [
            row(&[("Item", 50.0, 80.0), ("Cost", 200.0, 225.0)], 700.0),
            row(&[("Body Supplies", 50.0, 80.0)], 686.0),
            row(&[("Paint", 50.0, 80.0), ("60", 210.0, 225.0)], 672.0),
            row(&[("All prices are net.", 50.0, 130.0)], 658.0),
        ];
        assert_eq!(rows(&lines, style), 3);
        assert_eq!(
            written(&lines[..3]),
            "| Item | Cost |\n|---|---|\n| Body Supplies |  |\n| Paint | 60 |"
        );
    }

    #[test]
    fn numbers_that_are_flush_on_the_right_stay_in_their_columns() {
        let rows = [
            row(
                &[
                    ("Item", 50.0, 80.0),
                    ("2024", 200.0, 225.0),
                    ("2025", 300.0, 325.0),
                ],
                700.0,
            ),
            row(
                &[
                    ("Sales", 50.0, 80.0),
                    ("1,234,567", 180.0, 225.0),
                    ("9", 320.0, 325.0),
                ],
                686.0,
            ),
            row(&[("Tax", 50.0, 80.0), ("8", 320.0, 325.0)], 672.0),
        ];
        assert_eq!(
            written(&rows),
            "| Item | 2024 | 2025 |\n|---|---|---|\n| Sales | 1,234,567 | 9 |\n| Tax |  | 8 |"
        );
    }

    #[test]
    fn a_row_has_as_many_cells_as_the_table_has_columns_with_any_content() {
        let broken = Line {
            text: "a | b | c".to_owned(),
            ..row(&[("", 0.0, 0.0)], 690.0)
        };
        let rows = [
            row(&[("x", 50.0, 60.0), ("y", 100.0, 110.0)], 700.0),
            broken,
        ];
        assert_eq!(written(&rows).lines().count(), 3);
    }

    proptest! {
        #[test]
        fn every_row_has_every_column_and_no_cell_is_lost(
            table in proptest::collection::vec(
                proptest::collection::vec((0..400_u16, 1..80_u16), 1..6), 1..8),
        ) {
            let mut number = 0;
            let rows: Vec<Line> = table.iter().enumerate().map(|(at, cells)| {
                let mut cells = cells.clone();
                cells.sort_unstable();
                let texts: Vec<String> = cells.iter().map(|_| { number += 1; format!("c{number}c") }).collect();
                let cells: Vec<(&str, f32, f32)> = cells.iter().zip(&texts)
                    .map(|((left, width), text)| (text.as_str(), f32::from(*left), f32::from(left + width)))
                    .collect();
                row(&cells, 700.0 - 14.0 * f32::from(u8::try_from(at).unwrap()))
            }).collect();
            let text = written(&rows);
            let bars: std::collections::BTreeSet<usize> = text.lines().map(|line| line.matches('|').count()).collect();
            prop_assert_eq!(bars.len(), 1, "{}", text);
            for cell in 1..=number {
                let word = format!("c{cell}c");
                prop_assert!(text.contains(&word), "{}", text);
            }
        }
    }
}
