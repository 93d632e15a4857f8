//! Lines, outline and properties of a PDF, found without any library outside the program.

mod content;
mod fonts;
mod labels;
mod lines;
mod outline;
mod path;
mod runs;
mod state;

use std::sync::Arc;

use hayro_syntax::object::Dict;
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use self::fonts::Fonts;
use super::Failure;
use super::layout::{LineWriter, Sheet};
use super::limits::Limits;
use super::pdf::{Found, Part};
use super::text;
use crate::domain::Fault;

/// Reads a part of a PDF. The first part also has what is said of the whole.
pub(super) fn find(bytes: Arc<Vec<u8>>, limits: &Limits, part: Part) -> Result<Found, Failure> {
    let document = Pdf::new(bytes).map_err(|error| {
        Failure::File(match error {
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Fault::Locked,
            LoadPdfError::Decryption(_) => Fault::Encrypted,
            LoadPdfError::Invalid => Fault::BrokenPdf,
        })
    })?;
    let pages = document.pages();
    let root: Dict<'_> = document
        .xref()
        .get(document.xref().root_id())
        .unwrap_or_default();
    let title = document.metadata().title.as_deref();
    let mut found = Found {
        title: title.map(said),
        pages: pages.len(),
        outline: if part.index == 0 {
            outline::read(&root, pages)
        } else {
            Vec::new()
        },
        ..Found::default()
    };
    let labels = labels::read(&root, pages.len());
    let fonts = Fonts::default();
    let mut left = limits.characters;
    for index in part.range(pages.len().min(limits.pages)) {
        if left == 0 {
            break;
        }
        let mut sheet = sheet(&pages[index], &fonts, &mut left);
        sheet.label = labels.get(index).cloned();
        found.sheets.push(sheet);
    }
    Ok(found)
}

/// `left` is how many characters may still be read.
fn sheet<'a>(page: &Page<'a>, fonts: &Fonts<'a>, left: &mut usize) -> Sheet {
    let drawn = content::read(page, fonts, *left);
    *left = left.saturating_sub(drawn.letters);
    let grids = if drawn.runs.is_empty() {
        Vec::new()
    } else {
        drawn.rules.tables()
    };
    let mut writer = LineWriter::new(&grids);
    lines::write(drawn.runs, &mut writer);
    Sheet {
        label: None,
        height: page.render_dimensions().1,
        lines: writer.finish(),
    }
}

/// A string that people read (ISO 32000-1, 7.9.2.2): UTF-16 with a mark, or an encoding of bytes, which many Korean
/// programs take to be CP949.
fn said(string: &[u8]) -> String {
    text::decode(string)
}
