//! An image to draw lines, areas and text on.

use tiny_skia::{
    Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Latin and Greek letters, Hangul, and symbols; its licence is next to it.
const FONT: &[u8] = include_bytes!("../../../assets/plot-font.ttf");

/// A colour.
pub(crate) type Ink = (u8, u8, u8, u8);

/// Horizontal alignment of a text at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

/// An image.
pub(crate) struct Canvas {
    pixmap: Pixmap,
    face: Face<'static>,
}

impl Canvas {
    /// Creates a white image; returns `None` if it is too large.
    pub(crate) fn new(width: u32, height: u32) -> Option<Self> {
        let mut pixmap = Pixmap::new(width, height)?;
        pixmap.fill(Color::WHITE);
        let face = Face::parse(FONT, 0).ok()?;
        Some(Self { pixmap, face })
    }

    /// Fills a rectangle of whole pixels, at least two pixels wide and high.
    pub(crate) fn area(&mut self, left: f32, top: f32, right: f32, bottom: f32, ink: Ink) {
        let (left, top) = (left.floor(), top.floor());
        let (right, bottom) = (right.ceil().max(left + 2.0), bottom.ceil().max(top + 2.0));
        let mut paint = paint(ink);
        paint.anti_alias = false;
        if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
            self.pixmap
                .fill_rect(rect, &paint, Transform::identity(), None);
        }
    }

    /// Draws a polyline.
    pub(crate) fn line(&mut self, points: &[(f32, f32)], width: f32, ink: Ink, is_dashed: bool) {
        let mut builder = PathBuilder::new();
        for (at, (x, y)) in points.iter().enumerate() {
            if at == 0 {
                builder.move_to(*x, *y);
            } else {
                builder.line_to(*x, *y);
            }
        }
        let Some(path) = builder.finish() else {
            return;
        };
        let stroke = Stroke {
            width,
            dash: is_dashed
                .then(|| StrokeDash::new(vec![6.0, 6.0], 0.0))
                .flatten(),
            ..Stroke::default()
        };
        self.pixmap
            .stroke_path(&path, &paint(ink), &stroke, Transform::identity(), None);
    }

    /// Draws a text with its baseline at a point.
    pub(crate) fn text(&mut self, text: &str, x: f32, y: f32, size: f32, ink: Ink, anchor: Anchor) {
        let scale = size / f32::from(self.face.units_per_em().max(1));
        let width = self.width(text, size);
        let mut pen = match anchor {
            Anchor::Left => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::Right => x - width,
        };
        for letter in text.chars() {
            let glyph = self.glyph(letter);
            let mut outline = Outline(PathBuilder::new());
            self.face.outline_glyph(glyph, &mut outline);
            if let Some(path) = outline.0.finish() {
                self.fill(
                    &path,
                    Transform::from_row(scale, 0.0, 0.0, -scale, pen, y),
                    ink,
                );
            }
            pen += f32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()) * scale;
        }
    }

    fn fill(&mut self, path: &Path, transform: Transform, ink: Ink) {
        self.pixmap
            .fill_path(path, &paint(ink), FillRule::Winding, transform, None);
    }

    /// Returns the glyph of a letter; the font has only the Greek mu.
    fn glyph(&self, letter: char) -> GlyphId {
        let letter = if letter == 'µ' { 'μ' } else { letter };
        self.face.glyph_index(letter).unwrap_or_default()
    }

    /// Returns the width of a text, in pixels.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let units: f32 = text
            .chars()
            .map(|letter| {
                let glyph = self.glyph(letter);
                f32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default())
            })
            .sum();
        units * size / f32::from(self.face.units_per_em().max(1))
    }

    /// Truncates a text to the available width.
    pub(crate) fn fitted(&self, text: &str, size: f32, room: f32) -> String {
        if self.width(text, size) <= room {
            return text.to_owned();
        }
        let mut shown = String::new();
        for letter in text.chars() {
            shown.push(letter);
            if self.width(&shown, size) + self.width("…", size) > room {
                shown.pop();
                break;
            }
        }
        format!("{}…", shown.trim_end())
    }

    /// Encodes the image as a PNG file.
    pub(crate) fn png(&self) -> anyhow::Result<Vec<u8>> {
        let (width, height) = (self.pixmap.width(), self.pixmap.height());
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        // The background is opaque white, so that no colour has to be divided by its alpha.
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixmap.data())?;
        writer.finish()?;
        Ok(bytes)
    }
}

fn paint((red, green, blue, alpha): Ink) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, alpha);
    paint.anti_alias = true;
    paint
}

struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}
