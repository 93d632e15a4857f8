//! Interprets the content of a page: strings as runs of glyphs, and straight lines (ISO 32000-1, 8 and 9).

use hayro_font::kurbo::{Affine, Point};
use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::{CubicEndTo, CubicStartTo, TypedInstruction as Op};
use hayro_syntax::object::{Array, Dict, Name, Number, Object};
use hayro_syntax::page::{Page, Resources};

use super::fonts::Fonts;
use super::path::Path;
use super::runs::{Run, RunWriter};
use super::state::{State, TextPosition};
use crate::extract::pdf::layout::RuleFinder;

/// Maximum nesting of forms, and number of forms of a page.
const MAX_FORM_DEPTH: usize = 12;
const MAX_FORMS: usize = 5_000;

/// The content of a page in drawing order. Positions are in points from the lower left corner of the page as displayed.
#[derive(Default)]
pub(super) struct Drawn {
    pub(super) runs: Vec<Run>,
    pub(super) rules: RuleFinder,
    /// Number of letters in the runs.
    pub(super) letters: usize,
}

/// Reads a page, with at most this many letters.
pub(super) fn read<'a>(page: &Page<'a>, fonts: &Fonts<'a>, letters: usize) -> Drawn {
    let mut reader = Reader {
        fonts,
        drawn: Drawn::default(),
        most_letters: letters,
        forms: 0,
    };
    let state = State {
        matrix: Affine::new(page.initial_transform(false).as_coeffs()),
        ..State::default()
    };
    if let Some(content) = page.page_stream() {
        reader.content(content, page.resources(), state, 0);
    }
    reader.drawn
}

struct Reader<'a, 'f> {
    fonts: &'f Fonts<'a>,
    drawn: Drawn,
    most_letters: usize,
    forms: usize,
}

impl<'a> Reader<'a, '_> {
    fn content(
        &mut self,
        content: &[u8],
        resources: &Resources<'a>,
        state: State<'a>,
        depth: usize,
    ) {
        let (mut state, mut saved) = (state, Vec::new());
        let mut position = TextPosition::default();
        let mut path = Path::default();
        let mut ops = TypedIter::new(content);
        while let Some(op) = ops.next() {
            if self.drawn.letters >= self.most_letters {
                break;
            }
            match op {
                Op::SaveState(_) => saved.push(state.clone()),
                Op::RestoreState(_) => state = saved.pop().unwrap_or(state),
                Op::Transform(by) => {
                    state.matrix *= affine([by.0, by.1, by.2, by.3, by.4, by.5]);
                }
                Op::XObject(name) => self.form(name.0, resources, &state, depth),

                Op::BeginText(_) => position = TextPosition::default(),
                Op::TextFont(font) => {
                    state.face = self.fonts.face(font.0, &resources.fonts);
                    state.size = font.1.as_f64();
                }
                Op::CharacterSpacing(space) => state.letter_space = space.0.as_f64(),
                Op::WordSpacing(space) => state.word_space = space.0.as_f64(),
                Op::HorizontalScaling(percent) => state.stretch = percent.0.as_f64() / 100.0,
                Op::TextLeading(leading) => state.leading = leading.0.as_f64(),
                Op::TextRise(rise) => state.rise = rise.0.as_f64(),
                Op::SetTextMatrix(to) => {
                    position.set(affine([to.0, to.1, to.2, to.3, to.4, to.5]));
                }
                Op::NextLine(by) => position.next_line(by.0.as_f64(), by.1.as_f64()),
                Op::NextLineAndSetLeading(by) => {
                    state.leading = -by.1.as_f64();
                    position.next_line(by.0.as_f64(), by.1.as_f64());
                }
                Op::NextLineUsingLeading(_) => position.next_line(0.0, -state.leading),
                Op::ShowText(text) => {
                    self.show(
                        &state,
                        &mut position,
                        [TextOperand::Text(text.0.as_bytes())],
                    );
                }
                Op::NextLineAndShowText(text) => {
                    position.next_line(0.0, -state.leading);
                    self.show(
                        &state,
                        &mut position,
                        [TextOperand::Text(text.0.as_bytes())],
                    );
                }
                Op::ShowTextWithParameters(text) => {
                    state.word_space = text.0.as_f64();
                    state.letter_space = text.1.as_f64();
                    position.next_line(0.0, -state.leading);
                    self.show(
                        &state,
                        &mut position,
                        [TextOperand::Text(text.2.as_bytes())],
                    );
                }
                Op::ShowTexts(texts) => self.show_all(&state, &mut position, texts.0),

                Op::MoveTo(to) => path.move_to(point(&state, to.0, to.1)),
                Op::LineTo(to) => path.line_to(point(&state, to.0, to.1)),
                Op::CubicTo(to) => path.curve_to(&[
                    point(&state, to.0, to.1),
                    point(&state, to.2, to.3),
                    point(&state, to.4, to.5),
                ]),
                // The other control point of either is one of the curve's ends.
                Op::CubicStartTo(CubicStartTo(x1, y1, x2, y2))
                | Op::CubicEndTo(CubicEndTo(x1, y1, x2, y2)) => {
                    path.curve_to(&[point(&state, x1, y1), point(&state, x2, y2)]);
                }
                Op::ClosePath(_) => path.close(),
                Op::RectPath(rect) => {
                    let (x, y) = (rect.0.as_f64(), rect.1.as_f64());
                    let (width, height) = (rect.2.as_f64(), rect.3.as_f64());
                    let corners = [
                        (x, y),
                        (x + width, y),
                        (x + width, y + height),
                        (x, y + height),
                    ];
                    path.polygon(corners.map(|corner| state.matrix * Point::from(corner)));
                }
                Op::CloseAndStrokePath(_)
                | Op::CloseFillAndStrokeNonZero(_)
                | Op::CloseFillAndStrokeEvenOdd(_) => {
                    path.close();
                    path.draw(&mut self.drawn.rules);
                }
                Op::StrokePath(_)
                | Op::FillPathNonZero(_)
                | Op::FillPathNonZeroCompatibility(_)
                | Op::FillPathEvenOdd(_)
                | Op::FillAndStrokeNonZero(_)
                | Op::FillAndStrokeEvenOdd(_) => path.draw(&mut self.drawn.rules),
                Op::EndPath(_) => path = Path::default(),
                _ => {}
            }
        }
    }

    /// Reads a form that the content refers to.
    fn form(
        &mut self,
        name: &Name<'_>,
        resources: &Resources<'a>,
        state: &State<'a>,
        depth: usize,
    ) {
        if depth >= MAX_FORM_DEPTH || self.forms >= MAX_FORMS {
            return;
        }
        let Some(form) = resources.get_x_object(name) else {
            return;
        };
        let dict = form.dict();
        let kind = dict.get::<Name<'_>>("Subtype");
        if kind.is_none_or(|kind| kind.as_str() != "Form") {
            return;
        }
        self.forms += 1;
        let Ok(content) = form.decoded_data() else {
            return;
        };
        let mut inner = state.clone();
        if let Some(matrix) = dict.get::<[f64; 6]>("Matrix") {
            inner.matrix *= Affine::new(matrix);
        }
        match dict.get::<Dict<'a>>("Resources") {
            Some(own) => self.content(&content, &Resources::new(own), inner, depth + 1),
            None => self.content(&content, resources, inner, depth + 1),
        }
    }

    fn show_all(&mut self, state: &State<'a>, position: &mut TextPosition, texts: &Array<'_>) {
        let parts: Vec<Object<'_>> = texts.iter::<Object<'_>>().collect();
        let parts = parts.iter().filter_map(|part| match part {
            Object::String(text) => Some(TextOperand::Text(text.as_bytes())),
            Object::Number(by) => Some(TextOperand::Shift(by.as_f64() / 1000.0)),
            _ => None,
        });
        self.show(state, position, parts);
    }

    fn show<'s>(
        &mut self,
        state: &State<'a>,
        position: &mut TextPosition,
        parts: impl IntoIterator<Item = TextOperand<'s>>,
    ) {
        let Some(face) = &state.face else { return };
        let Some(mut writer) = RunWriter::new(state, face, position) else {
            return;
        };
        for part in parts {
            match part {
                TextOperand::Shift(by) if face.vertical => position.go(0.0, -by * state.size),
                TextOperand::Shift(by) => position.go(-by * state.size * state.stretch, 0.0),
                TextOperand::Text(string) => {
                    let mut at = 0;
                    while at < string.len() {
                        let (code, length) = face.read(string, at);
                        at += length;
                        let character = face.code(code);
                        writer.add(&character, state.matrix * position.letter);
                        let is_space = code == 32 && length == 1;
                        let space =
                            state.letter_space + if is_space { state.word_space } else { 0.0 };
                        if face.vertical {
                            position.go(0.0, f64::from(character.advance.1) * state.size + space);
                        } else {
                            let advance = f64::from(character.advance.0) * state.size + space;
                            position.go(advance * state.stretch, 0.0);
                        }
                    }
                }
            }
        }
        self.drawn.letters += writer.run.glyphs.len();
        if !writer.run.glyphs.is_empty() {
            self.drawn.runs.push(writer.run);
        }
    }
}

/// An operand of a text-showing operator: a string, or an adjustment in sizes of the font.
enum TextOperand<'s> {
    Text(&'s [u8]),
    Shift(f64),
}

fn point(state: &State<'_>, x: Number, y: Number) -> Point {
    state.matrix * Point::new(x.as_f64(), y.as_f64())
}

fn affine(numbers: [Number; 6]) -> Affine {
    Affine::new(numbers.map(|number| number.as_f64()))
}
