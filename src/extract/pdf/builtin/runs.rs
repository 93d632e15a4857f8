//! Positions the glyphs of a string on the page.

use hayro_font::kurbo::{Affine, Vec2};

use super::fonts::{CharacterCode, Face};
use super::state::{State, TextPosition};
use crate::extract::pdf::layout::Glyph;

/// Stands for a glyph whose letter is unknown.
pub(super) const UNKNOWN: char = '\0';

/// The glyphs of one string.
pub(super) struct Run {
    /// Writing direction, of length 1.
    pub(super) direction: Vec2,
    pub(super) glyphs: Vec<PlacedGlyph>,
}

/// A glyph with its start and end along the line and its position across it, in points.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedGlyph {
    pub(super) glyph: Glyph,
    pub(super) from: f32,
    pub(super) to: f32,
    pub(super) across: f32,
}

/// Positions the glyphs of one string.
pub(super) struct RunWriter<'r, 'a> {
    face: &'r Face<'a>,
    pub(super) run: Run,
    /// One size of the font along the line and across it, in page space.
    along: Vec2,
    up: Vec2,
    raise: Vec2,
    size: f32,
}

impl<'r, 'a> RunWriter<'r, 'a> {
    /// Returns `None` if the text has no size.
    pub(super) fn new(
        state: &State<'a>,
        face: &'r Face<'a>,
        position: &TextPosition,
    ) -> Option<Self> {
        let [a, b, c, d, ..] = (state.matrix * position.letter).as_coeffs();
        let along = Vec2::new(a, b) * (state.size * state.stretch);
        let up = Vec2::new(c, d) * state.size;
        let way = if face.vertical { -up } else { along };
        // A negative size mirrors the letters, as a matrix does.
        let length = way.hypot();
        (length.is_finite() && length > 0.0 && up.hypot() > 0.0).then(|| Self {
            face,
            run: Run {
                direction: way / length,
                glyphs: Vec::new(),
            },
            along,
            up,
            raise: Vec2::new(c, d) * state.rise,
            size: single(up.hypot()),
        })
    }

    pub(super) fn add(&mut self, code: &CharacterCode, position: Affine) {
        let at = |ems: (f32, f32)| self.along * f64::from(ems.0) + self.up * f64::from(ems.1);
        let position = position.translation() + self.raise;
        let end = position + at(code.advance);
        let (bottom, top) = (
            self.up * f64::from(self.face.descent),
            self.up * f64::from(self.face.ascent),
        );
        let begin = position + at(code.shift);
        let width = if self.face.vertical {
            self.along
        } else {
            at(code.advance)
        };
        let corners = [
            begin + bottom,
            begin + top,
            begin + width + bottom,
            begin + width + top,
        ];
        let min =
            |of: fn(&Vec2) -> f64| single(corners.iter().map(of).fold(f64::INFINITY, f64::min));
        let max =
            |of: fn(&Vec2) -> f64| single(corners.iter().map(of).fold(f64::NEG_INFINITY, f64::max));
        let direction = self.run.direction;
        let placed = PlacedGlyph {
            glyph: Glyph {
                letter: UNKNOWN,
                left: min(|corner| corner.x),
                right: max(|corner| corner.x),
                bottom: min(|corner| corner.y),
                top: max(|corner| corner.y),
                foot: single(position.y),
                size: self.size,
                bold: self.face.bold,
            },
            from: single(direction.dot(position)),
            to: single(direction.dot(end)),
            across: single(direction.cross(position)),
        };
        if code.letters.is_empty() {
            self.run.glyphs.push(placed);
        }
        for letter in code.letters.chars() {
            let glyph = Glyph {
                letter,
                ..placed.glyph
            };
            self.run.glyphs.push(PlacedGlyph { glyph, ..placed });
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a thousandth of a point is enough"
)]
pub(super) fn single(length: f64) -> f32 {
    length as f32
}
