//! Markdown, kept unchanged, with its headings located.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::domain::document::Format;
use crate::extract::extracted::{Extracted, ExtractedPage, Heading};
use crate::extract::properties::Properties;

/// Reads Markdown, with properties from an optional YAML front matter.
pub(super) fn read(text: &str) -> Extracted {
    let text = text.trim_start_matches('\u{FEFF}');
    let (found, body) = front_matter(text);
    let body = body.trim();
    let headings = headings(body);
    Extracted {
        title: found
            .title
            .or_else(|| headings.first().map(|heading| heading.title.clone())),
        number: found.number,
        revision: found.revision,
        effective: found.effective,
        format: Format::Markdown,
        pages: vec![ExtractedPage {
            page: None,
            text: body.to_owned(),
            headings,
            ocr: false,
        }],
        notes: Vec::new(),
    }
}

/// Locates the headings of a Markdown text.
pub(super) fn headings(text: &str) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    let mut inside = false;
    // Counts on from the previous heading, so that long texts are counted only once.
    let (mut bytes, mut characters) = (0, 0);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                characters += text[bytes..range.start].chars().count();
                bytes = range.start;
                inside = true;
                let at = u32::try_from(characters).unwrap_or(u32::MAX);
                headings.push(Heading {
                    level: level as u8,
                    title: String::new(),
                    at,
                });
            }
            Event::End(TagEnd::Heading(_)) => inside = false,
            Event::Text(piece) | Event::Code(piece) if inside => {
                if let Some(heading) = headings.last_mut() {
                    heading.title.push_str(&piece);
                }
            }
            Event::SoftBreak | Event::HardBreak if inside => {
                if let Some(heading) = headings.last_mut() {
                    heading.title.push(' ');
                }
            }
            _ => {}
        }
    }
    headings.retain(|heading| !heading.title.trim().is_empty());
    headings
}

/// Returns the properties between two lines of `---`, and the rest of the text.
fn front_matter(text: &str) -> (Properties, &str) {
    let mut found = Properties::default();
    let Some(rest) = text.strip_prefix("---\n") else {
        return (found, text);
    };
    let Some((matter, body)) = rest.split_once("\n---") else {
        return (found, text);
    };
    for line in matter.lines() {
        if let Some((key, value)) = line.split_once(':') {
            found.set(key, value);
        }
    }
    (found, body.trim_start_matches('-'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_front_matter_is_read_and_left_out() {
        let read = read(
            "---\ntitle: \"Gas SOP\"\ndocument: SOP-GAS-014\nrevision: C\neffective: 2025-01-31\nlanguage: en\n---\n\n# 퍼지 `N2`\n\nText\n\n## Steps\n\n1. Close",
        );
        assert_eq!(read.title.as_deref(), Some("Gas SOP"));
        assert_eq!(
            read.number.map(|stated| stated.value).as_deref(),
            Some("SOP-GAS-014")
        );
        assert_eq!(
            read.revision.map(|stated| stated.value).as_deref(),
            Some("C")
        );
        assert_eq!(
            read.effective.map(|stated| stated.value).as_deref(),
            Some("2025-01-31")
        );
        let page = &read.pages[0];
        assert!(page.text.starts_with("# 퍼지"));
        let positions: Vec<(u8, &str, u32)> = page
            .headings
            .iter()
            .map(|heading| (heading.level, heading.title.as_str(), heading.at))
            .collect();
        assert_eq!(positions, [(1, "퍼지 N2", 0), (2, "Steps", 17)]);
    }

    #[test]
    fn a_rule_at_the_beginning_is_no_front_matter() {
        let read = read("---\n\nText without end");
        assert!(read.pages[0].text.contains("Text without end"));
    }

    proptest! {
        #[test]
        fn headings_are_at_their_offsets(text in "[-#=|`:a가 \n]{0,120}") {
            for found in [read(&text), read(&format!("---\nrevision: C\n---\n{text}"))] {
                let page = &found.pages[0];
                let letters: Vec<char> = page.text.chars().collect();
                for heading in &page.headings {
                    let rest: String = letters[heading.at as usize..].iter().collect();
                    let first = heading.title.trim().chars().next().unwrap();
                    prop_assert!(rest.contains(first), "{:?} in {:?}", heading, page.text);
                }
            }
        }
    }
}
