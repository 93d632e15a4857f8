//! Merges ranked lists into one.

use std::collections::HashMap;

use super::{Hit, SearchResults};
use crate::domain::passage::{Passage, PassageId};
use crate::domain::search_params::FusionParams;

/// Whether a code of the question was found exactly.
#[must_use]
pub fn has_exact_hit(results: &SearchResults) -> bool {
    results.hits.iter().any(|hit| hit.exact)
}

/// Merges two lists by reciprocal rank; exact hits stay in front. The terms are those of the second.
#[must_use]
pub fn fuse(first: SearchResults, second: SearchResults, params: FusionParams) -> SearchResults {
    let mut merged: HashMap<PassageId, Hit> = HashMap::new();
    for hits in [first.hits, second.hits] {
        add(&mut merged, hits, params);
    }
    SearchResults {
        hits: sorted(merged),
        similarity: max(first.similarity, second.similarity),
        ..second
    }
}

fn max(one: Option<f32>, other: Option<f32>) -> Option<f32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

/// Moves hits that match hints forward by fusion with a second list of only those hits, the ones with more matches
/// first. No hit is dropped.
#[must_use]
pub fn boost(
    results: SearchResults,
    params: FusionParams,
    hints_matched: impl Fn(&Passage) -> usize,
) -> SearchResults {
    let mut matching: Vec<Hit> = results.hits.clone();
    matching.retain(|hit| hints_matched(&hit.passage) > 0);
    matching.sort_by_key(|hit| std::cmp::Reverse(hints_matched(&hit.passage)));
    if matching.is_empty() {
        return results;
    }
    let mut merged = HashMap::new();
    add(&mut merged, results.hits, params);
    add(&mut merged, matching, params);
    SearchResults {
        hits: sorted(merged),
        ..results
    }
}

fn add(merged: &mut HashMap<PassageId, Hit>, hits: Vec<Hit>, params: FusionParams) {
    let mut rank = params.rank_constant;
    for hit in hits {
        rank += 1.0;
        let entry = merged.entry(hit.passage.id.clone()).or_insert(Hit {
            score: 0.0,
            word_score: None,
            vector_score: None,
            exact: false,
            passage: hit.passage.clone(),
        });
        entry.score += 1.0 / rank;
        entry.word_score = max(entry.word_score, hit.word_score);
        entry.vector_score = max(entry.vector_score, hit.vector_score);
        entry.exact |= hit.exact;
    }
}

fn sorted(merged: HashMap<PassageId, Hit>) -> Vec<Hit> {
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

    const PARAMS: FusionParams = FusionParams::DEFAULT;

    fn hit(id: &str, exact: bool) -> Hit {
        let mut passage = sample::passage("doc", "text");
        passage.id = PassageId(id.to_owned());
        Hit {
            passage,
            score: 1.0,
            word_score: Some(1.0),
            vector_score: None,
            exact,
        }
    }

    fn results(hits: Vec<Hit>) -> SearchResults {
        SearchResults {
            hits,
            ..SearchResults::default()
        }
    }

    fn order(results: &SearchResults) -> Vec<&str> {
        let ids = results.hits.iter().map(|hit| hit.passage.id.0.as_str());
        ids.collect()
    }

    #[test]
    fn fusion_prefers_what_both_found_and_keeps_exact_hits_in_front() {
        let first = results(vec![hit("a", false), hit("b", false), hit("c", false)]);
        let second = results(vec![hit("x", true), hit("c", false)]);
        let fused = fuse(first, second, PARAMS);
        assert_eq!(order(&fused), ["x", "c", "a", "b"]);
    }

    #[test]
    fn the_rank_constant_decides_between_one_high_rank_and_two_low_ones() {
        let lists = || {
            let first = results(vec![hit("top", false), hit("a", false), hit("both", false)]);
            let second = results(vec![hit("b", false), hit("c", false), hit("both", false)]);
            (first, second)
        };
        let first_with = |rank_constant: f32| {
            let (first, second) = lists();
            let fused = fuse(first, second, FusionParams { rank_constant });
            fused.hits[0].passage.id.0.clone()
        };
        assert_eq!(first_with(60.0), "both");
        assert_ne!(first_with(0.0), "both");
    }

    #[test]
    fn a_hint_moves_hits_forward_and_drops_none() {
        let hits = || {
            vec![
                hit("a", false),
                hit("b", false),
                hit("c", false),
                hit("d", false),
            ]
        };
        let boosted = boost(results(hits()), PARAMS, |passage| {
            usize::from(passage.id.0 == "d")
        });
        assert_eq!(order(&boosted), ["d", "a", "b", "c"]);
        let without = boost(results(hits()), PARAMS, |_| 0);
        assert_eq!(order(&without), ["a", "b", "c", "d"]);
    }
}
