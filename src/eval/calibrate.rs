//! Chooses the answerability threshold below which questions are refused.

use serde::Serialize;

use super::metrics::share;
use super::quantile::nearest_rank;

/// Maximum share of answerable questions that may be refused.
const MAX_WRONG_REFUSALS: f64 = 0.05;
/// Number of steps between the thresholds 0 and 1.
const STEPS: u8 = 100;

/// The evidence that a search found for an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchEvidence {
    pub score: f32,
    /// Whether a code of the question was found.
    pub exact: bool,
    /// Cosine similarity of the nearest passage, -1 to 1; `None` without an embedding model.
    pub similarity: Option<f32>,
}

/// The effect of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Refusals {
    pub min_evidence: f32,
    /// Share of refused questions among those with an answer, 0 to 1.
    pub with_an_answer: f64,
    /// Share of refused questions among those without an answer, 0 to 1.
    pub without_one: f64,
}

/// Returns the refusals at a threshold.
#[must_use]
pub fn refusals(
    answerable: &[SearchEvidence],
    unanswerable: &[SearchEvidence],
    min_evidence: f32,
) -> Refusals {
    let refused = |searches: &[SearchEvidence]| {
        let refused = searches
            .iter()
            .filter(|search| !search.exact && search.score < min_evidence);
        share(refused.count(), searches.len())
    };
    Refusals {
        min_evidence,
        with_an_answer: refused(answerable),
        without_one: refused(unanswerable),
    }
}

/// 10 %, 50 % and 90 % quantiles of the similarity of each question's nearest passage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SimilarityQuantiles {
    pub tenth: f32,
    pub median: f32,
    pub ninth_tenth: f32,
}

/// Returns the quantiles of the similarity of each question's nearest passage; `None` without an embedding model.
#[must_use]
pub fn similarity_quantiles(searches: &[SearchEvidence]) -> Option<SimilarityQuantiles> {
    let mut similarities: Vec<f32> = searches
        .iter()
        .filter_map(|search| search.similarity)
        .collect();
    similarities.sort_by(f32::total_cmp);
    Some(SimilarityQuantiles {
        tenth: nearest_rank(&similarities, 10)?,
        median: nearest_rank(&similarities, 50)?,
        ninth_tenth: nearest_rank(&similarities, 90)?,
    })
}

/// Returns the threshold with most refusals of unanswerable questions and acceptably few of answerable ones.
#[must_use]
pub fn best(answerable: &[SearchEvidence], unanswerable: &[SearchEvidence]) -> Refusals {
    let tried = (0..=STEPS).map(|step| {
        let threshold = f32::from(step) / f32::from(STEPS);
        refusals(answerable, unanswerable, threshold)
    });
    tried
        .filter(|tried| tried.with_an_answer <= MAX_WRONG_REFUSALS)
        // Of equal thresholds the lowest, which is least likely to refuse wrongly.
        .reduce(|best, tried| {
            if tried.without_one > best.without_one {
                tried
            } else {
                best
            }
        })
        .unwrap_or_else(|| refusals(answerable, unanswerable, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searches(scores: &[f32]) -> Vec<SearchEvidence> {
        let search = |score: &f32| SearchEvidence {
            score: *score,
            exact: false,
            similarity: None,
        };
        scores.iter().map(search).collect()
    }

    #[test]
    fn the_best_threshold_refuses_most_without_too_many_wrong_refusals() {
        let mut answerable = searches(&[0.9; 19]);
        answerable.extend(searches(&[0.3]));
        let unanswerable = searches(&[0.2, 0.4, 0.5, 0.95]);
        let best = best(&answerable, &unanswerable);
        assert!((best.min_evidence - 0.51).abs() < 1e-6, "{best:?}");
        assert!((best.with_an_answer - 0.05).abs() < 1e-9);
        assert!((best.without_one - 0.75).abs() < 1e-9);
    }

    #[test]
    fn a_question_with_a_code_that_was_found_is_not_refused() {
        let named = [SearchEvidence {
            score: 0.0,
            exact: true,
            similarity: None,
        }];
        let refused = refusals(&named, &[], 1.0);
        assert!(refused.with_an_answer.abs() < 1e-9);
    }

    #[test]
    fn similarity_has_quantiles_if_there_are_vectors() {
        let near = |similarity: f32| SearchEvidence {
            score: 0.0,
            exact: false,
            similarity: Some(similarity),
        };
        let searches: Vec<SearchEvidence> = (1..=10_u8)
            .rev()
            .map(|tenth| near(f32::from(tenth) / 10.0))
            .collect();
        let quantiles = similarity_quantiles(&searches).unwrap();
        assert_eq!(
            (quantiles.tenth, quantiles.median, quantiles.ninth_tenth),
            (0.1, 0.5, 0.9)
        );
        assert_eq!(super::similarity_quantiles(&[]), None);
    }
}
