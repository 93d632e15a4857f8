//! Splits the pages of a document into passages.
//!
//! A passage never crosses a page or a heading, so that it can be cited with its page and section. It is an exact piece of
//! its page's text, so that a source page can highlight it.

mod blocks;
mod sections;

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use self::sections::Section;
use crate::config;
use crate::domain::document::Document;
use crate::domain::passage::{Passage, PassageId};
use crate::extract::extracted::Extracted;

/// Incremented when the same text is split differently; then everything is indexed again.
pub const VERSION: u32 = 1;

/// Returns the passages of a document, in order.
#[must_use]
pub fn passages(
    document: &Document,
    extracted: &Extracted,
    config: &config::sources::Chunk,
) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut path = sections::HeadingPath::default();
    let mut occurrences: HashMap<String, u32> = HashMap::new();
    for page in &extracted.pages {
        let letters: Vec<char> = page.text.chars().collect();
        let sections = sections::cut(&letters, &page.headings, &mut path);
        for Section { headings, range } in sections::merge(sections, &letters, config) {
            for range in blocks::cut(&letters, range, config) {
                let text: String = letters[range.clone()].iter().collect();
                let hash = hash(&headings, &text);
                let count = occurrences.entry(hash.clone()).or_default();
                *count += 1;
                let suffix = if *count > 1 {
                    format!("-{count}")
                } else {
                    String::new()
                };
                passages.push(Passage {
                    id: PassageId(format!("{}-{hash}{suffix}", document.id)),
                    document: document.clone(),
                    page: page.page.clone(),
                    headings: headings.clone(),
                    start: u32::try_from(range.start).unwrap_or(u32::MAX),
                    ordinal: u32::try_from(passages.len()).unwrap_or(u32::MAX),
                    text,
                    ocr: page.ocr,
                });
            }
        }
    }
    passages
}

/// Returns a hash of headings and text, in ten hexadecimal digits.
fn hash(headings: &[String], text: &str) -> String {
    let mut digest = Sha256::new();
    for heading in headings {
        digest.update(heading);
        digest.update([0]);
    }
    digest.update(text);
    hex::encode(&digest.finalize()[..5])
}

#[cfg(test)]
mod tests;
