//! Word documents, presentations and spreadsheets, parsed by `undoc`.

use undoc::model::{Block, Document, ListType, Paragraph, RevisionType, Section, Table, TextRun};

use crate::domain::document::{Format, Page};
use crate::domain::fault::Fault;
use crate::domain::inconsistency::PropertySource;
use crate::extract::archive;
use crate::extract::extracted::{Extracted, ExtractedPage, Failure};
use crate::extract::formats::page_writer::{Cell, PageWriter, grid};
use crate::extract::formats::spreadsheet;
use crate::extract::properties;
use crate::extract::properties::Properties;

/// Nesting depth of tables that are read.
const MAX_TABLE_DEPTH: usize = 4;

/// Reads a file of one of these formats.
pub(super) fn read(bytes: &[u8], format: Format) -> Result<Extracted, Failure> {
    archive::check(bytes)?;
    let document = undoc::parse_bytes(bytes)
        .map_err(|error| Failure::File(Fault::NotUnderstood(error.to_string())))?;
    Ok(match format {
        Format::Slides => slides(&document),
        Format::Sheet => workbook(&document),
        _ => word(&document),
    })
}

fn word(document: &Document) -> Extracted {
    let mut writer = Writer::default();
    for section in &document.sections {
        writer.blocks(&section.content);
    }
    let lines: Vec<&str> = writer.flow.lines().take(40).collect();
    let found = margins(&document.sections)
        .or(properties::in_lines(&lines, PropertySource::Body))
        .or(properties::in_history(writer.flow.lines()));
    let title = properties::title(document.metadata.title.as_deref())
        .or(writer.title)
        .or_else(|| properties::title(writer.flow.first_heading()));
    extracted(Format::Word, title, found, vec![writer.flow.page(None)])
}

/// Makes a page of each slide, with the speaker's notes below it.
fn slides(document: &Document) -> Extracted {
    let mut pages = Vec::new();
    let mut first_title = None;
    for (index, section) in document.sections.iter().enumerate() {
        let mut writer = Writer::default();
        writer.blocks(&section.content);
        let mut flow = writer.flow;
        if flow.first_heading().is_none()
            && let Some(name) = section.name.as_deref().filter(|name| !is_default(name))
        {
            flow.mark(1, name);
        }
        first_title = first_title.or_else(|| flow.first_heading().map(str::to_owned));
        for note in section.notes.iter().flatten() {
            flow.paragraph(&plain(note));
        }
        pages.push(flow.page(Some(Page {
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            label: None,
        })));
    }
    let lines: Vec<&str> = pages
        .iter()
        .take(2)
        .flat_map(|page| page.text.lines())
        .collect();
    let found = margins(&document.sections).or(properties::in_lines(&lines, PropertySource::Body));
    let title = properties::title(document.metadata.title.as_deref())
        .filter(|title| title != "PowerPoint Presentation" && !title.contains("프레젠테이션"))
        .or_else(|| properties::title(first_title.as_deref()));
    extracted(Format::Slides, title, found, pages)
}

/// Makes a section of each sheet, split into ranges of rows.
fn workbook(document: &Document) -> Extracted {
    let mut flow = PageWriter::default();
    for section in &document.sections {
        let name = section.name.clone().unwrap_or_default();
        flow.heading(1, &name);
        for block in &section.content {
            match block {
                Block::Table(table) => spreadsheet::write(&mut flow, &name, &rows(table)),
                Block::Paragraph(paragraph) => flow.paragraph(&plain(paragraph)),
                _ => {}
            }
        }
    }
    let lines: Vec<&str> = flow.lines().take(30).collect();
    let found = properties::in_lines(&lines, PropertySource::Body);
    let title = properties::title(document.metadata.title.as_deref());
    extracted(Format::Sheet, title, found, vec![flow.page(None)])
}

fn extracted(
    format: Format,
    title: Option<String>,
    found: Properties,
    pages: Vec<ExtractedPage>,
) -> Extracted {
    Extracted {
        title,
        number: found.number,
        revision: found.revision,
        effective: found.effective,
        format,
        pages,
        notes: Vec::new(),
    }
}

fn is_default(name: &str) -> bool {
    let name = name.to_lowercase();
    name.is_empty() || name.starts_with("slide") || name.starts_with("슬라이드")
}

/// Returns the properties stated in headers and footers.
fn margins(sections: &[Section]) -> Properties {
    let lines = |part: fn(&Section) -> &Option<Vec<Paragraph>>| -> Vec<String> {
        let paragraphs = sections.iter().filter_map(|section| part(section).as_ref());
        paragraphs.flatten().map(plain).collect()
    };
    properties::in_repeated(&lines(|section| &section.header), PropertySource::Header).or(
        properties::in_repeated(&lines(|section| &section.footer), PropertySource::Footer),
    )
}

/// Writes the blocks of a document in order.
#[derive(Default)]
struct Writer {
    flow: PageWriter,
    title: Option<String>,
    /// The last number at each level of a list of headings, if headings are numbered.
    numbers: Vec<u32>,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(paragraph) => self.paragraph(paragraph),
                Block::Table(table) => self.table(table, 0),
                Block::Note { label, content } => {
                    for paragraph in content {
                        self.flow
                            .paragraph(&format!("[{label}] {}", plain(paragraph)));
                    }
                }
                Block::PageBreak | Block::SectionBreak | Block::Image { .. } => {}
            }
        }
    }

    fn paragraph(&mut self, paragraph: &Paragraph) {
        let text = plain(paragraph);
        if let Some(level) = heading_level(paragraph) {
            let number = match &paragraph.list_info {
                Some(list) if list.list_type == ListType::Numbered => self.number(list.level),
                _ => String::new(),
            };
            // Only short titles; some authors use heading styles to enlarge whole paragraphs.
            if text.chars().count() <= 200 {
                self.flow.heading(level, &format!("{number}{text}"));
            } else {
                self.flow.paragraph(&text);
            }
            return;
        }
        let style = paragraph.style_name.as_deref().unwrap_or_default();
        let style = style.to_lowercase();
        if self.title.is_none() && (style == "title" || style == "제목") {
            self.title = properties::title(Some(&text));
        }
        if style.starts_with("toc ") || style.starts_with("목차") {
            return;
        }
        match &paragraph.list_info {
            Some(list) if list.list_type != ListType::None => {
                let marker = match (list.list_type, list.number) {
                    (ListType::Numbered, Some(number)) => format!("{number}."),
                    _ => "-".to_owned(),
                };
                self.flow.item(list.level, &marker, &text);
            }
            _ => self.flow.paragraph(&text),
        }
    }

    /// Returns the number of the next heading at this level of its list, such as `2.1 `.
    fn number(&mut self, level: u8) -> String {
        self.numbers.resize(usize::from(level) + 1, 0);
        if let Some(last) = self.numbers.last_mut() {
            *last += 1;
        }
        // Skipped levels have no number.
        let parts = self.numbers.iter().filter(|part| **part > 0);
        let parts: Vec<String> = parts.map(ToString::to_string).collect();
        format!("{} ", parts.join("."))
    }

    fn table(&mut self, table: &Table, depth: usize) {
        let rows = rows(table);
        let is_box = rows.iter().all(|row| row.len() <= 1);
        if is_box {
            // A frame around text, not a table.
            for cell in table.rows.iter().flat_map(|row| &row.cells) {
                for paragraph in &cell.content {
                    self.paragraph(paragraph);
                }
            }
        } else {
            self.flow.table(&rows);
        }
        if depth < MAX_TABLE_DEPTH {
            let cells = table.rows.iter().flat_map(|row| &row.cells);
            for nested in cells.flat_map(|cell| &cell.nested_tables) {
                self.table(nested, depth + 1);
            }
        }
    }
}

fn heading_level(paragraph: &Paragraph) -> Option<u8> {
    let level = paragraph.heading.level();
    (level > 0).then_some(level)
}

fn rows(table: &Table) -> Vec<Vec<String>> {
    let rows = table.rows.iter().map(|row| {
        let cells = row.cells.iter().map(|cell| Cell {
            text: cell.content.iter().map(plain).collect::<Vec<_>>().join(" "),
            columns: cell.col_span,
            rows: cell.row_span,
        });
        cells.collect()
    });
    grid(rows.collect())
}

/// Returns the text of a paragraph without tracked deletions.
fn plain(paragraph: &Paragraph) -> String {
    let mut text = String::new();
    let is_current = |run: &&TextRun| run.revision != RevisionType::Deleted;
    for run in paragraph.runs.iter().filter(is_current) {
        text.push_str(&run.text);
        if run.line_break {
            text.push('\n');
        }
        if let Some(note) = &run.note {
            text.extend(["[", note, "]"]);
        }
    }
    text
}
