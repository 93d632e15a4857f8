//! Scoring shared by all engines: the terms of a query, and how well passages match them.
//!
//! An engine finds candidates and reports the positions of the terms in them; everything else happens here.

pub(super) mod score;

use std::collections::BTreeSet;

use self::score::{Occurrences, Scorer};
use super::{Hit, Query, QueryTerm, SearchResults};
use crate::domain::passage::Passage;
use crate::domain::search_params::{Bm25Params, CandidateParams, QueryParams};
use crate::search::analysis;

/// The terms and codes of a query, with the parameters of their scoring.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScoringQuery {
    /// Each once, the question's own before those of its expansions.
    pub(super) terms: Vec<ScoringTerm>,
    pub(super) codes: BTreeSet<String>,
    pub(super) candidates: CandidateParams,
    pub(super) bm25: Bm25Params,
    total_passages: u64,
}

/// A term of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScoringTerm {
    pub(super) term: String,
    /// Weight relative to the other terms.
    pub(super) weight: f32,
    /// Whether it occurs in the question itself.
    pub(super) in_question: bool,
    /// Whether the next term directly follows it in the same text.
    pub(super) followed: bool,
    /// Number of passages that contain it; 0 until the engine has reported it.
    pub(super) doc_freq: u64,
    /// Its weighted inverse document frequency; 0 until the engine has reported its frequency.
    pub(super) discrimination: f32,
}

/// A passage that may be a hit.
#[derive(Clone, Debug)]
pub(super) struct Candidate<K> {
    /// The engine's own key.
    pub(super) key: K,
    pub(super) occurrences: Occurrences,
    /// Number of the query's codes that it mentions, plus the number that it explains, at the start of a line.
    pub(super) codes: usize,
}

/// A scored candidate.
#[derive(Clone, Debug)]
pub(super) struct Ranked<K> {
    pub(super) key: K,
    pub(super) score: f32,
    /// Whether it contains a code of the question.
    pub(super) exact: bool,
}

impl ScoringQuery {
    pub(super) fn new(query: &Query<'_>) -> Self {
        let params = query.params;
        let max_terms = params.query.max_terms;
        let mut terms: Vec<ScoringTerm> = Vec::new();
        push(&mut terms, query.text, 1.0, max_terms, &params.query);
        for own in &mut terms {
            own.in_question = true;
        }
        for expansion in query.expansions {
            let (text, weight) = (&expansion.text, expansion.weight);
            push(&mut terms, text, weight, 2 * max_terms, &params.query);
        }
        let codes = analysis::codes(query.text);
        Self {
            terms,
            codes: codes.into_iter().map(|code| code.name).collect(),
            candidates: params.candidates,
            bm25: params.bm25,
            total_passages: 0,
        }
    }

    /// Sets the discrimination of each term, given the number of all passages and of those that contain each term.
    pub(super) fn set_frequencies(
        &mut self,
        total_passages: u64,
        doc_freqs: impl IntoIterator<Item = u64>,
    ) {
        self.total_passages = total_passages;
        for (term, doc_freq) in self.terms.iter_mut().zip(doc_freqs) {
            term.doc_freq = doc_freq;
            term.discrimination =
                term.weight * inverse_document_frequency(total_passages, doc_freq);
        }
    }

    /// Drops codes in too many passages, given the document frequency of each code, in order.
    pub(super) fn retain_specific_codes(&mut self, doc_freqs: &[u64]) {
        let max_passages = self.bm25.max_code_passages;
        let mut doc_freqs = doc_freqs.iter();
        self.codes.retain(|_| {
            doc_freqs
                .next()
                .is_some_and(|doc_freq| (1..=max_passages).contains(doc_freq))
        });
    }

    /// Returns the matching candidates, best first.
    pub(super) fn rank<K: Ord>(
        &self,
        candidates: Vec<Candidate<K>>,
        mean_length: f32,
        limit: usize,
    ) -> Vec<Ranked<K>> {
        let scorer = Scorer {
            discrimination: self.terms.iter().map(|term| term.discrimination).collect(),
            followed: self.terms.iter().map(|term| term.followed).collect(),
            mean_length,
            params: self.bm25,
        };
        let ranked = |candidate: Candidate<K>| {
            #[expect(clippy::cast_precision_loss, reason = "a question has few codes")]
            let codes = candidate.codes as f32 * self.bm25.code_score;
            Ranked {
                key: candidate.key,
                score: codes + scorer.score(&candidate.occurrences),
                exact: candidate.codes > 0,
            }
        };
        let mut ranked: Vec<Ranked<K>> = candidates
            .into_iter()
            .map(ranked)
            .filter(|ranked| ranked.score > 0.0)
            .collect();
        ranked.sort_by(|one, other| {
            let by_score = other.score.total_cmp(&one.score);
            by_score.then_with(|| one.key.cmp(&other.key))
        });
        ranked.truncate(limit);
        ranked
    }

    /// Returns the results: these hits with the terms of the query.
    pub(super) fn results(self, hits: Vec<Hit>) -> SearchResults {
        let terms = self.terms.into_iter().map(|term| QueryTerm {
            term: term.term,
            weight: term.weight,
            in_question: term.in_question,
            doc_freq: term.doc_freq,
        });
        SearchResults {
            hits,
            similarity: None,
            terms: terms.collect(),
            total_passages: self.total_passages,
        }
    }
}

/// Adds the new terms of a text, up to `max_terms` in total.
fn push(
    terms: &mut Vec<ScoringTerm>,
    text: &str,
    weight: f32,
    max_terms: usize,
    params: &QueryParams,
) {
    let mut before: Option<usize> = None;
    for new in analysis::query_terms(text, params) {
        if terms.len() >= max_terms {
            return;
        }
        if terms.iter().any(|known| known.term == new.term) {
            before = None;
            continue;
        }
        if let Some(before) = before {
            terms[before].followed = true;
        }
        before = Some(terms.len());
        terms.push(ScoringTerm {
            term: new.term,
            weight: new.weight * weight,
            in_question: false,
            followed: false,
            doc_freq: 0,
            discrimination: 0.0,
        });
    }
}

/// BM25's inverse document frequency of a term in `doc_freq` of `total` passages (Robertson and Zaragoza, 2009, with one
/// added inside the logarithm so that it is never negative).
#[expect(
    clippy::cast_precision_loss,
    reason = "a rounded count of passages is as good"
)]
pub(super) fn inverse_document_frequency(total: u64, doc_freq: u64) -> f32 {
    let (total, doc_freq) = (total as f32, doc_freq.min(total) as f32);
    ((total - doc_freq + 0.5) / (doc_freq + 0.5)).ln_1p()
}

/// Returns title, number and headings of a passage, one per line.
pub(super) fn heading(passage: &Passage) -> String {
    let document = &passage.document;
    let above = std::iter::once(&document.title)
        .chain(&document.number)
        .chain(&passage.headings);
    above.map(String::as_str).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Access;
    use crate::domain::search_params::SearchParams;
    use crate::search::index::QueryExpansion;

    fn query(params: &SearchParams) -> ScoringQuery {
        let expansions = [QueryExpansion {
            text: "bake".to_owned(),
            weight: 0.5,
            replaces: Vec::new(),
        }];
        ScoringQuery::new(&Query {
            text: "서셉터는 E-1042",
            expansions: &expansions,
            access: &Access::Everything,
            limit: 5,
            params,
        })
    }

    #[test]
    fn parameters_of_the_query_reach_terms_codes_and_scores() {
        let mut params = SearchParams::default();
        let by_default = query(&params);
        params.query.ending_weight = 0.9;
        params.bm25.max_code_passages = 1;
        params.bm25.code_score = 7.0;
        let mut changed = query(&params);
        assert_ne!(by_default.terms, changed.terms);
        changed.retain_specific_codes(&[2]);
        assert!(changed.codes.is_empty());
        let named = Candidate {
            key: 0,
            occurrences: Occurrences::default(),
            codes: 1,
        };
        let ranked = changed.rank(vec![named], 10.0, 1);
        assert!((ranked[0].score - 7.0).abs() < 1e-6);
        params.query.max_terms = 1;
        assert_eq!(
            query(&params)
                .terms
                .iter()
                .filter(|term| term.in_question)
                .count(),
            1
        );
    }
}
