//! Merges table rows whose cells have several lines.
//!
//! A page's text comes cell by cell and row by row, without telling whether the next line continues the same cell, the
//! next cell of the row, or begins another row. The positions of the columns show that.

use super::{CELL, Extent, Line, Narrow, Spacing};

/// Largest difference between the left edges of a column's cells, in font sizes.
const SLACK: f32 = 0.8;
/// Largest distance between the lines of a cell, in font sizes.
const MAX_LEADING: f32 = 1.5;
/// Smallest distance of other text below a table's last row, in font sizes.
const MIN_DISTANCE: f32 = 2.2;

/// Merges each row of a table to one line.
pub(in crate::extract) fn merge_wrapped(lines: Vec<Line>, spacing: &Spacing) -> Vec<Line> {
    let mut merged: Vec<Line> = Vec::with_capacity(lines.len());
    let mut table: Option<Table> = None;
    for mut line in lines {
        if line.table.is_some() {
            line.text = join_cell_lines(&line.text, spacing);
            table = None;
            merged.push(line);
            continue;
        }
        let continuation = table
            .as_ref()
            .zip(merged.last())
            .map_or(Continuation::Outside, |(table, row)| {
                table.continuation(row, &line)
            });
        match (continuation, merged.last_mut()) {
            (Continuation::SameCell, Some(row)) => {
                let is_word = spacing.is_within_word_of_cell(&row.text, &line.text);
                let joint = if is_word { "" } else { " " };
                append(row, &line, joint, 1);
            }
            (Continuation::NextCell, Some(row)) => append(row, &line, CELL, 0),
            (Continuation::NewRow, _) => {
                if let Some(table) = &mut table {
                    table.widen(&line);
                }
                merged.push(line);
            }
            _ => {
                table = line.is_row().then(|| Table::begun_by(&line));
                merged.push(line);
            }
        }
    }
    merged
}

/// Removes the line feeds within the cells of a ruled table's row.
fn join_cell_lines(row: &str, spacing: &Spacing) -> String {
    let mut joined = String::with_capacity(row.len());
    for line in row.split('\n') {
        if !joined.is_empty() && !spacing.is_within_word_of_cell(&joined, line) {
            joined.push(' ');
        }
        joined.push_str(line);
    }
    joined
}

/// What a line continues.
enum Continuation {
    SameCell,
    NextCell,
    NewRow,
    Outside,
}

/// Left edges of a table's columns.
struct Table {
    columns: Vec<f32>,
}

impl Table {
    fn begun_by(line: &Line) -> Self {
        Self {
            columns: line.cells.iter().map(|cell| cell.left).collect(),
        }
    }

    /// Takes the columns of a row with more cells than the head.
    fn widen(&mut self, line: &Line) {
        if line.cells.len() > self.columns.len() {
            *self = Self::begun_by(line);
        }
    }

    fn column(&self, cell: Extent, size: f32) -> Option<usize> {
        self.columns
            .iter()
            .position(|left| (left - cell.left).abs() <= SLACK * size)
    }

    fn continuation(&self, row: &Line, line: &Line) -> Continuation {
        let (Some(last), Some(first)) = (row.cells.last(), line.cells.first()) else {
            return Continuation::Outside;
        };
        let size = line.size.max(1.0);
        let Some(column) = self.column(*first, size) else {
            return Continuation::Outside;
        };
        if (row.size - line.size).abs() > 0.2 * size {
            return Continuation::Outside;
        }
        let before = self.column(*last, size);
        let below = (row.end_bottom() - first.bottom) / size;
        let is_level =
            first.bottom < row.top + 0.5 * size && first.bottom > row.bottom - 0.9 * size;
        match before {
            _ if column == 0 && line.is_row() => Continuation::NewRow,
            Some(before) if column == before && (0.3..MAX_LEADING).contains(&below) => {
                Continuation::SameCell
            }
            // Text below a table begins at its first column, but at a distance.
            _ if column == 0 && (row.bottom - line.bottom) / size < MIN_DISTANCE => {
                Continuation::NewRow
            }
            _ if column == 0 => Continuation::Outside,
            Some(before) if column > before && is_level => Continuation::NextCell,
            _ if line.is_row() => Continuation::NewRow,
            _ => Continuation::Outside,
        }
    }
}

impl Line {
    /// Returns the bottom of the last line of its last cell.
    fn end_bottom(&self) -> f32 {
        self.cells.last().map_or(self.bottom, |cell| cell.bottom)
    }
}

/// Appends a line to a row; its first `continued` cells continue the row's last cell.
fn append(row: &mut Line, line: &Line, joint: &str, continued: usize) {
    row.text.push_str(joint);
    let before = row.text.len();
    row.narrow.extend(line.narrow.iter().map(|narrow| Narrow {
        at: before + narrow.at,
        ..*narrow
    }));
    row.text.push_str(&line.text);
    if continued > 0
        && let (Some(last), Some(first)) = (row.cells.last_mut(), line.cells.first())
    {
        last.bottom = first.bottom;
        last.right = last.right.max(first.right);
    }
    row.cells.extend(line.cells.iter().skip(continued));
    row.right = row.right.max(line.right);
    row.bottom = row.bottom.min(line.bottom);
    row.top = row.top.max(line.top);
    row.bold &= line.bold;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells of 10 points in columns at 50, 120 and 300 points; `(text, column, bottom)`.
    fn line(cells: &[(&str, usize, f32)]) -> Line {
        let left = |column: usize| [50.0, 120.0, 300.0][column];
        let bottoms = cells.iter().map(|cell| cell.2);
        Line {
            text: cells
                .iter()
                .map(|cell| cell.0)
                .collect::<Vec<_>>()
                .join(CELL),
            left: left(cells[0].1),
            right: 400.0,
            bottom: bottoms.clone().fold(f32::MAX, f32::min),
            top: bottoms.fold(0.0, f32::max) + 10.0,
            size: 10.0,
            cells: cells
                .iter()
                .map(|cell| Extent {
                    left: left(cell.1),
                    right: left(cell.1) + 60.0,
                    bottom: cell.2,
                })
                .collect(),
            ..Line::default()
        }
    }

    fn texts(lines: Vec<Line>) -> Vec<String> {
        let merged = merge_wrapped(lines, &Spacing::default()).into_iter();
        merged.map(|line| line.text).collect()
    }

    #[test]
    fn a_cell_of_two_lines_stays_in_its_row() {
        let lines = vec![
            line(&[("Code", 0, 700.0), ("Text", 1, 700.0), ("Remedy", 2, 700.0)]),
            // Its cells are centred: the first one stands between the two lines of the second.
            line(&[("E-1042", 0, 674.0), ("Water outlet too", 1, 680.0)]),
            line(&[("hot", 1, 668.0), ("Clean the strainer", 2, 674.0)]),
            line(&[
                ("E-1051", 0, 650.0),
                ("Exhaust low", 1, 650.0),
                ("Call", 2, 650.0),
            ]),
            line(&[("facilities", 2, 638.0)]),
            line(&[("An alarm stays red until its cause is gone.", 0, 610.0)]),
        ];
        assert_eq!(
            texts(lines),
            [
                "Code | Text | Remedy",
                "E-1042 | Water outlet too hot | Clean the strainer",
                "E-1051 | Exhaust low | Call facilities",
                "An alarm stays red until its cause is gone.",
            ]
        );
    }

    #[test]
    fn cells_that_came_as_lines_of_their_own_join_their_row() {
        let lines = vec![
            line(&[("Code", 0, 700.0), ("Text", 1, 700.0), ("Remedy", 2, 700.0)]),
            line(&[("E-1071", 0, 674.0), ("암모니아 공급 압", 1, 680.0)]),
            line(&[("력 이상", 1, 668.0)]),
            line(&[("Check the cabinet", 2, 674.0)]),
        ];
        assert_eq!(
            texts(lines)[1],
            "E-1071 | 암모니아 공급 압력 이상 | Check the cabinet"
        );
    }

    #[test]
    fn the_first_cell_may_have_two_lines() {
        let lines = vec![
            line(&[("Task", 0, 700.0), ("Interval", 1, 700.0)]),
            line(&[("Exchange the oxygen", 0, 680.0)]),
            line(&[("sensor", 0, 668.0)]),
            line(&[("18 months", 1, 674.0)]),
        ];
        assert_eq!(
            texts(lines),
            ["Task | Interval", "Exchange the oxygen sensor | 18 months"]
        );
    }

    #[test]
    fn a_row_below_with_an_empty_first_cell_is_another_row() {
        let lines = vec![
            line(&[
                ("Heater", 0, 700.0),
                ("trip", 1, 700.0),
                ("1180 °C", 2, 700.0),
            ]),
            line(&[("warning", 1, 680.0), ("1160 °C", 2, 680.0)]),
        ];
        assert_eq!(
            texts(lines),
            ["Heater | trip | 1180 °C", "warning | 1160 °C"]
        );
    }

    #[test]
    fn text_without_tables_is_left_as_it_is() {
        let lines = vec![
            line(&[("One line,", 0, 700.0)]),
            line(&[("and another.", 0, 688.0)]),
        ];
        assert_eq!(texts(lines), ["One line,", "and another."]);
    }
}
