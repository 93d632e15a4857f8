//! Evaluation cases: questions with the locations that they should find.

use std::collections::BTreeSet;

use super::metrics::Gains;
use crate::domain::passage::Passage;

/// A location in a document. Missing parts match everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The document's path in its source.
    pub file: String,
    /// Page in the file, from 1.
    pub page: Option<u32>,
    /// A heading; compared if there are no pages.
    pub section: Option<String>,
    /// Words of the passage; compared if there are neither pages nor headings.
    pub words: Option<String>,
}

/// A question with its relevant locations.
#[derive(Clone, Debug)]
pub struct Case {
    pub question: String,
    pub relevant: Vec<Relevant>,
}

/// A relevant fact.
#[derive(Clone, Debug)]
pub struct Relevant {
    /// The fact is found if one of these is found.
    pub locations: Vec<Location>,
    /// The relevance grade, as in the qrels of BEIR.
    pub grade: f64,
}

/// How finely locations are distinguished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    File,
    /// Pages if a format has them, sections otherwise.
    Page,
}

impl Location {
    pub(super) fn of_passage(passage: &Passage) -> Self {
        Self {
            file: passage.document.path.clone(),
            page: passage.page.as_ref().map(|page| page.number),
            section: passage.section().map(str::to_owned),
            words: Some(one_line(&passage.text)),
        }
    }

    /// Returns true if a found location matches this expected one.
    fn matches(&self, found: &Self, granularity: Granularity) -> bool {
        if self.file != found.file || granularity == Granularity::File {
            return self.file == found.file;
        }
        if let (Some(expected), Some(found)) = (self.page, found.page) {
            return expected == found;
        }
        let contains =
            |text: Option<&str>, expected: &str| text.is_some_and(|text| text.contains(expected));
        match (&self.section, &self.words) {
            _ if found.page.is_some() => true,
            (Some(section), _) if found.section.is_some() => {
                contains(found.section.as_deref(), section)
            }
            (_, Some(words)) => contains(found.words.as_deref(), &one_line(words)),
            (Some(section), None) => contains(found.words.as_deref(), section),
            (None, None) => true,
        }
    }
}

impl Case {
    /// Returns the gain at each rank of the found locations, and the ideal gains. Several passages of one location count
    /// once.
    pub(super) fn gains(&self, found: &[Location], granularity: Granularity) -> Gains {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Relevant> = self.relevant.iter().collect();
        let mut ranks = Vec::new();
        for location in found {
            let (page, section, words) = match granularity {
                Granularity::File => (None, None, None),
                Granularity::Page => {
                    let section = location
                        .section
                        .as_deref()
                        .filter(|_| location.page.is_none());
                    let is_unnamed = location.page.is_none() && section.is_none();
                    let words = location.words.as_deref().filter(|_| is_unnamed);
                    (location.page, section, words)
                }
            };
            if !seen.insert((&location.file, page, section, words)) {
                continue;
            }
            let hit = open.iter().position(|relevant| {
                relevant
                    .locations
                    .iter()
                    .any(|expected| expected.matches(location, granularity))
            });
            ranks.push(hit.map_or(0.0, |hit| open.swap_remove(hit).grade));
        }
        Gains {
            ranks,
            ideal: self
                .relevant
                .iter()
                .map(|relevant| relevant.grade)
                .collect(),
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(file: &str, page: Option<u32>, section: Option<&str>) -> Location {
        Location {
            file: file.to_owned(),
            page,
            section: section.map(str::to_owned),
            words: None,
        }
    }

    fn case(locations: &[Location]) -> Case {
        Case {
            question: String::new(),
            relevant: vec![Relevant {
                locations: locations.to_vec(),
                grade: 1.0,
            }],
        }
    }

    #[test]
    fn passages_of_one_location_count_once() {
        let case = case(&[location("b.pdf", Some(2), None)]);
        let found = [
            location("a.pdf", Some(1), Some("1 Start")),
            location("a.pdf", Some(1), Some("2 Stop")),
            location("b.pdf", Some(1), None),
            location("b.pdf", Some(2), None),
        ];
        assert_eq!(case.gains(&found, Granularity::Page).ranks, [0.0, 0.0, 1.0]);
        assert_eq!(case.gains(&found, Granularity::File).ranks, [0.0, 1.0]);
    }

    #[test]
    fn a_text_without_headings_is_recognised_by_its_words() {
        let of_text = |words: &str| Location {
            words: Some(words.to_owned()),
            ..location("a.txt", None, None)
        };
        let expected = Location {
            section: Some("3. SUBSTRATES".to_owned()),
            ..of_text("Load within\n2 h")
        };
        let found = [of_text("1. PURPOSE"), of_text("3.10 Load within 2 h.")];
        assert!(!expected.matches(&found[0], Granularity::Page));
        assert!(expected.matches(&found[1], Granularity::Page));
        assert_eq!(
            case(&[of_text("within 2 h")])
                .gains(&found, Granularity::Page)
                .ranks,
            [0.0, 1.0]
        );
    }

    #[test]
    fn a_fact_in_two_locations_is_found_in_either_but_once() {
        let case = case(&[
            location("a.md", None, Some("Limits")),
            location("b.pdf", Some(2), None),
        ]);
        let found = [
            location("b.pdf", Some(2), None),
            location("a.md", None, Some("3.1 Limits")),
            location("a.md", None, Some("Scope")),
        ];
        assert_eq!(case.gains(&found, Granularity::Page).ranks, [1.0, 0.0, 0.0]);
    }
}
