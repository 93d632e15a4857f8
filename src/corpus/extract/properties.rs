//! What a document says of itself: title, number, revision, date, and where it says so.

mod history;
mod name;

use serde::{Deserialize, Serialize};

use crate::domain::Place;

pub(super) use history::in_history;
pub(in crate::corpus) use name::in_name;

/// Something that a document says of itself, and where it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    pub value: String,
    pub place: Place,
}

/// What was found; nothing is guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::corpus) struct Properties {
    pub(in crate::corpus) title: Option<String>,
    pub(in crate::corpus) number: Option<Stated>,
    pub(in crate::corpus) revision: Option<Stated>,
    pub(in crate::corpus) effective: Option<Stated>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Property {
    Title,
    Number,
    Revision,
    Effective,
}

/// How documents label their properties, longest first where one begins with another.
const LABELS: &[(&str, Property)] = &[
    ("title", Property::Title),
    ("제목", Property::Title),
    ("문서명", Property::Title),
    ("document number", Property::Number),
    ("document no", Property::Number),
    ("document id", Property::Number),
    ("document", Property::Number),
    ("doc number", Property::Number),
    ("doc. no", Property::Number),
    ("doc no", Property::Number),
    ("문서 번호", Property::Number),
    ("문서번호", Property::Number),
    ("revision", Property::Revision),
    ("rev", Property::Revision),
    ("version", Property::Revision),
    ("개정일자", Property::Effective),
    ("개정일", Property::Effective),
    ("개정 번호", Property::Revision),
    ("개정번호", Property::Revision),
    ("개정판", Property::Revision),
    ("개정", Property::Revision),
    ("effective date", Property::Effective),
    ("revision date", Property::Effective),
    ("revised on", Property::Effective),
    ("revised", Property::Effective),
    ("effective from", Property::Effective),
    ("effective", Property::Effective),
    ("valid from", Property::Effective),
    ("시행일자", Property::Effective),
    ("시행일", Property::Effective),
    ("발효일", Property::Effective),
];

impl Properties {
    /// Takes a value for the key of a front matter, a `<meta>` or a header line; whether the key is one.
    pub(super) fn set(&mut self, key: &str, value: &str) -> bool {
        let key = key.trim().to_lowercase();
        let Some((_, property)) = LABELS
            .iter()
            .find(|(label, _)| *label == key.trim_end_matches('.'))
        else {
            return false;
        };
        self.put(*property, value, Place::FrontMatter)
    }

    /// Takes what is missing here from what was found elsewhere.
    pub(in crate::corpus) fn or(mut self, other: Self) -> Self {
        self.title = self.title.or(other.title);
        self.number = self.number.or(other.number);
        self.revision = self.revision.or(other.revision);
        self.effective = self.effective.or(other.effective);
        self
    }

    fn put(&mut self, property: Property, value: &str, place: Place) -> bool {
        let value = value.trim().trim_matches(['"', '\'']).trim();
        let (slot, found) = match property {
            Property::Title => {
                let found = title(Some(value));
                let is_one = found.is_some();
                self.title = self.title.take().or(found);
                return is_one;
            }
            Property::Number => (&mut self.number, number(value)),
            Property::Revision => (&mut self.revision, revision(value)),
            Property::Effective => (&mut self.effective, date(value)),
        };
        let is_one = found.is_some();
        if slot.is_none() {
            *slot = found.map(|value| Stated { value, place });
        }
        is_one
    }
}

/// Lines that a document's title stands in.
const TITLE_LINES: usize = 5;

/// Looks for labelled properties in lines that stand at such a place of a document.
pub(super) fn in_lines(lines: &[&str], place: Place) -> Properties {
    let mut found = Properties::default();
    for (number, line) in lines.iter().enumerate() {
        let cells: Vec<&str> = line
            .split(['|', '·', '•'])
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect();
        if place == Place::Body && number < TITLE_LINES && found.revision.is_none() {
            found.revision = version_in(line).map(|value| Stated { value, place });
        }
        for (index, cell) in cells.iter().enumerate() {
            in_cell(cell, cells.get(index + 1).copied(), place, &mut found);
        }
    }
    found
}

/// A version as titles have it: `SEM SOP V2.0`. Without its dot it may be a valve.
fn version_in(line: &str) -> Option<String> {
    let is_version = |word: &&str| {
        let digits = word.strip_prefix(['v', 'V']).unwrap_or_default();
        digits.contains('.') && digits.starts_with(|first: char| first.is_ascii_digit())
    };
    line.split_whitespace().find(is_version).and_then(revision)
}

/// Looks for properties in the headers or footers of a document.
pub(super) fn in_repeated(lines: &[String], place: Place) -> Properties {
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    in_lines(&lines, place)
}

/// The header lines of a plain text: labelled, one to a line, before anything else. Returns how many there are.
pub(super) fn in_header(lines: &[&str]) -> (Properties, usize) {
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

fn in_cell(cell: &str, next: Option<&str>, place: Place, found: &mut Properties) {
    let lower = cell.to_lowercase();
    // Changes of case can move bytes about; then the places in one are not those in the other.
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

/// A title that is worth showing: not what a program wrote in place of one.
pub(super) fn title(value: Option<&str>) -> Option<String> {
    let title = value?.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = title.to_lowercase();
    let is_file = [
        ".doc", ".docx", ".hwp", ".tex", ".dvi", ".indd", ".pdf", ".ppt", ".pptx", ".xls", ".xlsx",
        ".qxd",
    ]
    .iter()
    .any(|end| lower.ends_with(end));
    let is_default =
        lower.starts_with("microsoft word") || lower.starts_with("untitled") || lower == "no title";
    let letters = title
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .count();
    let garbled = title
        .chars()
        .any(|letter| letter.is_control() || letter == '\u{FFFD}');
    (letters >= 2 && !is_file && !is_default && !garbled && title.chars().count() <= 200)
        .then_some(title)
}

/// The first word if it can be a document number: capitals and digits, joined by hyphens, dots or strokes.
fn number(value: &str) -> Option<String> {
    let word = value
        .split_whitespace()
        .next()?
        .trim_matches([',', ';', '(', ')', '[', ']', '.']);
    let shaped = word.chars().all(|letter| {
        letter.is_ascii_uppercase() || letter.is_ascii_digit() || "-_./".contains(letter)
    });
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    (shaped && (4..=40).contains(&word.len()) && digits >= 1 && capitals >= 1)
        .then(|| word.to_owned())
}

/// The first word if it can be a revision: `C`, `3`, `1.1`, `Rev.B`.
fn revision(value: &str) -> Option<String> {
    let value = value
        .strip_prefix(['v', 'V'])
        .filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        .unwrap_or(value);
    let word = value
        .split_whitespace()
        .next()?
        .trim_matches([',', ';', '(', ')', '.', '판']);
    let is_letter = matches!(word.as_bytes(), [b'A'..=b'Z'] | [b'A'..=b'Z', b'0'..=b'9']);
    let is_number = word.split('.').all(|part| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    (is_letter || is_number).then(|| word.to_owned())
}

/// A date as `YYYY-MM-DD`, from that form, `2024.3.2`, `2024년 3월 2일` or `2 March 2024`.
fn date(value: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let words: Vec<&str> = value
        .split(|letter: char| !letter.is_alphanumeric())
        .flat_map(|word| word.split(['년', '월', '일']))
        .filter(|word| !word.is_empty())
        .take(3)
        .collect();
    let [first, second, third] = words[..] else {
        return None;
    };
    let month = |word: &str| {
        let start = word.to_lowercase();
        let named = MONTHS
            .iter()
            .position(|name| start.starts_with(name))
            .map(|index| index + 1);
        named.or_else(|| word.parse().ok())
    };
    let day_of = |word: &str| {
        let digits = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|ending| word.strip_suffix(ending));
        digits.unwrap_or(word).parse().ok()
    };
    let (year, month, day) = if first.len() == 4 {
        (first.parse().ok()?, month(second)?, day_of(third)?)
    } else if day_of(first).is_some() && second.starts_with(char::is_alphabetic) {
        (third.parse().ok()?, month(second)?, day_of(first)?)
    } else if first.starts_with(char::is_alphabetic) {
        (third.parse().ok()?, month(first)?, day_of(second)?)
    } else {
        return None;
    };
    let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, day).ok()?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(stated: Option<&Stated>) -> Option<&str> {
        stated.map(|stated| stated.value.as_str())
    }

    #[test]
    fn a_revision_and_its_date_stand_together_in_a_footer() {
        for line in [
            "Version 1.1 | Revised May 22, 2025",
            "Version 1.1 Revised May 22nd, 2025",
            "Version 1.1 - May 22, 2025 12",
        ] {
            let found = in_lines(&[line], Place::Footer);
            let stated = |value: &str| {
                Some(Stated {
                    value: value.to_owned(),
                    place: Place::Footer,
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
            let found = in_lines(&lines, Place::Body);
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
    fn sentences_that_use_the_words_are_no_labels() {
        let lines = [
            "This document describes the reactor; revision history follows.",
            "The review was effective.",
            "Revision | Date | What changed",
        ];
        assert_eq!(in_lines(&lines, Place::Body), Properties::default());
    }

    #[test]
    fn a_header_ends_at_the_first_line_that_is_none() {
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

    #[test]
    fn what_programs_write_for_a_title_is_none() {
        for text in [
            "Microsoft Word - manual.doc",
            "untitled",
            "manual.hwp",
            "  ",
            "1",
        ] {
            assert_eq!(title(Some(text)), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_line_gives_properties_or_none(
            lines in proptest::collection::vec("[ -~|·:년월일개정판번호문서시행]{0,60}", 0..6),
        ) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            for found in [
                in_lines(&lines, Place::Body),
                in_header(&lines).0,
                in_history(lines.iter().copied()),
                in_name(lines.first().unwrap_or(&"")),
            ] {
                if let Some(date) = found.effective {
                    prop_assert!(date.value.parse::<jiff::civil::Date>().is_ok(), "{}", date.value);
                }
                for stated in [found.number, found.revision].into_iter().flatten() {
                    prop_assert!(!stated.value.is_empty() && !stated.value.contains(' '));
                }
            }
        }
    }
}
