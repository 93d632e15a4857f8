//! Builds the rows of a ruled table from the lines in its cells.

use super::{Cell, Grid};
use crate::extract::pdf::layout::{CELL, Extent, Line};

/// Lines in a cell; more are a column of text in a frame.
const MAX_LINES: usize = 15;
/// A line that leaves more of its cell's width than this was ended on purpose, in font sizes.
const MAX_ROOM: f32 = 2.0;
/// Longest text of a cell over several rows that is repeated in each of them, so that a row can be understood alone.
const MAX_REPEATED: usize = 120;

/// A line of the page, or the part of one that is in a cell.
#[derive(Clone, Debug)]
pub(in crate::extract::pdf::layout) struct Piece {
    pub(in crate::extract::pdf::layout) cell: Option<Cell>,
    pub(in crate::extract::pdf::layout) line: Line,
}

/// Merges each row of a ruled table to one line. Line ends within a cell become line feeds.
pub(in crate::extract::pdf::layout) fn fold(grids: &[Grid], pieces: Vec<Piece>) -> Vec<Line> {
    let mut contents: Vec<Vec<Vec<Line>>> = grids
        .iter()
        .map(|grid| vec![Vec::new(); grid.owners.len()])
        .collect();
    // The output in order: a line, or a table at the position of its first line.
    let mut order: Vec<Result<Line, usize>> = Vec::new();
    for Piece { cell, line } in pieces {
        match cell {
            None => order.push(Ok(line)),
            Some(Cell { grid, position }) => {
                if contents[grid].iter().all(Vec::is_empty) {
                    order.push(Err(grid));
                }
                contents[grid][position].push(line);
            }
        }
    }
    let mut lines = Vec::new();
    for next in order {
        match next {
            Ok(line) => lines.push(line),
            Err(grid) => {
                let cells = std::mem::take(&mut contents[grid]);
                let number = u32::try_from(grid + 1).unwrap_or(u32::MAX);
                lines.extend(grids[grid].lines(cells, number));
            }
        }
    }
    lines
}

impl Grid {
    /// Returns the rows of its cells; if it is a frame rather than a table, the lines unchanged.
    fn lines(&self, cells: Vec<Vec<Line>>, number: u32) -> Vec<Line> {
        let columns = self.columns();
        let filled = |position: usize| !cells[position].is_empty();
        let used_columns: Vec<usize> = (0..columns)
            .filter(|column| (0..self.rows()).any(|row| filled(row * columns + column)))
            .collect();
        let rows: Vec<usize> = (0..self.rows())
            .filter(|row| (0..columns).any(|column| filled(row * columns + column)))
            .collect();
        let is_frame = used_columns.len() < 2 || cells.iter().any(|lines| lines.len() > MAX_LINES);
        if is_frame {
            return cells.into_iter().flatten().collect();
        }
        let rows = rows
            .into_iter()
            .filter_map(|row| self.row(row, &used_columns, &cells, number));
        rows.collect()
    }

    fn row(
        &self,
        row: usize,
        used_columns: &[usize],
        cells: &[Vec<Line>],
        number: u32,
    ) -> Option<Line> {
        let mut texts: Vec<String> = Vec::with_capacity(used_columns.len());
        let mut extents = Vec::with_capacity(used_columns.len());
        let mut row_lines: Vec<&Line> = Vec::new();
        for column in used_columns {
            let position = row * self.columns() + column;
            let owner = self.owners[position];
            let is_first_column = owner % self.columns() == *column;
            let lines: &[Line] = if is_first_column { &cells[owner] } else { &[] };
            if owner == position {
                row_lines.extend(lines);
            }
            let right = self.right(owner);
            let text = cell_text(lines, right);
            // A text that spans down from above is repeated, unless it is long.
            let is_shown = owner == position || text.chars().count() <= MAX_REPEATED;
            texts.push(if is_shown { text } else { String::new() });
            extents.push(Extent {
                left: self.xs[*column],
                right: self.xs[column + 1],
                bottom: self.ys[row + 1],
            });
        }
        let first = row_lines.first()?;
        Some(Line {
            text: texts.join(CELL),
            left: self.xs[0],
            right: self.xs[self.columns()],
            bottom: self.ys[row + 1],
            top: self.ys[row],
            size: first.size,
            bold: row_lines.iter().all(|line| line.bold),
            hyphenated: false,
            cells: extents,
            table: Some(number),
            narrow: Vec::new(),
        })
    }
}

/// Joins the lines of a cell, with line feeds where a line may end within a word.
fn cell_text(lines: &[Line], right: f32) -> String {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        if let Some(before) = index.checked_sub(1).map(|before| &lines[before]) {
            let is_full = right - before.right < MAX_ROOM * before.size;
            let end = if is_full { "\n" } else { " " };
            text.push_str(before.joint(line).unwrap_or(end));
        }
        text.push_str(&line.text);
    }
    text
}
