//! Overlap of passage segments with a statement: finds the segments that the statement is about.

use std::collections::BTreeSet;
use std::ops::Range;

use super::claim::Claim;
use super::source::{Source, Weights, words};
use crate::domain::search_params::GroundingParams;

/// A statement cut into clauses, with the claims of each.
pub(super) struct Clauses<'a> {
    words: Vec<BTreeSet<String>>,
    claims: Vec<&'a Claim>,
    /// The clause of each claim.
    clause_of: Vec<usize>,
}

impl<'a> Clauses<'a> {
    pub(super) fn split(statement: &str, claims: &'a [Claim]) -> Self {
        let ranges = ranges(statement);
        let clause_of = claims.iter().map(|claim| {
            let contains = |range: &Range<usize>| range.contains(&claim.range.start);
            ranges.iter().position(contains).unwrap_or(0)
        });
        Self {
            clause_of: clause_of.collect(),
            words: ranges
                .iter()
                .map(|range| words(&statement[range.clone()]))
                .collect(),
            claims: claims.iter().collect(),
        }
    }

    /// Adds the implied topic as a separate clause; its claims follow those of the statement.
    pub(super) fn push(&mut self, topic: &str, claims: &'a [Claim]) {
        self.clause_of
            .extend(std::iter::repeat_n(self.words.len(), claims.len()));
        self.words.push(words(topic));
        self.claims.extend(claims);
    }
}

/// Cuts at commas, semicolons, colons and parentheses, but not within numbers.
fn ranges(statement: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut begin = 0;
    for (at, letter) in statement.char_indices() {
        let within_number =
            statement[at + letter.len_utf8()..].starts_with(|next: char| next.is_ascii_digit());
        let cuts = matches!(letter, ';' | '(' | ')' | '—')
            || (matches!(letter, ',' | ':') && !within_number);
        if cuts {
            ranges.push(begin..at);
            begin = at;
        }
    }
    ranges.push(begin..statement.len());
    ranges
}

/// The segments of some passages, each with its overlap with a statement.
pub(super) struct Pieces<'a> {
    clauses: &'a Clauses<'a>,
    list: Vec<Piece>,
    params: GroundingParams,
}

struct Piece {
    /// The weight of the words that it shares with each clause.
    words: Vec<f64>,
    /// For each claim of the statement, whether the segment supports it.
    claims: Vec<bool>,
}

impl<'a> Pieces<'a> {
    pub(super) fn compare<'s>(
        sources: impl Iterator<Item = &'s Source>,
        clauses: &'a Clauses<'a>,
        weights: &Weights,
        params: &GroundingParams,
    ) -> Self {
        let segments =
            sources.flat_map(|source| source.segments.iter().map(move |segment| (source, segment)));
        let pieces = segments.map(|(source, segment)| {
            let shared = |words: &BTreeSet<String>| {
                let shared = words.intersection(&segment.words);
                shared.map(|word| weights.weight(word)).sum()
            };
            let claims = clauses.claims.iter().copied();
            Piece {
                words: clauses.words.iter().map(shared).collect(),
                claims: claims
                    .map(|claim| source.segment_supports(segment, claim))
                    .collect(),
            }
        });
        Self {
            list: pieces.collect(),
            clauses,
            params: *params,
        }
    }

    /// The largest overlap of any segment with the statement, without that claim.
    pub(super) fn nearest(&self, claim: usize) -> f64 {
        let pieces = self.list.iter();
        pieces
            .map(|piece| self.overlap(piece, claim))
            .fold(0.0, f64::max)
    }

    /// The largest overlap among the segments that support the claim; `None` if no segment does.
    pub(super) fn support(&self, claim: usize) -> Option<f64> {
        let supporting = self.list.iter().filter(|piece| piece.claims[claim]);
        supporting
            .map(|piece| self.overlap(piece, claim))
            .reduce(f64::max)
    }

    fn overlap(&self, piece: &Piece, claim: usize) -> f64 {
        let claim_clause = self.clauses.clause_of[claim];
        let factor = |clause: usize| {
            if clause == claim_clause {
                1.0
            } else {
                self.params.other_clause_weight
            }
        };
        let words = piece.words.iter().enumerate();
        let words: f64 = words.map(|(clause, weight)| factor(clause) * weight).sum();
        let claims = piece.claims.iter().zip(&self.clauses.clause_of).enumerate();
        let others = claims.filter(|(at, (supported, _))| *at != claim && **supported);
        words
            + others
                .map(|(_, (_, clause))| self.params.claim_weight * factor(*clause))
                .sum::<f64>()
    }
}
