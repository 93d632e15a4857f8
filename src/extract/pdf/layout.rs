//! Lines with their positions on a page, and the text assembled from them.

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

/// A page as an engine found it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct PageLines {
    /// As the file labels it.
    pub(super) label: Option<String>,
    /// In points.
    pub(super) height: f32,
    /// In reading order.
    pub(super) lines: Vec<Line>,
}

/// One line of a page. Lengths and places are in points, from the lower left corner of the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    /// With one space between words and ` | ` between the cells of a row.
    pub(super) text: String,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
    pub(super) top: f32,
    /// Size of its font.
    pub(super) size: f32,
    pub(super) bold: bool,
    /// Its last word was hyphenated and goes on in the next line.
    pub(super) hyphenated: bool,
    /// The extents of a row's cells; one extent if the line is not a table row.
    pub(super) cells: Vec<Extent>,
    /// Of a ruled table, which of its page.
    pub(super) table: Option<u32>,
    /// Of a row, the spaces that may be borders of narrow columns.
    pub(super) narrow: Vec<Narrow>,
}

/// A space that is a little wider than usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Narrow {
    /// Its place in the line's text, in bytes.
    pub(super) at: usize,
    /// From where to where it goes, in points.
    pub(super) left: f32,
    pub(super) right: f32,
}

/// From where to where a word or a cell goes, in points.
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
    /// To the word before it, in points.
    pub(super) gap: f32,
    /// The space before it was typed; else it is known by the gap alone.
    pub(super) typed: bool,
    pub(super) extent: Extent,
}

/// What is usual in a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Size of the font that most of it is set in.
    pub(super) body: f32,
    /// Distance of two lines of one paragraph, in sizes of their font.
    leading: f32,
}

/// A page's text and where its lines begin in it, in characters.
#[derive(Clone, Debug, Default)]
pub(super) struct PageText {
    pub(super) text: String,
    pub(super) starts: Vec<u32>,
}

/// Between the cells of a table's row.
pub(super) const CELL: &str = " | ";

/// What the words of a line make.
#[derive(Clone, Debug, Default)]
pub(super) struct Joined {
    pub(super) text: String,
    pub(super) cells: Vec<Extent>,
    pub(super) narrow: Vec<Narrow>,
}

/// A space from so many sizes of the font on may be a border where the table's other rows have one.
const NARROW: f32 = 0.4;

/// Joins the words of a line, with cell borders where the gaps are too wide for spaces.
pub(super) fn join(words: &[Word], size: f32) -> Joined {
    let mut gaps: Vec<f32> = words.iter().skip(1).map(|word| word.gap).collect();
    gaps.sort_by(f32::total_cmp);
    // Justified lines have wide spaces, but all of them alike.
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
    let mut joined = Joined::default();
    for (word, joint) in words.iter().zip(joints) {
        if joint == " " && word.gap >= NARROW * size {
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

/// Whether it only counts what follows: `1.`, `3.2`, `(a)`, `•`.
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

/// Writes out what some fonts leave as control bytes or ligatures. None for what is no text.
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

/// The exponents of numbers and units, as they are written in a line of text.
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

/// A digit or a sign as an exponent. Other letters stay as they are.
pub(super) fn raised(letter: char) -> char {
    let pair = RAISED.iter().find(|(plain, _)| *plain == letter);
    pair.map_or(letter, |(_, raised)| *raised)
}

/// The digit or the sign of an exponent. Other letters stay as they are.
pub(super) fn lowered(letter: char) -> char {
    let pair = RAISED.iter().find(|(_, raised)| *raised == letter);
    pair.map_or(letter, |(plain, _)| *plain)
}

impl Line {
    /// Whether it is a row of a table.
    pub(super) fn is_row(&self) -> bool {
        self.cells.len() > 1
    }

    /// What stands between the word that it ends with and the rest of it in the next line, where it is hyphenated. What
    /// is joined to a capital or a digit was no hyphenated word: `GaN-` `HEMT`.
    fn joint(&self, next: &Self) -> Option<&'static str> {
        self.hyphenated.then(|| {
            if next.text.starts_with(char::is_lowercase) {
                ""
            } else {
                "-"
            }
        })
    }

    /// Whether it is a line of a table of contents: dots lead from a heading to its page. It would be found in the
    /// heading's place.
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
        // In tenths of a point, so that equal sizes meet.
        let mut characters: BTreeMap<i32, usize> = BTreeMap::new();
        let mut drops = Vec::new();
        for sheet in page_lines {
            for line in &sheet.lines {
                // Tables are often set smaller, and may be most of a document.
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

    /// Whether a line is set like a heading: 1.15 times the body's size, or bold.
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
        // Rows are as high as their highest cell.
        if line.is_row() && next.is_row() {
            return drop > 3.0 * self.leading || drop < -0.5;
        }
        !same_size(line, next)
            || drop > 1.3 * self.leading
            || drop < -0.5
            || self.is_heading(line) != self.is_heading(next)
    }

    /// What stands between two lines of a text.
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

/// The text of a page.
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
    /// Of the text, in characters.
    length: usize,
}

impl PageWriter {
    fn push(&mut self, text: &str) {
        self.done.text.push_str(text);
        self.length += text.chars().count();
    }

    /// Adds what becomes of a line of the page.
    fn line(&mut self, text: &str) {
        let start = u32::try_from(self.length).unwrap_or(u32::MAX);
        self.done.starts.push(start);
        self.push(text);
    }
}

fn same_size(line: &Line, next: &Line) -> bool {
    (line.size - next.size).abs() <= 0.08 * line.size.max(next.size)
}

/// How far `next` stands below `line`, in sizes of its font.
fn drop(line: &Line, next: &Line) -> f32 {
    (line.bottom - next.bottom) / line.size.max(next.size).max(1.0)
}

#[expect(clippy::cast_possible_truncation, reason = "font sizes are small")]
pub(super) fn tenths(size: f32) -> i32 {
    (size * 10.0).round() as i32
}
