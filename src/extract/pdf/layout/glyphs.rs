//! Assembles lines from the glyphs of a page in the order of the reader.

use std::ops::Range;

use super::grid::cells::{Piece, fold};
use super::grid::{Grid, cell};
use super::{Extent, Line, Word, expand_ligature, join, raised};

/// Largest gap before a superscript, in font sizes.
const MAX_SCRIPT_GAP: f32 = 0.3;
/// Largest gap at which it belongs to the word before it: the exponent of a unit does, the index of a formula does not.
const MAX_JOINED_GAP: f32 = 0.02;

/// Largest size of a superscript relative to the letter before it, and smallest rise above that letter's baseline, in
/// font sizes of that letter.
const MAX_SCRIPT_SIZE: f32 = 0.85;
const MIN_SCRIPT_RISE: f32 = 0.15;

/// Height of the middle of a line's letters above its bottom, in font sizes.
const MIDDLE: f32 = 0.4;

/// A letter with its position; lengths in points from the lower left corner of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::extract) struct Glyph {
    pub(in crate::extract) letter: char,
    pub(in crate::extract) left: f32,
    /// Start of the next letter.
    pub(in crate::extract) right: f32,
    /// Bottom and top of the font, not of the letter.
    pub(in crate::extract) bottom: f32,
    pub(in crate::extract) top: f32,
    /// Height of the baseline.
    pub(in crate::extract) foot: f32,
    /// Font size as drawn.
    pub(in crate::extract) size: f32,
    pub(in crate::extract) bold: bool,
}

/// What a reader finds on a page, in order.
#[derive(Clone, Copy, Debug)]
pub(in crate::extract) enum Mark {
    Letter(Glyph),
    /// A space. `typed`: as a character of the file, not only as a gap.
    Space {
        glyph: Glyph,
        typed: bool,
    },
    /// A line-end hyphen: the word continues in the next line.
    Hyphen,
    LineEnd,
}

/// Collects the glyphs of a page line by line.
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
    /// Whether a space before the next word is a character of the file.
    typed: bool,
    /// Whether the current word contains more than control bytes.
    solid: bool,
    hyphenated: bool,
    /// Whether the last glyph is part of an exponent.
    raised: bool,
    /// Whether the reader ended the line; the next glyph shows whether it really ends.
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

    /// Returns the lines of the page, each row of a ruled table as one line.
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

    /// Whether a digit or sign is a superscript; otherwise 10⁻⁶ would read as 10-6.
    fn is_raised(&self, glyph: &Glyph) -> bool {
        if self.spaced || self.words.is_empty() || raised(glyph.letter) == glyph.letter {
            return false;
        }
        let rise = glyph.foot - self.last.foot;
        let before = self.last.size;
        if self.raised {
            rise.abs() < 0.1 * before && (glyph.size - before).abs() < 0.1 * before
        } else {
            glyph.size <= MAX_SCRIPT_SIZE * before && rise >= MIN_SCRIPT_RISE * before
        }
    }

    /// Ends a word. A word of control bytes alone is a mathematical sign rather than a ligature.
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

    /// Whether a line that the reader ended continues with a superscript close to its last letter.
    fn goes_on(&mut self, next: &Glyph) -> bool {
        if self.words.is_empty() || self.hyphenated {
            return false;
        }
        let gap = next.left - self.last.right;
        let is_beside = next.bottom < self.last.top && next.top > self.last.bottom;
        let goes_on = is_beside && gap.abs() <= MAX_SCRIPT_GAP * self.size;
        if goes_on && gap > MAX_JOINED_GAP * self.size {
            self.end_word();
        }
        goes_on
    }

    /// Ends the line, whose words may be in several cells of a ruled table.
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

    /// Builds a line of some words.
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

/// Returns the distance of two glyphs in any writing direction.
fn gap(before: &Glyph, after: &Glyph) -> f32 {
    let along = (after.left - before.right).max(before.left - after.right);
    let across = (after.bottom - before.top).max(before.bottom - after.top);
    along.max(across).max(0.0)
}
