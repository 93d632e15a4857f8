//! Cells of a table, from any kind of file.

/// Rows of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    pub rows: Vec<Row>,
    /// Number of lines of the file, or of rows of the spreadsheet.
    pub lines: u32,
}

/// A row of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// First line, counted from 1; for a spreadsheet the row.
    pub line: u32,
    /// Last line, if a cell contains line breaks.
    pub last: u32,
    pub cells: Vec<String>,
}

impl Grid {
    /// Splits a text into cells: by tabs if its lines contain several, else by commas or semicolons.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
        let count = |sign: char| {
            text.chars()
                .take(64 << 10)
                .filter(|letter| *letter == sign)
                .count()
        };
        let rows = if count('\t') >= 5 && count('\t') * 2 > count(',') {
            (1..)
                .zip(text.lines())
                .map(|(line, text)| Row {
                    line,
                    last: line,
                    cells: text
                        .split('\t')
                        .map(|cell| cell.trim().to_owned())
                        .collect(),
                })
                .collect()
        } else {
            let delimiter = if count(';') > count(',') { b';' } else { b',' };
            separated(text, delimiter)
        };
        Self { rows, lines }
    }
}

fn separated(text: &str, delimiter: u8) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while let Ok(true) = reader.read_record(&mut record) {
        // The reader counts blank lines before a record as part of it.
        let (line, begin) = record
            .position()
            .map_or((1, 0), |at| (at.line(), at.byte()));
        let rest = usize::try_from(begin)
            .ok()
            .and_then(|begin| text.get(begin..));
        let blank = rest.map_or(0, |text| {
            text.bytes().take_while(|byte| *byte == b'\n').count()
        });
        let line = u32::try_from(line + blank as u64).unwrap_or(u32::MAX);
        let breaks = record
            .iter()
            .map(|cell| cell.matches('\n').count())
            .sum::<usize>();
        rows.push(Row {
            line,
            last: line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX)),
            cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_detected() {
        for (text, second) in [
            ("a,b\n1,\"x, y\"\n", "x, y"),
            ("a;b\n1;2,5\n", "2,5"),
            ("a\tb\tc\n1\t2, 3\t4\n\t\t\t", "2, 3"),
        ] {
            let grid = Grid::from_text(text);
            assert_eq!(grid.rows[1].cells[1], second, "{text}");
            assert_eq!(grid.rows[1].line, 2);
        }
    }

    #[test]
    fn a_row_knows_its_lines() {
        let grid = Grid::from_text("a,b\n\n1,\"x\ny\"\n2,z\n");
        let lines: Vec<_> = grid.rows.iter().map(|row| (row.line, row.last)).collect();
        assert_eq!(lines, [(1, 1), (3, 4), (5, 5)]);
    }
}
