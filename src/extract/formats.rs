//! Reads one file of any known format, in the process that it is called in.

mod csv;
mod hangul;
mod html;
mod markdown;
mod office;
mod page_writer;
mod spreadsheet;
mod text;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::charset;
use super::limits::Limits;
use super::pdf::raw::{RawPdf, Shard};
use super::pdf::{self, Readers};
use crate::domain::document::Format;
use crate::domain::fault::Fault;
use crate::extract::extracted::{Extracted, Failure};
use crate::recipes::import;
use crate::recipes::import::Imported;
use crate::recipes::import::table::ColumnMap;

/// Reads a file, with these readers for PDFs.
pub(super) fn read(
    file: &Path,
    readers: Readers<'_>,
    limits: &Limits,
    maps: &[ColumnMap],
) -> Result<Extracted, Failure> {
    let Some(format) = Format::from_path(file) else {
        return Err(Failure::File(Fault::UnknownKind));
    };
    let bytes = read_bytes(file, limits)?;
    // Recipes are shown as they were imported, so that a citation finds its lines.
    if let Some(imported) = try_import(file, &bytes, maps) {
        return Ok(finish(text::read(&imported.text), limits));
    }
    let extracted = match format {
        Format::Pdf => pdf::read(bytes, readers, limits)?,
        Format::Markdown => markdown::read(&charset::decode(&bytes)),
        Format::Html => html::read(&html::decode(&bytes))?,
        Format::Text => text::read(&charset::decode(&bytes)),
        Format::Sheet if !is_workbook(&bytes) => csv::read(&charset::decode(&bytes)),
        Format::Word | Format::Slides | Format::Sheet => office::read(&bytes, format)?,
        Format::Hangul => hangul::read(&bytes)?,
    };
    Ok(finish(extracted, limits))
}

/// Distinguishes XLSX, an archive, from CSV; exports often have the wrong extension.
fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

/// Reads the recipes of a file; returns `None` if it contains something else.
pub(super) fn import(
    file: &Path,
    limits: &Limits,
    maps: &[ColumnMap],
) -> Result<Option<Imported>, Failure> {
    Ok(try_import(file, &read_bytes(file, limits)?, maps))
}

fn try_import(file: &Path, bytes: &[u8], maps: &[ColumnMap]) -> Option<Imported> {
    if !import::may_hold_recipes(file) {
        return None;
    }
    // A file with a workbook's extension that is not one is left to the other readers, which report it.
    import::read(file, bytes, maps).unwrap_or_default()
}

/// Finds the lines of a shard of a PDF.
pub(super) fn find_pdf_lines(
    file: &Path,
    limits: &Limits,
    shard: Shard,
) -> Result<RawPdf, Failure> {
    pdf::find_lines(read_bytes(file, limits)?, limits, shard)
}

/// Truncates what exceeds the limits.
pub(super) fn finish(mut extracted: Extracted, limits: &Limits) -> Extracted {
    if cap(&mut extracted, limits.characters) {
        let note = Fault::OnlyCharacters(limits.characters);
        extracted.notes.push(note);
    }
    extracted
}

fn read_bytes(file: &Path, limits: &Limits) -> Result<Vec<u8>, Failure> {
    let elsewhere =
        |error: std::io::Error| Failure::Environment(Fault::CannotBeOpened(error.to_string()));
    let opened = File::open(file).map_err(elsewhere)?;
    let size = opened.metadata().map_err(elsewhere)?.len();
    if size > limits.file_bytes {
        return Err(Failure::File(Fault::TooLarge {
            mib: size >> 20,
            max_mib: limits.file_bytes >> 20,
        }));
    }
    if size == 0 {
        return Err(Failure::File(Fault::Empty));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    // The file may grow while it is read.
    opened
        .take(limits.file_bytes)
        .read_to_end(&mut bytes)
        .map_err(elsewhere)?;
    Ok(bytes)
}

/// Truncates to this many characters; returns whether anything was cut off.
fn cap(extracted: &mut Extracted, characters: usize) -> bool {
    let mut left = characters;
    for (index, page) in extracted.pages.iter_mut().enumerate() {
        match page.text.char_indices().nth(left) {
            None => left -= page.text.chars().count(),
            Some((end, _)) => {
                page.text.truncate(end);
                page.headings.retain(|heading| (heading.at as usize) < left);
                extracted.pages.truncate(index + 1);
                return true;
            }
        }
    }
    false
}
