//! The lines of a page, put together from its glyphs.

use std::ops::Range;

use pdfium_render::prelude::*;

use super::rules;
use crate::corpus::extract::layout::{self, Extent, Grid, Line, Piece, Sheet, Word};

/// `PDFium` marks the hyphen at the end of a line with this.
const HYPHEN: char = '\u{2}';

/// How near a raised letter stands to the one before it, in sizes of the font.
const CLOSE: f32 = 0.3;
/// The same where it touches that one, and belongs to its word: the exponent of a unit, but not the index of a formula.
const TOUCHING: f32 = 0.02;

/// How much smaller than the letter before it an exponent is at least, and how far above its foot it stands, in sizes of
/// that letter.
const SMALL: f32 = 0.85;
const RISE: f32 = 0.15;

/// The middle of a line's letters above its bottom, in sizes of the font.
const MIDDLE: f32 = 0.4;

/// The lines of a page; `left` is how many characters may still be read.
pub(super) fn sheet(page: &PdfPage<'_>, left: &mut usize) -> Sheet {
    let mut sheet = Sheet {
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
        layout::find_grids(rules::of(page))
    };
    let mut builder = Builder::new(&chars, &grids);
    let mut pieces = Vec::new();
    for index in 0..chars.len().min(*left) {
        let Ok(glyph) = chars.get(index) else { break };
        let Some(letter) = glyph.unicode_char() else {
            continue;
        };
        match letter {
            '\n' if builder.goes_on(index + 1) => {}
            '\n' => builder.end_line(&mut pieces),
            '\r' if follows(&chars, index, '\n') => {}
            '\0' | '\u{FFFE}' | '\u{FFFF}' | '\u{AD}' => {}
            HYPHEN => builder.hyphen(),
            _ if letter.is_whitespace()
                && letter != '\u{B}'
                && letter != '\u{C}'
                && letter != '\r' =>
            {
                builder.space(index);
            }
            _ => builder.add(index, letter),
        }
    }
    builder.end_line(&mut pieces);
    *left = left.saturating_sub(chars.len());
    sheet.lines = layout::fold(&grids, pieces);
    sheet
}

fn follows(chars: &PdfPageTextChars<'_>, index: usize, letter: char) -> bool {
    chars
        .get(index + 1)
        .is_ok_and(|next| next.unicode_char() == Some(letter))
}

/// Collects the glyphs of one line after another.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing of the glyph before, and all combinations occur"
)]
struct Builder<'a> {
    chars: &'a PdfPageTextChars<'a>,
    grids: &'a [Grid],
    words: Vec<Word>,
    /// The first and the last glyph of each word.
    glyphs: Vec<(usize, usize)>,
    last: usize,
    spaced: bool,
    /// One of the spaces before the next word is a character of the file.
    typed: bool,
    /// The word at hand has something beside control bytes.
    solid: bool,
    hyphenated: bool,
    /// The last glyph is an exponent, or a part of one.
    raised: bool,
    size: f32,
}

impl<'a> Builder<'a> {
    fn new(chars: &'a PdfPageTextChars<'a>, grids: &'a [Grid]) -> Self {
        Self {
            chars,
            grids,
            words: Vec::new(),
            glyphs: Vec::new(),
            last: 0,
            spaced: true,
            typed: false,
            solid: false,
            hyphenated: false,
            raised: false,
            size: 0.0,
        }
    }

    fn add(&mut self, index: usize, letter: char) {
        if self.words.is_empty() {
            let glyph = self.chars.get(index);
            self.size = glyph.map_or(0.0, |glyph| glyph.scaled_font_size().value.abs());
        }
        if self.spaced {
            let gap = if self.words.is_empty() {
                0.0
            } else {
                gap(self.chars, self.last, index)
            };
            self.words.push(Word {
                text: String::new(),
                gap,
                typed: self.typed,
                extent: extent(self.chars, index),
            });
            self.glyphs.push((index, index));
        }
        self.solid |= !letter.is_control();
        self.raised = self.is_raised(index, letter);
        let letter = if self.raised {
            layout::raised(letter)
        } else {
            letter
        };
        if let Some(word) = self.words.last_mut() {
            match layout::mend(letter) {
                Some(letters) => word.text.push_str(letters),
                None if letter.is_control() => {}
                None => word.text.push(letter),
            }
        }
        self.spaced = false;
        self.typed = false;
        self.hyphenated = false;
        self.last = index;
    }

    /// Whether a digit or a sign stands above the line, small and close to what it belongs to: else 10⁻⁶ reads as 10-6.
    fn is_raised(&self, index: usize, letter: char) -> bool {
        if self.spaced || self.words.is_empty() || layout::raised(letter) == letter {
            return false;
        }
        let place = |index: usize| {
            let glyph = self.chars.get(index).ok()?;
            Some((
                glyph.scaled_font_size().value.abs(),
                glyph.origin_y().ok()?.value,
            ))
        };
        let (Some((size, bottom)), Some((before, bottom_before))) =
            (place(index), place(self.last))
        else {
            return false;
        };
        let rise = bottom - bottom_before;
        if self.raised {
            rise.abs() < 0.1 * before && (size - before).abs() < 0.1 * before
        } else {
            size <= SMALL * before && rise >= RISE * before
        }
    }

    fn space(&mut self, index: usize) {
        let glyph = self.chars.get(index);
        self.typed |= glyph.is_ok_and(|glyph| glyph.is_generated().is_ok_and(|is| !is));
        self.end_word();
    }

    /// Ends a word. One of control bytes alone was no ligature but a sign of mathematics.
    fn end_word(&mut self) {
        if !self.spaced
            && let (Some(word), Some(glyphs)) = (self.words.last_mut(), self.glyphs.last_mut())
        {
            if !std::mem::take(&mut self.solid) {
                word.text.clear();
            }
            word.extent.right = extent(self.chars, self.last).right;
            glyphs.1 = self.last;
        }
        self.spaced = true;
    }

    fn hyphen(&mut self) {
        self.hyphenated = true;
    }

    /// Whether a line goes on although `PDFium` ends it: with an exponent or another raised letter, close behind its
    /// last one.
    fn goes_on(&mut self, next: usize) -> bool {
        if self.words.is_empty() || self.hyphenated {
            return false;
        }
        let bounds = |index: usize| self.chars.get(index).and_then(|glyph| glyph.loose_bounds());
        let (Ok(last), Ok(next)) = (bounds(self.last), bounds(next)) else {
            return false;
        };
        let gap = next.left().value - last.right().value;
        let is_beside =
            next.bottom().value < last.top().value && next.top().value > last.bottom().value;
        let goes_on = is_beside && gap.abs() <= CLOSE * self.size;
        if goes_on && gap > TOUCHING * self.size {
            self.end_word();
        }
        goes_on
    }

    /// Ends the line, whose words may lie in several cells of a ruled table.
    fn end_line(&mut self, pieces: &mut Vec<Piece>) {
        self.end_word();
        let middle = MIDDLE * self.size;
        let cells: Vec<_> = self
            .words
            .iter()
            .map(|word| {
                let x = f32::midpoint(word.extent.left, word.extent.right);
                layout::cell(self.grids, x, word.extent.bottom + middle)
            })
            .collect();
        let mut begin = 0;
        for end in 1..=cells.len() {
            if end < cells.len() && cells[end] == cells[begin] {
                continue;
            }
            let hyphenated = self.hyphenated && end == cells.len();
            let line = self.line(begin..end, hyphenated);
            let cell = cells[begin];
            pieces.extend(line.map(|line| Piece { cell, line }));
            begin = end;
        }
        self.words.clear();
        self.glyphs.clear();
        self.spaced = true;
        self.typed = false;
        self.hyphenated = false;
    }

    /// A line of a run of words.
    fn line(&mut self, run: Range<usize>, hyphenated: bool) -> Option<Line> {
        let (first, last) = (self.glyphs[run.start].0, self.glyphs[run.end - 1].1);
        let words = self.words[run].iter_mut().map(std::mem::take);
        let words: Vec<Word> = words.filter(|word| !word.text.is_empty()).collect();
        let joined = layout::join(&words, self.size);
        if joined.text.is_empty() {
            return None;
        }
        let (begin, end) = (self.chars.get(first).ok()?, self.chars.get(last).ok()?);
        let begin_bounds = begin.loose_bounds().unwrap_or(PdfRect::ZERO);
        let end_bounds = end.loose_bounds().unwrap_or(begin_bounds);
        Some(Line {
            text: joined.text,
            left: begin_bounds.left().value,
            right: end_bounds.right().value,
            bottom: begin_bounds.bottom().value,
            top: begin_bounds.top().value,
            size: self.size,
            bold: is_bold(&begin) && is_bold(&end),
            hyphenated,
            cells: joined.cells,
            table: None,
            narrow: joined.narrow,
        })
    }
}

fn is_bold(glyph: &PdfPageTextChar<'_>) -> bool {
    let name = glyph.font_name().to_ascii_lowercase();
    ["bold", "black", "heavy", "-bd"]
        .iter()
        .any(|word| name.contains(word))
}

fn extent(chars: &PdfPageTextChars<'_>, index: usize) -> Extent {
    let bounds = chars.get(index).and_then(|glyph| glyph.loose_bounds());
    bounds.map_or(Extent::default(), |bounds| Extent {
        left: bounds.left().value,
        right: bounds.right().value,
        bottom: bounds.bottom().value,
    })
}

/// The distance of two glyphs, along the line whichever way it runs.
fn gap(chars: &PdfPageTextChars<'_>, before: usize, after: usize) -> f32 {
    let bounds = |index: usize| chars.get(index).and_then(|glyph| glyph.loose_bounds());
    let (Ok(before), Ok(after)) = (bounds(before), bounds(after)) else {
        return 0.0;
    };
    let along =
        (after.left().value - before.right().value).max(before.left().value - after.right().value);
    let across =
        (after.bottom().value - before.top().value).max(before.bottom().value - after.top().value);
    along.max(across).max(0.0)
}
