//! Properties in lines: in headers and footers, on the first page, and at the top of a plain text.

use super::value::{number, revision};
use super::{LABELS, Properties, Property, Stated};
use crate::domain::inconsistency::PropertySource;

/// Number of lines at the top that may contain the title.
const TITLE_LINES: usize = 5;

/// Finds labelled properties in lines from one place of a document.
pub(in crate::extract) fn in_lines(lines: &[&str], place: PropertySource) -> Properties {
    let mut found = Properties::default();
    for (number, line) in lines.iter().enumerate() {
        let cells: Vec<&str> = line
            .split(['|', '·', '•'])
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect();
        if place == PropertySource::Body && number < TITLE_LINES && found.revision.is_none() {
            found.revision = version_in(line).map(|value| Stated { value, place });
        }
        for (index, cell) in cells.iter().enumerate() {
            in_cell(cell, cells.get(index + 1).copied(), place, &mut found);
        }
    }
    found
}

/// Returns a version in a title: `SEM SOP V2.0`. Without its dot it may be a valve.
fn version_in(line: &str) -> Option<String> {
    let is_version = |word: &&str| {
        let digits = word.strip_prefix(['v', 'V']).unwrap_or_default();
        digits.contains('.') && digits.starts_with(|first: char| first.is_ascii_digit())
    };
    line.split_whitespace().find(is_version).and_then(revision)
}

/// Finds properties in the headers or footers of a document.
pub(in crate::extract) fn in_repeated(lines: &[String], place: PropertySource) -> Properties {
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    in_lines(&lines, place)
}

/// Reads the header lines of a plain text: labelled, one per line, at its beginning. Returns their number.
pub(in crate::extract) fn in_header(lines: &[&str]) -> (Properties, usize) {
    let mut found = Properties::default();
    let mut count = 0;
    for line in lines {
        let is_header = line
            .split_once([':', '：'])
            .is_some_and(|(key, value)| found.set(key, value));
        if !is_header {
            break;
        }
        count += 1;
    }
    (found, count)
}

fn in_cell(cell: &str, next: Option<&str>, place: PropertySource, found: &mut Properties) {
    let lower = cell.to_lowercase();
    // Lower-casing can change byte lengths; the offsets are then useless.
    if lower.len() != cell.len() {
        return;
    }
    for (label, property) in LABELS
        .iter()
        .filter(|(_, property)| *property != Property::Title)
    {
        for (at, _) in lower.match_indices(label) {
            if lower[..at]
                .chars()
                .next_back()
                .is_some_and(char::is_alphanumeric)
            {
                continue;
            }
            let rest = &cell[at + label.len()..];
            if rest.starts_with(|after: char| after.is_alphabetic()) {
                continue;
            }
            let value = rest.trim_start_matches(['.', ':', '：', ' ', '#']);
            if value.is_empty() {
                if at == 0
                    && let Some(next) = next
                {
                    found.put(*property, next, place);
                }
            } else {
                found.put(*property, value, place);
            }
            if *property == Property::Revision && found.effective.is_none() {
                // `Version 2.0 - June 13, 2025`
                let after = value.split_once(' ').map_or("", |(_, after)| after);
                found.put(Property::Effective, after, place);
            }
            if *property == Property::Revision && found.number.is_none() {
                // `NV-HX7-MM-002 Rev. 3`
                let before = cell[..at].split_whitespace().rev().take(2).find_map(number);
                found.number = before.map(|value| Stated { value, place });
            }
        }
    }
    if found.number.is_none() && !cell.contains(' ') {
        let number = number(cell).filter(|number| number.matches('-').count() >= 2);
        found.number = number.map(|value| Stated { value, place });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(stated: Option<&Stated>) -> Option<&str> {
        stated.map(|stated| stated.value.as_str())
    }

    #[test]
    fn a_revision_and_its_date_are_together_in_a_footer() {
        for line in [
            "Version 1.1 | Revised May 22, 2025",
            "Version 1.1 Revised May 22nd, 2025",
            "Version 1.1 - May 22, 2025 12",
        ] {
            let found = in_lines(&[line], PropertySource::Footer);
            let stated = |value: &str| {
                Some(Stated {
                    value: value.to_owned(),
                    place: PropertySource::Footer,
                })
            };
            assert_eq!(found.revision, stated("1.1"), "{line}");
            assert_eq!(found.effective, stated("2025-05-22"), "{line}");
        }
    }

    #[test]
    fn labelled_properties_are_found_in_both_languages() {
        for lines in [
            vec!["Document: NV-HX7-MM-002 | Revision: 3 | Effective: 2024-04-02"],
            vec!["NV-HX7-MM-002 Rev. 3", "Effective from 2 April 2024"],
            vec![
                "문서번호 | NV-HX7-MM-002",
                "개정 | 3",
                "시행일 | 2024년 4월 2일",
            ],
            vec![
                "Doc. No. NV-HX7-MM-002",
                "Revision 3",
                "Effective date: April 2, 2024",
            ],
        ] {
            let found = in_lines(&lines, PropertySource::Body);
            assert_eq!(
                value(found.number.as_ref()),
                Some("NV-HX7-MM-002"),
                "{lines:?}"
            );
            assert_eq!(value(found.revision.as_ref()), Some("3"), "{lines:?}");
            assert_eq!(
                value(found.effective.as_ref()),
                Some("2024-04-02"),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn sentences_that_use_the_words_are_not_labels() {
        let lines = [
            "This document describes the reactor; revision history follows.",
            "The review was effective.",
            "Revision | Date | What changed",
        ];
        assert_eq!(
            in_lines(&lines, PropertySource::Body),
            Properties::default()
        );
    }

    #[test]
    fn a_header_ends_at_the_first_other_line() {
        let (found, lines) = in_header(&[
            "제목: 퍼지 절차",
            "문서번호: SOP-GAS-014",
            "개정: B",
            "본문: 시작",
            "개정: C",
        ]);
        assert_eq!(lines, 3);
        assert_eq!(found.title.as_deref(), Some("퍼지 절차"));
        assert_eq!(value(found.revision.as_ref()), Some("B"));
    }
}
