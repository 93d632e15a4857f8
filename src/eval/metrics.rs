//! Recall, MRR and nDCG of ranked lists, and latency percentiles.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::quantile::nearest_rank;

/// The ranks up to which recall is reported.
const CUTS: [usize; 4] = [1, 3, 5, 10];
/// The ranks that MRR and nDCG are computed over.
const TOP: usize = 10;

/// The gain at each rank of one question's list, and the gains of an ideal list.
#[derive(Clone, Debug)]
pub(super) struct Gains {
    pub(super) ranks: Vec<f64>,
    pub(super) ideal: Vec<f64>,
}

/// Ranking metrics as means over the questions, each 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    /// Recall among the first 1, 3, 5 and 10.
    pub recall: BTreeMap<usize, f64>,
    /// Mean reciprocal rank of the first relevant result among the first ten.
    pub mrr10: f64,
    /// Normalised discounted cumulative gain (Järvelin and Kekäläinen, TOIS 2002) of the first ten.
    pub ndcg10: f64,
}

/// Milliseconds from question to passages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Latency {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

pub(super) fn ranking(lists: &[Gains]) -> Ranking {
    let mean = |value: &dyn Fn(&Gains) -> f64| {
        lists.iter().map(value).sum::<f64>() / count(lists.len().max(1))
    };
    Ranking {
        recall: CUTS
            .into_iter()
            .map(|cut| (cut, mean(&|gains| recall(gains, cut))))
            .collect(),
        mrr10: mean(&reciprocal_rank),
        ndcg10: mean(&ndcg),
    }
}

/// Recall among the first 1, 2, 3 … `max_rank`.
pub(super) fn recall_curve(lists: &[Gains], max_rank: usize) -> Vec<f64> {
    let mean = |cut| lists.iter().map(|gains| recall(gains, cut)).sum::<f64>();
    (1..=max_rank)
        .map(|cut| mean(cut) / count(lists.len().max(1)))
        .collect()
}

/// The times in milliseconds, the shortest first.
pub(super) fn sorted_ms(took: &[Duration]) -> Vec<f64> {
    let mut sorted: Vec<f64> = took.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

pub(super) fn latency(took: &[Duration]) -> Latency {
    let sorted = sorted_ms(took);
    let percentile = |percent| nearest_rank(&sorted, percent).unwrap_or_default();
    Latency {
        p50: percentile(50),
        p95: percentile(95),
        p99: percentile(99),
    }
}

/// The ratio of a part to a whole, 0 to 1.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    count(part) / count(whole.max(1))
}

fn recall(gains: &Gains, cut: usize) -> f64 {
    let found = gains
        .ranks
        .iter()
        .take(cut)
        .filter(|gain| **gain > 0.0)
        .count();
    share(found, gains.ideal.len())
}

fn reciprocal_rank(gains: &Gains) -> f64 {
    let first = gains.ranks.iter().take(TOP).position(|gain| *gain > 0.0);
    first.map_or(0.0, |rank| 1.0 / count(rank + 1))
}

fn ndcg(gains: &Gains) -> f64 {
    let mut ideal = gains.ideal.clone();
    ideal.sort_by(|one, other| other.total_cmp(one));
    match discounted(&ideal) {
        0.0 => 0.0,
        best => discounted(&gains.ranks) / best,
    }
}

fn discounted(gains: &[f64]) -> f64 {
    let discounts = (2..).map(|rank| count(rank).log2());
    gains
        .iter()
        .take(TOP)
        .zip(discounts)
        .map(|(gain, discount)| gain / discount)
        .sum()
}

#[expect(clippy::cast_precision_loss, reason = "no list is as long as 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn figures_agree_with_a_calculation_by_hand() {
        let first = Gains {
            ranks: vec![1.0, 0.0],
            ideal: vec![1.0],
        };
        let third_of_two = Gains {
            ranks: vec![0.0, 0.0, 1.0],
            ideal: vec![1.0, 1.0],
        };
        let ranking = ranking(&[first, third_of_two]);
        assert!(close(ranking.recall[&1], 0.5) && close(ranking.recall[&3], 0.75));
        assert!(close(ranking.mrr10, f64::midpoint(1.0, 1.0 / 3.0)));
        // One of two at rank 3: (1 / log2 4) / (1 / log2 2 + 1 / log2 3).
        assert!(close(
            ranking.ndcg10,
            f64::midpoint(1.0, 0.5 / (1.0 + 1.0 / 3_f64.log2()))
        ));
    }

    #[test]
    fn the_curve_of_recall_passes_through_its_figures() {
        let lists = [
            Gains {
                ranks: vec![1.0, 0.0],
                ideal: vec![1.0],
            },
            Gains {
                ranks: vec![0.0, 0.0, 1.0],
                ideal: vec![1.0],
            },
        ];
        let curve = recall_curve(&lists, 4);
        let expected = [0.5, 0.5, 1.0, 1.0];
        assert!(
            curve
                .iter()
                .zip(expected)
                .all(|(one, other)| close(*one, other))
        );
    }

    #[test]
    fn ranks_beyond_the_tenth_do_not_count() {
        let mut ranks = vec![0.0; 10];
        ranks.push(1.0);
        let late = ranking(&[Gains {
            ranks,
            ideal: vec![1.0],
        }]);
        assert!(close(late.recall[&10], 0.0) && close(late.mrr10, 0.0) && close(late.ndcg10, 0.0));
    }

    #[test]
    fn percentiles_are_measured_times() {
        let took: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        let latency = latency(&took);
        assert!(
            close(latency.p50, 100.0) && close(latency.p95, 190.0) && close(latency.p99, 198.0)
        );
    }
}
