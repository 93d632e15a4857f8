//! Selects the searches that find the best-ranking passages.
//!
//! The server returns the passages with a term in no useful order, and so many that the best ones of a frequent term are
//! rarely among the first. Two things bring them to the front: the marks of a passage's strong terms, and pairs of terms.

use super::record::{encoded_term, strong_mark};
use crate::search::index::rank::ScoringQuery;

/// One search for candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CandidateQuery {
    /// Ordered by importance: the server may drop words from the end, but never the first one.
    pub(super) words: String,
    pub(super) code: Option<String>,
    pub(super) limit: usize,
}

/// Returns the searches for a query, given the document frequency of each of its terms.
pub(super) fn candidate_queries(scoring: &ScoringQuery, doc_freqs: &[u64]) -> Vec<CandidateQuery> {
    let params = &scoring.candidates;
    let mut terms: Vec<(&str, f32)> = scoring
        .terms
        .iter()
        .zip(doc_freqs)
        .filter(|(term, doc_freq)| **doc_freq > 0 && term.discrimination > 0.0)
        .map(|(term, _)| (term.term.as_str(), term.discrimination))
        .collect();
    terms.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let max_per_term = params.max_per_term.max(params.min_per_term);
    let limit = (params.all_terms / terms.len().max(1)).clamp(params.min_per_term, max_per_term);
    let mut queries: Vec<CandidateQuery> = terms
        .iter()
        .take(params.single_terms)
        .map(|(term, _)| CandidateQuery {
            words: format!("{} {}", encoded_term(term), strong_mark(term)),
            code: None,
            limit,
        })
        .collect();
    let paired = &terms[..terms.len().min(params.paired_terms)];
    for (index, (one, _)) in paired.iter().enumerate() {
        queries.extend(paired[index + 1..].iter().map(|(other, _)| CandidateQuery {
            words: format!(
                "{} {} {} {}",
                encoded_term(one),
                encoded_term(other),
                strong_mark(one),
                strong_mark(other)
            ),
            code: None,
            limit: params.per_pair,
        }));
    }
    queries.extend(scoring.codes.iter().map(|code| CandidateQuery {
        words: String::new(),
        code: Some(code.clone()),
        limit: usize::try_from(scoring.bm25.max_code_passages).unwrap_or(usize::MAX),
    }));
    queries
}
