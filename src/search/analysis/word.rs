//! Latin words: stop words dropped, the rest stemmed.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use super::stop;

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// Returns the term of a word in lower case; `None` for a stop word.
pub(super) fn word(lower: &str) -> Option<String> {
    (!stop::is_english_stop_word(lower)).then(|| STEMMER.stem(lower).into_owned())
}
