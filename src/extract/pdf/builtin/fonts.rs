//! What the codes of a page's strings stand for, and how wide they are.

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

/// How far letters reach above and below the base line where the font does not say, in sizes of the font.
const ASCENT: f32 = 0.8;
const DESCENT: f32 = -0.2;

/// The fonts of a document.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    faces: RefCell<HashMap<ObjectIdentifier, Option<Rc<Face<'a>>>>>,
    programs: FontResolverFn,
    encodings: CMapResolverFn,
}

/// A font as text is set in it. Lengths are in sizes of the font.
pub(super) struct Face<'a> {
    font: Font<'a>,
    codes: RefCell<HashMap<u32, Rc<Code>>>,
    pub(super) bold: bool,
    /// How far letters reach above the base line, and below it, which is less than nothing.
    pub(super) ascent: f32,
    pub(super) descent: f32,
    /// Its text runs downwards.
    pub(super) upright: bool,
}

/// What a code of a string shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Code {
    /// Most are one letter; a ligature may be several. Empty where the file does not tell.
    pub(super) letters: String,
    /// How far the next one stands, along and up.
    pub(super) advance: (f32, f32),
    /// Where the glyph stands, from the place of the text.
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
    /// The font of that name among a page's; None where it is missing or broken.
    pub(super) fn face(&self, name: &Name<'_>, fonts: &Dict<'a>) -> Option<Rc<Face<'a>>> {
        let load = || {
            fonts
                .get(name)
                .and_then(|dict| self.load(&dict))
                .map(Rc::new)
        };
        // One that is written down in the page itself has no number to be known by.
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
            upright: !font.is_horizontal(),
            font,
            codes: RefCell::default(),
            bold: name.is_some_and(|name| is_bold(name.as_str())),
            ascent: height("Ascent", 0.3..1.6, ASCENT),
            descent: height("Descent", -0.8..0.0, DESCENT),
        })
    }
}

impl Face<'_> {
    /// The code at a place of a string, and how many bytes it takes.
    pub(super) fn read(&self, string: &[u8], at: usize) -> (u32, usize) {
        let (code, length) = self.font.read_code(string, at);
        (code, length.max(1))
    }

    pub(super) fn code(&self, code: u32) -> Rc<Code> {
        if let Some(known) = self.codes.borrow().get(&code) {
            return known.clone();
        }
        let advance = self.font.code_advance(code);
        let shift = self.font.origin_displacement(code);
        let read = Rc::new(Code {
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
