//! Bytes as text, as far as their encoding is certain; what each kind of file is taken for beyond that is its reader's.

use std::fmt::Display;

use serde::Serializer;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// How much is looked at to tell the encoding.
pub const SAMPLE: usize = 64 << 10;

/// The encoding that a byte order mark names, or UTF-16 where every other byte is zero.
#[must_use]
pub fn certain(bytes: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) => Some(encoding),
        None => utf_16(&bytes[..bytes.len().min(SAMPLE)]),
    }
}

/// UTF-16 without a mark: its spaces, digits and line ends have a zero byte, which nothing else has.
fn utf_16(sample: &[u8]) -> Option<&'static Encoding> {
    let zeros = |odd: usize| {
        let every_other = sample.iter().skip(odd).step_by(2);
        every_other.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let enough = (sample.len() / 50).max(1);
    if odd >= enough && odd > 8 * even {
        Some(UTF_16LE)
    } else if even >= enough && even > 8 * odd {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Lines that end with one line feed, and no zero bytes.
#[must_use]
pub fn tidied(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "")
}

/// Serialises a value as the words that a person reads.
///
/// # Errors
/// The serializer fails.
pub fn as_words<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_known_with_and_without_its_mark() {
        let text = "압력 50 mbar\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(certain(&little), Some(UTF_16LE));
        assert_eq!(certain(&big), Some(UTF_16BE));
        assert_eq!(
            certain(&[&[0xFE, 0xFF], big.as_slice()].concat()),
            Some(UTF_16BE)
        );
        assert_eq!(certain(text.as_bytes()), None);
        assert_eq!(certain(b""), None);
    }
}
