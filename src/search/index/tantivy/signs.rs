//! The terms of a passage in four bytes each, in their order: enough to see which are those of a question, and fast to
//! look through.

use std::collections::HashMap;

use crate::search::index::rank::SoughtTerm;
use crate::search::index::rank::score::Occurrences;

/// FNV-1a, which is short and does not change. One in four thousand million other terms has the same sign.
fn sign(term: &str) -> u32 {
    term.bytes().fold(0x811c_9dc5, |sign, byte| {
        (sign ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// How many signs are of the heading, then theirs, then those of the text.
pub(super) fn write(heading: &[String], text: &[String]) -> Vec<u8> {
    let count = u32::try_from(heading.len()).unwrap_or(u32::MAX);
    let signs = heading.iter().chain(text).map(|term| sign(term));
    std::iter::once(count)
        .chain(signs)
        .flat_map(u32::to_le_bytes)
        .collect()
}

/// The signs of what is looked for.
pub(super) struct Signs {
    places: HashMap<u32, usize>,
    /// A bit for each of them by its last twelve bits: nearly all terms of a passage are none of them, and are passed
    /// over by this.
    filter: [u64; 64],
}

impl Signs {
    pub(super) fn of(terms: &[SoughtTerm]) -> Self {
        let mut signs = Self {
            places: HashMap::new(),
            filter: [0; 64],
        };
        for (place, sought) in terms.iter().enumerate() {
            let sign = sign(&sought.term);
            signs.places.insert(sign, place);
            let (word, bit) = place_of_bit(sign);
            signs.filter[word] |= bit;
        }
        signs
    }

    fn place(&self, sign: u32) -> Option<usize> {
        let (word, bit) = place_of_bit(sign);
        if self.filter[word] & bit == 0 {
            return None;
        }
        self.places.get(&sign).copied()
    }

    /// Where the sought terms stand in a passage with these signs.
    pub(super) fn occurrences(&self, written: &[u8]) -> Occurrences {
        let mut signs = written
            .chunks_exact(4)
            .map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        let mut occurrences = Occurrences::default();
        let above = signs.next().unwrap_or_default();
        for (place, sign) in (0..).zip(signs) {
            let sought = self.place(sign);
            if place < above {
                occurrences.heading.push(sought);
            } else {
                occurrences.text.push(sought);
            }
        }
        occurrences
    }
}

fn place_of_bit(sign: u32) -> (usize, u64) {
    ((sign >> 6) as usize & 63, 1 << (sign & 63))
}
