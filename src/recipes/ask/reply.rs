//! Builds a reply: its text, its tables, and the passages that it cites.

use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::recipes::record::RecipeRecord;
use crate::recipes::snapshot::{PlottedRecipe, RecipeEntry};

/// Passages cited in a reply; further rows only name their lines.
const MAX_CITED: usize = 60;

/// A reply from data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// Markdown; `[n]` refers to `cited[n - 1]`.
    pub text: String,
    pub cited: Vec<Passage>,
    /// Whether the files do not contain the answer.
    pub is_refusal: bool,
    /// The recipe to plot.
    pub plot: Option<PlottedRecipe>,
}

/// Builds a [`Reply`].
#[derive(Debug)]
pub(in crate::recipes) struct ReplyWriter {
    pub(super) language: Language,
    reply: Reply,
}

impl ReplyWriter {
    pub(in crate::recipes) fn new(language: Language) -> Self {
        Self {
            language,
            reply: Reply::default(),
        }
    }

    /// Adds a line.
    pub(in crate::recipes) fn line(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.reply.text.is_empty() {
            self.reply.text.push('\n');
        }
        self.reply.text.push_str(text);
    }

    /// Adds a line after an empty one.
    pub(super) fn paragraph(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.reply.text.is_empty() {
            self.reply.text.push('\n');
        }
        self.line(text);
    }

    /// Adds a line saying that the files do not contain the answer.
    pub(super) fn refuse(&mut self, text: &str) {
        self.reply.is_refusal = true;
        self.line(text);
    }

    pub(super) fn plot(&mut self, entry: &RecipeEntry) {
        self.reply.plot = Some(entry.to_plot());
    }

    /// Cites the passage with a line of a recipe: ` [n]`, or an empty string if no passage contains the line.
    pub(super) fn cite(&mut self, entry: &RecipeEntry, line: u32) -> String {
        self.cite_in(entry.record(), line)
    }

    pub(in crate::recipes) fn cite_in(&mut self, record: &RecipeRecord, line: u32) -> String {
        let Some(span) = record.span(line) else {
            return String::new();
        };
        let known = self
            .reply
            .cited
            .iter()
            .position(|passage| passage.id == span.passage);
        let at = match known {
            Some(at) => at,
            None if self.reply.cited.len() >= MAX_CITED => return String::new(),
            None => {
                self.reply.cited.push(record.passage(span));
                self.reply.cited.len() - 1
            }
        };
        format!(" [{}]", at + 1)
    }

    /// Adds a table whose first row is its header. Columns of numbers are aligned right.
    pub(super) fn table(&mut self, rows: &[Vec<String>]) {
        let Some(head) = rows.first() else {
            return;
        };
        if !self.reply.text.is_empty() {
            self.reply.text.push('\n');
        }
        let markdown_row = |row: &[String]| {
            let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "¦")).collect();
            format!("| {} |", cells.join(" | "))
        };
        self.line(&markdown_row(head));
        let rules: String = (0..head.len())
            .map(|column| {
                let mut cells = rows[1..].iter().filter_map(|row| row.get(column));
                if cells.all(|cell| is_number(cell)) {
                    "--:|"
                } else {
                    "---|"
                }
            })
            .collect();
        self.line(&format!("|{rules}"));
        for row in &rows[1..] {
            self.line(&markdown_row(row));
        }
    }

    pub(in crate::recipes) fn finish(self) -> Reply {
        self.reply
    }
}

/// Whether a cell contains a number, a time or nothing.
fn is_number(cell: &str) -> bool {
    let cell = cell.trim_start_matches(['>', '<', '=', '+', '-', '−', ' ']);
    cell.is_empty() || cell == "–" || cell.starts_with(|letter: char| letter.is_ascii_digit())
}

/// Formats text from a file as inline code, so that none of it becomes active markup.
#[must_use]
pub fn code(text: &str) -> String {
    let text = text.replace('`', "'");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        String::new()
    } else {
        format!("`{text}`")
    }
}
