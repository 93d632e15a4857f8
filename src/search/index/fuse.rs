//! Several ranked lists in one.

use std::collections::HashMap;

use super::{Found, Hit};
use crate::domain::passage::{Passage, PassageId};

/// Flattens the weight of ranks in fusion; the value of the method's paper (Cormack et al., SIGIR 2009).
const RANK_CONSTANT: f32 = 60.0;

/// Whether a code of the question was found, letter for letter.
#[must_use]
pub fn names_something_exact(found: &Found) -> bool {
    found.hits.iter().any(|hit| hit.exact)
}

/// Both lists in one, by reciprocal rank; exact hits stay in front.
#[must_use]
pub fn fused(first: Found, second: Found) -> Found {
    let mut merged: HashMap<PassageId, Hit> = HashMap::new();
    for hits in [first.hits, second.hits] {
        add(&mut merged, hits);
    }
    Found {
        hits: in_order(merged),
        similarity: nearer(first.similarity, second.similarity),
        ..second
    }
}

fn nearer(one: Option<f32>, other: Option<f32>) -> Option<f32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

/// The same list with the hits that meet a wish further in front: as if a second search had found only those, the
/// ones that meet more first.
#[must_use]
pub fn preferring(found: Found, wishes_met: impl Fn(&Passage) -> usize) -> Found {
    let mut wished: Vec<Hit> = found.hits.clone();
    wished.retain(|hit| wishes_met(&hit.passage) > 0);
    wished.sort_by_key(|hit| std::cmp::Reverse(wishes_met(&hit.passage)));
    if wished.is_empty() {
        return found;
    }
    let mut merged = HashMap::new();
    add(&mut merged, found.hits);
    add(&mut merged, wished);
    Found {
        hits: in_order(merged),
        ..found
    }
}

fn add(merged: &mut HashMap<PassageId, Hit>, hits: Vec<Hit>) {
    let mut rank = RANK_CONSTANT;
    for hit in hits {
        rank += 1.0;
        let entry = merged.entry(hit.passage.id.clone()).or_insert(Hit {
            score: 0.0,
            exact: false,
            passage: hit.passage.clone(),
        });
        entry.score += 1.0 / rank;
        entry.exact |= hit.exact;
    }
}

fn in_order(merged: HashMap<PassageId, Hit>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = merged.into_values().collect();
    hits.sort_by(|one, other| {
        let by_score = other.score.total_cmp(&one.score);
        other
            .exact
            .cmp(&one.exact)
            .then(by_score)
            .then_with(|| one.passage.id.cmp(&other.passage.id))
    });
    hits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    fn hit(id: &str, exact: bool) -> Hit {
        let mut passage = sample::passage("doc", "text");
        passage.id = PassageId(id.to_owned());
        Hit {
            passage,
            score: 1.0,
            exact,
        }
    }

    fn found(hits: Vec<Hit>) -> Found {
        Found {
            hits,
            ..Found::default()
        }
    }

    fn order(found: &Found) -> Vec<&str> {
        let ids = found.hits.iter().map(|hit| hit.passage.id.0.as_str());
        ids.collect()
    }

    #[test]
    fn fusion_prefers_what_both_found_and_keeps_exact_hits_in_front() {
        let together = found(vec![hit("a", false), hit("b", false), hit("c", false)]);
        let alone = found(vec![hit("x", true), hit("c", false)]);
        let fused = fused(together, alone);
        assert_eq!(order(&fused), ["x", "c", "a", "b"]);
    }

    #[test]
    fn a_wish_moves_hits_forward_and_drops_none() {
        let hits = || {
            vec![
                hit("a", false),
                hit("b", false),
                hit("c", false),
                hit("d", false),
            ]
        };
        let preferred = preferring(found(hits()), |passage| usize::from(passage.id.0 == "d"));
        assert_eq!(order(&preferred), ["d", "a", "b", "c"]);
        let without = preferring(found(hits()), |_| 0);
        assert_eq!(order(&without), ["a", "b", "c", "d"]);
    }
}
