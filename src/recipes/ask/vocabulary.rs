//! The words of questions and labels, normalized.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

pub(super) const DIFFERENCE: [&str; 23] = [
    "diff",
    "difference",
    "differences",
    "differ",
    "differs",
    "compare",
    "compared",
    "comparison",
    "changed",
    "changes",
    "versus",
    "vs",
    "차이",
    "비교",
    "다른 점",
    "달라",
    "바뀌",
    "바뀐",
    "변경",
    "변한",
    "what changed",
    "다릅",
    "다른가",
];

/// Names of layers and steps with their spellings. Latin ones match whole words; Korean ones may be followed by
/// particles.
const VOCABULARY: [(&str, &[&str]); 24] = [
    ("well", &["well", "wells", "qw", "qws", "우물", "웰"]),
    ("barrier", &["barrier", "barriers", "장벽", "배리어"]),
    ("buffer", &["buffer", "버퍼", "완충"]),
    ("nucleation", &["nucleation", "핵생성", "핵 생성"]),
    ("cap", &["cap", "캡"]),
    ("spacer", &["spacer", "스페이서"]),
    ("channel", &["channel", "채널"]),
    ("anneal", &["anneal", "annealing", "어닐"]),
    ("bake", &["bake", "baking", "베이크"]),
    ("desorption", &["desorption", "desorb", "탈착"]),
    ("etching", &["etching", "etch", "식각", "에칭"]),
    ("superlattice", &["superlattice", "초격자"]),
    ("cool", &["cool", "cooling", "cooldown", "냉각"]),
    ("interface", &["interface", "계면"]),
    ("evacuation", &["evacuation", "배기"]),
    ("filling", &["filling", "refill", "충전"]),
    ("prerun", &["prerun", "프리런"]),
    (
        "stabilise",
        &[
            "stabilise",
            "stabilize",
            "stabilization",
            "stabilisation",
            "안정화",
        ],
    ),
    ("preflow", &["preflow", "프리플로우", "선유입"]),
    ("deposition", &["deposition", "증착"]),
    ("matrix", &["matrix", "매트릭스"]),
    ("plasma", &["plasma", "플라즈마"]),
    ("standby", &["standby", "대기 상태"]),
    ("half", &["half", "절반"]),
];

/// Elements of compounds.
const ELEMENTS: [&str; 8] = ["Al", "Ga", "In", "As", "Sb", "N", "P", "B"];
/// Compounds as people write them in lower case.
const LOWER_CASE_COMPOUNDS: [&str; 14] = [
    "gan", "ingan", "algan", "aln", "inn", "inaln", "alingan", "gaas", "algaas", "alas", "inp",
    "ingaas", "sige", "alinn",
];

/// A run of Latin letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// As written.
    pub(super) raw: String,
    /// In lower case.
    pub(super) lower: String,
    /// Byte range in the text.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Unifies equivalent characters.
pub(super) fn normalize(text: &str) -> String {
    text.nfkc()
        .map(|letter| match letter {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            'μ' => 'µ',
            other => other,
        })
        .collect()
}

/// Splits a normalized text into words.
pub(super) fn tokenize(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_alphanumeric() {
            at += 1;
        }
        if at > start {
            let raw = &text[start..at];
            found.push(Token {
                raw: raw.to_owned(),
                lower: raw.to_ascii_lowercase(),
                start,
                end: at,
            });
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// Returns the layers and materials that a text names: `{"ingan", "well"}` for `InGaN 우물층`.
#[must_use]
pub fn layers(text: &str) -> BTreeSet<String> {
    let folded = normalize(text);
    let lower = folded.to_lowercase();
    let words = tokenize(&folded);
    let mut found = BTreeSet::new();
    for (name, spellings) in VOCABULARY {
        let is_there = spellings.iter().any(|spelling| {
            if spelling.is_ascii() {
                words.iter().any(|word| word.lower == *spelling)
            } else {
                lower.contains(spelling)
            }
        });
        if is_there {
            found.insert(name.to_owned());
        }
    }
    let mut materials = tokens_with_decimals(&folded).into_iter().peekable();
    let mut before: Option<Token> = None;
    while let Some(word) = materials.next() {
        if let Some(name) = material(&word.raw) {
            let is_prefixed = before.as_ref().is_some_and(|before| {
                matches!(before.lower.as_str(), "u" | "n" | "p")
                    && folded.get(before.end..word.start) == Some("-")
            });
            if let (true, Some(before)) = (is_prefixed, &before) {
                found.insert(format!("{}{name}", before.lower));
            }
            // With a dopant: `GaN:Si`.
            let dopant = materials
                .peek()
                .filter(|next| folded.get(word.end..next.start) == Some(":"));
            if let Some(dopant) = dopant {
                found.insert(format!("{name}:{}", dopant.lower));
            }
            found.insert(name);
        }
        before = Some(word);
    }
    found
}

/// Splits a text into words that keep decimal points, as in compositions: `Al0.25Ga0.75N`.
fn tokens_with_decimals(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    for word in tokenize(text) {
        match found.last_mut() {
            Some(last)
                if text.get(last.end..word.start) == Some(".")
                    && last.raw.ends_with(|letter: char| letter.is_ascii_digit())
                    && word.raw.starts_with(|letter: char| letter.is_ascii_digit()) =>
            {
                last.raw = format!("{}.{}", last.raw, word.raw);
                last.lower = last.raw.to_ascii_lowercase();
                last.end = word.end;
            }
            _ => found.push(word),
        }
    }
    found
}

/// Returns the compound that a word names, in lower case and without composition.
fn material(word: &str) -> Option<String> {
    let small = word.to_ascii_lowercase();
    if LOWER_CASE_COMPOUNDS.contains(&small.as_str()) {
        return Some(small);
    }
    let mut rest = word;
    let mut name = String::new();
    let mut elements = 0;
    while !rest.is_empty() {
        let element = ELEMENTS
            .iter()
            .find(|element| rest.starts_with(**element))?;
        rest = rest[element.len()..]
            .trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        name.push_str(&element.to_ascii_lowercase());
        elements += 1;
    }
    (elements >= 2).then_some(name)
}

/// Whether a normalized text in lower case contains one of the phrases; Latin ones match whole words.
pub(super) fn mentions(text: &str, phrases: &[&str]) -> bool {
    phrases
        .iter()
        .any(|phrase| find_phrase(text, phrase).is_some())
}

/// Whether a text in lower case asks for differences.
pub(super) fn mentions_difference(text: &str) -> bool {
    mentions(text, &DIFFERENCE)
}

/// Returns the byte offset of a phrase.
pub(super) fn find_phrase(text: &str, phrase: &str) -> Option<usize> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric();
    let mut from = 0;
    while let Some(at) = text[from..].find(phrase) {
        let begin = from + at;
        let end = begin + phrase.len();
        let inside = |edge: Option<char>, own: Option<char>| {
            edge.is_some_and(is_word) && own.is_some_and(is_word)
        };
        let before = inside(text[..begin].chars().next_back(), phrase.chars().next());
        let after = inside(text[end..].chars().next(), phrase.chars().next_back());
        if !before && !after {
            return Some(begin);
        }
        from = begin + phrase.chars().next().map_or(1, char::len_utf8);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        layers(text).into_iter().collect()
    }

    #[test]
    fn layers_are_known_in_both_languages() {
        assert_eq!(names("InGaN 우물층 성장 온도"), ["ingan", "well"]);
        assert_eq!(names("(e23_l02) InGaN Well"), ["ingan", "well"]);
        assert_eq!(names("the p-GaN layer"), ["gan", "pgan"]);
        assert_eq!(names("24 Al0.12GaAs udp, d=163nm"), ["algaas"]);
        assert_eq!(names("farewell in GaN-free swells"), ["gan"]);
        assert_eq!(names("핵생성 25 nm"), ["nucleation"]);
        assert_eq!(names("17 AlAs:Si 1e18"), ["alas", "alas:si"]);
    }

    #[test]
    fn latin_phrases_are_whole_words() {
        assert!(mentions("which recipes wait?", &["wait"]));
        assert!(!mentions("awaiting", &["wait"]));
        assert!(mentions("온도가 1100도를 넘는", &["넘는"]));
        assert!(mentions("v/iii비는", &["v/iii"]));
    }
}
