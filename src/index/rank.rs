//! What a question looks for, and how well passages fit it: the one scoring of every engine.
//!
//! An engine finds candidates and says where in them the sought terms stand; everything after that happens here.

pub(super) mod score;

use std::collections::{BTreeSet, HashMap};

use self::score::{Measure, Occurrences};
use super::Query;
use crate::analysis::{self, Asked};

/// Questions are cut to so many different terms; a pasted log has thousands.
const MOST_TERMS: usize = 64;
/// A code in more passages than this is the name of something that is everywhere, such as a document's number.
pub(super) const CODE_PASSAGES: u64 = 40;
/// A passage with a code of the question stands before all others: no sum of BM25 scores comes near this.
const CODE_SCORE: f32 = 1000.0;

/// A term of a question.
#[derive(Clone, Debug)]
pub(super) struct Sought {
    pub(super) term: String,
    /// How much it counts beside the others.
    pub(super) weight: f32,
    /// How much it tells a passage from others: its weighted inverse document frequency.
    pub(super) telling: f32,
    /// Whether the next one comes after it in the question.
    followed: bool,
}

/// What a question looks for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) terms: Vec<Sought>,
    pub(super) codes: BTreeSet<String>,
}

/// A passage that may be what is looked for.
#[derive(Clone, Debug)]
pub(super) struct Candidate<K> {
    /// What the engine knows it by.
    pub(super) key: K,
    pub(super) occurrences: Occurrences,
    /// How many of the codes it names, and how many of them it explains, as where they lead their line.
    pub(super) codes: usize,
}

/// A candidate with its place.
#[derive(Clone, Debug)]
pub(super) struct Ranked<K> {
    pub(super) key: K,
    pub(super) score: f32,
    pub(super) exact: bool,
}

impl Wanted {
    pub(super) fn of(query: &Query<'_>) -> Self {
        let asked = analysis::asked(query.text);
        let terms = asked.into_iter().take(MOST_TERMS);
        let mut terms: Vec<Sought> = terms
            .map(|Asked { term, weight }| Sought {
                term,
                weight,
                telling: 0.0,
                followed: true,
            })
            .collect();
        if let Some(last) = terms.last_mut() {
            last.followed = false;
        }
        let codes = analysis::codes(query.text);
        Self {
            terms,
            codes: codes.into_iter().map(|code| code.name).collect(),
        }
    }

    /// Says how telling each term is, given the number of all passages and of those that hold it.
    pub(super) fn weigh(&mut self, all: u64, holding: impl IntoIterator<Item = u64>) {
        for (sought, holding) in self.terms.iter_mut().zip(holding) {
            sought.telling = sought.weight * inverse_frequency(all, holding);
        }
    }

    /// Keeps the codes that tell one thing from others.
    pub(super) fn keep_codes(&mut self, holding: &HashMap<String, u64>) {
        self.codes
            .retain(|code| (1..=CODE_PASSAGES).contains(holding.get(code).unwrap_or(&0)));
    }

    /// The candidates that fit, best first, and how much of the question the first of them holds, 0 to 1.
    pub(super) fn rank<K: Ord>(
        &self,
        candidates: Vec<Candidate<K>>,
        mean_length: f32,
        limit: usize,
    ) -> (Vec<Ranked<K>>, f32) {
        let measure = Measure {
            telling: self.terms.iter().map(|sought| sought.telling).collect(),
            followed: self.terms.iter().map(|sought| sought.followed).collect(),
            mean_length,
        };
        let mut ranked: Vec<(Ranked<K>, Occurrences)> = candidates
            .into_iter()
            .map(|candidate| {
                #[expect(clippy::cast_precision_loss, reason = "a question has few codes")]
                let codes = candidate.codes as f32 * CODE_SCORE;
                let ranked = Ranked {
                    key: candidate.key,
                    score: codes + measure.score(&candidate.occurrences),
                    exact: candidate.codes > 0,
                };
                (ranked, candidate.occurrences)
            })
            .filter(|(ranked, _)| ranked.score > 0.0)
            .collect();
        ranked.sort_by(|(one, _), (other, _)| {
            let by_score = other.score.total_cmp(&one.score);
            by_score.then_with(|| one.key.cmp(&other.key))
        });
        ranked.truncate(limit);
        let coverage = ranked
            .first()
            .map_or(0.0, |(_, occurrences)| self.coverage(occurrences));
        (
            ranked.into_iter().map(|(ranked, _)| ranked).collect(),
            coverage,
        )
    }

    /// The share of what the question says that a passage holds, 0 to 1.
    fn coverage(&self, occurrences: &Occurrences) -> f32 {
        let held = occurrences.held(self.terms.len());
        let all: f32 = self.terms.iter().map(|sought| sought.telling).sum();
        let found: f32 = self
            .terms
            .iter()
            .zip(held)
            .filter(|(_, held)| *held)
            .map(|(sought, _)| sought.telling)
            .sum();
        if all > 0.0 { found / all } else { 0.0 }
    }
}

/// BM25's inverse document frequency, in the form that is never negative (Lucene's).
#[expect(
    clippy::cast_precision_loss,
    reason = "a rounded count of passages is as good"
)]
fn inverse_frequency(all: u64, holding: u64) -> f32 {
    let (all, holding) = (all as f32, holding.min(all) as f32);
    ((all - holding + 0.5) / (holding + 0.5)).ln_1p()
}
