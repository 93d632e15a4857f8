//! Fonts of a page: the letters and widths of character codes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use hayro_cmap::{BfString, load_embedded};
use hayro_font::{
    CMapResolverFn, Font, FontCache, FontGlyph, FontQuery, FontResolverFn, UNITS_PER_EM,
};
use hayro_syntax::object::{Array, Dict, Name, Number, ObjectIdentifier};

use crate::extract::pdf::layout::is_bold;

/// Default ascent and descent, in sizes of the font.
const ASCENT: f32 = 0.8;
const DESCENT: f32 = -0.2;

/// The fonts of a document.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    faces: RefCell<HashMap<ObjectIdentifier, Option<Rc<Face<'a>>>>>,
    programs: FontResolverFn,
    encodings: CMapResolverFn,
}

/// A font. Lengths are in sizes of the font.
pub(super) struct Face<'a> {
    font: Font<'a>,
    codes: RefCell<HashMap<u32, Rc<CharacterCode>>>,
    pub(super) bold: bool,
    /// Height above the baseline, and depth below it, which is negative.
    pub(super) ascent: f32,
    pub(super) descent: f32,
    /// Whether text is set vertically.
    pub(super) vertical: bool,
}

/// A character code of a string.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CharacterCode {
    /// Usually one letter, several for a ligature. Empty if the file does not tell.
    pub(super) letters: String,
    /// Offset of the next glyph: horizontal, vertical.
    pub(super) advance: (f32, f32),
    /// Offset of the glyph from the text position.
    pub(super) shift: (f32, f32),
}

impl Default for Fonts<'_> {
    fn default() -> Self {
        Self {
            cache: FontCache::new(),
            faces: RefCell::default(),
            programs: Arc::new(|query| match query {
                FontQuery::Standard(font) => Some(font.get_font_data()),
                FontQuery::Fallback(font) => Some(font.pick_standard_font().get_font_data()),
            }),
            encodings: Arc::new(load_embedded),
        }
    }
}

impl<'a> Fonts<'a> {
    /// Returns the font of that name among a page's; `None` if it is missing or broken.
    pub(super) fn face(&self, name: &Name<'_>, fonts: &Dict<'a>) -> Option<Rc<Face<'a>>> {
        let load = || {
            fonts
                .get(name)
                .and_then(|dict| self.load(&dict))
                .map(Rc::new)
        };
        // A font in the page's own dictionary has no object number for the cache.
        let Some(id) = fonts.get_ref(name) else {
            return load();
        };
        if let Some(face) = self.faces.borrow().get(&id.into()) {
            return face.clone();
        }
        let face = load();
        self.faces.borrow_mut().insert(id.into(), face.clone());
        face
    }

    fn load(&self, dict: &Dict<'a>) -> Option<Face<'a>> {
        let font = self.cache.font(dict, &self.programs, &self.encodings)?;
        let descendants: Option<Array<'_>> = dict.get("DescendantFonts");
        let inner = descendants.and_then(|fonts| fonts.iter::<Dict<'_>>().next());
        let inner = inner.as_ref().unwrap_or(dict);
        let descriptor: Dict<'_> = inner.get("FontDescriptor").unwrap_or_default();
        let height = |key: &str, sane: std::ops::Range<f32>, usual: f32| {
            let height = descriptor.get::<Number>(key);
            let height = height.map(|height| height.as_f32() / UNITS_PER_EM);
            height
                .filter(|height| sane.contains(height))
                .unwrap_or(usual)
        };
        let name = dict.get::<Name<'_>>("BaseFont");
        Some(Face {
            vertical: !font.is_horizontal(),
            font,
            codes: RefCell::default(),
            bold: name.is_some_and(|name| is_bold(name.as_str())),
            ascent: height("Ascent", 0.3..1.6, ASCENT),
            descent: height("Descent", -0.8..0.0, DESCENT),
        })
    }
}

impl Face<'_> {
    /// Returns the code at a position of a string, and its length in bytes.
    pub(super) fn read(&self, string: &[u8], at: usize) -> (u32, usize) {
        let (code, length) = self.font.read_code(string, at);
        (code, length.max(1))
    }

    pub(super) fn code(&self, code: u32) -> Rc<CharacterCode> {
        if let Some(known) = self.codes.borrow().get(&code) {
            return known.clone();
        }
        let advance = self.font.code_advance(code);
        let shift = self.font.origin_displacement(code);
        let read = Rc::new(CharacterCode {
            letters: self.letters(code),
            advance: ems(advance.x, advance.y),
            shift: ems(shift.x, shift.y),
        });
        self.codes.borrow_mut().insert(code, read.clone());
        read
    }

    fn letters(&self, code: u32) -> String {
        let glyph = match self.font.glyph(self.font.map_code(code), code) {
            FontGlyph::Outline(glyph) => glyph.as_unicode(),
            FontGlyph::Type3(glyph) => glyph.as_unicode(),
        };
        let letters = match glyph {
            None => return String::new(),
            Some(BfString::Char(letter)) => letter.to_string(),
            Some(BfString::String(letters)) => letters,
        };
        let is_text =
            |letter: &char| !matches!(letter, '\0' | '\u{FFFD}' | '\u{FFFE}' | '\u{FFFF}');
        letters.chars().filter(is_text).collect()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a thousandth of a point is enough"
)]
fn ems(x: f64, y: f64) -> (f32, f32) {
    (x as f32 / UNITS_PER_EM, y as f32 / UNITS_PER_EM)
}
