//! What a question looks for, and how well passages fit it: the one scoring of every engine.
//!
//! An engine finds candidates and says where in them the sought terms stand; everything after that happens here.

pub(super) mod score;

use std::collections::BTreeSet;

use self::score::{Measure, Occurrences};
use super::{Found, Hit, Query, Weighed};
use crate::domain::passage::Passage;
use crate::search::analysis;

/// Questions are cut to so many different terms; a pasted log has thousands.
const MOST_TERMS: usize = 64;
/// A code in more passages than this is the name of something that is everywhere, such as a document's number.
pub(super) const CODE_PASSAGES: u64 = 40;
/// A passage with a code of the question stands before all others: no sum of BM25 scores comes near this.
const CODE_SCORE: f32 = 1000.0;

/// What a question looks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sought {
    /// Each once, the question's own before those of other words for it.
    pub(super) terms: Vec<SoughtTerm>,
    pub(super) codes: BTreeSet<String>,
    /// Passages in all.
    of: u64,
}

/// A term of a question.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SoughtTerm {
    pub(super) term: String,
    /// How much it counts beside the others.
    pub(super) weight: f32,
    /// It stands in the question itself.
    pub(super) own: bool,
    /// The next one comes after it in the same text.
    pub(super) followed: bool,
    /// How many passages hold it. 0 until the engine has said so.
    pub(super) holding: u64,
    /// How much it tells a passage from others: its weighted inverse document frequency. 0 until the engine has said
    /// how frequent it is.
    pub(super) telling: f32,
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

/// A candidate in its place.
#[derive(Clone, Debug)]
pub(super) struct Ranked<K> {
    pub(super) key: K,
    pub(super) score: f32,
    /// It names a code of the question.
    pub(super) exact: bool,
}

impl Sought {
    pub(super) fn of(query: &Query<'_>) -> Self {
        let mut terms: Vec<SoughtTerm> = Vec::new();
        push(&mut terms, query.text, 1.0, MOST_TERMS);
        for own in &mut terms {
            own.own = true;
        }
        for phrase in query.also {
            push(&mut terms, &phrase.text, phrase.weight, 2 * MOST_TERMS);
        }
        let codes = analysis::codes(query.text);
        Self {
            terms,
            codes: codes.into_iter().map(|code| code.name).collect(),
            of: 0,
        }
    }

    /// Says how telling each term is, given the number of all passages and of those that hold each.
    pub(super) fn weigh(&mut self, all: u64, holding: impl IntoIterator<Item = u64>) {
        self.of = all;
        for (sought, holding) in self.terms.iter_mut().zip(holding) {
            sought.holding = holding;
            sought.telling = sought.weight * inverse_frequency(all, holding);
        }
    }

    /// Drops the codes that are no name of one thing, given how many passages hold each, in their order.
    pub(super) fn keep_telling_codes(&mut self, holding: &[u64]) {
        let mut holding = holding.iter();
        self.codes.retain(|_| {
            holding
                .next()
                .is_some_and(|holding| (1..=CODE_PASSAGES).contains(holding))
        });
    }

    /// The candidates that fit, best first.
    pub(super) fn rank<K: Ord>(
        &self,
        candidates: Vec<Candidate<K>>,
        mean_length: f32,
        limit: usize,
    ) -> Vec<Ranked<K>> {
        let measure = Measure {
            telling: self.terms.iter().map(|sought| sought.telling).collect(),
            followed: self.terms.iter().map(|sought| sought.followed).collect(),
            mean_length,
        };
        let place = |candidate: Candidate<K>| {
            #[expect(clippy::cast_precision_loss, reason = "a question has few codes")]
            let codes = candidate.codes as f32 * CODE_SCORE;
            Ranked {
                key: candidate.key,
                score: codes + measure.score(&candidate.occurrences),
                exact: candidate.codes > 0,
            }
        };
        let mut ranked: Vec<Ranked<K>> = candidates
            .into_iter()
            .map(place)
            .filter(|ranked| ranked.score > 0.0)
            .collect();
        ranked.sort_by(|one, other| {
            let by_score = other.score.total_cmp(&one.score);
            by_score.then_with(|| one.key.cmp(&other.key))
        });
        ranked.truncate(limit);
        ranked
    }

    /// What was found, together with what was looked for.
    pub(super) fn found(self, hits: Vec<Hit>) -> Found {
        let terms = self.terms.into_iter().map(|sought| Weighed {
            term: sought.term,
            weight: sought.weight,
            own: sought.own,
            holding: sought.holding,
        });
        Found {
            hits,
            similarity: None,
            terms: terms.collect(),
            of: self.of,
        }
    }
}

/// Adds the terms of a text that are not there yet, as long as there are fewer than `most`.
fn push(terms: &mut Vec<SoughtTerm>, text: &str, weight: f32, most: usize) {
    let mut before: Option<usize> = None;
    for asked in analysis::asked(text) {
        if terms.len() >= most {
            return;
        }
        if terms.iter().any(|known| known.term == asked.term) {
            before = None;
            continue;
        }
        if let Some(before) = before {
            terms[before].followed = true;
        }
        before = Some(terms.len());
        terms.push(SoughtTerm {
            term: asked.term,
            weight: asked.weight * weight,
            own: false,
            followed: false,
            holding: 0,
            telling: 0.0,
        });
    }
}

/// BM25's inverse document frequency: of `all` passages, `holding` hold the term (Robertson and Zaragoza, 2009, with
/// one added inside the logarithm so that no term counts against a passage).
#[expect(
    clippy::cast_precision_loss,
    reason = "a rounded count of passages is as good"
)]
pub(super) fn inverse_frequency(all: u64, holding: u64) -> f32 {
    let (all, holding) = (all as f32, holding.min(all) as f32);
    ((all - holding + 0.5) / (holding + 0.5)).ln_1p()
}

/// The words above a passage, a line each.
pub(super) fn heading(passage: &Passage) -> String {
    let document = &passage.document;
    let above = std::iter::once(&document.title)
        .chain(&document.number)
        .chain(&passage.headings);
    above.map(String::as_str).collect::<Vec<_>>().join("\n")
}
