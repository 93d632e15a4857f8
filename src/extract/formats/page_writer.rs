//! Writes a page's text from headings, paragraphs, lists and tables, as Markdown, and records its headings.

use crate::domain::document::Page;
use crate::extract::extracted::{ExtractedPage, Heading};

/// Columns of a table that are read; a hostile one claims millions.
const MAX_COLUMNS: usize = 256;

/// Builds the text of one page.
#[derive(Debug, Default)]
pub(super) struct PageWriter {
    text: String,
    /// Length of the text, in characters.
    length: usize,
    headings: Vec<Heading>,
}

/// A cell of a table, with its column span and row span.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) columns: u32,
    pub(super) rows: u32,
}

impl PageWriter {
    /// Adds a heading; 1 is the outermost level.
    pub(super) fn heading(&mut self, level: u8, title: &str) {
        let title = one_line(title);
        if title.is_empty() {
            return;
        }
        let level = level.clamp(1, 6);
        self.gap("\n\n");
        self.mark(level, &title);
        self.push(&"#".repeat(level.into()));
        self.push(" ");
        self.push(&title);
    }

    /// Begins a section whose title is not part of the text.
    pub(super) fn mark(&mut self, level: u8, title: &str) {
        self.headings.push(Heading {
            level,
            title: title.to_owned(),
            at: u32::try_from(self.length).unwrap_or(u32::MAX),
        });
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.gap("\n\n");
            self.push(text);
        }
    }

    /// Adds a list item at nesting level `depth`.
    pub(super) fn item(&mut self, depth: u8, marker: &str, text: &str) {
        let text = one_line(text);
        if !text.is_empty() {
            // Items of one list are not separated; the list itself is surrounded by blank lines.
            let last = self.text.rsplit('\n').next().unwrap_or_default();
            let goes_on = is_item(last);
            self.gap(if goes_on { "\n" } else { "\n\n" });
            self.push(&"  ".repeat(usize::from(depth.min(8))));
            self.push(marker);
            self.push(" ");
            self.push(&text);
        }
    }

    /// Adds a table whose first row is its header.
    pub(super) fn table(&mut self, rows: &[Vec<String>]) {
        let rows: Vec<&Vec<String>> = rows
            .iter()
            .filter(|row| row.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        let Some((head, body)) = rows.split_first() else {
            return;
        };
        // Forms are drawn on grids with empty columns.
        let widest = rows.iter().map(|row| row.len()).max().unwrap_or_default();
        let holds = |column: &usize| {
            let mut cells = rows.iter().filter_map(|row| row.get(*column));
            cells.any(|cell| !cell.trim().is_empty())
        };
        let columns: Vec<usize> = (0..widest).filter(holds).collect();
        self.gap("\n\n");
        self.row(head, &columns);
        self.push("\n");
        self.push(&format!("|{}", "---|".repeat(columns.len())));
        for row in body {
            self.push("\n");
            self.row(row, &columns);
        }
    }

    fn row(&mut self, row: &[String], columns: &[usize]) {
        let mut line = String::from("|");
        for column in columns {
            let cell = row.get(*column).map(|cell| one_line(cell));
            let cell = cell.unwrap_or_default().replace('|', "\\|");
            line.push(' ');
            line.push_str(&cell);
            line.push_str(" |");
        }
        self.push(&line);
    }

    /// Adds a break, unless the text is empty.
    pub(super) fn gap(&mut self, gap: &str) {
        if !self.text.is_empty() {
            self.push(gap);
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.length += text.chars().count();
    }

    pub(super) fn page(self, page: Option<Page>) -> ExtractedPage {
        ExtractedPage {
            page,
            text: self.text,
            headings: self.headings,
            ocr: false,
        }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    pub(super) fn first_heading(&self) -> Option<&str> {
        self.headings.first().map(|heading| heading.title.as_str())
    }
}

/// Expands cells that span columns and rows into a plain grid. A cell that spans rows is repeated in each of them, so
/// that every row can be understood alone.
pub(super) fn grid(rows: Vec<Vec<Cell>>) -> Vec<Vec<String>> {
    let mut grid: Vec<Vec<String>> = Vec::with_capacity(rows.len());
    // Cells that span down from above: for each column, the remaining rows and the text.
    let mut above: Vec<Option<(u32, String)>> = Vec::new();
    for cells in rows {
        let mut row: Vec<String> = Vec::new();
        let mut cells = cells.into_iter();
        while row.len() < MAX_COLUMNS {
            let column = row.len();
            if let Some(Some((left, text))) = above.get_mut(column) {
                row.push(text.clone());
                *left -= 1;
                if *left == 0 {
                    above[column] = None;
                }
                continue;
            }
            let Some(cell) = cells.next() else {
                // Cells that span down further right come after empty columns.
                if above.iter().skip(column).any(Option::is_some) {
                    row.push(String::new());
                    continue;
                }
                break;
            };
            let width = usize::try_from(cell.columns).unwrap_or(1).max(1);
            let width = width.min(MAX_COLUMNS - column);
            for offset in 0..width {
                let text = if offset == 0 {
                    cell.text.clone()
                } else {
                    String::new()
                };
                if cell.rows > 1 {
                    above.resize(above.len().max(column + offset + 1), None);
                    above[column + offset] = Some((cell.rows - 1, text.clone()));
                }
                row.push(text);
            }
        }
        grid.push(row);
    }
    grid
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let marker = line.split(' ').next().unwrap_or_default();
    marker == "-"
        || marker.strip_suffix('.').is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str, columns: u32, rows: u32) -> Cell {
        Cell {
            text: text.to_owned(),
            columns,
            rows,
        }
    }

    #[test]
    fn blocks_become_markdown_with_its_headings_in_place() {
        let mut flow = PageWriter::default();
        flow.heading(1, "퍼지\n절차");
        flow.paragraph("Close V1.");
        flow.item(0, "-", "first");
        flow.item(1, "-", "second");
        flow.heading(2, "Limits");
        flow.table(&[
            vec!["Gas".into(), String::new(), "a|b".into()],
            vec![" ".into()],
            vec!["NH3".into()],
        ]);
        let page = flow.page(None);
        assert_eq!(
            page.text,
            "# 퍼지 절차\n\nClose V1.\n\n- first\n  - second\n\n## Limits\n\n| Gas | a\\|b |\n|---|---|\n| NH3 |  |"
        );
        let letters: Vec<char> = page.text.chars().collect();
        let at = page.headings[1].at as usize;
        assert_eq!(letters[at..at + 9].iter().collect::<String>(), "## Limits");
    }

    #[test]
    fn cells_that_span_rows_and_columns_keep_the_others_in_place() {
        let rows = vec![
            vec![cell("Gas", 1, 2), cell("PageWriter", 2, 1)],
            vec![cell("min", 1, 1), cell("max", 1, 1)],
            vec![cell("NH3", 1, 1), cell("1", 1, 1), cell("2", 1, 1)],
        ];
        assert_eq!(
            grid(rows),
            [
                ["Gas", "PageWriter", ""],
                ["Gas", "min", "max"],
                ["NH3", "1", "2"]
            ]
        );
    }

    #[test]
    fn a_table_that_claims_millions_of_columns_is_cut() {
        let rows = vec![vec![cell("a", u32::MAX, u32::MAX)], vec![]];
        let grid = grid(rows);
        assert_eq!((grid[0].len(), grid[1].len()), (MAX_COLUMNS, MAX_COLUMNS));
    }
}
