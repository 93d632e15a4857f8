//! Groups the strings of a page into lines and words.

use hayro_font::kurbo::Vec2;

use super::runs::{PlacedGlyph, Run, UNKNOWN};
use crate::extract::pdf::layout::{LineWriter, Mark};

/// Baseline distance of strings on one line, in sizes of the font; strings of a table row, one after the other, may
/// be a little farther apart.
const MAX_BASELINE_SHIFT: f32 = 0.25;
const MAX_ROW_SHIFT: f32 = 0.45;
/// The same for superscripts and subscripts, and their distance from the letter before.
const MAX_SCRIPT_SHIFT: f32 = 0.8;
const MAX_SCRIPT_GAP: f32 = 0.3;
/// Size of superscripts and subscripts, relative to the other letters.
const MAX_SCRIPT_SIZE: f32 = 0.85;
/// Smallest gap that is a space, in sizes of the font.
const MIN_SPACE: f32 = 0.12;
/// The same before a superscript or subscript: an exponent touches its unit, the index of a formula does not.
const MIN_SCRIPT_SPACE: f32 = 0.02;
/// Distance of letters drawn twice as bold or shadowed text, in sizes of the font.
const MAX_SHADOW_SHIFT: f32 = 0.15;

/// Writes the strings of a page line by line.
pub(super) fn write(runs: Vec<Run>, writer: &mut LineWriter<'_>) {
    let lines: Vec<Vec<PlacedGlyph>> = group(runs).into_iter().map(OpenLine::finish).collect();
    for (index, line) in lines.iter().enumerate() {
        let next = lines.get(index + 1).and_then(|next| first_letter(next));
        write_line(line, next, writer);
    }
}

fn first_letter(line: &[PlacedGlyph]) -> Option<char> {
    let letters = line.iter().map(|placed| placed.glyph.letter);
    letters.into_iter().find(|letter| !is_space(*letter))
}

fn write_line(line: &[PlacedGlyph], next: Option<char>, writer: &mut LineWriter<'_>) {
    let end = line
        .iter()
        .rposition(|placed| !is_space(placed.glyph.letter));
    let mut line = &line[..end.map_or(0, |end| end + 1)];
    let hyphenated = is_hyphenated(line, next);
    if hyphenated {
        line = &line[..line.len() - 1];
    }
    let mut before: Option<&PlacedGlyph> = None;
    for placed in line {
        let glyph = placed.glyph;
        if let Some(before) = before
            && !is_space(before.glyph.letter)
            && is_gap(before, placed)
        {
            writer.push(Mark::Space {
                glyph,
                typed: false,
            });
        }
        if is_space(glyph.letter) {
            writer.push(Mark::Space { glyph, typed: true });
        } else if !matches!(glyph.letter, '\u{AD}' | UNKNOWN) {
            writer.push(Mark::Letter(glyph));
        }
        before = Some(placed);
    }
    if hyphenated {
        writer.push(Mark::Hyphen);
    }
    writer.push(Mark::LineEnd);
}

/// Whether the gap between two glyphs is a space.
fn is_gap(before: &PlacedGlyph, next: &PlacedGlyph) -> bool {
    let (one, other) = (before.glyph.size, next.glyph.size);
    let is_raised = is_smaller(one, other)
        && (before.across - next.across).abs() > MIN_SCRIPT_SPACE * one.max(other);
    let min_gap = if is_raised {
        MIN_SCRIPT_SPACE
    } else {
        MIN_SPACE
    };
    next.from - before.to > min_gap * one.min(other)
}

fn is_smaller(one: f32, other: f32) -> bool {
    one.min(other) <= MAX_SCRIPT_SIZE * one.max(other)
}

/// Whether the last word of a line is hyphenated and continues in the next one, which begins with `next`.
fn is_hyphenated(line: &[PlacedGlyph], next: Option<char>) -> bool {
    let [.., before, last] = line else {
        return false;
    };
    match last.glyph.letter {
        '\u{AD}' => next.is_some(),
        '-' | '\u{2010}' => {
            before.glyph.letter.is_alphabetic() && next.is_some_and(char::is_alphanumeric)
        }
        _ => false,
    }
}

/// Besides white space, these are ligatures in TeX's older encodings.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() && !matches!(letter, '\u{B}' | '\u{C}' | '\r')
}

fn group(runs: Vec<Run>) -> Vec<OpenLine> {
    let mut lines: Vec<OpenLine> = Vec::new();
    for run in runs {
        match lines.last_mut() {
            Some(line) if line.takes(&run) => line.push(run),
            _ => lines.push(OpenLine::new(run)),
        }
    }
    lines
}

/// A line under construction.
struct OpenLine {
    direction: Vec2,
    /// Position of its baseline, and the font size there.
    across: f32,
    size: f32,
    /// End of its last string, and the font size there.
    to: f32,
    last_size: f32,
    runs: Vec<Vec<PlacedGlyph>>,
}

impl OpenLine {
    fn new(run: Run) -> Self {
        let (first, last) = ends(&run.glyphs);
        Self {
            direction: run.direction,
            across: first.across,
            size: first.glyph.size,
            to: last.to,
            last_size: last.glyph.size,
            runs: vec![run.glyphs],
        }
    }

    /// Whether a string belongs to this line.
    fn takes(&self, run: &Run) -> bool {
        let (first, _) = ends(&run.glyphs);
        let size = self.size.max(first.glyph.size);
        let apart = (first.across - self.across).abs();
        if self.direction.dot(run.direction) < 0.99 {
            return false;
        }
        let is_behind = first.from >= self.to;
        apart <= MAX_BASELINE_SHIFT * size
            || (apart <= MAX_ROW_SHIFT * size && is_behind)
            || (apart <= MAX_SCRIPT_SHIFT * size && self.is_script(first))
    }

    /// Whether a string is smaller or larger than the adjacent one, as scripts are.
    fn is_script(&self, next: &PlacedGlyph) -> bool {
        let (one, other) = (self.last_size, next.glyph.size);
        is_smaller(one, other) && (next.from - self.to).abs() <= MAX_SCRIPT_GAP * one.max(other)
    }

    fn push(&mut self, run: Run) {
        let (first, last) = ends(&run.glyphs);
        if first.glyph.size * MAX_SCRIPT_SIZE >= self.size {
            self.across = first.across;
            self.size = first.glyph.size;
        }
        self.to = last.to;
        self.last_size = last.glyph.size;
        self.runs.push(run.glyphs);
    }

    /// Returns its glyphs in reading order.
    fn finish(mut self) -> Vec<PlacedGlyph> {
        self.runs
            .sort_by(|one, other| ends(one).0.from.total_cmp(&ends(other).0.from));
        self.runs.dedup_by(|next, before| is_same(before, next));
        self.runs.concat()
    }
}

/// Returns the first and last glyph; a run is never empty.
fn ends(glyphs: &[PlacedGlyph]) -> (&PlacedGlyph, &PlacedGlyph) {
    (&glyphs[0], &glyphs[glyphs.len() - 1])
}

/// Whether the same text is drawn again at almost the same position.
fn is_same(before: &[PlacedGlyph], next: &[PlacedGlyph]) -> bool {
    let size = before[0].glyph.size;
    before.len() == next.len()
        && (before[0].from - next[0].from).abs() <= MAX_SHADOW_SHIFT * size
        && (before[0].across - next[0].across).abs() <= MAX_SHADOW_SHIFT * size
        && before
            .iter()
            .zip(next)
            .all(|(one, other)| one.glyph.letter == other.glyph.letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::pdf::layout::Glyph;

    /// A string whose letters are half as wide as they are high.
    fn run(text: &str, left: f32, foot: f32, size: f32) -> Run {
        let mut from = left;
        let glyphs = text.chars().map(|letter| {
            let to = from + size / 2.0;
            let glyph = Glyph {
                letter,
                left: from,
                right: to,
                bottom: foot - 0.2 * size,
                top: foot + 0.8 * size,
                foot,
                size,
                bold: false,
            };
            let placed = PlacedGlyph {
                glyph,
                from,
                to,
                across: foot,
            };
            from = to;
            placed
        });
        Run {
            glyphs: glyphs.collect(),
            direction: Vec2::new(1.0, 0.0),
        }
    }

    fn lines(runs: Vec<Run>) -> Vec<String> {
        let mut writer = LineWriter::new(&[]);
        write(runs, &mut writer);
        let lines = writer.finish().into_iter();
        lines.map(|line| line.text).collect()
    }

    #[test]
    fn strings_on_one_baseline_make_a_line_from_left_to_right() {
        let runs = vec![
            run("purge", 100.0, 700.0, 10.0),
            run("N2", 70.0, 700.0, 10.0),
            run("with", 40.0, 701.0, 10.0),
            run("Close V1.", 40.0, 680.0, 10.0),
        ];
        assert_eq!(lines(runs), ["with N2 | purge", "Close V1."]);
    }

    #[test]
    fn a_large_gap_is_a_space_and_a_small_one_is_not() {
        let apart = |gap: f32| {
            lines(vec![
                run("Ga", 0.0, 0.0, 10.0),
                run("N", 10.0 + gap, 0.0, 10.0),
            ])
        };
        assert_eq!(apart(1.0), ["GaN"]);
        assert_eq!(apart(2.0), ["Ga N"]);
    }

    #[test]
    fn exponents_belong_to_their_units_and_indices_to_their_lines() {
        let unit = vec![
            run("5 10", 0.0, 100.0, 10.0),
            run("-6", 20.0, 104.0, 6.0),
            run(" Pa", 26.0, 100.0, 10.0),
        ];
        assert_eq!(lines(unit), ["5 10⁻⁶ Pa"]);
        let lowered = vec![
            run("NH", 0.0, 100.0, 10.0),
            run("3", 10.0, 98.0, 6.0),
            run(" on", 13.0, 100.0, 10.0),
        ];
        assert_eq!(lines(lowered), ["NH3 on"]);
    }

    #[test]
    fn text_drawn_twice_is_read_once() {
        let shadowed = vec![
            run("Warning", 40.0, 500.0, 10.0),
            run("Warning", 40.8, 499.4, 10.0),
            run("Warning", 140.0, 500.0, 10.0),
        ];
        assert_eq!(lines(shadowed), ["Warning | Warning"]);
    }

    #[test]
    fn a_hyphen_at_the_end_is_distinguished_from_a_dash() {
        let mut writer = LineWriter::new(&[]);
        let runs = vec![
            run("the suscep-", 0.0, 100.0, 10.0),
            run("tor spins", 0.0, 88.0, 10.0),
            run("from 3 -", 0.0, 76.0, 10.0),
            run("5 rpm", 0.0, 64.0, 10.0),
        ];
        write(runs, &mut writer);
        let lines = writer.finish();
        let read: Vec<(&str, bool)> = lines
            .iter()
            .map(|line| (line.text.as_str(), line.hyphenated))
            .collect();
        assert_eq!(
            read,
            [
                ("the suscep", true),
                ("tor spins", false),
                ("from 3 -", false),
                ("5 rpm", false)
            ]
        );
    }

    #[test]
    fn an_unknown_glyph_leaves_no_gap() {
        let runs = vec![run("a\0b", 0.0, 0.0, 10.0)];
        assert_eq!(lines(runs), ["ab"]);
    }
}
