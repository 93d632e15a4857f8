//! The terms of a passage as 32-bit hashes in order: enough to locate those of a query, and fast to scan.

use std::collections::HashMap;

use crate::search::index::rank::ScoringTerm;
use crate::search::index::rank::score::Occurrences;

/// FNV-1a, which is short and stable. Two different terms collide once in four thousand million.
fn hash(term: &str) -> u32 {
    term.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Encodes the number of heading hashes, then those hashes, then those of the text.
pub(super) fn encode(heading: &[String], text: &[String]) -> Vec<u8> {
    let count = u32::try_from(heading.len()).unwrap_or(u32::MAX);
    let hashes = heading.iter().chain(text).map(|term| hash(term));
    std::iter::once(count)
        .chain(hashes)
        .flat_map(u32::to_le_bytes)
        .collect()
}

/// The hashes of a query's terms.
pub(super) struct TermHashes {
    indexes: HashMap<u32, usize>,
    /// A Bloom filter with one bit for each hash, by its last twelve bits, which skips nearly all terms of a passage that
    /// are not in the query.
    filter: [u64; 64],
}

impl TermHashes {
    pub(super) fn new(terms: &[ScoringTerm]) -> Self {
        let mut hashes = Self {
            indexes: HashMap::new(),
            filter: [0; 64],
        };
        for (index, term) in terms.iter().enumerate() {
            let hash = hash(&term.term);
            hashes.indexes.insert(hash, index);
            let (word, bit) = filter_bit(hash);
            hashes.filter[word] |= bit;
        }
        hashes
    }

    fn index(&self, hash: u32) -> Option<usize> {
        let (word, bit) = filter_bit(hash);
        if self.filter[word] & bit == 0 {
            return None;
        }
        self.indexes.get(&hash).copied()
    }

    /// Locates the query's terms in a passage with these encoded hashes.
    pub(super) fn occurrences(&self, encoded: &[u8]) -> Occurrences {
        let mut hashes = encoded
            .chunks_exact(4)
            .map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        let mut occurrences = Occurrences::default();
        let heading_length = hashes.next().unwrap_or_default();
        for (position, hash) in (0..).zip(hashes) {
            let term = self.index(hash);
            if position < heading_length {
                occurrences.heading.push(term);
            } else {
                occurrences.text.push(term);
            }
        }
        occurrences
    }
}

fn filter_bit(hash: u32) -> (usize, u64) {
    ((hash >> 6) as usize & 63, 1 << (hash & 63))
}
