//! Which documents are revisions of one another, which of them is current, and what contradicts itself.
//!
//! Nothing is chosen in silence: where two files claim the same, both stay current and the conflict is reported.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use super::catalog::{Entry, State};
use crate::domain::document::DocumentId;
use crate::domain::doubt::Doubt;
use crate::domain::revision::{self, Issue};

/// How the documents stand to one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The documents of which a later revision is in force, each with that one.
    pub superseded: BTreeMap<DocumentId, DocumentId>,
    pub conflicts: Vec<Conflict>,
}

/// Documents that contradict one another, or themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    pub kind: Kind,
    /// As they are named in reports: source and path.
    pub documents: Vec<String>,
    #[serde(serialize_with = "crate::runtime::encoding::as_words")]
    pub reason: Doubt,
}

/// What kind of contradiction it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Files of different names hold the same bytes.
    SameContent,
    /// Several files claim to be the same revision of the same document.
    SameRevision,
    /// A later revision has an earlier date.
    Dates,
    /// A document does not fit its own name, or says different things of itself.
    Itself,
}

/// Judges all documents that were read, on the date `today`, as `YYYY-MM-DD`.
#[must_use]
pub fn judge(entries: &[Entry], today: &str) -> Standing {
    let mut read: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.state == State::Read)
        .collect();
    read.sort_by(|one, other| (&one.source, &one.path).cmp(&(&other.source, &other.path)));
    let mut standing = Standing::default();
    standing.conflicts.extend(same_content(&read));
    let mut families: BTreeMap<(&str, String), Vec<&Entry>> = BTreeMap::new();
    for entry in &read {
        if let Some(name) = family(entry) {
            families
                .entry((&entry.collection, name))
                .or_default()
                .push(entry);
        }
        for doubt in &entry.doubts {
            standing.conflicts.push(Conflict {
                kind: Kind::Itself,
                documents: vec![shown(entry)],
                reason: doubt.clone(),
            });
        }
    }
    for family in families.into_values().filter(|family| family.len() > 1) {
        judge_family(&family, today, &mut standing);
    }
    standing
        .conflicts
        .sort_by(|one, other| (one.kind, &one.documents).cmp(&(other.kind, &other.documents)));
    standing
}

/// What all revisions of one document have in common: its number, or its title where it has none. None where nothing
/// tells revisions apart.
fn family(entry: &Entry) -> Option<String> {
    entry.revision.as_ref().or(entry.effective.as_ref())?;
    let name = match &entry.number {
        Some(number) => &number.value,
        None => &entry.title,
    };
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    Some(letters.flat_map(char::to_lowercase).collect())
}

/// `family` has its members in the order of their paths.
fn judge_family(family: &[&Entry], today: &str, standing: &mut Standing) {
    let Some((first, rest)) = family.split_first() else {
        return;
    };
    // Not by sorting: of three of which one has no date and another no revision, each may come after the next.
    let newest = rest.iter().fold(*first, |newest, entry| {
        let is_later = issue(entry).compare(issue(newest), today).is_gt();
        if is_later { entry } else { newest }
    });
    let mut rivals = vec![newest];
    for entry in family.iter().filter(|entry| entry.id != newest.id) {
        if issue(newest).compare(issue(entry), today) == Ordering::Greater {
            standing
                .superseded
                .insert(entry.id.clone(), newest.id.clone());
        } else if entry.sha256 != newest.sha256 {
            rivals.push(entry);
        }
        let (Some(later), Some(earlier)) = (&newest.revision, &entry.revision) else {
            continue;
        };
        let dated = newest.effective.is_some() && entry.effective.is_some();
        let in_force = |entry: &Entry| {
            let date = entry.effective.as_ref();
            date.is_none_or(|date| date.value.as_str() <= today)
        };
        if dated
            && in_force(newest) == in_force(entry)
            && revision::compare(&later.value, &earlier.value) == Ordering::Less
        {
            standing.conflicts.push(Conflict {
                kind: Kind::Dates,
                documents: vec![shown(newest), shown(entry)],
                reason: Doubt::Dates {
                    later: later.value.clone(),
                    higher: earlier.value.clone(),
                },
            });
        }
    }
    if rivals.len() > 1 {
        standing.conflicts.push(Conflict {
            kind: Kind::SameRevision,
            documents: rivals.iter().map(|entry| shown(entry)).collect(),
            reason: Doubt::SameRevision {
                revision: newest.revision.as_ref().map(|stated| stated.value.clone()),
                title: newest.title.clone(),
            },
        });
    }
}

/// Files that are copies of one another although their names differ.
fn same_content<'a>(read: &[&'a Entry]) -> impl Iterator<Item = Conflict> + use<'a> {
    let mut copies: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in read {
        copies.entry(&entry.sha256).or_default().push(entry);
    }
    let several = copies.into_values().filter(|copies| copies.len() > 1);
    several.map(|copies| Conflict {
        kind: Kind::SameContent,
        documents: copies.iter().map(|entry| shown(entry)).collect(),
        reason: Doubt::SameContent {
            title: copies[0].title.clone(),
        },
    })
}

fn issue(entry: &Entry) -> Issue<'_> {
    Issue {
        revision: entry.revision.as_ref().map(|stated| stated.value.as_str()),
        effective: entry.effective.as_ref().map(|stated| stated.value.as_str()),
    }
}

fn shown(entry: &Entry) -> String {
    format!("{}/{}", entry.source, entry.path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::doubt::Place;
    use crate::extract::properties::Stated;

    fn entry(path: &str, revision: &str, effective: &str) -> Entry {
        let stated = |value: &str| {
            (!value.is_empty()).then(|| Stated {
                value: value.to_owned(),
                place: Place::Footer,
            })
        };
        Entry {
            id: DocumentId(path.to_owned()),
            source: "sops".to_owned(),
            path: path.to_owned(),
            collection: "sops".to_owned(),
            file: path.into(),
            size: 1,
            modified: 1,
            sha256: path.to_owned(),
            settings: String::new(),
            state: State::Read,
            title: "Acid SOP".to_owned(),
            number: None,
            revision: stated(revision),
            effective: stated(effective),
            superseded_by: None,
            pages: 1,
            passages: 1,
            notes: Vec::new(),
            doubts: Vec::new(),
            indexed_at: 1,
        }
    }

    fn superseded(standing: &Standing) -> Vec<(&str, &str)> {
        let pairs = standing.superseded.iter();
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
        let standing = judge(&entries, "2026-01-01");
        assert_eq!(
            superseded(&standing),
            [("a.pdf", "b.pdf"), ("c.pdf", "b.pdf")]
        );
        assert_eq!(standing.conflicts, []);
        let later = judge(&entries, "2027-06-01");
        assert_eq!(superseded(&later), [("a.pdf", "c.pdf"), ("b.pdf", "c.pdf")]);
    }

    #[test]
    fn two_files_of_one_revision_both_stay_and_are_reported() {
        let standing = judge(
            &[entry("a.pdf", "1.0", ""), entry("b.pdf", "1", "")],
            "2026-01-01",
        );
        assert_eq!(superseded(&standing), []);
        assert_eq!(standing.conflicts[0].kind, Kind::SameRevision);
        assert_eq!(
            standing.conflicts[0].documents,
            ["sops/a.pdf", "sops/b.pdf"]
        );
    }

    #[test]
    fn copies_and_doubts_are_reported() {
        let copy = Entry {
            sha256: "a.pdf".to_owned(),
            doubts: vec![Doubt::Told("its name says otherwise".to_owned())],
            ..entry("b.pdf", "1.0", "")
        };
        let standing = judge(&[entry("a.pdf", "1.0", ""), copy], "2026-01-01");
        let kinds: Vec<Kind> = standing
            .conflicts
            .iter()
            .map(|conflict| conflict.kind)
            .collect();
        assert_eq!(kinds, [Kind::SameContent, Kind::Itself]);
    }

    #[test]
    fn a_higher_revision_with_an_earlier_date_is_reported() {
        let entries = [
            entry("a.pdf", "2", "2024-01-01"),
            entry("b.pdf", "1", "2025-01-01"),
        ];
        let standing = judge(&entries, "2026-01-01");
        assert_eq!(superseded(&standing), [("a.pdf", "b.pdf")]);
        assert_eq!(standing.conflicts[0].kind, Kind::Dates);
    }

    #[test]
    fn other_collections_and_other_documents_are_left_alone() {
        let elsewhere = Entry {
            collection: "other".to_owned(),
            ..entry("a.pdf", "1", "")
        };
        let another = Entry {
            title: "Base SOP".to_owned(),
            ..entry("b.pdf", "1", "")
        };
        let standing = judge(&[elsewhere, another, entry("c.pdf", "2", "")], "2026-01-01");
        assert_eq!(standing, Standing::default());
    }

    proptest! {
        #[test]
        fn in_whatever_order_they_come_the_newest_stays_and_supersedes_the_rest(
            stated in proptest::collection::vec(
                (prop::option::of(0_u8..12), prop::option::of(1_u8..29)),
                1..40,
            ),
            seed in any::<u64>(),
        ) {
            let entries: Vec<Entry> = (0..)
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
            let standing = judge(&entries, "2025-01-15");
            for newer in standing.superseded.values() {
                prop_assert!(!standing.superseded.contains_key(newer), "{standing:?}");
            }
            prop_assert!(standing.superseded.len() < entries.len());

            let mut mixed = entries.clone();
            mixed.sort_by_key(|entry| {
                use std::hash::{DefaultHasher, Hash, Hasher};
                let mut hasher = DefaultHasher::new();
                (seed, &entry.path).hash(&mut hasher);
                hasher.finish()
            });
            prop_assert_eq!(judge(&mixed, "2025-01-15"), standing);
        }
    }
}
