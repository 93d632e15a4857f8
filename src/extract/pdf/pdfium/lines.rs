//! Glyphs and rules of a page, as `PDFium` finds them.

use pdfium_render::prelude::*;

use crate::extract::pdf::layout::{
    Glyph, Grid, LineWriter, Mark, PageLines, Point, RuleFinder, is_bold,
};

/// The character with which `PDFium` marks a line-end hyphen.
const HYPHEN: char = '\u{2}';

/// Reads the lines of a page; `left` is the number of characters that may still be read.
pub(super) fn sheet(page: &PdfPage<'_>, left: &mut usize) -> PageLines {
    let mut sheet = PageLines {
        label: page.label().map(str::to_owned),
        height: page.height().value,
        lines: Vec::new(),
    };
    let Ok(text) = page.text() else {
        return sheet;
    };
    let chars = text.chars();
    let grids = if chars.is_empty() {
        Vec::new()
    } else {
        grids(page)
    };
    let mut writer = LineWriter::new(&grids);
    for index in 0..chars.len().min(*left) {
        let Ok(char) = chars.get(index) else { break };
        let Some(letter) = char.unicode_char() else {
            continue;
        };
        match letter {
            '\n' => writer.push(Mark::LineEnd),
            '\r' if follows(&chars, index, '\n') => {}
            '\0' | '\u{FFFE}' | '\u{FFFF}' | '\u{AD}' => {}
            HYPHEN => writer.push(Mark::Hyphen),
            _ if letter.is_whitespace()
                && letter != '\u{B}'
                && letter != '\u{C}'
                && letter != '\r' =>
            {
                writer.push(Mark::Space {
                    glyph: glyph(&char, letter),
                    typed: char.is_generated().is_ok_and(|is| !is),
                });
            }
            _ => writer.push(Mark::Letter(glyph(&char, letter))),
        }
    }
    *left = left.saturating_sub(chars.len());
    sheet.lines = writer.finish();
    sheet
}

fn follows(chars: &PdfPageTextChars<'_>, index: usize, letter: char) -> bool {
    chars
        .get(index + 1)
        .is_ok_and(|next| next.unicode_char() == Some(letter))
}

fn glyph(char: &PdfPageTextChar<'_>, letter: char) -> Glyph {
    let bounds = char.loose_bounds().unwrap_or(PdfRect::ZERO);
    Glyph {
        letter,
        left: bounds.left().value,
        right: bounds.right().value,
        bottom: bounds.bottom().value,
        top: bounds.top().value,
        foot: char.origin_y().map_or(0.0, |y| y.value),
        size: char.scaled_font_size().value.abs(),
        bold: is_bold(&char.font_name()),
    }
}

/// Finds the ruled tables of a page.
fn grids(page: &PdfPage<'_>) -> Vec<Grid> {
    let mut rules = RuleFinder::default();
    for object in page.objects().iter() {
        let (Some(path), Ok(bounds)) = (object.as_path_object(), object.bounds()) else {
            continue;
        };
        let corner = (bounds.left().value, bounds.bottom().value);
        let opposite = (bounds.right().value, bounds.top().value);
        rules.add(&straight_segments(path), (corner, opposite));
    }
    rules.tables()
}

/// Returns the straight segments of a path.
fn straight_segments(path: &PdfPagePathObject<'_>) -> Vec<(Point, Point)> {
    let mut lines = Vec::new();
    let Ok(matrix) = path.matrix() else {
        return lines;
    };
    let (mut begin, mut at) = ((0.0, 0.0), (0.0, 0.0));
    for segment in path.segments().transform(matrix).iter() {
        let (x, y) = segment.point();
        let to = (x.value, y.value);
        match segment.segment_type() {
            PdfPathSegmentType::MoveTo => begin = to,
            PdfPathSegmentType::LineTo => lines.push((at, to)),
            PdfPathSegmentType::BezierTo | PdfPathSegmentType::Unknown => {}
        }
        if segment.is_close() {
            lines.push((to, begin));
        }
        at = to;
    }
    lines
}
