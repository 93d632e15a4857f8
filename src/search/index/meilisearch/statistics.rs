//! What was learnt of the index as a whole lately. It changes slowly, and takes longer to ask than to search.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// As long is it taken to hold.
const HOLDS: Duration = Duration::from_mins(10);
/// Words in fewer passages are counted quickly, and a few passages more or less matter to them.
const COMMON: u64 = 1_000;
/// Words that are remembered at most.
const MOST: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct Statistics {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    mean_length: Option<(Instant, f32)>,
    /// How many passages hold a word.
    holding: HashMap<String, (Instant, u64)>,
}

impl Statistics {
    /// Mean length of the texts, in terms.
    pub(super) fn mean_length(&self) -> Option<f32> {
        self.known().mean_length.and_then(current)
    }

    pub(super) fn note_mean_length(&self, mean: f32) {
        self.known().mean_length = Some((Instant::now(), mean));
    }

    /// How many passages hold a word, where that is known.
    pub(super) fn holding(&self, word: &str) -> Option<u64> {
        self.known().holding.get(word).copied().and_then(current)
    }

    /// Keeps how many passages hold a word, if that is worth it.
    pub(super) fn note_holding(&self, word: &str, passages: u64) {
        if passages < COMMON {
            return;
        }
        let holding = &mut self.known().holding;
        if holding.len() >= MOST {
            holding.clear();
        }
        holding.insert(word.to_owned(), (Instant::now(), passages));
    }

    pub(super) fn forget(&self) {
        *self.known() = Known::default();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn current<T>((since, value): (Instant, T)) -> Option<T> {
    (since.elapsed() < HOLDS).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_learnt_holds_for_a_while() {
        let statistics = Statistics::default();
        statistics.note_mean_length(90.0);
        statistics.note_holding("온도", 5_000);
        statistics.note_holding("e1042", 3);
        tokio::time::advance(HOLDS / 2).await;
        assert_eq!(statistics.mean_length(), Some(90.0));
        assert_eq!(statistics.holding("온도"), Some(5_000));
        assert_eq!(statistics.holding("e1042"), None);
        tokio::time::advance(HOLDS / 2).await;
        assert_eq!(statistics.mean_length(), None);
        assert_eq!(statistics.holding("온도"), None);
    }

    #[test]
    fn what_was_learnt_is_forgotten_when_the_index_changes() {
        let statistics = Statistics::default();
        statistics.note_holding("온도", 5_000);
        statistics.forget();
        assert_eq!(statistics.holding("온도"), None);
    }
}
