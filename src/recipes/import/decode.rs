//! Decodes the bytes of a recipe file.

use encoding_rs::{EUC_KR, WINDOWS_1252};

use crate::runtime::encoding;

/// Decodes a recipe: by byte order mark; as UTF-16 if every other byte is zero; as UTF-8; as Korean if all non-ASCII
/// bytes form pairs of Hangul syllables; else as Western European. Lines end with one line feed.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    let text = match encoding::detect_unicode(bytes) {
        Some(encoding) => encoding.decode(bytes).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) if is_korean(bytes) => EUC_KR.decode(bytes).0,
            Err(_) => WINDOWS_1252.decode(bytes).0,
        },
    };
    encoding::normalize_line_ends(text.trim_start_matches('\u{FEFF}'))
}

/// Whether every non-ASCII byte belongs to a Hangul syllable of KS X 1001 or to a symbol such as its degree sign. In
/// Western text such bytes are surrounded by ASCII letters instead.
fn is_korean(bytes: &[u8]) -> bool {
    let mut at = 0;
    let mut syllables = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii() {
            at += 1;
            continue;
        }
        let pair = (bytes[at], bytes.get(at + 1).copied().unwrap_or_default());
        match pair {
            (0xB0..=0xC8, 0xA1..=0xFE) => syllables += 1,
            (0xA1..=0xAC, 0xA1..=0xFE) => {}
            _ => return false,
        }
        at += 2;
    }
    syllables > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const KOREAN: &str = "# 주석: 우물층 온도\r\nlayer { }";

    #[test]
    fn a_script_is_read_in_every_encoding_it_comes_in() {
        let plain = KOREAN.replace('\r', "");
        let utf_16: Vec<u8> = KOREAN.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big_endian: Vec<u8> = KOREAN.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked: Vec<u8> = [&[0xFF, 0xFE], utf_16.as_slice()].concat();
        let cp949 = EUC_KR.encode(KOREAN).0.into_owned();
        for bytes in [
            KOREAN.as_bytes().to_vec(),
            utf_16,
            big_endian,
            marked,
            cp949,
        ] {
            assert_eq!(decode(&bytes), plain);
        }
    }

    #[test]
    fn western_signs_are_not_taken_for_korean() {
        assert_eq!(decode(b"(\xB0C) ~4\xB5m f\xFCr"), "(°C) ~4µm für");
    }
}
