//! Hangul Office documents, HWP 5 and HWPX, parsed by `unhwp`.

use unhwp::model::{Block, InlineContent, Paragraph, Table};
use unhwp::{ErrorMode, ParseOptions};

use crate::domain::document::Format;
use crate::domain::fault::Fault;
use crate::domain::inconsistency::PropertySource;
use crate::extract::archive;
use crate::extract::extracted::{Extracted, Failure};
use crate::extract::formats::page_writer::{Cell, PageWriter, grid};
use crate::extract::properties;

/// Nesting depth of tables that are read.
const MAX_TABLE_DEPTH: usize = 4;

/// Reads a file of either format.
pub(super) fn read(bytes: &[u8]) -> Result<Extracted, Failure> {
    if bytes.starts_with(b"PK") {
        archive::check(bytes)?;
    }
    let options = ParseOptions {
        error_mode: ErrorMode::Lenient,
        extract_text: true,
        extract_resources: false,
        parallel: false,
    };
    let document =
        unhwp::parse_bytes_with_options(bytes, &options).map_err(|error| match error {
            unhwp::Error::Encrypted => Failure::File(Fault::Locked),
            other => Failure::File(Fault::NotUnderstood(other.to_string())),
        })?;
    let mut flow = PageWriter::default();
    let (mut headers, mut footers) = (Vec::new(), Vec::new());
    for section in &document.sections {
        headers.extend(section.header.iter().flatten().map(plain));
        footers.extend(section.footer.iter().flatten().map(plain));
        for block in &section.content {
            match block {
                Block::Paragraph(paragraph) => write(&mut flow, paragraph),
                Block::Table(table) => write_table(&mut flow, table, 0),
            }
        }
    }
    let mut notes = Vec::new();
    if !document.skipped_sections.is_empty() {
        notes.push(Fault::SectionsBroken(document.skipped_sections.len()));
    }
    let lines: Vec<&str> = flow.lines().take(40).collect();
    let found = properties::in_repeated(&headers, PropertySource::Header)
        .or(properties::in_repeated(&footers, PropertySource::Footer))
        .or(properties::in_lines(&lines, PropertySource::Body))
        .or(properties::in_history(flow.lines()));
    let title = properties::title(document.metadata.title.as_deref())
        .or_else(|| properties::title(flow.first_heading()));
    Ok(Extracted {
        title,
        number: found.number,
        revision: found.revision,
        effective: found.effective,
        format: Format::Hangul,
        pages: vec![flow.page(None)],
        notes,
    })
}

fn write(flow: &mut PageWriter, paragraph: &Paragraph) {
    let text = plain(paragraph);
    let style = &paragraph.style;
    if style.heading_level > 0 && text.chars().count() <= 200 {
        flow.heading(style.heading_level, &text);
        return;
    }
    if style.is_list_item() {
        flow.item(style.indent_level, "-", &text);
    } else {
        flow.paragraph(&text);
    }
}

fn write_table(flow: &mut PageWriter, table: &Table, depth: usize) {
    let rows = table.rows.iter().map(|row| {
        let cells = row.cells.iter().map(|cell| Cell {
            text: cell.content.iter().map(plain).collect::<Vec<_>>().join(" "),
            columns: cell.colspan,
            rows: cell.rowspan,
        });
        cells.collect()
    });
    let rows = grid(rows.collect());
    // The format stores a frame around text as a table of one cell.
    if rows.iter().all(|row| row.len() <= 1) {
        for paragraph in table
            .rows
            .iter()
            .flat_map(|row| &row.cells)
            .flat_map(|cell| &cell.content)
        {
            write(flow, paragraph);
        }
    } else {
        flow.table(&rows);
    }
    if depth < MAX_TABLE_DEPTH {
        let cells = table.rows.iter().flat_map(|row| &row.cells);
        for nested in cells.flat_map(|cell| &cell.nested_tables) {
            write_table(flow, nested, depth + 1);
        }
    }
}

/// Returns the text of a paragraph, followed by its footnotes.
fn plain(paragraph: &Paragraph) -> String {
    let mut text = String::new();
    let mut notes = String::new();
    for part in &paragraph.content {
        match part {
            InlineContent::Text(run) => text.push_str(&run.text),
            InlineContent::LineBreak => text.push('\n'),
            InlineContent::Link { text: words, .. } => text.push_str(words),
            InlineContent::Equation(equation) => text.push_str(&equation.script),
            InlineContent::Footnote(note) => notes.extend([" (", note, ")"]),
            InlineContent::Image(_) => {}
        }
    }
    text.push_str(&notes);
    text
}
