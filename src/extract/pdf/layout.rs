//! Lines with their positions on a page, and the page's text assembled from them.

pub(in crate::extract) mod columns;
mod glyphs;
mod grid;
mod letter_spacing;
pub(in crate::extract) mod rows;
mod rules;
mod spacing;
mod table;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use glyphs::{Glyph, LineWriter, Mark, is_bold};
pub(super) use grid::Grid;
pub(super) use rules::{Point, RuleFinder};
pub(super) use spacing::Spacing;

/// A page as found by one of the readers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct PageLines {
    /// Page label in the file.
    pub(super) label: Option<String>,
    /// In points.
    pub(super) height: f32,
    /// In reading order.
    pub(super) lines: Vec<Line>,
}

/// A line of a page. Lengths and positions are in points, from the lower left corner of the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Words separated by single spaces, cells of a row by ` | `.
    pub(super) text: String,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
    pub(super) top: f32,
    /// Font size.
    pub(super) size: f32,
    pub(super) bold: bool,
    /// Whether its last word is hyphenated and continues in the next line.
    pub(super) hyphenated: bool,
    /// Extents of a row's cells; a single extent if the line is not a table row.
    pub(super) cells: Vec<Extent>,
    /// Number of the ruled table on the page that it belongs to.
    pub(super) table: Option<u32>,
    /// Spaces of a row that may be borders of narrow columns.
    pub(super) narrow: Vec<Narrow>,
}

/// A space that is slightly wider than usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Narrow {
    /// Byte offset in the line's text.
    pub(super) at: usize,
    /// Horizontal extent, in points.
    pub(super) left: f32,
    pub(super) right: f32,
}

/// Extent of a word or cell, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Extent {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

/// A word with the space before it.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) text: String,
    /// Distance to the previous word, in points.
    pub(super) gap: f32,
    /// Whether the file contains a space character before it; otherwise only the gap shows the space.
    pub(super) typed: bool,
    pub(super) extent: Extent,
}

/// Typical sizes in a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Font size of most of the text.
    pub(super) body: f32,
    /// Line spacing within paragraphs, in font sizes.
    leading: f32,
}

/// A page's text with the offsets of its lines, in characters.
#[derive(Clone, Debug, Default)]
pub(super) struct PageText {
    pub(super) text: String,
    pub(super) starts: Vec<u32>,
}

/// Separates the cells of a table row.
pub(super) const CELL: &str = " | ";

/// The words of a line, joined.
#[derive(Clone, Debug, Default)]
pub(super) struct JoinedWords {
    pub(super) text: String,
    pub(super) cells: Vec<Extent>,
    pub(super) narrow: Vec<Narrow>,
}

/// Smallest space that may be a column border where other rows of the table have one, in font sizes.
const MIN_NARROW: f32 = 0.4;

/// Joins the words of a line, with cell borders at gaps that are too wide for spaces.
pub(super) fn join(words: &[Word], size: f32) -> JoinedWords {
    let mut gaps: Vec<f32> = words.iter().skip(1).map(|word| word.gap).collect();
    gaps.sort_by(f32::total_cmp);
    // Justified lines have wide but uniform spaces.
    let wide = if gaps.len() >= 3 {
        (0.9 * size).max(2.5 * gaps[gaps.len() / 2].min(size))
    } else {
        1.2 * size
    };
    let is_border = |word: &Word| word.gap >= wide;
    let borders = words.iter().skip(1).filter(|word| is_border(word)).count();
    let numbered =
        borders == 1 && words.get(1).is_some_and(is_border) && is_enumerator(&words[0].text);
    let begins: Vec<bool> = (0..words.len())
        .map(|index| index == 0 || (is_border(&words[index]) && !numbered))
        .collect();
    let joints = letter_spacing::joints(words, &begins, size);
    let mut joined = JoinedWords::default();
    for (word, joint) in words.iter().zip(joints) {
        if joint == " " && word.gap >= MIN_NARROW * size {
            joined.narrow.push(Narrow {
                at: joined.text.len(),
                left: word.extent.left - word.gap,
                right: word.extent.left,
            });
        }
        joined.text.push_str(joint);
        joined.text.push_str(&word.text);
        match joined.cells.last_mut() {
            Some(cell) if joint != CELL => cell.right = cell.right.max(word.extent.right),
            _ => joined.cells.push(word.extent),
        }
    }
    if joined.cells.len() < 2 {
        joined.narrow.clear();
    }
    joined
}

/// Whether a word only numbers what follows: `1.`, `3.2`, `(a)`, `•`.
fn is_enumerator(word: &str) -> bool {
    let mut letters = word.chars().filter(|letter| !"().-–:".contains(*letter));
    match letters.next() {
        None => true,
        Some(first) if first.is_ascii_digit() => {
            word.len() <= 8 && letters.all(|letter| letter.is_ascii_digit())
        }
        Some(_) => letters.next().is_none(),
    }
}

/// Expands ligatures, also those that some fonts encode as control bytes. Returns `None` for other letters.
pub(super) fn expand_ligature(letter: char) -> Option<&'static str> {
    match letter {
        // TeX's older font encodings (OT1 and T1) place the ligatures there.
        '\u{B}' | '\u{1B}' | '\u{FB00}' => Some("ff"),
        '\u{C}' | '\u{1C}' | '\u{FB01}' => Some("fi"),
        '\r' | '\u{1D}' | '\u{FB02}' => Some("fl"),
        '\u{E}' | '\u{1E}' | '\u{FB03}' => Some("ffi"),
        '\u{F}' | '\u{1F}' | '\u{FB04}' => Some("ffl"),
        _ => None,
    }
}

/// Superscripts of numbers and units.
const RAISED: [(char, char); 14] = [
    ('0', '⁰'),
    ('1', '¹'),
    ('2', '²'),
    ('3', '³'),
    ('4', '⁴'),
    ('5', '⁵'),
    ('6', '⁶'),
    ('7', '⁷'),
    ('8', '⁸'),
    ('9', '⁹'),
    ('+', '⁺'),
    ('-', '⁻'),
    ('\u{2212}', '⁻'),
    ('\u{2013}', '⁻'),
];

/// Returns the superscript of a digit or sign; other characters are returned unchanged.
pub(super) fn raised(letter: char) -> char {
    let pair = RAISED.iter().find(|(plain, _)| *plain == letter);
    pair.map_or(letter, |(_, raised)| *raised)
}

/// Returns the digit or sign of a superscript; other characters are returned unchanged.
pub(super) fn lowered(letter: char) -> char {
    let pair = RAISED.iter().find(|(_, raised)| *raised == letter);
    pair.map_or(letter, |(plain, _)| *plain)
}

impl Line {
    /// Whether the line is a table row.
    pub(super) fn is_row(&self) -> bool {
        self.cells.len() > 1
    }

    /// Returns the separator between its last word and the rest of that word in the next line, if it is hyphenated. A
    /// hyphen before a capital or digit is part of the word: `GaN-` `HEMT`.
    fn joint(&self, next: &Self) -> Option<&'static str> {
        self.hyphenated.then(|| {
            if next.text.starts_with(char::is_lowercase) {
                ""
            } else {
                "-"
            }
        })
    }

    /// Whether the line belongs to a table of contents: dots lead from a heading to its page number. It would be mistaken
    /// for the heading.
    pub(super) fn is_of_contents(&self) -> bool {
        let leads = [". . . . .", ".....", "·····", "……"]
            .iter()
            .any(|dots| self.text.contains(dots));
        leads
            && self
                .text
                .ends_with(|letter: char| letter.is_ascii_digit() || "ivxlc".contains(letter))
    }
}

impl Style {
    /// Measures a document.
    pub(super) fn measure(page_lines: &[PageLines]) -> Self {
        // In tenths of a point, so that nearly equal sizes are counted together.
        let mut characters: BTreeMap<i32, usize> = BTreeMap::new();
        let mut drops = Vec::new();
        for sheet in page_lines {
            for line in &sheet.lines {
                // Tables are often set smaller and may be most of a document.
                let weight = if line.is_row() { 1 } else { 4 };
                *characters.entry(tenths(line.size)).or_default() +=
                    weight * line.text.chars().count();
            }
            for pair in sheet.lines.windows(2) {
                let drop = drop(&pair[0], &pair[1]);
                let is_text = pair.iter().all(|line| line.table.is_none());
                if is_text && same_size(&pair[0], &pair[1]) && (0.5..2.5).contains(&drop) {
                    drops.push(drop);
                }
            }
        }
        drops.sort_by(f32::total_cmp);
        let body = characters
            .iter()
            .max_by_key(|(_, count)| **count)
            .map_or(0, |(size, _)| *size);
        Self {
            #[expect(clippy::cast_precision_loss, reason = "font sizes are small")]
            body: body as f32 / 10.0,
            leading: drops.get(drops.len() / 2).copied().unwrap_or(1.2),
        }
    }

    /// Whether a line looks like a heading: at least 1.15 times the body's size, or bold.
    pub(super) fn is_heading(self, line: &Line) -> bool {
        let larger = line.size >= 1.15 * self.body;
        let bold = line.bold && line.size >= 0.95 * self.body;
        if !(larger || bold) || line.is_row() {
            return false;
        }
        let length = line.text.chars().count();
        let letters = line.text.chars();
        let letters = letters.filter(|letter| letter.is_alphabetic()).count();
        letters >= 2
            && length <= 120
            && letters * 3 >= length
            && !line.text.ends_with(['.', ',', ';', ':', '다'])
    }

    /// Whether a new paragraph begins with `next`.
    pub(super) fn breaks(self, line: &Line, next: &Line) -> bool {
        if line.is_row() != next.is_row() && drop(line, next) > 1.15 * self.leading {
            return true;
        }
        let drop = drop(line, next);
        // A row is as high as its highest cell.
        if line.is_row() && next.is_row() {
            return drop > 3.0 * self.leading || drop < -0.5;
        }
        !same_size(line, next)
            || drop > 1.3 * self.leading
            || drop < -0.5
            || self.is_heading(line) != self.is_heading(next)
    }

    /// Returns the separator between two lines of a text.
    fn between(self, line: &Line, next: &Line, spacing: &Spacing) -> &'static str {
        if let Some(joint) = line.joint(next) {
            joint
        } else if self.breaks(line, next) {
            "\n\n"
        } else if !line.is_row() && !next.is_row() && spacing.is_within_word(&line.text, &next.text)
        {
            ""
        } else {
            "\n"
        }
    }
}

/// Assembles the text of a page.
pub(super) fn text(sheet: &PageLines, style: Style, spacing: &Spacing) -> PageText {
    let mut page = PageWriter::default();
    let mut rest = sheet.lines.as_slice();
    let mut before: Option<(&Line, bool)> = None;
    while let Some(line) = rest.first() {
        let rows = table::rows(rest, style);
        let is_table = rows > 1;
        page.push(match before {
            None => "",
            Some((_, was_table)) if is_table || was_table => "\n\n",
            Some((before, _)) => style.between(before, line, spacing),
        });
        let lines = &rest[..rows.max(1)];
        if is_table {
            table::write(lines, &mut page);
        } else {
            page.line(&line.text);
        }
        before = lines.last().map(|last| (last, is_table));
        rest = &rest[lines.len()..];
    }
    page.done
}

/// Writes a page's text.
#[derive(Debug, Default)]
struct PageWriter {
    done: PageText,
    /// Length of the text, in characters.
    length: usize,
}

impl PageWriter {
    fn push(&mut self, text: &str) {
        self.done.text.push_str(text);
        self.length += text.chars().count();
    }

    /// Adds the text of one line of the page.
    fn line(&mut self, text: &str) {
        let start = u32::try_from(self.length).unwrap_or(u32::MAX);
        self.done.starts.push(start);
        self.push(text);
    }
}

fn same_size(line: &Line, next: &Line) -> bool {
    (line.size - next.size).abs() <= 0.08 * line.size.max(next.size)
}

/// Returns the vertical distance between two lines, in font sizes.
fn drop(line: &Line, next: &Line) -> f32 {
    (line.bottom - next.bottom) / line.size.max(next.size).max(1.0)
}

#[expect(clippy::cast_possible_truncation, reason = "font sizes are small")]
pub(super) fn tenths(size: f32) -> i32 {
    (size * 10.0).round() as i32
}
