//! Which pieces of passages a statement speaks of.

use std::collections::BTreeSet;

use super::claim::Claim;
use super::source::{Source, Weights};

/// How much of what it has in common with the statement a sentence lends to those beside it.
const BESIDE: f64 = 0.6;
/// How much a claim counts beside words.
const CLAIM: f64 = 3.0;

/// The pieces of some passages with what each has in common with a statement.
pub(super) struct Pieces(Vec<Vec<Piece>>);

struct Piece {
    /// The weight of the words that it shares.
    words: f64,
    /// Which of the statement's claims it bears out.
    claims: Vec<bool>,
    is_prose: bool,
}

impl Pieces {
    pub(super) fn of<'a>(
        sources: impl Iterator<Item = &'a Source>,
        words: &BTreeSet<String>,
        claims: &[Claim],
        weights: &Weights,
    ) -> Self {
        let pieces = sources.map(|source| {
            let pieces = source.segments.iter().map(|segment| Piece {
                words: words.intersection(&segment.words).map(|word| weights.weight(word)).sum(),
                claims: claims.iter().map(|claim| source.is_in(segment, claim)).collect(),
                is_prose: segment.is_prose(),
            });
            pieces.collect()
        });
        Self(pieces.collect())
    }

    /// The most that any piece has in common with the statement, that claim left out.
    pub(super) fn nearest(&self, claim: usize) -> f64 {
        let pieces = self.0.iter().flatten();
        pieces.map(|piece| piece.common(claim)).fold(0.0, f64::max)
    }

    /// The same of the pieces that bear the claim out; none where none does.
    pub(super) fn support(&self, claim: usize) -> Option<f64> {
        let mut best: Option<f64> = None;
        for pieces in &self.0 {
            for (at, piece) in pieces.iter().enumerate().filter(|(_, piece)| piece.claims[claim]) {
                let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
                let beside = beside.filter_map(|at| pieces.get(at)).filter(|other| other.is_prose && piece.is_prose);
                let lent = beside.map(|other| BESIDE * other.common(claim)).fold(0.0, f64::max);
                let common = piece.common(claim).max(lent);
                best = Some(best.map_or(common, |best| best.max(common)));
            }
        }
        best
    }
}

impl Piece {
    fn common(&self, claim: usize) -> f64 {
        let others = self.claims.iter().enumerate().filter(|(at, held)| *at != claim && **held);
        let count = u32::try_from(others.count()).unwrap_or(u32::MAX);
        self.words + CLAIM * f64::from(count)
    }
}
