//! Graphics and text state (ISO 32000-1, 8.4 and 9.4).

use std::rc::Rc;

use hayro_font::kurbo::Affine;

use super::fonts::Face;

/// The graphics state.
#[derive(Clone)]
pub(super) struct State<'a> {
    /// Transforms content space to page space.
    pub(super) matrix: Affine,
    pub(super) face: Option<Rc<Face<'a>>>,
    pub(super) size: f64,
    pub(super) letter_space: f64,
    pub(super) word_space: f64,
    /// Horizontal scaling; 1 is the font's own width.
    pub(super) stretch: f64,
    pub(super) leading: f64,
    pub(super) rise: f64,
}

impl Default for State<'_> {
    fn default() -> Self {
        Self {
            matrix: Affine::IDENTITY,
            face: None,
            size: 1.0,
            letter_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

/// The text position.
#[derive(Clone, Copy, Default)]
pub(super) struct TextPosition {
    line: Affine,
    pub(super) letter: Affine,
}

impl TextPosition {
    pub(super) fn set(&mut self, matrix: Affine) {
        self.line = matrix;
        self.letter = matrix;
    }

    /// Begins a new line at this offset from the beginning of the current one.
    pub(super) fn next_line(&mut self, along: f64, up: f64) {
        self.set(self.line * Affine::translate((along, up)));
    }

    pub(super) fn go(&mut self, along: f64, up: f64) {
        self.letter *= Affine::translate((along, up));
    }
}
