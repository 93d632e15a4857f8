//! The definition of quantiles.

/// The nearest-rank quantile: the smallest of the sorted values that at least `percent` % of them do not exceed; `None`
/// without values.
pub(super) fn nearest_rank<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let sorted = [10, 20, 30, 40];
        let of = |percent| nearest_rank(&sorted, percent);
        assert_eq!(
            (of(0), of(25), of(26), of(50), of(100)),
            (Some(10), Some(10), Some(20), Some(20), Some(40))
        );
        assert_eq!(nearest_rank::<u8>(&[], 50), None);
    }
}
