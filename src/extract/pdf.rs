//! PDFs: two readers that find lines, and one way to make pages of them.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::layout::{Sheet, columns, rows};
use super::limits::Limits;
use super::pdfium::Library;
use super::properties;
use super::{builtin, furniture, headings, layout, pdfium};
use crate::domain::document::{Format, Page};
use crate::domain::doubt::Place;
use crate::domain::fault::Fault;
use crate::extract::extracted::{Extracted, ExtractedPage, Failure};

/// A PDF as an engine found it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    /// From the document's own properties.
    pub(super) title: Option<String>,
    pub(super) sheets: Vec<Sheet>,
    pub(super) outline: Vec<Bookmark>,
    /// Number of pages in the file, of which the first ones are in `sheets`.
    pub(super) pages: usize,
}

/// A run of a document's pages, for one of several processes that read it side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// Counted from 0.
    pub(super) index: usize,
    pub(super) of: usize,
}

impl Part {
    pub(super) const WHOLE: Self = Self { index: 0, of: 1 };

    /// The pages that belong to it, counted from 0, of so many.
    pub(super) fn range(self, pages: usize) -> Range<usize> {
        pages * self.index / self.of..pages * (self.index + 1) / self.of
    }
}

/// An entry of the document's outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bookmark {
    /// 1 for the outermost.
    pub(super) level: u8,
    pub(super) title: String,
    /// Counted from 0.
    pub(super) page: usize,
}

impl Found {
    pub(super) fn has_text(&self) -> bool {
        self.sheets.iter().any(|sheet| !sheet.lines.is_empty())
    }

    /// Puts the pages of the next part behind these.
    pub(super) fn append(&mut self, next: Self) {
        self.sheets.extend(next.sheets);
    }
}

/// What reads a PDF.
#[derive(Clone, Copy, Debug)]
pub(super) struct Readers<'a> {
    /// The one that is built in comes first.
    pub(super) builtin: bool,
    /// PDFium, where it is there, takes what the other finds nothing in.
    pub(super) pdfium: &'a Library,
}

/// Reads a PDF.
pub(super) fn read(
    bytes: Vec<u8>,
    readers: Readers<'_>,
    limits: &Limits,
) -> Result<Extracted, Failure> {
    let head = &bytes[..bytes.len().min(1024)];
    if !head.windows(5).any(|window| window == b"%PDF-") {
        return Err(Failure::File(Fault::NotPdf));
    }
    let bytes = Arc::new(bytes);
    let mut found = Err(Failure::File(Fault::BrokenPdf));
    if readers.builtin {
        found = builtin::find(bytes.clone(), limits, Part::WHOLE);
    }
    let has_text = found.as_ref().is_ok_and(Found::has_text);
    if !has_text && let Some(library) = readers.pdfium.get() {
        let second = pdfium::find(library, &bytes, limits);
        // Where neither finds text, the first one at least told the pages, or why it refuses the file.
        if found.is_err() || second.as_ref().is_ok_and(Found::has_text) {
            found = second;
        }
    }
    Ok(assemble(found?))
}

/// Makes pages of lines.
pub(super) fn assemble(mut found: Found) -> Extracted {
    let mut notes = Vec::new();
    if found.sheets.len() < found.pages {
        notes.push(Fault::OnlyPages {
            read: found.sheets.len(),
            of: found.pages,
        });
    }
    let front: Vec<&str> = lines(&found.sheets[..found.sheets.len().min(2)]).collect();
    let printed = properties::in_lines(&front, Place::Body);
    let history = properties::in_history(lines(&found.sheets));
    let title = properties::title(found.title.as_deref())
        .or_else(|| headings::largest(found.sheets.first()));
    let margins = furniture::remove(&mut found.sheets);
    let stated = properties::in_repeated(&margins.top, Place::Header)
        .or(properties::in_repeated(&margins.bottom, Place::Footer))
        .or(printed)
        .or(history);
    let spacing = layout::Spacing::of(&found.sheets);
    for sheet in &mut found.sheets {
        sheet.lines.retain(|line| !line.is_of_contents());
        let lines = columns::part(std::mem::take(&mut sheet.lines));
        sheet.lines = rows::mend(lines, &spacing);
    }
    let style = layout::Style::of(&found.sheets);
    let texts: Vec<layout::PageText> = found
        .sheets
        .iter()
        .map(|sheet| layout::text(sheet, style, &spacing))
        .collect();
    let mut headings = headings::place(&found.outline, &found.sheets, &texts, style, &spacing);
    let pages = found
        .sheets
        .iter()
        .zip(texts)
        .enumerate()
        .map(|(index, (sheet, text))| ExtractedPage {
            page: Some(page(index, sheet)),
            text: text.text,
            headings: std::mem::take(&mut headings[index]),
            ocr: false,
        })
        .collect();
    Extracted {
        title,
        number: stated.number,
        revision: stated.revision,
        effective: stated.effective,
        format: Format::Pdf,
        pages,
        notes,
    }
}

fn lines(sheets: &[Sheet]) -> impl Iterator<Item = &str> {
    let lines = sheets.iter().flat_map(|sheet| &sheet.lines);
    lines.map(|line| line.text.as_str())
}

fn page(index: usize, sheet: &Sheet) -> Page {
    let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
    let label = sheet
        .label
        .clone()
        .filter(|label| !label.is_empty() && *label != number.to_string());
    Page { number, label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_all_pages_once() {
        for pages in [0, 1, 2, 7, 151] {
            for of in 1..=8 {
                let ranges = (0..of).flat_map(|index| Part { index, of }.range(pages));
                assert!(ranges.eq(0..pages));
            }
        }
    }
}
