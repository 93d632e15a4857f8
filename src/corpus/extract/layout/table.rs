//! Rows of cells that stand below one another become a table.

use super::{CELL, Extent, Line, PageWriter, Style};

/// How many of the lines, from the first on, are rows of one table.
pub(super) fn rows(lines: &[Line], style: Style) -> usize {
    let goes_on = |at: &usize| {
        let (before, line) = (&lines[at - 1], &lines[*at]);
        let is_ruled = before.table.is_some() && before.table == line.table;
        is_ruled || (line.is_row() && before.table == line.table && !style.breaks(before, line))
    };
    match lines.first() {
        Some(first) if first.is_row() => 1 + (1..lines.len()).take_while(goes_on).count(),
        _ => 0,
    }
}

/// Writes rows as a Markdown table, the first as its head.
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

/// From where to where the columns go, by the rows that have the most cells.
fn columns(rows: &[Line]) -> Vec<Extent> {
    let most = rows.iter().map(|row| row.cells.len()).max().unwrap_or(1);
    let mut columns: Vec<Extent> = Vec::new();
    for row in rows.iter().filter(|row| row.cells.len() == most) {
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

/// The cells of a row, each in its column; a column may have none.
fn cells(row: &Line, columns: &[Extent]) -> Vec<String> {
    let texts: Vec<&str> = row.text.split(CELL).collect();
    let mut cells = vec![String::new(); columns.len()];
    let mut from = 0;
    for (index, text) in texts.iter().enumerate() {
        // As many columns are left over as there are cells to come.
        let last = columns.len().saturating_sub(texts.len() - index);
        let nearest = row.cells.get(index).and_then(|cell| {
            (from..=last).min_by(|one, other| {
                let distance = |column: &usize| distance(*cell, columns[*column]);
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

/// How far a cell lies from a column: nothing where it stands within it, else by the nearest of their edges.
fn distance(cell: Extent, column: Extent) -> f32 {
    let apart = (cell.left - column.right).max(column.left - cell.right);
    if apart > 0.0 {
        return 1000.0 + apart;
    }
    let edges = (cell.left - column.left).abs().min((cell.right - column.right).abs());
    edges.min(((cell.left + cell.right) - (column.left + column.right)).abs() / 2.0)
}

#[cfg(test)]
mod tests {
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
    fn what_a_row_lacks_leaves_its_column_empty() {
        let rows = [
            row(&[("Heater", 50.0, 90.0), ("trip", 120.0, 140.0), ("1180 °C", 300.0, 340.0)], 700.0),
            row(&[("warning", 120.0, 160.0), ("1160 °C", 300.0, 340.0)], 686.0),
        ];
        assert_eq!(
            written(&rows),
            "| Heater | trip | 1180 °C |\n|---|---|---|\n|  | warning | 1160 °C |"
        );
    }

    #[test]
    fn numbers_that_are_flush_on_the_right_stay_in_their_columns() {
        let rows = [
            row(&[("Item", 50.0, 80.0), ("2024", 200.0, 225.0), ("2025", 300.0, 325.0)], 700.0),
            row(&[("Sales", 50.0, 80.0), ("1,234,567", 180.0, 225.0), ("9", 320.0, 325.0)], 686.0),
            row(&[("Tax", 50.0, 80.0), ("8", 320.0, 325.0)], 672.0),
        ];
        assert_eq!(
            written(&rows),
            "| Item | 2024 | 2025 |\n|---|---|---|\n| Sales | 1,234,567 | 9 |\n| Tax |  | 8 |"
        );
    }

    #[test]
    fn a_row_has_as_many_cells_as_the_table_has_columns_whatever_is_in_them() {
        let broken = Line { text: "a | b | c".to_owned(), ..row(&[("", 0.0, 0.0)], 690.0) };
        let rows = [row(&[("x", 50.0, 60.0), ("y", 100.0, 110.0)], 700.0), broken];
        assert_eq!(written(&rows).lines().count(), 3);
    }
}
