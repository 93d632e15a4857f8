//! Headings of a PDF: from its outline, or from the appearance of its lines.

use std::collections::BTreeSet;
use std::ops::Range;

use super::layout::{Line, PageLines, PageText, Spacing, Style, tenths};
use crate::extract::extracted::Heading;
use crate::extract::pdf::raw::Bookmark;

/// An outline is used if it has at least one entry per this many pages; otherwise it names parts, not sections.
const PAGES_PER_BOOKMARK: usize = 12;

/// Lines of a heading.
const MAX_LINES: usize = 3;

/// Average headings per page; more are something else, such as bold labels of a form.
const MAX_PER_PAGE: usize = 10;

/// Locates the headings of each page.
pub(super) fn locate(
    outline: &[Bookmark],
    page_lines: &[PageLines],
    texts: &[PageText],
    style: Style,
    spacing: &Spacing,
) -> Vec<Vec<Heading>> {
    if outline.len() >= 2 && outline.len() * PAGES_PER_BOOKMARK >= page_lines.len() {
        by_outline(outline, page_lines, texts, style)
    } else {
        by_appearance(page_lines, texts, style, spacing)
    }
}

/// Returns the largest lines of the first page, which are its title if they are larger than the rest.
pub(super) fn largest(sheet: Option<&PageLines>) -> Option<String> {
    let lines = &sheet?.lines;
    let largest_size = lines.iter().map(|line| line.size).max_by(f32::total_cmp)?;
    let rest = lines
        .iter()
        .filter(|line| line.size < 0.87 * largest_size)
        .count();
    let title: Vec<&str> = lines
        .iter()
        .skip_while(|line| line.size < 0.99 * largest_size)
        .take_while(|line| line.size >= 0.99 * largest_size)
        .map(|line| line.text.as_str())
        .collect();
    let title = title.join(" ");
    let is_plausible = (3..=150).contains(&title.chars().count()) && rest > 0;
    is_plausible.then_some(title)
}

fn by_outline(
    outline: &[Bookmark],
    page_lines: &[PageLines],
    texts: &[PageText],
    style: Style,
) -> Vec<Vec<Heading>> {
    let mut headings: Vec<Vec<Heading>> = vec![Vec::new(); page_lines.len()];
    // First line of the current page after those taken by earlier headings.
    let mut next = (usize::MAX, 0);
    for bookmark in outline {
        let Some(sheet) = page_lines.get(bookmark.page) else {
            continue;
        };
        if next.0 != bookmark.page {
            next = (bookmark.page, 0);
        }
        let line = find(&bookmark.title, &sheet.lines, next.1, style);
        let before = headings[bookmark.page]
            .last()
            .map_or(0, |heading| heading.at);
        let at = line
            .and_then(|line| texts[bookmark.page].starts.get(line).copied())
            .unwrap_or(before);
        if let Some(line) = line {
            next.1 = line + 1;
        }
        headings[bookmark.page].push(Heading {
            level: bookmark.level,
            title: bookmark.title.clone(),
            at: at.max(before),
        });
    }
    headings
}

/// Returns the first line of a title, searching from line `from` on; lines that look like headings are preferred.
fn find(title: &str, lines: &[Line], from: usize, style: Style) -> Option<usize> {
    let wanted = letters_and_digits(title);
    let bare = letters_and_digits(
        title.trim_start_matches(|letter: char| letter.is_ascii_digit() || ". ".contains(letter)),
    );
    let begins = |index: &usize| {
        let mut here = String::new();
        for line in lines[*index..].iter().take(MAX_LINES) {
            here.push_str(&letters_and_digits(&line.text));
            if here.len() >= wanted.len() + 12 {
                break;
            }
        }
        let numbered =
            here.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        here.starts_with(&wanted) || (!bare.is_empty() && numbered.starts_with(&bare))
    };
    let candidates = || (from.min(lines.len())..lines.len()).filter(begins);
    candidates()
        .find(|index| style.is_heading(&lines[*index]))
        .or_else(|| candidates().next())
}

/// Returns letters and digits in lower case, to compare a title with its printed form.
fn letters_and_digits(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric() || *letter == '.')
        .flat_map(char::to_lowercase)
        .collect()
}

fn by_appearance(
    page_lines: &[PageLines],
    texts: &[PageText],
    style: Style,
    spacing: &Spacing,
) -> Vec<Vec<Heading>> {
    let all = collect(page_lines, texts, spacing, |line| style.is_heading(line));
    if all.iter().map(Vec::len).sum::<usize>() <= MAX_PER_PAGE * page_lines.len() {
        return all;
    }
    collect(page_lines, texts, spacing, |line| {
        style.is_heading(line) && line.size >= 1.15 * style.body
    })
}

fn collect(
    page_lines: &[PageLines],
    texts: &[PageText],
    spacing: &Spacing,
    is_heading: impl Fn(&Line) -> bool,
) -> Vec<Vec<Heading>> {
    let is_heading = |line: &Line| {
        is_heading(line) && !line.text.contains("....") && !line.text.contains(". . .")
    };
    let lines = page_lines.iter().flat_map(|sheet| &sheet.lines);
    let sizes: BTreeSet<i32> = lines
        .filter(|line| is_heading(line))
        .map(|line| tenths(line.size))
        .collect();
    let level = |line: &Line| {
        let larger = sizes
            .iter()
            .filter(|size| **size > tenths(line.size))
            .count();
        number_depth(&line.text)
            .unwrap_or_else(|| u8::try_from(larger + 1).unwrap_or(u8::MAX))
            .min(6)
    };
    page_lines
        .iter()
        .zip(texts)
        .map(|(sheet, text)| {
            let mut headings: Vec<Heading> = Vec::new();
            let mut index = 0;
            while index < sheet.lines.len() {
                let run = run(&sheet.lines, index);
                if let Some(lines) = heading(&sheet.lines[run.clone()], is_heading) {
                    headings.push(Heading {
                        level: level(&lines[0]),
                        title: title(lines, spacing),
                        at: text.starts[index],
                    });
                }
                index = run.end;
            }
            headings
        })
        .collect()
}

/// Returns the consecutive lines from `first` on that look alike; a number begins another run.
fn run(lines: &[Line], first: usize) -> Range<usize> {
    let goes_on = |at: &usize| {
        let (before, line) = (&lines[at - 1], &lines[*at]);
        tenths(before.size) == tenths(line.size)
            && before.bold == line.bold
            && before.table == line.table
            && number_depth(&line.text).is_none()
            && before.bottom - line.bottom < 2.0 * line.size
    };
    let count = (first + 1..lines.len()).take_while(goes_on).count();
    first..first + 1 + count
}

/// Returns the lines of a run that are a heading: all of a short run, else the first line if it has a number. Many large
/// or bold lines together are a paragraph.
fn heading(run: &[Line], is_heading: impl Fn(&Line) -> bool) -> Option<&[Line]> {
    let looks = run
        .iter()
        .take(MAX_LINES)
        .take_while(|line| is_heading(line))
        .count();
    if looks == run.len() {
        Some(run)
    } else if looks > 0 && number_depth(&run[0].text).is_some() {
        Some(&run[..1])
    } else {
        None
    }
}

fn title(lines: &[Line], spacing: &Spacing) -> String {
    let mut title = String::new();
    for line in lines {
        if !title.is_empty() && !spacing.is_within_word(&title, &line.text) {
            title.push(' ');
        }
        title.push_str(&line.text);
    }
    title
}

/// Returns the depth of a section number at the beginning: 2 for `3.1 Purging`. Returns `None` without a number.
fn number_depth(text: &str) -> Option<u8> {
    let number = text.split_whitespace().next()?.trim_end_matches('.');
    let is_number = number.split('.').all(|part| {
        (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    is_number.then(|| u8::try_from(number.split('.').count()).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::pdf::layout;

    fn line(text: &str, size: f32, bottom: f32) -> Line {
        Line {
            text: text.to_owned(),
            size,
            bottom,
            top: bottom + size,
            ..Line::default()
        }
    }

    fn sheet() -> PageLines {
        PageLines {
            height: 800.0,
            label: None,
            lines: vec![
                line("3 Opening the reactor", 16.0, 700.0),
                line("The chamber must be below 60 °C.", 10.0, 680.0),
                line(
                    "Opening the reactor while hot damages the liner.",
                    10.0,
                    668.0,
                ),
                line("3.1 A heading that is long and", 13.0, 640.0),
                line("runs over two lines", 13.0, 625.0),
                line("Wear gloves.", 10.0, 600.0),
            ],
        }
    }

    fn places(outline: &[Bookmark]) -> Vec<(u8, String, String)> {
        places_in(sheet(), outline)
    }

    fn places_in(sheet: PageLines, outline: &[Bookmark]) -> Vec<(u8, String, String)> {
        let page_lines = [sheet];
        let style = Style::measure(&page_lines);
        let spacing = Spacing::default();
        let texts = [layout::text(&page_lines[0], style, &spacing)];
        locate(outline, &page_lines, &texts, style, &spacing)[0]
            .iter()
            .map(|heading| {
                let rest = texts[0]
                    .text
                    .chars()
                    .skip(heading.at as usize)
                    .take(7)
                    .collect();
                (heading.level, heading.title.clone(), rest)
            })
            .collect()
    }

    #[test]
    fn larger_lines_are_headings_and_numbers_give_their_level() {
        assert_eq!(
            places(&[]),
            [
                (1, "3 Opening the reactor".to_owned(), "3 Openi".to_owned()),
                (
                    2,
                    "3.1 A heading that is long and runs over two lines".to_owned(),
                    "3.1 A h".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_paragraph_in_bold_is_not_a_heading_and_a_number_is_one_even_above_it() {
        let bold = |text: &str, bottom: f32| Line {
            bold: true,
            ..line(text, 10.0, bottom)
        };
        let sheet = PageLines {
            lines: vec![
                bold("4 Leaks", 760.0),
                bold("Leave the room at once, close the", 748.0),
                bold("door behind you and call the control", 736.0),
                bold("room; nobody may go back for wafers", 724.0),
                bold("or for belongings.", 712.0),
                line(
                    "The detector sounds at 25 ppm, and the exhaust",
                    10.0,
                    680.0,
                ),
                line("is switched to its highest step.", 10.0, 668.0),
            ],
            ..sheet()
        };
        let titles: Vec<String> = places_in(sheet, &[])
            .into_iter()
            .map(|place| place.1)
            .collect();
        assert_eq!(titles, ["4 Leaks"]);
    }

    #[test]
    fn outline_entries_are_placed_at_their_titles() {
        let bookmark = |level, title: &str| Bookmark {
            level,
            title: title.to_owned(),
            page: 0,
        };
        let placed = places(&[
            bookmark(1, "Opening  the reactor"),
            bookmark(2, "3.1 A heading that is long and runs over two lines"),
        ]);
        assert_eq!(placed[0].2, "3 Openi");
        assert_eq!(placed[1].2, "3.1 A h");
    }
}
