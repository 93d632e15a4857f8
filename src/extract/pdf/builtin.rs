//! The built-in PDF reader: finds lines, outline and properties without a native library.

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
use super::layout::{LineWriter, PageLines};
use crate::domain::fault::Fault;
use crate::extract::charset;
use crate::extract::extracted::Failure;
use crate::extract::limits::Limits;
use crate::extract::pdf::raw::{RawPdf, Shard};

/// Reads a shard of a PDF. The first shard also has the title, the outline and other properties.
pub(super) fn find(bytes: Arc<Vec<u8>>, limits: &Limits, shard: Shard) -> Result<RawPdf, Failure> {
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
    let mut found = RawPdf {
        title: title.map(decode_text),
        pages: pages.len(),
        outline: if shard.index == 0 {
            outline::read(&root, pages)
        } else {
            Vec::new()
        },
        ..RawPdf::default()
    };
    let labels = labels::read(&root, pages.len());
    let fonts = Fonts::default();
    let mut left = limits.characters;
    for index in shard.range(pages.len().min(limits.pages)) {
        if left == 0 {
            break;
        }
        let mut sheet = sheet(&pages[index], &fonts, &mut left);
        sheet.label = labels.get(index).cloned();
        found.page_lines.push(sheet);
    }
    Ok(found)
}

/// `left` is the number of characters that may still be read.
fn sheet<'a>(page: &Page<'a>, fonts: &Fonts<'a>, left: &mut usize) -> PageLines {
    let drawn = content::read(page, fonts, *left);
    *left = left.saturating_sub(drawn.letters);
    let grids = if drawn.runs.is_empty() {
        Vec::new()
    } else {
        drawn.rules.tables()
    };
    let mut writer = LineWriter::new(&grids);
    lines::write(drawn.runs, &mut writer);
    PageLines {
        label: None,
        height: page.render_dimensions().1,
        lines: writer.finish(),
    }
}

/// Decodes a text string (ISO 32000-1, 7.9.2.2): UTF-16 with a byte order mark, or a byte encoding, for which many
/// Korean programs use CP949.
fn decode_text(string: &[u8]) -> String {
    charset::decode(string)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with its font in its own dictionary, and a form with another one. There is no cross-reference table, as in a
    /// truncated file.
    const PAGE: &str = "%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources <<
  /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >> >>
  /XObject << /X1 5 0 R >> >> >> endobj
4 0 obj << /Length 82 >> stream
BT /F1 12 Tf 20 150 Td [(Purge three) -300 (times)] TJ 0 -20 Td (at 50 \\261 5 mbar) Tj ET /X1 Do
endstream endobj
5 0 obj << /Type /XObject /Subtype /Form /BBox [0 0 300 200] /Matrix [1 0 0 1 0 -60] /Length 45 /Resources <<
  /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >> >> >> stream
BT /F1 10 Tf 20 150 Td (Close V1.) Tj ET
endstream endobj
trailer << /Root 1 0 R >>
";

    #[test]
    fn text_is_found_in_pages_and_in_forms_on_them() {
        let bytes = Arc::new(PAGE.as_bytes().to_vec());
        let found = find(bytes, &Limits::new(1), Shard::WHOLE).unwrap();
        let lines = &found.page_lines[0].lines;
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["Purge three times", "at 50 ± 5 mbar", "Close V1."]);
        assert!(lines[0].bold && !lines[2].bold);
        let places: Vec<(f32, f32)> = lines.iter().map(|line| (line.left, line.size)).collect();
        assert_eq!(places, [(20.0, 12.0), (20.0, 12.0), (20.0, 10.0)]);
        assert!((lines[2].bottom - 88.0).abs() < 1.0, "{}", lines[2].bottom);
    }

    #[test]
    fn a_file_that_is_not_a_pdf_is_broken() {
        let bytes = Arc::new(b"%PDF-1.7\nnothing more".to_vec());
        let found = find(bytes, &Limits::new(1), Shard::WHOLE);
        assert_eq!(found.unwrap_err(), Failure::File(Fault::BrokenPdf));
    }
}
