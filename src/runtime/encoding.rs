//! Detection of Unicode encodings; the readers of formats detect all others.

use std::fmt::Display;

use serde::Serializer;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Number of bytes that are examined.
pub const SAMPLE: usize = 64 << 10;

/// Returns the encoding of the byte order mark, or UTF-16 if many bytes at even or odd positions are zero.
#[must_use]
pub fn detect_unicode(bytes: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) => Some(encoding),
        None => utf_16(&bytes[..bytes.len().min(SAMPLE)]),
    }
}

/// Detects UTF-16 without a mark: only its spaces, digits and line ends have a zero byte.
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

/// Normalizes line ends to line feeds and removes zero bytes.
#[must_use]
pub fn normalize_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "")
}

/// Serializes a value as its displayed text.
///
/// # Errors
/// The serializer fails.
pub fn as_display<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_detected_with_and_without_a_byte_order_mark() {
        let text = "압력 50 mbar\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(detect_unicode(&little), Some(UTF_16LE));
        assert_eq!(detect_unicode(&big), Some(UTF_16BE));
        assert_eq!(
            detect_unicode(&[&[0xFE, 0xFF], big.as_slice()].concat()),
            Some(UTF_16BE)
        );
        assert_eq!(detect_unicode(text.as_bytes()), None);
        assert_eq!(detect_unicode(b""), None);
    }
}
