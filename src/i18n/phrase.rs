//! What the sentences of every place share: the choice of language, times, revisions, pages and source lines.

use crate::domain::answer::Citation;
use crate::domain::language::Language;

/// A sentence in the language.
pub(super) fn say(language: Language, korean: &str, english: &str) -> String {
    match language {
        Language::Korean => korean,
        Language::English => english,
    }
    .to_owned()
}

/// What is said, all of it in English first and then all of it in Korean: a line each, for a snapshot.
#[cfg(test)]
pub(super) fn in_both(said: impl Fn(Language) -> Vec<String>) -> String {
    let languages = [Language::English, Language::Korean].into_iter();
    languages.flat_map(said).collect::<Vec<_>>().join("\n")
}

/// A time as it is told, in UTC: `2026-01-15 09:00 UTC`.
#[must_use]
pub fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// One line that says where a citation comes from: title, number, revision, section, page.
#[must_use]
pub fn source_line(language: Language, citation: &Citation) -> String {
    let mut parts = vec![citation.title.clone()];
    parts.extend(citation.number.clone());
    parts.extend(
        citation
            .revision
            .as_ref()
            .map(|name| revision(language, name)),
    );
    parts.extend(citation.section.clone());
    parts.extend(citation.page.as_ref().map(|label| page(language, label)));
    parts.join(" · ")
}

/// A revision by its name.
#[must_use]
pub fn revision(language: Language, name: &str) -> String {
    match language {
        Language::Korean => format!("개정 {name}"),
        Language::English => format!("rev. {name}"),
    }
}

/// A page by the label that is printed on it.
#[must_use]
pub fn page(language: Language, label: &str) -> String {
    match language {
        Language::Korean => format!("{label}쪽"),
        Language::English => format!("p. {label}"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::domain::document::DocumentId;
    use crate::domain::passage::PassageId;

    #[test]
    fn a_source_line_says_where_a_citation_comes_from() {
        let citation = Citation {
            n: 1,
            doc_id: DocumentId("hx7".to_owned()),
            passage: PassageId("hx7-1".to_owned()),
            url: None,
            quote: String::new(),
            title: "HX-7 Manual".to_owned(),
            number: Some("HX7-OM-001".to_owned()),
            revision: Some("C".to_owned()),
            section: Some("Purge".to_owned()),
            page: Some("12".to_owned()),
        };
        let lines = in_both(|language| vec![source_line(language, &citation)]);
        assert_eq!(
            lines,
            "HX-7 Manual · HX7-OM-001 · rev. C · Purge · p. 12\n\
             HX-7 Manual · HX7-OM-001 · 개정 C · Purge · 12쪽"
        );
    }

    #[test]
    fn a_time_is_given_to_the_minute_in_utc() {
        let at = "2026-01-15T09:00:59Z".parse().unwrap();
        assert_eq!(time(at), "2026-01-15 09:00 UTC");
    }

    /// Whether a function is called in a text, apart from its definition.
    fn is_called(name: &str, text: &str) -> bool {
        let call = format!("{name}(");
        text.match_indices(&call).any(|(at, _)| {
            let before = &text[..at];
            let is_part =
                before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
            !is_part && !before.ends_with("fn ")
        })
    }

    #[test]
    fn every_sentence_stands_in_the_test_of_its_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/i18n");
        let (mut sentences, mut unseen) = (0, Vec::new());
        for entry in walkdir::WalkDir::new(folder) {
            let file = entry.unwrap().into_path();
            if file.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let own = fs::read_to_string(&file).unwrap();
            let beside = [
                file.with_file_name("tests.rs"),
                file.with_extension("").join("tests.rs"),
            ];
            let tests = beside.map(|tests| fs::read_to_string(tests).unwrap_or_default());
            let text = format!("{own}{}", tests.concat());
            for rest in own.split("\npub fn ").skip(1) {
                let (name, _) = rest.split_once('(').unwrap();
                sentences += 1;
                if !is_called(name, &text) {
                    unseen.push(format!("{}: {name}", file.display()));
                }
            }
        }
        assert!(sentences > 200, "{sentences}");
        assert_eq!(unseen, Vec::<String>::new());
    }
}
