//! How much the segments of passages have in common with a statement: which of them it is about.

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

    /// Adds what the statement leaves unsaid as a clause of its own; its claims follow those of the statement.
    pub(super) fn push(&mut self, unsaid: &str, claims: &'a [Claim]) {
        self.clause_of
            .extend(std::iter::repeat_n(self.words.len(), claims.len()));
        self.words.push(words(unsaid));
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

/// The pieces of some passages with what each has in common with a statement.
pub(super) struct Pieces<'a> {
    clauses: &'a Clauses<'a>,
    list: Vec<Piece>,
    params: GroundingParams,
}

struct Piece {
    /// The weight of the words that it shares with each clause.
    words: Vec<f64>,
    /// Which of the statement's claims it supports.
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
                claims: claims.map(|claim| source.is_in(segment, claim)).collect(),
            }
        });
        Self {
            list: pieces.collect(),
            clauses,
            params: *params,
        }
    }

    /// The most that any piece has in common with the statement, that claim left out.
    pub(super) fn nearest(&self, claim: usize) -> f64 {
        let pieces = self.list.iter();
        pieces
            .map(|piece| self.common(piece, claim))
            .fold(0.0, f64::max)
    }

    /// The same among the pieces that support the claim; none if no piece does.
    pub(super) fn support(&self, claim: usize) -> Option<f64> {
        let supporting = self.list.iter().filter(|piece| piece.claims[claim]);
        supporting
            .map(|piece| self.common(piece, claim))
            .reduce(f64::max)
    }

    fn common(&self, piece: &Piece, claim: usize) -> f64 {
        let own = self.clauses.clause_of[claim];
        let factor = |clause: usize| {
            if clause == own {
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
