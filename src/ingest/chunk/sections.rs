//! Splits a page into sections at its headings.

use std::ops::Range;

use super::blocks::trim;
use crate::config;
use crate::extract::extracted::Heading;

/// A part of a page under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// Outermost first.
    pub(super) headings: Vec<String>,
    /// In characters of the page's text, without white space at its ends.
    pub(super) range: Range<usize>,
}

/// The headings of the current section, carried over from page to page.
#[derive(Debug, Default)]
pub(super) struct HeadingPath(Vec<(u8, String)>);

impl HeadingPath {
    fn open(&mut self, heading: &Heading) {
        self.0.retain(|(level, _)| *level < heading.level);
        self.0
            .push((heading.level, heading.title.trim().to_owned()));
    }

    fn titles(&self) -> Vec<String> {
        self.0.iter().map(|(_, title)| title.clone()).collect()
    }
}

/// Splits a page at its headings.
pub(super) fn cut(letters: &[char], headings: &[Heading], path: &mut HeadingPath) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut start = 0;
    for heading in headings {
        let at = (heading.at as usize).min(letters.len());
        if at > start {
            sections.push(Section {
                headings: path.titles(),
                range: start..at,
            });
            start = at;
        }
        path.open(heading);
    }
    sections.push(Section {
        headings: path.titles(),
        range: start..letters.len(),
    });
    sections
        .into_iter()
        .filter_map(|section| {
            let range = trim(letters, section.range)?;
            Some(Section { range, ..section })
        })
        .collect()
}

/// Joins sections that are too short for a passage: a heading with its first subsection, and sections of a line or two with
/// one another.
pub(super) fn merge(
    sections: Vec<Section>,
    letters: &[char],
    config: &config::sources::Chunk,
) -> Vec<Section> {
    let short = config.target_chars / 8;
    let mut merged: Vec<Section> = Vec::new();
    for section in sections {
        match merged.last_mut() {
            Some(previous)
                if (previous.range.len() < short || section.range.len() < short)
                    && section.range.end - previous.range.start <= config.target_chars =>
            {
                let is_stub = is_heading_only(previous, letters)
                    && section.headings.starts_with(&previous.headings);
                previous.headings = if is_stub {
                    section.headings
                } else {
                    common(&previous.headings, &section.headings)
                };
                previous.range.end = section.range.end;
            }
            _ => merged.push(section),
        }
    }
    merged
}

/// Whether a section contains nothing but its heading.
fn is_heading_only(section: &Section, letters: &[char]) -> bool {
    let text = &letters[section.range.clone()];
    let lines = text
        .split(|letter| *letter == '\n')
        .filter(|line| !line.is_empty())
        .count();
    let title = section
        .headings
        .last()
        .map_or(0, |title| title.chars().count());
    lines <= 1 || text.len() <= title + 8
}

fn common(one: &[String], other: &[String]) -> Vec<String> {
    one.iter()
        .zip(other)
        .take_while(|(one, other)| one == other)
        .map(|(title, _)| title.clone())
        .collect()
}
