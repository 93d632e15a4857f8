//! The order of revisions.

use std::cmp::Ordering;

/// Compares revisions as printed: numbers part by part by value, so that 1.10 comes after 1.9; letters with Z before AA;
/// labels such as `rev.` are ignored.
#[must_use]
pub fn compare(one: &str, other: &str) -> Ordering {
    parts(one).cmp(&parts(other))
}

/// What distinguishes the revisions of one document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Issue<'a> {
    pub revision: Option<&'a str>,
    /// Date from which it is effective, as `YYYY-MM-DD`.
    pub effective: Option<&'a str>,
}

impl Issue<'_> {
    /// Orders issues on the date `today`, as `YYYY-MM-DD`: one that is not in force yet comes before all others, then the
    /// date decides, then the revision.
    #[must_use]
    pub fn compare(self, other: Self, today: &str) -> Ordering {
        let in_force = |issue: Self| issue.effective.is_none_or(|date| date <= today);
        let dates = match (self.effective, other.effective) {
            (Some(one), Some(other)) => one.cmp(other),
            _ => Ordering::Equal,
        };
        let revisions = match (self.revision, other.revision) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        };
        in_force(self)
            .cmp(&in_force(other))
            .then(dates)
            .then(revisions)
    }
}

fn parts(revision: &str) -> Vec<(usize, String)> {
    let revision = revision.to_lowercase();
    let revision = ["revision", "rev.", "rev", "v"]
        .iter()
        .find_map(|label| revision.strip_prefix(label))
        .unwrap_or(&revision);
    let mut parts: Vec<(usize, String)> = revision
        .split(['.', '-', ' ', '_'])
        .filter(|part| !part.is_empty())
        .map(|part| part.trim_start_matches('0'))
        .map(|part| (part.len(), part.to_owned()))
        .collect();
    // 2 and 2.0 are the same revision.
    while parts.len() > 1 && parts.last().is_some_and(|(length, _)| *length == 0) {
        parts.pop();
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn revisions_are_ordered_as_they_are_issued() {
        for (one, other) in [
            ("1.9", "1.10"),
            ("B", "C"),
            ("Z", "AA"),
            ("rev. 2", "3"),
            ("1", "1.1"),
            ("0", "1"),
        ] {
            assert_eq!(compare(one, other), Ordering::Less, "{one} {other}");
        }
        assert_eq!(compare("v1.0", "1"), Ordering::Equal);
        assert_eq!(compare("Rev C", "c"), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn the_order_of_revisions_is_total(
            revisions in proptest::collection::vec("(rev\\.? ?|v)?[0-9A-Ca-c]{1,2}([.-][0-9]{1,2}){0,2}", 3),
        ) {
            let [one, two, three] = [&revisions[0], &revisions[1], &revisions[2]];
            prop_assert_eq!(compare(one, two), compare(two, one).reverse());
            if compare(one, two).is_le() && compare(two, three).is_le() {
                prop_assert!(compare(one, three).is_le(), "{one} {two} {three}");
            }
        }

        #[test]
        fn parts_of_a_revision_are_compared_by_value(major in 0_u16..30, one in 0_u16..120, other in 0_u16..120) {
            let revision = |minor: u16| format!("{major}.{minor}");
            prop_assert_eq!(compare(&revision(one), &revision(other)), one.cmp(&other));
        }
    }
}
