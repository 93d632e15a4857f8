//! Lines, put together from the glyphs of a page as an engine draws them.

use std::ops::Range;

use super::grid::cells::{Piece, fold};
use super::grid::{Grid, cell};
use super::{Extent, Line, Word, expand_ligature, join, raised};

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

/// A letter and where it stands; lengths in points from the lower left corner of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::extract) struct Glyph {
    pub(in crate::extract) letter: char,
    pub(in crate::extract) left: f32,
    /// Where the next letter would begin.
    pub(in crate::extract) right: f32,
    /// Of the font, not of the letter.
    pub(in crate::extract) bottom: f32,
    pub(in crate::extract) top: f32,
    /// The height of its base line.
    pub(in crate::extract) foot: f32,
    /// Size of its font as it is drawn.
    pub(in crate::extract) size: f32,
    pub(in crate::extract) bold: bool,
}

/// What an engine finds on a page, one after the other.
#[derive(Clone, Copy, Debug)]
pub(in crate::extract) enum Mark {
    Letter(Glyph),
    /// It was typed, or else is known by a gap alone.
    Space {
        glyph: Glyph,
        typed: bool,
    },
    /// The word goes on in the next line.
    Hyphen,
    LineEnd,
}

/// Collects the glyphs of one line after another.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing of the glyph before, and all combinations occur"
)]
pub(in crate::extract) struct LineWriter<'a> {
    grids: &'a [Grid],
    pieces: Vec<Piece>,
    words: Vec<Word>,
    /// The first and the last glyph of each word.
    glyphs: Vec<(Glyph, Glyph)>,
    last: Glyph,
    spaced: bool,
    /// One of the spaces before the next word is a character of the file.
    typed: bool,
    /// The word at hand has something beside control bytes.
    solid: bool,
    hyphenated: bool,
    /// The last glyph is an exponent, or a part of one.
    raised: bool,
    /// The engine ended the line; the next glyph tells whether that is so.
    ended: bool,
    size: f32,
}

impl<'a> LineWriter<'a> {
    /// `grids` are the ruled tables of the page.
    pub(in crate::extract) fn new(grids: &'a [Grid]) -> Self {
        Self {
            grids,
            pieces: Vec::new(),
            words: Vec::new(),
            glyphs: Vec::new(),
            last: Glyph::default(),
            spaced: true,
            typed: false,
            solid: false,
            hyphenated: false,
            raised: false,
            ended: false,
            size: 0.0,
        }
    }

    pub(in crate::extract) fn push(&mut self, mark: Mark) {
        if self.ended {
            self.ended = false;
            let goes_on = match mark {
                Mark::Letter(next) | Mark::Space { glyph: next, .. } => self.goes_on(&next),
                Mark::Hyphen | Mark::LineEnd => false,
            };
            if !goes_on {
                self.end_line();
            }
        }
        match mark {
            Mark::Letter(glyph) => self.add(glyph),
            Mark::Space { typed, .. } => {
                self.typed |= typed;
                self.end_word();
            }
            Mark::Hyphen => self.hyphenated = true,
            Mark::LineEnd => self.ended = true,
        }
    }

    /// The lines of the page, with each row of a ruled table as one.
    pub(in crate::extract) fn finish(mut self) -> Vec<Line> {
        self.end_line();
        fold(self.grids, self.pieces)
    }

    fn add(&mut self, glyph: Glyph) {
        if self.words.is_empty() {
            self.size = glyph.size;
        }
        if self.spaced {
            let gap = if self.words.is_empty() {
                0.0
            } else {
                gap(&self.last, &glyph)
            };
            self.words.push(Word {
                text: String::new(),
                gap,
                typed: self.typed,
                extent: Extent {
                    left: glyph.left,
                    right: glyph.right,
                    bottom: glyph.bottom,
                },
            });
            self.glyphs.push((glyph, glyph));
        }
        self.solid |= !glyph.letter.is_control();
        self.raised = self.is_raised(&glyph);
        let letter = if self.raised {
            raised(glyph.letter)
        } else {
            glyph.letter
        };
        if let Some(word) = self.words.last_mut() {
            match expand_ligature(letter) {
                Some(letters) => word.text.push_str(letters),
                None if letter.is_control() => {}
                None => word.text.push(letter),
            }
        }
        self.spaced = false;
        self.typed = false;
        self.hyphenated = false;
        self.last = glyph;
    }

    /// Whether a digit or a sign stands above the line, small and close to what it belongs to: else 10⁻⁶ reads as 10-6.
    fn is_raised(&self, glyph: &Glyph) -> bool {
        if self.spaced || self.words.is_empty() || raised(glyph.letter) == glyph.letter {
            return false;
        }
        let rise = glyph.foot - self.last.foot;
        let before = self.last.size;
        if self.raised {
            rise.abs() < 0.1 * before && (glyph.size - before).abs() < 0.1 * before
        } else {
            glyph.size <= SMALL * before && rise >= RISE * before
        }
    }

    /// Ends a word. One of control bytes alone was no ligature but a sign of mathematics.
    fn end_word(&mut self) {
        if !self.spaced
            && let (Some(word), Some(glyphs)) = (self.words.last_mut(), self.glyphs.last_mut())
        {
            if !std::mem::take(&mut self.solid) {
                word.text.clear();
            }
            word.extent.right = self.last.right;
            glyphs.1 = self.last;
        }
        self.spaced = true;
    }

    /// Whether a line goes on although the engine ended it: with an exponent or another raised letter, close behind its
    /// last one.
    fn goes_on(&mut self, next: &Glyph) -> bool {
        if self.words.is_empty() || self.hyphenated {
            return false;
        }
        let gap = next.left - self.last.right;
        let is_beside = next.bottom < self.last.top && next.top > self.last.bottom;
        let goes_on = is_beside && gap.abs() <= CLOSE * self.size;
        if goes_on && gap > TOUCHING * self.size {
            self.end_word();
        }
        goes_on
    }

    /// Ends the line, whose words may lie in several cells of a ruled table.
    fn end_line(&mut self) {
        self.end_word();
        let middle = MIDDLE * self.size;
        let cells: Vec<_> = self
            .words
            .iter()
            .map(|word| {
                let x = f32::midpoint(word.extent.left, word.extent.right);
                cell(self.grids, x, word.extent.bottom + middle)
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
            self.pieces.extend(line.map(|line| Piece { cell, line }));
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
        let joined = join(&words, self.size);
        if joined.text.is_empty() {
            return None;
        }
        Some(Line {
            text: joined.text,
            left: first.left,
            right: last.right,
            bottom: first.bottom,
            top: first.top,
            size: self.size,
            bold: first.bold && last.bold,
            hyphenated,
            cells: joined.cells,
            table: None,
            narrow: joined.narrow,
        })
    }
}

/// Whether a font is bold, by its name.
pub(in crate::extract) fn is_bold(font: &str) -> bool {
    let name = font.to_ascii_lowercase();
    ["bold", "black", "heavy", "-bd"]
        .iter()
        .any(|word| name.contains(word))
}

/// The distance of two glyphs, along the line whichever way it runs.
fn gap(before: &Glyph, after: &Glyph) -> f32 {
    let along = (after.left - before.right).max(before.left - after.right);
    let across = (after.bottom - before.top).max(before.bottom - after.top);
    along.max(across).max(0.0)
}
