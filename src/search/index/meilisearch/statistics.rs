//! Caches statistics of the whole index, which change slowly and take longer to query than a search.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

/// How long a cached value is used.
const TTL: Duration = Duration::from_mins(10);
/// Minimum number of passages with a word for it to be cached: rarer ones are counted quickly and depend more on each
/// passage.
const MIN_CACHED_FREQ: u64 = 1_000;
/// Number of cached words.
const MAX_WORDS: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct Statistics {
    known: Mutex<CachedStatistics>,
}

#[derive(Debug, Default)]
struct CachedStatistics {
    mean_length: Option<(Instant, f32)>,
    /// Number of passages that contain a word.
    doc_freqs: HashMap<String, (Instant, u64)>,
}

impl Statistics {
    /// Returns the mean length of the texts, in terms.
    pub(super) fn mean_length(&self) -> Option<f32> {
        self.lock().mean_length.and_then(current)
    }

    pub(super) fn cache_mean_length(&self, mean: f32) {
        self.lock().mean_length = Some((Instant::now(), mean));
    }

    /// Returns the number of passages that contain a word, if cached.
    pub(super) fn doc_freq(&self, word: &str) -> Option<u64> {
        self.lock().doc_freqs.get(word).copied().and_then(current)
    }

    /// Caches the number of passages that contain a word, if it is large.
    pub(super) fn cache_doc_freq(&self, word: &str, passages: u64) {
        if passages < MIN_CACHED_FREQ {
            return;
        }
        let doc_freqs = &mut self.lock().doc_freqs;
        if doc_freqs.len() >= MAX_WORDS {
            doc_freqs.clear();
        }
        doc_freqs.insert(word.to_owned(), (Instant::now(), passages));
    }

    pub(super) fn forget(&self) {
        *self.lock() = CachedStatistics::default();
    }

    fn lock(&self) -> MutexGuard<'_, CachedStatistics> {
        self.known.lock()
    }
}

fn current<T>((since, value): (Instant, T)) -> Option<T> {
    (since.elapsed() < TTL).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_cached_value_is_used_for_a_while() {
        let statistics = Statistics::default();
        statistics.cache_mean_length(90.0);
        statistics.cache_doc_freq("온도", 5_000);
        statistics.cache_doc_freq("e1042", 3);
        tokio::time::advance(TTL / 2).await;
        assert_eq!(statistics.mean_length(), Some(90.0));
        assert_eq!(statistics.doc_freq("온도"), Some(5_000));
        assert_eq!(statistics.doc_freq("e1042"), None);
        tokio::time::advance(TTL / 2).await;
        assert_eq!(statistics.mean_length(), None);
        assert_eq!(statistics.doc_freq("온도"), None);
    }

    #[test]
    fn the_cache_is_emptied_when_the_index_changes() {
        let statistics = Statistics::default();
        statistics.cache_doc_freq("온도", 5_000);
        statistics.forget();
        assert_eq!(statistics.doc_freq("온도"), None);
    }
}
