//! Lines, outline and properties of a PDF, found without any library outside the program.
//!
//! It is slower than `PDFium`, loses some word spaces in Korean and does not know the legacy Korean encodings, but it
//! is always there and reads some broken files that `PDFium` does not.

use pdf_oxide::extractors::page_labels::PageLabelExtractor;
use pdf_oxide::layout::TextLine;
use pdf_oxide::{Destination, OutlineItem, PdfDocument};

use super::Failure;
use super::layout::{self, Extent, Line, Sheet, Word};
use super::limits::Limits;
use super::pdf::{Bookmark, Found};
use crate::domain::Fault;

/// How deep an outline is read.
const DEEPEST_BOOKMARK: u8 = 8;

/// Reads a PDF.
pub(super) fn find(bytes: Vec<u8>, limits: &Limits) -> Result<Found, Failure> {
    let broken = |_| Failure::File(Fault::BrokenPdf);
    let document = PdfDocument::from_bytes(bytes).map_err(broken)?;
    if document.is_encrypted() && !document.is_authenticated() {
        let opened = document.authenticate(b"").unwrap_or(false);
        if !opened {
            return Err(Failure::File(Fault::Locked));
        }
    }
    let pages = document.page_count().map_err(broken)?;
    let labels = PageLabelExtractor::extract(&document).unwrap_or_default();
    let mut found = Found {
        pages,
        ..Found::default()
    };
    outline(
        &document,
        &document.get_outline().ok().flatten().unwrap_or_default(),
        1,
        &mut found.outline,
    );
    let mut left = limits.characters;
    for index in 0..pages.min(limits.pages) {
        if left == 0 {
            break;
        }
        let height = document
            .get_page_media_box(index)
            .map_or(842.0, |(_, lower, _, upper)| upper - lower);
        let lines: Vec<Line> = document
            .extract_text_lines(index)
            .unwrap_or_default()
            .iter()
            .filter_map(line)
            .collect();
        left = left.saturating_sub(lines.iter().map(|line| line.text.len()).sum());
        let label = (!labels.is_empty()).then(|| PageLabelExtractor::get_label(&labels, index));
        found.sheets.push(Sheet {
            label,
            height,
            lines,
        });
    }
    Ok(found)
}

fn outline(document: &PdfDocument, items: &[OutlineItem], level: u8, found: &mut Vec<Bookmark>) {
    for item in items {
        let page = match &item.dest {
            Some(Destination::PageIndex(page)) => Some(*page),
            Some(Destination::Named(name)) => {
                document.resolve_named_destination(name).ok().flatten()
            }
            None => None,
        };
        let title = item.title.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(page) = page
            && !title.is_empty()
        {
            found.push(Bookmark { level, title, page });
        }
        if level < DEEPEST_BOOKMARK {
            outline(document, &item.children, level + 1, found);
        }
    }
}

fn line(found: &TextLine) -> Option<Line> {
    let (first, last) = (found.words.first()?, found.words.last()?);
    let mut words = Vec::new();
    let mut end = first.bbox.x;
    for word in &found.words {
        let text = mend(&word.text);
        if !text.is_empty() {
            words.push(Word {
                text,
                gap: (word.bbox.x - end).max(0.0),
                // It does not tell, and spaces that are typed are the rule.
                typed: true,
                extent: Extent {
                    left: word.bbox.x,
                    right: word.bbox.x + word.bbox.width,
                    bottom: word.bbox.y,
                },
            });
        }
        end = word.bbox.x + word.bbox.width;
    }
    let size = first.avg_font_size;
    let joined = layout::join(&words, size);
    (!joined.text.is_empty()).then_some(Line {
        text: joined.text,
        left: first.bbox.x,
        right: end,
        bottom: first.bbox.y,
        top: first.bbox.y + first.bbox.height,
        size,
        bold: first.is_bold && last.is_bold,
        hyphenated: false,
        cells: joined.cells,
        table: None,
        narrow: joined.narrow,
    })
}

fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    for letter in text.chars() {
        match layout::mend(letter) {
            Some(letters) => mended.push_str(letters),
            None if letter.is_control() || letter == '\u{AD}' => {}
            None => mended.push(letter),
        }
    }
    mended.trim().to_owned()
}
