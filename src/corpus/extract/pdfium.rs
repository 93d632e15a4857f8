//! Lines, outline and properties of a PDF, found by `PDFium`.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use pdfium_render::prelude::*;

use super::Failure;
use super::layout::{self, Corner, Line, Sheet, Word};
use super::limits::Limits;
use super::pdf::{Bookmark, Found, Part};

/// Entries of an outline that are read; a broken one can go round in circles.
const MOST_BOOKMARKS: usize = 20_000;

/// How deep an outline is read.
const DEEPEST_BOOKMARK: u8 = 8;

/// `PDFium` marks the hyphen at the end of a line with this.
const HYPHEN: char = '\u{2}';

/// The `PDFium` library, loaded when it is first needed.
#[derive(Debug)]
pub(super) struct Library {
    path: PathBuf,
    loaded: OnceLock<Option<Pdfium>>,
}

impl Library {
    pub(super) fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            loaded: OnceLock::new(),
        }
    }

    /// None where it is not there or does not load.
    pub(super) fn get(&self) -> Option<&Pdfium> {
        self.loaded
            .get_or_init(|| Pdfium::bind_to_library(&self.path).ok().map(Pdfium::new))
            .as_ref()
    }
}

/// Reads a part of a PDF. The first part also has what is said of the whole.
pub(super) fn find(
    library: &Pdfium,
    bytes: &[u8],
    limits: &Limits,
    part: Part,
) -> Result<Found, Failure> {
    let document = open(library, bytes)?;
    let count = usize::try_from(document.pages().len()).unwrap_or_default();
    let mut found = Found {
        title: document
            .metadata()
            .get(PdfDocumentMetadataTagType::Title)
            .map(|title| title.value().to_owned()),
        pages: count,
        outline: if part.index == 0 {
            outline(&document)
        } else {
            Vec::new()
        },
        ..Found::default()
    };
    let mut left = limits.characters;
    for index in part.range(count.min(limits.pages)) {
        if left == 0 {
            break;
        }
        let sheet = document
            .pages()
            .get(index.try_into().unwrap_or_default())
            .map(|page| sheet(&page, &mut left));
        found.sheets.push(sheet.unwrap_or_default());
    }
    Ok(found)
}

/// Opens a PDF, and says in plain words why it cannot.
pub(super) fn open<'a>(library: &'a Pdfium, bytes: &'a [u8]) -> Result<PdfDocument<'a>, Failure> {
    library
        .load_pdf_from_byte_slice(bytes, None)
        .map_err(|error| {
            Failure::File(match error {
                PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError) => {
                    "it is locked with a password; save a copy without one".to_owned()
                }
                PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::SecurityError) => {
                    "it is encrypted in a way that is not supported".to_owned()
                }
                _ => "it is broken: the structure of a PDF is not found in it".to_owned(),
            })
        })
}

fn outline(document: &PdfDocument<'_>) -> Vec<Bookmark> {
    let mut found = Vec::new();
    let mut stack: Vec<(PdfBookmark<'_>, u8)> = Vec::new();
    stack.extend(document.bookmarks().root().map(|root| (root, 1)));
    while let Some((bookmark, level)) = stack.pop() {
        let title = bookmark.title().unwrap_or_default();
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(page) = page_of(&bookmark)
            && !title.is_empty()
        {
            found.push(Bookmark { level, title, page });
        }
        if found.len() >= MOST_BOOKMARKS || stack.len() >= MOST_BOOKMARKS {
            break;
        }
        stack.extend(bookmark.next_sibling().map(|next| (next, level)));
        if level < DEEPEST_BOOKMARK {
            stack.extend(bookmark.first_child().map(|child| (child, level + 1)));
        }
    }
    found
}

fn page_of(bookmark: &PdfBookmark<'_>) -> Option<usize> {
    let direct = bookmark
        .destination()
        .and_then(|destination| destination.page_index().ok());
    let index = direct.or_else(|| {
        let action = bookmark.action()?;
        action
            .as_local_destination_action()?
            .destination()
            .ok()?
            .page_index()
            .ok()
    })?;
    usize::try_from(index).ok()
}

/// The lines of a page; `left` is how many characters may still be read.
fn sheet(page: &PdfPage<'_>, left: &mut usize) -> Sheet {
    let mut sheet = Sheet {
        label: page.label().map(str::to_owned),
        height: page.height().value,
        lines: Vec::new(),
    };
    let Ok(text) = page.text() else {
        return sheet;
    };
    let chars = text.chars();
    let mut builder = Builder::new(&chars);
    for index in 0..chars.len().min(*left) {
        let Ok(glyph) = chars.get(index) else { break };
        let Some(letter) = glyph.unicode_char() else {
            continue;
        };
        match letter {
            '\n' => sheet.lines.extend(builder.end_line()),
            '\r' if follows(&chars, index, '\n') => {}
            '\0' | '\u{FFFE}' | '\u{FFFF}' | '\u{AD}' => {}
            HYPHEN => builder.hyphen(),
            _ if letter.is_whitespace()
                && letter != '\u{B}'
                && letter != '\u{C}'
                && letter != '\r' =>
            {
                builder.space();
            }
            _ => builder.add(index, letter),
        }
    }
    sheet.lines.extend(builder.end_line());
    *left = left.saturating_sub(chars.len());
    sheet
}

fn follows(chars: &PdfPageTextChars<'_>, index: usize, letter: char) -> bool {
    chars
        .get(index + 1)
        .is_ok_and(|next| next.unicode_char() == Some(letter))
}

/// Collects the glyphs of one line after another.
struct Builder<'a> {
    chars: &'a PdfPageTextChars<'a>,
    words: Vec<Word>,
    first: Option<usize>,
    last: usize,
    spaced: bool,
    /// The word at hand has something beside control bytes.
    solid: bool,
    hyphenated: bool,
    size: f32,
}

impl<'a> Builder<'a> {
    fn new(chars: &'a PdfPageTextChars<'a>) -> Self {
        Self {
            chars,
            words: Vec::new(),
            first: None,
            last: 0,
            spaced: false,
            solid: false,
            hyphenated: false,
            size: 0.0,
        }
    }

    fn add(&mut self, index: usize, letter: char) {
        if self.first.is_none() {
            self.first = Some(index);
            self.size = self
                .chars
                .get(index)
                .map_or(0.0, |glyph| glyph.scaled_font_size().value.abs());
            self.words.push(Word {
                corner: corner(self.chars, index),
                ..Word::default()
            });
        } else if self.spaced {
            self.words.push(Word {
                text: String::new(),
                gap: gap(self.chars, self.last, index),
                corner: corner(self.chars, index),
            });
        }
        self.solid |= !letter.is_control();
        if let Some(word) = self.words.last_mut() {
            match layout::mend(letter) {
                Some(letters) => word.text.push_str(letters),
                None if letter.is_control() => {}
                None => word.text.push(letter),
            }
        }
        self.spaced = false;
        self.hyphenated = false;
        self.last = index;
    }

    /// Ends a word. One of control bytes alone was no ligature but a sign of mathematics.
    fn space(&mut self) {
        if !self.spaced
            && !std::mem::take(&mut self.solid)
            && let Some(word) = self.words.last_mut()
        {
            word.text.clear();
        }
        self.spaced = true;
    }

    fn hyphen(&mut self) {
        self.hyphenated = true;
    }

    fn end_line(&mut self) -> Option<Line> {
        self.space();
        let first = self.first.take();
        self.words.retain(|word| !word.text.is_empty());
        let words = std::mem::take(&mut self.words);
        let hyphenated = std::mem::take(&mut self.hyphenated);
        self.spaced = false;
        let (text, cells) = layout::join(&words, self.size);
        if text.is_empty() {
            return None;
        }
        let begin = self.chars.get(first?).ok()?;
        let end = self.chars.get(self.last).ok()?;
        let begin_bounds = begin.loose_bounds().unwrap_or(PdfRect::ZERO);
        let end_bounds = end.loose_bounds().unwrap_or(begin_bounds);
        Some(Line {
            text,
            left: begin_bounds.left().value,
            right: end_bounds.right().value,
            bottom: begin_bounds.bottom().value,
            top: begin_bounds.top().value,
            size: self.size,
            bold: is_bold(&begin) && is_bold(&end),
            hyphenated,
            cells,
        })
    }
}

fn is_bold(glyph: &PdfPageTextChar<'_>) -> bool {
    let name = glyph.font_name().to_ascii_lowercase();
    ["bold", "black", "heavy", "-bd"]
        .iter()
        .any(|word| name.contains(word))
}

fn corner(chars: &PdfPageTextChars<'_>, index: usize) -> Corner {
    let bounds = chars.get(index).and_then(|glyph| glyph.loose_bounds());
    bounds.map_or(Corner::default(), |bounds| Corner {
        left: bounds.left().value,
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
