//! Limits on reading a document.

use serde::{Deserialize, Serialize};

/// Limits on reading one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Limits {
    /// Size of the file, in bytes.
    pub(super) file_bytes: u64,
    pub(super) pages: usize,
    /// Characters of text on all pages together.
    pub(super) characters: usize,
}

impl Limits {
    /// The longest manuals have a few thousand pages with some 3,000 characters each.
    pub(super) fn new(file_megabytes: u64) -> Self {
        Self {
            file_bytes: file_megabytes.saturating_mul(1 << 20),
            pages: 10_000,
            characters: 30_000_000,
        }
    }
}
