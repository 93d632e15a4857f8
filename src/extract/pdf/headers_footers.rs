//! Running headers and footers: found by repetition and removed from the text.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{CELL, Line, PageLines};

/// Share of a page's height at its top and at its bottom where headers and footers are searched.
const MARGIN: f32 = 0.13;

/// How far apart, in points, the same line may be on two pages.
const TOLERANCE: f32 = 5.0;

/// Page and line, and the distance of the line from the edge, in points.
type Occurrence = (usize, usize, f32);

/// The removed headers and footers, each as on the first page that has it, the most common first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Margins {
    pub(super) top: Vec<String>,
    pub(super) bottom: Vec<String>,
}

/// Removes lines that are at the same position on many pages, ignoring digits, and returns them.
pub(super) fn remove(page_lines: &mut [PageLines]) -> Margins {
    let mut groups: BTreeMap<(bool, String), Vec<Occurrence>> = BTreeMap::new();
    for (page, sheet) in page_lines.iter().enumerate() {
        for (index, line) in sheet.lines.iter().enumerate() {
            if let Some((at_top, distance)) = margin(line, sheet.height) {
                groups
                    .entry((at_top, pattern(&line.text)))
                    .or_default()
                    .push((page, index, distance));
            }
        }
    }
    let written = page_lines
        .iter()
        .filter(|sheet| !sheet.lines.is_empty())
        .count();
    let mut to_remove: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut repeated: Vec<(usize, bool, String)> = Vec::new();
    for ((at_top, _), places) in &mut groups {
        places.sort_by(|one, other| one.2.total_cmp(&other.2));
        let middle = places[places.len() / 2].2;
        places.retain(|place| (place.2 - middle).abs() <= TOLERANCE);
        let pages: BTreeSet<usize> = places.iter().map(|place| place.0).collect();
        let is_row = places
            .iter()
            .any(|(page, index, _)| is_row_of_table(&page_lines[*page].lines[*index]));
        if pages.len() >= min_pages(written, is_row) {
            if let Some((page, index)) = places.iter().map(|(page, index, _)| (*page, *index)).min()
            {
                let text = page_lines[page].lines[index].text.clone();
                repeated.push((pages.len(), *at_top, text));
            }
            to_remove.extend(places.iter().map(|(page, index, _)| (*page, *index)));
        }
    }
    repeated.sort_by_key(|(pages, _, _)| std::cmp::Reverse(*pages));
    let mut margins = Margins::default();
    for (_, at_top, text) in repeated {
        let edge = if at_top {
            &mut margins.top
        } else {
            &mut margins.bottom
        };
        edge.push(text);
    }
    for (page, sheet) in page_lines.iter_mut().enumerate() {
        let mut index = 0;
        sheet.lines.retain(|_| {
            index += 1;
            !to_remove.contains(&(page, index - 1))
        });
    }
    margins
}

/// Whether a line is a row of a table, not a header with the page number far to its side.
fn is_row_of_table(line: &Line) -> bool {
    let is_number = |cell: &str| pattern(cell).is_empty();
    line.text.contains(CELL) && !line.text.split(CELL).any(is_number)
}

/// Returns the number of pages on which a line must be. Chapters may have their own headers, so a share of the pages is
/// enough; a table row is repeated where the table continues, and counts only if it is on most pages.
fn min_pages(pages: usize, is_row: bool) -> usize {
    if is_row {
        (pages * 6).div_ceil(10).max(2)
    } else {
        match pages {
            0..=3 => 2,
            _ => (pages / 10).max(3),
        }
    }
}

/// Returns whether a line is in the upper margin (or the lower), and its distance from the edge.
fn margin(line: &Line, height: f32) -> Option<(bool, f32)> {
    if line.bottom > height * (1.0 - MARGIN) {
        Some((true, height - line.bottom))
    } else if line.top < height * MARGIN {
        Some((false, line.bottom))
    } else {
        None
    }
}

/// Returns the line without digits, spaces and page number, arabic or roman.
fn pattern(text: &str) -> String {
    let text = without_page(text);
    let words = text.split_whitespace();
    let text = match words.clone().last() {
        Some(last) if is_roman(last) && words.count() > 1 => text.trim_end().trim_end_matches(last),
        _ => text,
    };
    let pattern: String = text
        .chars()
        .filter(|letter| {
            !letter.is_numeric() && !letter.is_whitespace() && !"-–—|/".contains(*letter)
        })
        .collect();
    if is_roman(&pattern) {
        String::new()
    } else {
        pattern
    }
}

/// Returns the line up to the word `Page` if only numbers follow: front matter has `Page ii`, later pages have
/// `Page 2 of 17`.
fn without_page(text: &str) -> &str {
    const PAGE: &str = "page";
    let Some(at) = text.to_ascii_lowercase().rfind(PAGE) else {
        return text;
    };
    let number = |word: &str| {
        word == "of" || is_roman(word) || !word.contains(|letter: char| letter.is_alphabetic())
    };
    let (before, after) = text.split_at(at + PAGE.len());
    if after.split_whitespace().all(number) {
        before
    } else {
        text
    }
}

/// Whether it is empty or a roman number, as used for pages of front matter.
fn is_roman(text: &str) -> bool {
    text.len() <= 6 && text.chars().all(|letter| "ivxlcIVXLC".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, bottom: f32) -> Line {
        Line {
            text: text.to_owned(),
            bottom,
            top: bottom + 10.0,
            size: 10.0,
            ..Line::default()
        }
    }

    fn page_lines(pages: &[&[Line]]) -> Vec<PageLines> {
        pages
            .iter()
            .map(|lines| PageLines {
                height: 800.0,
                lines: lines.to_vec(),
                label: None,
            })
            .collect()
    }

    fn texts(page_lines: &[PageLines]) -> Vec<Vec<&str>> {
        page_lines
            .iter()
            .map(|sheet| sheet.lines.iter().map(|line| line.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn headers_and_page_numbers_go_and_the_text_stays() {
        let mut page_lines = page_lines(&[
            &[
                line("HX-7 Manual", 780.0),
                line("Body one", 400.0),
                line("i", 20.0),
            ],
            &[
                line("HX-7 Manual", 781.0),
                line("Body two", 400.0),
                line("2", 20.0),
            ],
            &[
                line("HX-7 Manual", 780.0),
                line("Body three", 400.0),
                line("3 / 3", 20.0),
            ],
        ]);
        let margins = remove(&mut page_lines);
        assert_eq!(margins.top, ["HX-7 Manual"]);
        assert_eq!(margins.bottom, ["i"]);
        assert_eq!(
            texts(&page_lines),
            [["Body one"], ["Body two"], ["Body three"]]
        );
    }

    #[test]
    fn the_header_row_of_a_table_that_continues_stays() {
        let header = || line("Code | Cause | Remedy", 760.0);
        let mut page_lines = page_lines(&[
            &[line("Alarms", 760.0)],
            &[header(), line("E-1 | a | b", 740.0)],
            &[header(), line("E-2 | c | d", 740.0)],
            &[line("Spare parts", 760.0)],
        ]);
        remove(&mut page_lines);
        assert_eq!(texts(&page_lines)[1][0], "Code | Cause | Remedy");
    }

    #[test]
    fn a_header_of_a_chapter_may_have_the_page_number_far_to_its_side() {
        let page = |header: &str, body: &str| vec![line(header, 760.0), line(body, 400.0)];
        let mut pages: Vec<Vec<Line>> = (0..20)
            .map(|number| page(&format!("Chapter 1: Purging | {number}"), "One"))
            .collect();
        pages.extend((0..20).map(|number| page(&format!("Chapter 2: Baking | {number}"), "Two")));
        let pages: Vec<&[Line]> = pages.iter().map(Vec::as_slice).collect();
        let mut page_lines = page_lines(&pages);
        remove(&mut page_lines);
        assert!(page_lines.iter().all(|sheet| sheet.lines.len() == 1));
    }

    #[test]
    fn roman_numbers_behind_a_footer_are_page_numbers() {
        let page = |number: &str| vec![line(&format!("Norvane | Page {number}"), 20.0)];
        let pages = [page("ii"), page("iii"), page("iv")];
        let pages: Vec<&[Line]> = pages.iter().map(Vec::as_slice).collect();
        let mut page_lines = page_lines(&pages);
        remove(&mut page_lines);
        assert!(page_lines.iter().all(|sheet| sheet.lines.is_empty()));
    }

    #[test]
    fn a_single_page_loses_nothing() {
        let mut page_lines = page_lines(&[&[line("Notice", 780.0), line("1", 20.0)]]);
        remove(&mut page_lines);
        assert_eq!(texts(&page_lines), [["Notice", "1"]]);
    }
}
