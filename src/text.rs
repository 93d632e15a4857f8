//! Every sentence that a person reads, in Korean and English, one file for each place where it is read.

pub mod answer;
pub mod slack;
pub mod web;

use crate::domain::{Citation, Language};

/// One line that says where a citation comes from: title, number, revision, section, page.
#[must_use]
pub fn source_line(citation: &Citation, language: Language) -> String {
    let mut parts = vec![citation.title.clone()];
    parts.extend(citation.number.clone());
    parts.extend(citation.revision.as_ref().map(|revision| match language {
        Language::Korean => format!("개정 {revision}"),
        Language::English => format!("rev. {revision}"),
    }));
    parts.extend(citation.section.clone());
    parts.extend(citation.page.as_ref().map(|page| match language {
        Language::Korean => format!("{page}쪽"),
        Language::English => format!("p. {page}"),
    }));
    parts.join(" · ")
}
