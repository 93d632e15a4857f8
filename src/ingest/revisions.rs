//! Compares revisions of documents: which are current, which are superseded, and which contradict one another.
//!
//! Nothing is chosen silently: if two files claim the same revision, both stay current and the conflict is reported.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use super::catalog::{CatalogEntry, DocumentState};
use crate::domain::document::DocumentId;
use crate::domain::inconsistency::Inconsistency;
use crate::domain::revision::{self, Issue};

/// How the revisions of all documents relate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevisionReport {
    /// Documents of which a later revision is in force, each with that revision.
    pub superseded: BTreeMap<DocumentId, DocumentId>,
    pub conflicts: Vec<Conflict>,
}

/// Documents that contradict one another, or themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    pub kind: ConflictKind,
    /// Source and path of each.
    pub documents: Vec<String>,
    #[serde(serialize_with = "crate::runtime::encoding::as_display")]
    pub reason: Inconsistency,
}

/// The kind of a contradiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// Files of different names have the same content.
    SameContent,
    /// Several files claim to be the same revision of the same document.
    SameRevision,
    /// A later revision has an earlier date.
    Dates,
    /// A document does not fit its own name, or contradicts itself.
    Itself,
}

/// Compares all documents that were read, on the date `today`, as `YYYY-MM-DD`.
#[must_use]
pub fn compare_all(entries: &[CatalogEntry], today: &str) -> RevisionReport {
    let mut read: Vec<&CatalogEntry> = entries
        .iter()
        .filter(|entry| entry.state == DocumentState::Read)
        .collect();
    read.sort_by(|one, other| (&one.source, &one.path).cmp(&(&other.source, &other.path)));
    let mut report = RevisionReport::default();
    report.conflicts.extend(same_content(&read));
    let mut families: BTreeMap<(&str, String), Vec<&CatalogEntry>> = BTreeMap::new();
    for entry in &read {
        if let Some(name) = family(entry) {
            families
                .entry((&entry.collection, name))
                .or_default()
                .push(entry);
        }
        for inconsistency in &entry.inconsistencies {
            report.conflicts.push(Conflict {
                kind: ConflictKind::Itself,
                documents: vec![display_path(entry)],
                reason: inconsistency.clone(),
            });
        }
    }
    for family in families.into_values().filter(|family| family.len() > 1) {
        compare_family(&family, today, &mut report);
    }
    report
        .conflicts
        .sort_by(|one, other| (one.kind, &one.documents).cmp(&(other.kind, &other.documents)));
    report
}

/// Returns what all revisions of a document have in common: its number, or its title if it has none. None if it has neither
/// revision nor date.
fn family(entry: &CatalogEntry) -> Option<String> {
    entry.revision.as_ref().or(entry.effective.as_ref())?;
    let name = match &entry.number {
        Some(number) => &number.value,
        None => &entry.title,
    };
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    Some(letters.flat_map(char::to_lowercase).collect())
}

/// Compares the revisions of one document, which are in the order of their paths.
fn compare_family(family: &[&CatalogEntry], today: &str, report: &mut RevisionReport) {
    let Some((first, rest)) = family.split_first() else {
        return;
    };
    // Not by sorting: of three of which one has no date and another no revision, each may come after the next.
    let newest = rest.iter().fold(*first, |newest, entry| {
        let is_later = issue(entry).compare(issue(newest), today).is_gt();
        if is_later { entry } else { newest }
    });
    let mut contenders = vec![newest];
    for entry in family.iter().filter(|entry| entry.id != newest.id) {
        if issue(newest).compare(issue(entry), today) == Ordering::Greater {
            report
                .superseded
                .insert(entry.id.clone(), newest.id.clone());
        } else if entry.sha256 != newest.sha256 {
            contenders.push(entry);
        }
        let (Some(later), Some(earlier)) = (&newest.revision, &entry.revision) else {
            continue;
        };
        let have_dates = newest.effective.is_some() && entry.effective.is_some();
        let in_force = |entry: &CatalogEntry| {
            let date = entry.effective.as_ref();
            date.is_none_or(|date| date.value.as_str() <= today)
        };
        if have_dates
            && in_force(newest) == in_force(entry)
            && revision::compare(&later.value, &earlier.value) == Ordering::Less
        {
            report.conflicts.push(Conflict {
                kind: ConflictKind::Dates,
                documents: vec![display_path(newest), display_path(entry)],
                reason: Inconsistency::Dates {
                    later: later.value.clone(),
                    higher: earlier.value.clone(),
                },
            });
        }
    }
    if contenders.len() > 1 {
        report.conflicts.push(Conflict {
            kind: ConflictKind::SameRevision,
            documents: contenders.iter().map(|entry| display_path(entry)).collect(),
            reason: Inconsistency::SameRevision {
                revision: newest.revision.as_ref().map(|stated| stated.value.clone()),
                title: newest.title.clone(),
            },
        });
    }
}

/// Finds copies of one file under different names.
fn same_content<'a>(read: &[&'a CatalogEntry]) -> impl Iterator<Item = Conflict> + use<'a> {
    let mut copies: BTreeMap<&str, Vec<&CatalogEntry>> = BTreeMap::new();
    for entry in read {
        copies.entry(&entry.sha256).or_default().push(entry);
    }
    let several = copies.into_values().filter(|copies| copies.len() > 1);
    several.map(|copies| Conflict {
        kind: ConflictKind::SameContent,
        documents: copies.iter().map(|entry| display_path(entry)).collect(),
        reason: Inconsistency::SameContent {
            title: copies[0].title.clone(),
        },
    })
}

fn issue(entry: &CatalogEntry) -> Issue<'_> {
    Issue {
        revision: entry.revision.as_ref().map(|stated| stated.value.as_str()),
        effective: entry.effective.as_ref().map(|stated| stated.value.as_str()),
    }
}

fn display_path(entry: &CatalogEntry) -> String {
    format!("{}/{}", entry.source, entry.path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::inconsistency::PropertySource;
    use crate::extract::properties::Stated;

    fn entry(path: &str, revision: &str, effective: &str) -> CatalogEntry {
        let stated = |value: &str| {
            (!value.is_empty()).then(|| Stated {
                value: value.to_owned(),
                place: PropertySource::Footer,
            })
        };
        CatalogEntry {
            id: DocumentId(path.to_owned()),
            source: "sops".to_owned(),
            path: path.to_owned(),
            collection: "sops".to_owned(),
            file: path.into(),
            size: 1,
            modified: 1,
            sha256: path.to_owned(),
            settings: String::new(),
            state: DocumentState::Read,
            title: "Acid SOP".to_owned(),
            number: None,
            revision: stated(revision),
            effective: stated(effective),
            superseded_by: None,
            pages: 1,
            passages: 1,
            notes: Vec::new(),
            inconsistencies: Vec::new(),
            indexed_at: 1,
        }
    }

    fn superseded(report: &RevisionReport) -> Vec<(&str, &str)> {
        let pairs = report.superseded.iter();
        pairs
            .map(|(old, new)| (old.0.as_str(), new.0.as_str()))
            .collect()
    }

    #[test]
    fn the_newest_in_force_is_current() {
        let entries = [
            entry("a.pdf", "1.0", "2024-11-20"),
            entry("b.pdf", "1.1", "2025-05-22"),
            entry("c.pdf", "2.0", "2027-01-01"),
        ];
        let report = compare_all(&entries, "2026-01-01");
        assert_eq!(
            superseded(&report),
            [("a.pdf", "b.pdf"), ("c.pdf", "b.pdf")]
        );
        assert_eq!(report.conflicts, []);
        let later = compare_all(&entries, "2027-06-01");
        assert_eq!(superseded(&later), [("a.pdf", "c.pdf"), ("b.pdf", "c.pdf")]);
    }

    #[test]
    fn two_files_of_one_revision_both_stay_current_and_are_reported() {
        let report = compare_all(
            &[entry("a.pdf", "1.0", ""), entry("b.pdf", "1", "")],
            "2026-01-01",
        );
        assert_eq!(superseded(&report), []);
        assert_eq!(report.conflicts[0].kind, ConflictKind::SameRevision);
        assert_eq!(report.conflicts[0].documents, ["sops/a.pdf", "sops/b.pdf"]);
    }

    #[test]
    fn copies_and_inconsistencies_are_reported() {
        let copy = CatalogEntry {
            sha256: "a.pdf".to_owned(),
            inconsistencies: vec![Inconsistency::Other("its name says otherwise".to_owned())],
            ..entry("b.pdf", "1.0", "")
        };
        let report = compare_all(&[entry("a.pdf", "1.0", ""), copy], "2026-01-01");
        let kinds: Vec<ConflictKind> = report
            .conflicts
            .iter()
            .map(|conflict| conflict.kind)
            .collect();
        assert_eq!(kinds, [ConflictKind::SameContent, ConflictKind::Itself]);
    }

    #[test]
    fn a_higher_revision_with_an_earlier_date_is_reported() {
        let entries = [
            entry("a.pdf", "2", "2024-01-01"),
            entry("b.pdf", "1", "2025-01-01"),
        ];
        let report = compare_all(&entries, "2026-01-01");
        assert_eq!(superseded(&report), [("a.pdf", "b.pdf")]);
        assert_eq!(report.conflicts[0].kind, ConflictKind::Dates);
    }

    #[test]
    fn other_collections_and_other_documents_are_left_alone() {
        let elsewhere = CatalogEntry {
            collection: "other".to_owned(),
            ..entry("a.pdf", "1", "")
        };
        let another = CatalogEntry {
            title: "Base SOP".to_owned(),
            ..entry("b.pdf", "1", "")
        };
        let report = compare_all(&[elsewhere, another, entry("c.pdf", "2", "")], "2026-01-01");
        assert_eq!(report, RevisionReport::default());
    }

    proptest! {
        #[test]
        fn in_any_order_the_newest_stays_current_and_supersedes_the_rest(
            stated in proptest::collection::vec(
                (prop::option::of(0_u8..12), prop::option::of(1_u8..29)),
                1..40,
            ),
            seed in any::<u64>(),
        ) {
            let entries: Vec<CatalogEntry> = (0..)
                .zip(&stated)
                .map(|(number, (revision, day))| {
                    let revision = revision.map(|revision| revision.to_string());
                    let date = day.map(|day| format!("2025-01-{day:02}"));
                    entry(
                        &format!("{number:02}.pdf"),
                        revision.as_deref().unwrap_or_default(),
                        date.as_deref().unwrap_or_default(),
                    )
                })
                .collect();
            let report = compare_all(&entries, "2025-01-15");
            for newer in report.superseded.values() {
                prop_assert!(!report.superseded.contains_key(newer), "{report:?}");
            }
            prop_assert!(report.superseded.len() < entries.len());

            let mut mixed = entries.clone();
            mixed.sort_by_key(|entry| {
                use std::hash::{DefaultHasher, Hash, Hasher};
                let mut hasher = DefaultHasher::new();
                (seed, &entry.path).hash(&mut hasher);
                hasher.finish()
            });
            prop_assert_eq!(compare_all(&mixed, "2025-01-15"), report);
        }
    }
}
