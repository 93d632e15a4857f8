//! Decodes text of any encoding.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

use crate::runtime::encoding;

/// Decodes bytes by byte order mark; as UTF-16 if every other byte is zero; otherwise by detection.
pub(super) fn decode(bytes: &[u8]) -> String {
    let (text, _, _) = likely(bytes).decode(bytes);
    encoding::normalize_line_ends(&text)
}

fn likely(bytes: &[u8]) -> &'static Encoding {
    if let Some(encoding) = encoding::detect_unicode(bytes) {
        return encoding;
    }
    let sample = &bytes[..bytes.len().min(encoding::SAMPLE)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, sample.len() == bytes.len());
    let guess = detector.guess(Some(b"kr"), Utf8Detection::Allow);
    if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        guess
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_as_something(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = decode(&bytes);
            prop_assert!(!text.contains(['\0', '\r']));
        }

        #[test]
        fn utf_8_stays_unchanged(text in "[가-힣a-zA-Z0-9 .,°µ\n]{0,200}") {
            prop_assert_eq!(decode(text.as_bytes()), text);
        }
    }
}
