//! Numbers in words, in Korean and English.

use super::normalized_text::NormalizedText;
use super::unit;
use crate::domain::language::is_hangul;

/// Korean counters that are not units.
const COUNTERS: &[&str] = &[
    "회", "번", "개", "장", "명", "대", "배", "바퀴", "차례", "단계", "가지", "곳", "런", "매",
    "사람", "쌍",
];
const ONES: &[(&str, f64)] = &[
    ("하나", 1.0),
    ("다섯", 5.0),
    ("여섯", 6.0),
    ("일곱", 7.0),
    ("여덟", 8.0),
    ("아홉", 9.0),
    ("한", 1.0),
    ("둘", 2.0),
    ("두", 2.0),
    ("셋", 3.0),
    ("세", 3.0),
    ("석", 3.0),
    ("넷", 4.0),
    ("네", 4.0),
    ("넉", 4.0),
];
const TENS: &[(&str, f64)] = &[
    ("열", 10.0),
    ("스물", 20.0),
    ("스무", 20.0),
    ("서른", 30.0),
    ("마흔", 40.0),
    ("쉰", 50.0),
    ("예순", 60.0),
];
const DIGITS: &str = "영일이삼사오육칠팔구";
const ENGLISH: &[(&str, f64)] = &[
    ("zero", 0.0),
    ("one", 1.0),
    ("once", 1.0),
    ("two", 2.0),
    ("twice", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("thirteen", 13.0),
    ("fourteen", 14.0),
    ("fifteen", 15.0),
    ("sixteen", 16.0),
    ("seventeen", 17.0),
    ("eighteen", 18.0),
    ("nineteen", 19.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
];

/// Parses an English numeral: `five`, `twenty-five`.
pub(super) fn english(word: &str) -> Option<f64> {
    let one = |word: &str| {
        let found = ENGLISH
            .iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    };
    match word.split_once('-') {
        Some((tens, ones)) => {
            let (tens, ones) = (one(tens)?, one(ones)?);
            (tens >= 20.0 && (1.0..10.0).contains(&ones)).then_some(tens + ones)
        }
        None => one(word),
    }
}

/// Parses a Korean numeral at a position; returns its value and end. Only before a unit or a counter, since the syllables
/// have many other meanings.
pub(super) fn korean(text: &NormalizedText, at: usize) -> Option<(f64, usize)> {
    if is_hangul(text.before(at)) {
        return None;
    }
    let (value, end) = native(text, at).or_else(|| sino(text, at))?;
    let next = end + usize::from(text.letter(end) == ' ');
    let counts = COUNTERS.iter().any(|counter| text.has(next, counter));
    (counts || unit::after_number(text, end).is_some()).then_some((value, end))
}

fn native(text: &NormalizedText, at: usize) -> Option<(f64, usize)> {
    let find = |words: &[(&str, f64)], at: usize| {
        let found = words.iter().find(|(word, _)| text.has(at, word));
        found.map(|(word, value)| (*value, at + word.chars().count()))
    };
    let tens = find(TENS, at);
    let (sum, after) = tens.unwrap_or((0.0, at));
    match find(ONES, after) {
        Some((ones, end)) => Some((sum + ones, end)),
        None => tens,
    }
}

/// Parses numerals such as `이십`, `천오십`, `삼백`; a digit alone is too ambiguous.
fn sino(text: &NormalizedText, begin: usize) -> Option<(f64, usize)> {
    let (mut sum, mut digit, mut at, mut multiplied) = (0.0, None, begin, false);
    loop {
        let letter = text.letter(at);
        if let Some(value) = DIGITS.chars().position(|digit_name| digit_name == letter) {
            if digit.is_some() {
                return None;
            }
            digit = Some(f64::from(u32::try_from(value).ok()?));
        } else {
            let size = match letter {
                '십' => 10.0,
                '백' => 100.0,
                '천' => 1000.0,
                '만' => 10_000.0,
                _ => break,
            };
            sum += digit.take().unwrap_or(1.0) * size;
            multiplied = true;
        }
        at += 1;
    }
    multiplied.then_some((sum + digit.unwrap_or(0.0), at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn korean_words_before_a_unit_or_counter_are_numbers() {
        for (text, value) in [
            ("세 번", 3.0),
            ("열두 시간", 12.0),
            ("천오십 도까지", 1050.0),
            ("이십 분", 20.0),
            ("스무 장", 20.0),
            ("삼백 밀리바", 300.0),
            ("두 사람", 2.0),
        ] {
            assert_eq!(
                korean(&NormalizedText::new(text), 0).map(|(value, _)| value),
                Some(value),
                "{text}"
            );
        }
        for text in ["세척을", "이 분", "네트워크", "한계", "열처리", "천천히"] {
            assert_eq!(korean(&NormalizedText::new(text), 0), None, "{text}");
        }
    }

    #[test]
    fn english_words_are_numbers() {
        assert_eq!(english("Twenty-five"), Some(25.0));
        assert_eq!(english("five"), Some(5.0));
        assert_eq!(english("pre-bake"), None);
    }

    /// A number below ten thousand in Korean words.
    fn in_korean(number: u32) -> String {
        let mut words = String::new();
        for (size, name) in [(1_000, "천"), (100, "백"), (10, "십"), (1, "")] {
            let digit = number / size % 10;
            if digit > 1 || digit == 1 && size == 1 {
                words.extend(DIGITS.chars().nth(digit as usize));
            }
            if digit > 0 {
                words.push_str(name);
            }
        }
        words
    }

    proptest! {
        #[test]
        fn a_number_in_korean_words_is_parsed(number in 10_u32..10_000) {
            let words = format!("{} 분", in_korean(number));
            let found = korean(&NormalizedText::new(&words), 0).map(|(value, _)| value);
            prop_assert_eq!(found, Some(f64::from(number)), "{}", words);
        }
    }
}
