//! PDFs: two readers that find lines, and a common assembly of pages from them.

mod builtin;
mod headers_footers;
mod headings;
mod highlight;
mod layout;
pub(super) mod pdfium;
pub(super) mod raw;
pub(super) mod render;

use std::sync::Arc;

use super::limits::Limits;
use super::properties;
use crate::domain::document::{Format, Page};
use crate::domain::fault::Fault;
use crate::domain::inconsistency::PropertySource;
use crate::extract::extracted::{Extracted, ExtractedPage, Failure};
use layout::{PageLines, columns, rows};
use pdfium::Library;
use raw::{RawPdf, Shard};

/// The PDF readers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Readers<'a> {
    /// Whether the built-in reader is tried first.
    pub(super) builtin: bool,
    /// PDFium, if installed, for files in which the built-in reader finds no text.
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
        found = builtin::find(bytes.clone(), limits, Shard::WHOLE);
    }
    let has_text = found.as_ref().is_ok_and(RawPdf::has_text);
    if !has_text && let Some(library) = readers.pdfium.get() {
        let second = pdfium::find(library, &bytes, limits);
        // If neither finds text, the first result has the pages, or the reason of its refusal.
        if found.is_err() || second.as_ref().is_ok_and(RawPdf::has_text) {
            found = second;
        }
    }
    Ok(assemble(found?))
}

/// Finds the lines of a shard of a PDF with the built-in reader.
pub(super) fn find_lines(bytes: Vec<u8>, limits: &Limits, shard: Shard) -> Result<RawPdf, Failure> {
    builtin::find(Arc::new(bytes), limits, shard)
}

/// Assembles pages from lines.
pub(super) fn assemble(mut found: RawPdf) -> Extracted {
    let mut notes = Vec::new();
    if found.page_lines.len() < found.pages {
        notes.push(Fault::OnlyPages {
            read: found.page_lines.len(),
            of: found.pages,
        });
    }
    let front: Vec<&str> = lines(&found.page_lines[..found.page_lines.len().min(2)]).collect();
    let printed = properties::in_lines(&front, PropertySource::Body);
    let history = properties::in_history(lines(&found.page_lines));
    let title = properties::title(found.title.as_deref())
        .or_else(|| headings::largest(found.page_lines.first()));
    let margins = headers_footers::remove(&mut found.page_lines);
    let stated = properties::in_repeated(&margins.top, PropertySource::Header)
        .or(properties::in_repeated(
            &margins.bottom,
            PropertySource::Footer,
        ))
        .or(printed)
        .or(history);
    let spacing = layout::Spacing::learn_from(&found.page_lines);
    for sheet in &mut found.page_lines {
        sheet.lines.retain(|line| !line.is_of_contents());
        let lines = columns::split(std::mem::take(&mut sheet.lines));
        sheet.lines = rows::merge_wrapped(lines, &spacing);
    }
    let style = layout::Style::measure(&found.page_lines);
    let texts: Vec<layout::PageText> = found
        .page_lines
        .iter()
        .map(|sheet| layout::text(sheet, style, &spacing))
        .collect();
    let mut headings = headings::locate(&found.outline, &found.page_lines, &texts, style, &spacing);
    let pages = found
        .page_lines
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

fn lines(page_lines: &[PageLines]) -> impl Iterator<Item = &str> {
    let lines = page_lines.iter().flat_map(|sheet| &sheet.lines);
    lines.map(|line| line.text.as_str())
}

fn page(index: usize, sheet: &PageLines) -> Page {
    let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
    let label = sheet
        .label
        .clone()
        .filter(|label| !label.is_empty() && *label != number.to_string());
    Page { number, label }
}
