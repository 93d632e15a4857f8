//! Plain text.

use crate::domain::document::Format;
use crate::extract::extracted::{Extracted, ExtractedPage};
use crate::extract::properties;

/// Reads plain text, with properties from header lines such as `Title: …`.
pub(super) fn read(text: &str) -> Extracted {
    let text = text.trim_start_matches('\u{FEFF}').trim_end();
    let lines: Vec<&str> = text.lines().take(12).collect();
    let (found, _) = properties::in_header(&lines);
    Extracted {
        title: found.title,
        number: found.number,
        revision: found.revision,
        effective: found.effective,
        format: Format::Text,
        pages: vec![ExtractedPage {
            page: None,
            text: text.to_owned(),
            headings: Vec::new(),
            ocr: false,
        }],
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::charset::decode;

    const KOREAN: &str = "제목: 가스 퍼지 절차\r\n문서번호: SOP-GAS-014\r\n\r\n밸브를 닫고 질소로 3회 퍼지합니다. 압력은 50 mbar를 넘지 않습니다.";

    #[test]
    fn korean_is_read_in_every_encoding_it_comes_in() {
        let utf_16: Vec<u8> = KOREAN.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big_endian: Vec<u8> = KOREAN.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked: Vec<u8> = [&[0xFF, 0xFE], utf_16.as_slice()].concat();
        let cp949 = encoding_rs::EUC_KR.encode(KOREAN).0.into_owned();
        for bytes in [
            KOREAN.as_bytes().to_vec(),
            utf_16,
            big_endian,
            marked,
            cp949,
        ] {
            let read = read(&decode(&bytes));
            assert_eq!(read.title.as_deref(), Some("가스 퍼지 절차"));
            assert_eq!(
                read.number.map(|stated| stated.value).as_deref(),
                Some("SOP-GAS-014")
            );
            assert!(read.pages[0].text.ends_with("넘지 않습니다."));
        }
    }
}
