//! Puts an answer together: its text, its tables, and the passages that it cites.

use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::recipes::record::RecipeRecord;
use crate::recipes::snapshot::{PlottedRecipe, RecipeEntry};

/// So many passages are cited at most; further rows name their lines only.
const MOST_CITED: usize = 60;

/// An answer from data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// Markdown; `[n]` stands for the passage `n - 1`.
    pub text: String,
    pub cited: Vec<Passage>,
    /// The files do not say what was asked for.
    pub is_refusal: bool,
    /// The recipe that a drawing was asked of.
    pub plot: Option<PlottedRecipe>,
}

/// Writes an answer.
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

    /// Adds a sentence or line of its own.
    pub(in crate::recipes) fn line(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.reply.text.is_empty() {
            self.reply.text.push('\n');
        }
        self.reply.text.push_str(text);
    }

    /// Begins a new paragraph.
    pub(super) fn paragraph(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.reply.text.is_empty() {
            self.reply.text.push('\n');
        }
        self.line(text);
    }

    /// Says that the files do not hold it.
    pub(super) fn refuse(&mut self, text: &str) {
        self.reply.is_refusal = true;
        self.line(text);
    }

    pub(super) fn plot(&mut self, entry: &RecipeEntry) {
        self.reply.plot = Some(entry.to_plot());
    }

    /// The mark of the passage that holds a line of a recipe, with a space before it; empty where there is none.
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
            None if self.reply.cited.len() >= MOST_CITED => return String::new(),
            None => {
                self.reply.cited.push(record.passage(span));
                self.reply.cited.len() - 1
            }
        };
        format!(" [{}]", at + 1)
    }

    /// Adds a table; the first row is its head. Columns of numbers are set to the right.
    pub(super) fn table(&mut self, rows: &[Vec<String>]) {
        let Some(head) = rows.first() else {
            return;
        };
        if !self.reply.text.is_empty() {
            self.reply.text.push('\n');
        }
        let shown = |row: &[String]| {
            let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "¦")).collect();
            format!("| {} |", cells.join(" | "))
        };
        self.line(&shown(head));
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
            self.line(&shown(row));
        }
    }

    pub(in crate::recipes) fn finish(self) -> Reply {
        self.reply
    }
}

/// Whether a cell holds a number, a time or nothing.
fn is_number(cell: &str) -> bool {
    let cell = cell.trim_start_matches(['>', '<', '=', '+', '-', '−', ' ']);
    cell.is_empty() || cell == "–" || cell.starts_with(|letter: char| letter.is_ascii_digit())
}

/// A file's own words, so that nothing in them comes alive.
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
