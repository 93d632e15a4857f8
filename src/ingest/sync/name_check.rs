//! Checks whether a document matches its file name.

use crate::domain::inconsistency::{Inconsistency, PropertySource};
use crate::domain::language::is_hangul;
use crate::domain::revision;
use crate::extract::extracted::Extracted;
use crate::extract::properties::in_name;

/// Words that say nothing about the subject of a document.
const GENERIC: [&str; 23] = [
    "word",
    "docx",
    "excel",
    "powerpoint",
    "pdf",
    "sample",
    "test",
    "sop",
    "manual",
    "guide",
    "doc",
    "document",
    "rev",
    "revision",
    "version",
    "ver",
    "final",
    "draft",
    "copy",
    "new",
    "old",
    "the",
    "and",
];

/// Compares the words of a document with its file name, and the revision that it states with the one in its name.
pub(super) fn check(name: &str, extracted: &Extracted) -> Vec<Inconsistency> {
    let mut found = Vec::new();
    let named = in_name(name);
    if let (Some(named), Some(stated)) = (&named.revision, &extracted.revision)
        && stated.place != PropertySource::Name
        && revision::compare(&named.value, &stated.value).is_ne()
    {
        found.push(Inconsistency::RevisionInName {
            named: named.value.clone(),
            place: stated.place,
            stated: stated.value.clone(),
        });
    }
    if let Some(title) = &extracted.title
        && let Some(word) = foreign_word(name, title, extracted)
    {
        found.push(Inconsistency::ForeignWord {
            word,
            title: title.clone(),
        });
    }
    found
}

/// Returns a word of the file name that the document does not contain, if its title has words that the name does not have
/// either: it may be another document. Abbreviations and misspellings are not reported.
fn foreign_word(name: &str, title: &str, extracted: &Extracted) -> Option<String> {
    if title.chars().any(is_hangul) || name.chars().any(is_hangul) {
        // Files are often named in English whatever language they are in.
        return None;
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let (name_words, title_words) = (words(stem), words(title));
    let is_like = |one: &str, other: &str| {
        one.contains(other)
            || other.contains(one)
            || (one.len() > 4 && strsim::damerau_levenshtein(one, other) <= 2)
    };
    let lacks = |words: &[String], word: &str| !words.iter().any(|other| is_like(word, other));
    if !title_words.iter().any(|word| lacks(&name_words, word)) {
        return None;
    }
    let unmatched: Vec<String> = name_words
        .into_iter()
        .filter(|word| lacks(&title_words, word))
        .collect();
    if unmatched.is_empty() {
        return None;
    }
    let text: Vec<String> = extracted
        .pages
        .iter()
        .flat_map(|page| words(&page.text))
        .collect();
    unmatched.into_iter().find(|word| lacks(&text, word))
}

/// Returns the words of at least three letters, without numbers and [generic](GENERIC) words.
fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphabetic())
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() >= 3 && !GENERIC.contains(&word.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::Format;
    use crate::extract::extracted::ExtractedPage;
    use crate::extract::properties::Stated;

    fn document(title: &str, text: &str, revision: Option<&str>) -> Extracted {
        Extracted {
            title: Some(title.to_owned()),
            number: None,
            revision: revision.map(|value| Stated {
                value: value.to_owned(),
                place: PropertySource::Footer,
            }),
            effective: None,
            format: Format::Pdf,
            pages: vec![ExtractedPage {
                page: None,
                text: text.to_owned(),
                headings: Vec::new(),
                ocr: false,
            }],
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_file_with_the_name_of_another_document_is_reported() {
        let piranha = document("Piranha Clean SOP", "Mix the acid with peroxide.", None);
        let found = check("RCA_Clean_SOP.pdf", &piranha);
        assert!(found[0].to_string().contains("\"rca\""), "{found:?}");
    }

    #[test]
    fn abbreviations_misspellings_and_other_languages_are_not_reported() {
        for (name, title, text) in [
            (
                "Piranha_Clean_SOP_v1.0_2025-05.pdf",
                "Piranha Clean SOP",
                "",
            ),
            ("Hydroflouric_Acid_SOP.pdf", "HydroFluoric Acid SOP", ""),
            ("Thermal_Evap_SOP.pdf", "AJA Thermal Evaporator SOP", ""),
            ("hx7-om.pdf", "Reactor Operation Manual", ""),
            ("tmga-bubbler-exchange.md", "버블러 교환", ""),
            (
                "gas-cabinet-sop.pdf",
                "Changing cylinders",
                "The gas cabinet is vented.",
            ),
        ] {
            let found = check(name, &document(title, text, None));
            assert!(found.is_empty(), "{name}: {found:?}");
        }
    }

    #[test]
    fn a_name_with_another_revision_is_reported() {
        let other = document("Acid SOP", "", Some("1.1"));
        assert_eq!(check("Acid_SOP_rev1.0.pdf", &other).len(), 1);
        assert_eq!(check("Acid_SOP_rev1.1.pdf", &other).len(), 0);
    }
}
