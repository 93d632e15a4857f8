//! Reads spreadsheets as tables. Call it in a child process: a tiny file can name a cell so far away that the library
//! takes all memory.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::table::{Grid, Row};

/// Cells in a sheet; larger ones are not recipes.
const MAX_CELLS: usize = 4_000_000;

/// Reads the tables of a workbook, one per sheet, in order.
///
/// # Errors
/// If the bytes are not a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Grid>, String> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut grids = Vec::new();
    for name in book.sheet_names() {
        let Ok(range) = book.worksheet_range(&name) else {
            continue;
        };
        let (Some(start), Some(end)) = (range.start(), range.end()) else {
            continue;
        };
        if range.width().saturating_mul(range.height()) > MAX_CELLS {
            continue;
        }
        let rows = (start.0 + 1..)
            .zip(range.rows())
            .map(|(line, cells)| Row {
                line,
                last: line,
                cells: std::iter::repeat_n(String::new(), start.1 as usize)
                    .chain(cells.iter().map(text))
                    .collect(),
            })
            .collect();
        grids.push(Grid {
            rows,
            lines: end.0 + 1,
        });
    }
    Ok(grids)
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        other => other
            .to_string()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// Writes a table as text with one line per row, so that a row can be shown by its number.
pub(super) fn to_text(grid: &Grid) -> String {
    let mut text = String::new();
    let mut line = 1;
    for row in &grid.rows {
        while line < row.line {
            text.push('\n');
            line += 1;
        }
        text.push_str(row.cells.join(" | ").trim_end_matches([' ', '|']));
    }
    text
}
