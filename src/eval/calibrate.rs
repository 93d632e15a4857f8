//! Where to draw the line between a question that is answered and one that is said to have no answer.

use serde::Serialize;

use super::metrics::share;

/// The most questions with an answer that may be refused: who is turned away wrongly stops asking.
const WRONGLY_AT_MOST: f64 = 0.05;
/// Thresholds that are tried, in hundredths.
const STEPS: u8 = 100;

/// What a search says of how well it did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    pub score: f32,
    /// A code of the question was found.
    pub exact: bool,
    /// How near the nearest passage is in meaning, -1 to 1; none without an embedding model.
    pub similarity: Option<f32>,
}

/// What a threshold does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Refusals {
    pub min_evidence: f32,
    /// Share of the questions with an answer that are refused, 0 to 1.
    pub with_an_answer: f64,
    /// The same of those without one.
    pub without_one: f64,
}

/// What the threshold does to questions with and without an answer.
#[must_use]
pub fn refusals(answerable: &[Evidence], unanswerable: &[Evidence], min_evidence: f32) -> Refusals {
    let refused = |searches: &[Evidence]| {
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

/// How near the nearest passages are in meaning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Nearness {
    /// Of the questions of which a tenth find nothing as near.
    pub tenth: f32,
    pub median: f32,
    /// Of those of which a tenth find something nearer.
    pub ninth_tenth: f32,
}

/// How near each question's nearest passage is; none without an embedding model.
#[must_use]
pub fn nearness(searches: &[Evidence]) -> Option<Nearness> {
    let mut near: Vec<f32> = searches
        .iter()
        .filter_map(|search| search.similarity)
        .collect();
    near.sort_by(f32::total_cmp);
    let at = |tenths: usize| near.get((near.len().max(1) - 1) * tenths / 10).copied();
    Some(Nearness {
        tenth: at(1)?,
        median: at(5)?,
        ninth_tenth: at(9)?,
    })
}

/// The threshold that refuses most questions without an answer while it refuses few enough of the others.
#[must_use]
pub fn best(answerable: &[Evidence], unanswerable: &[Evidence]) -> Refusals {
    let tried = (0..=STEPS).map(|step| {
        let threshold = f32::from(step) / f32::from(STEPS);
        refusals(answerable, unanswerable, threshold)
    });
    tried
        .filter(|tried| tried.with_an_answer <= WRONGLY_AT_MOST)
        // Of equals the lowest, which has most room before it turns someone away wrongly.
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

    fn searches(scores: &[f32]) -> Vec<Evidence> {
        let search = |score: &f32| Evidence {
            score: *score,
            exact: false,
            similarity: None,
        };
        scores.iter().map(search).collect()
    }

    #[test]
    fn the_best_threshold_refuses_most_without_turning_away_too_many() {
        let mut answerable = searches(&[0.9; 19]);
        answerable.extend(searches(&[0.3]));
        let unanswerable = searches(&[0.2, 0.4, 0.5, 0.95]);
        let best = best(&answerable, &unanswerable);
        assert!((best.min_evidence - 0.51).abs() < 1e-6, "{best:?}");
        assert!((best.with_an_answer - 0.05).abs() < 1e-9);
        assert!((best.without_one - 0.75).abs() < 1e-9);
    }

    #[test]
    fn who_names_a_code_that_is_there_is_not_refused() {
        let named = [Evidence {
            score: 0.0,
            exact: true,
            similarity: None,
        }];
        let refused = refusals(&named, &[], 1.0);
        assert!(refused.with_an_answer.abs() < 1e-9);
    }

    #[test]
    fn nearness_is_told_where_there_are_vectors() {
        let near = |similarity: f32| Evidence {
            score: 0.0,
            exact: false,
            similarity: Some(similarity),
        };
        let searches: Vec<Evidence> = (0..=10_u8)
            .rev()
            .map(|tenth| near(f32::from(tenth) / 10.0))
            .collect();
        let nearness = nearness(&searches).unwrap();
        assert_eq!(
            (nearness.tenth, nearness.median, nearness.ninth_tenth),
            (0.1, 0.5, 0.9)
        );
        assert_eq!(super::nearness(&[]), None);
    }
}
