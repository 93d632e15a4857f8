//! Handles outdated revisions among the results.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::domain::document::Document;
use crate::domain::passage::Passage;
use crate::domain::revision::Issue;

/// Drops passages of superseded documents. Of several revisions, moves passages of outdated ones to the end, and drops
/// those whose section was also found in the newer revision. If the question names the older revision, its passages stay
/// unchanged.
pub(super) fn demote_outdated(passages: Vec<Passage>, question: &str, today: &str) -> Vec<Passage> {
    let passages: Vec<Passage> = passages
        .into_iter()
        .filter(|passage| {
            !passage.document.superseded || names_revision(question, &passage.document)
        })
        .collect();
    let mut newest: HashMap<String, Document> = HashMap::new();
    for document in passages.iter().map(|passage| &passage.document) {
        let Some(name) = family(document) else {
            continue;
        };
        newest
            .entry(name)
            .and_modify(|known| {
                if compare(document, known, today) == Ordering::Greater {
                    *known = document.clone();
                }
            })
            .or_insert_with(|| document.clone());
    }
    let is_outdated = |passage: &Passage| {
        let document = &passage.document;
        family(document)
            .and_then(|name| newest.get(&name))
            .is_some_and(|newest| {
                compare(document, newest, today) == Ordering::Less
                    && !names_revision(question, document)
            })
    };
    let (outdated, mut current): (Vec<_>, Vec<_>) = passages.into_iter().partition(is_outdated);
    let replaced = |passage: &Passage| {
        current.iter().any(|newer| {
            family(&newer.document) == family(&passage.document)
                && newer.section().is_some()
                && newer.section() == passage.section()
        })
    };
    let kept: Vec<Passage> = outdated
        .into_iter()
        .filter(|passage| !replaced(passage))
        .collect();
    current.extend(kept);
    current
}

/// Returns what the revisions of one document share: its number, or its title if it has none.
fn family(document: &Document) -> Option<String> {
    document.revision.as_ref().or(document.effective.as_ref())?;
    let name = document.number.as_ref().unwrap_or(&document.title);
    Some(name.split_whitespace().collect::<String>().to_lowercase())
}

fn compare(one: &Document, other: &Document, today: &str) -> Ordering {
    let issue = |document| {
        let Document {
            revision,
            effective,
            ..
        }: &Document = document;
        Issue {
            revision: revision.as_deref(),
            effective: effective.as_deref(),
        }
    };
    issue(one).compare(issue(other), today)
}

fn names_revision(question: &str, document: &Document) -> bool {
    let Some(revision) = document.revision.as_deref().map(str::to_lowercase) else {
        return false;
    };
    let question = question.to_lowercase();
    [
        "rev. ",
        "rev ",
        "rev.",
        "revision ",
        "개정 ",
        "버전 ",
        "version ",
    ]
    .iter()
    .any(|label| {
        question
            .match_indices(&format!("{label}{revision}"))
            .any(|(at, found)| {
                let after = question[at + found.len()..].chars().next();
                !after.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '.')
                    || question[at + found.len()..].starts_with(". ")
                    || question[at + found.len()..] == *"."
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    fn revision(revision: &str, effective: Option<&str>, section: &str, text: &str) -> Passage {
        let mut passage = sample::passage("HX7-OM-001", text);
        passage.document.revision = Some(revision.to_owned());
        passage.document.effective = effective.map(str::to_owned);
        passage.headings = vec![section.to_owned()];
        passage
    }

    fn texts(passages: &[Passage]) -> Vec<&str> {
        passages
            .iter()
            .map(|passage| passage.text.as_str())
            .collect()
    }

    #[test]
    fn an_outdated_revision_is_replaced_by_the_newer_one() {
        let other = sample::passage("SOP-7", "other");
        let found = vec![
            revision("B", None, "Baking", "bake at 1000"),
            revision("B", None, "Storage", "store dry"),
            revision("C", None, "Baking", "bake at 1050"),
            other,
        ];
        let kept = demote_outdated(found.clone(), "At what temperature?", "2026-01-01");
        assert_eq!(texts(&kept), ["bake at 1050", "other", "store dry"]);
        let asked_for = demote_outdated(found, "What did rev B say?", "2026-01-01");
        assert_eq!(
            texts(&asked_for),
            ["bake at 1000", "store dry", "bake at 1050", "other"]
        );
    }

    #[test]
    fn a_superseded_document_is_used_only_if_the_question_names_it() {
        let mut old = revision("B", None, "Storage", "store dry");
        old.document.superseded = true;
        let found = vec![old, sample::passage("SOP-7", "other")];
        let kept = demote_outdated(found.clone(), "How is it stored?", "2026-01-01");
        assert_eq!(texts(&kept), ["other"]);
        let asked_for = demote_outdated(found, "How was it stored in rev B?", "2026-01-01");
        assert_eq!(texts(&asked_for), ["store dry", "other"]);
    }

    #[test]
    fn a_revision_is_current_only_from_its_date_on() {
        let found = vec![
            revision("D", Some("2027-01-01"), "Baking", "future"),
            revision("C", Some("2025-01-01"), "Baking", "present"),
        ];
        assert_eq!(
            texts(&demote_outdated(found.clone(), "", "2026-06-01")),
            ["present"]
        );
        assert_eq!(texts(&demote_outdated(found, "", "2027-01-01")), ["future"]);
    }
}
