use proptest::prelude::*;

use super::*;
use crate::domain::document::{DocumentId, Format, Origin, Page};
use crate::extract::extracted::{ExtractedPage, Heading};

const CONFIG: config::sources::Chunk = config::sources::Chunk {
    target_chars: 400,
    max_chars: 800,
};

fn document() -> Document {
    Document {
        id: DocumentId("0123456789abcdef".to_owned()),
        title: "HX-7 Operation Manual".to_owned(),
        number: None,
        revision: None,
        effective: None,
        superseded: false,
        source: "manuals".to_owned(),
        path: "a.pdf".to_owned(),
        collection: "manuals".to_owned(),
        url: None,
        format: Format::Pdf,
        origin: Origin::Corpus,
    }
}

fn extracted(pages: &[(&str, &[(u8, &str)])]) -> Extracted {
    let pages = pages
        .iter()
        .zip(1..)
        .map(|((text, headings), number)| ExtractedPage {
            page: Some(Page {
                number,
                label: None,
            }),
            text: (*text).to_owned(),
            ocr: false,
            headings: headings
                .iter()
                .map(|(level, title)| {
                    let byte = text.find(title).unwrap();
                    let at = u32::try_from(text[..byte].chars().count()).unwrap();
                    Heading {
                        level: *level,
                        title: (*title).to_owned(),
                        at,
                    }
                })
                .collect(),
        });
    Extracted {
        title: None,
        number: None,
        revision: None,
        effective: None,
        format: Format::Pdf,
        pages: pages.collect(),
        notes: Vec::new(),
    }
}

fn cut(pages: &[(&str, &[(u8, &str)])]) -> Vec<Passage> {
    passages(&document(), &extracted(pages), &CONFIG)
}

#[test]
fn headings_are_carried_over_pages_and_passages_are_not() {
    let body =
        "The chamber is purged three times with nitrogen before the lid is opened. ".repeat(3);
    let first = format!("3 Maintenance\n\n3.1 Purging\n\n{body}");
    let second = format!("{body}\n\n3.2 Liner\n\n{body}");
    let passages = cut(&[
        (&first, &[(1, "3 Maintenance"), (2, "3.1 Purging")]),
        (&second, &[(2, "3.2 Liner")]),
    ]);
    let places: Vec<(u32, Vec<&str>)> = passages
        .iter()
        .map(|passage| {
            let headings = passage.headings.iter().map(String::as_str).collect();
            (passage.page.as_ref().unwrap().number, headings)
        })
        .collect();
    assert_eq!(
        places,
        [
            (1, vec!["3 Maintenance", "3.1 Purging"]),
            (2, vec!["3 Maintenance", "3.1 Purging"]),
            (2, vec!["3 Maintenance", "3.2 Liner"]),
        ]
    );
    assert!(passages[0].text.starts_with("3 Maintenance\n\n3.1 Purging"));
}

#[test]
fn tables_are_cut_between_rows() {
    let rows: Vec<String> = (0..60)
        .map(|row| {
            format!("E-10{row:02} | Overtemperature in zone {row} | Check the flow. Then restart.")
        })
        .collect();
    let text = rows.join("\n");
    let passages = cut(&[(&text, &[])]);
    assert!(passages.len() > 3);
    let lines: Vec<&str> = passages
        .iter()
        .flat_map(|passage| passage.text.lines())
        .collect();
    assert_eq!(lines, rows);
}

#[test]
fn short_sections_are_joined_under_their_common_heading() {
    let text = "Signals\n\nRed\n\nStop.\n\nGreen\n\nGo.";
    let passages = cut(&[(text, &[(1, "Signals"), (2, "Red"), (2, "Green")])]);
    assert_eq!(passages.len(), 1);
    assert_eq!(passages[0].headings, ["Signals"]);
}

#[test]
fn unchanged_passages_keep_their_ids_and_repeated_ones_get_different_ids() {
    let text = "Wear gloves.\n\n".repeat(80);
    let passages = cut(&[(&text, &[]), (&text, &[])]);
    let ids: std::collections::BTreeSet<&PassageId> =
        passages.iter().map(|passage| &passage.id).collect();
    assert_eq!(ids.len(), passages.len());
    let other = cut(&[("An inserted page.", &[]), (&text, &[]), (&text, &[])]);
    assert!(
        passages
            .iter()
            .all(|passage| other.iter().any(|same| same.id == passage.id))
    );
    assert!(ids.iter().all(|id| {
        id.0.chars()
            .all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-'))
    }));
}

proptest! {
    #[test]
    fn every_letter_is_in_exactly_one_passage(
        text in "([가-힣a-z0-9.| \n]{0,40}(\n|\n\n| \\| )){0,60}",
        places in proptest::collection::vec((1u8..5, 0u32..3000), 0..8),
    ) {
        let mut places = places;
        places.sort_by_key(|place| place.1);
        let mut extracted = extracted(&[(&text, &[])]);
        extracted.pages[0].headings = places
            .into_iter()
            .map(|(level, at)| Heading { level, title: format!("H{at}"), at })
            .collect();
        let letters: Vec<char> = text.chars().collect();
        let mut end = 0;
        let mut joined = String::new();
        for passage in passages(&document(), &extracted, &CONFIG) {
            let start = passage.start as usize;
            let length = passage.text.chars().count();
            prop_assert!(start >= end);
            prop_assert!(length <= CONFIG.max_chars);
            prop_assert_eq!(letters[start..start + length].iter().collect::<String>(), passage.text.clone());
            end = start + length;
            joined.push_str(&passage.text);
        }
        let squash = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
        prop_assert_eq!(squash(&joined), squash(&text));
    }
}
