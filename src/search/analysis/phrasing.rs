//! Removes the words that only phrase a Korean sentence as a question.
//!
//! Manuals are written in statements, so `하나요` occurs in none of them: as a term it would be the most discriminating
//! one of its question. English has stop words for this.

use crate::domain::language::is_hangul;

/// Whole words.
const WORDS: &[&str] = &[
    "것은",
    "것이",
    "경우",
    "관한",
    "그",
    "누가",
    "누구",
    "누구에게",
    "대한",
    "대해",
    "되는",
    "될",
    "된",
    "때",
    "또는",
    "뭐",
    "뭐가",
    "뭘",
    "뭔가",
    "무엇",
    "무엇부터",
    "무엇을",
    "무엇이",
    "무슨",
    "및",
    "수",
    "어느",
    "어디",
    "어디서",
    "어디에",
    "어떤",
    "어떻게",
    "언제",
    "얼마",
    "얼마나",
    "왜",
    "위해",
    "있는",
    "있을",
    "저",
    "좀",
    "하고",
    "하는",
    "하면",
    "한",
    "할",
    "해",
    "해야",
];

/// Endings of the last word of a question or request; elsewhere they may be the end of a noun. The longest match is
/// removed.
const ENDINGS: &[&str] = &[
    "가요",
    "거야",
    "건가요",
    "까",
    "까요",
    "나",
    "나요",
    "냐",
    "니",
    "니까",
    "되나",
    "되나요",
    "된가요",
    "됩니까",
    "될까요",
    "뭐야",
    "뭔가요",
    "무엇인가요",
    "무엇입니까",
    "설명해줘",
    "습니까",
    "알려줘",
    "알려주세요",
    "야",
    "에요",
    "예요",
    "이야",
    "이에요",
    "인가",
    "인가요",
    "인지",
    "일까요",
    "입니까",
    "있나",
    "있나요",
    "있습니까",
    "주세요",
    "줘",
    "지요",
    "죠",
    "하나",
    "하나요",
    "하는가",
    "하는지",
    "한가요",
    "할까",
    "할까요",
    "합니까",
    "했나요",
    "해야하나요",
    "해주세요",
    "해줘",
];

/// Blanks out the phrasing of a question. Text without Hangul is returned unchanged.
pub(super) fn without_phrasing(mut text: Vec<char>) -> Vec<char> {
    let mut at = 0;
    while at < text.len() {
        let start = at;
        while text.get(at).is_some_and(|letter| is_hangul(*letter)) {
            at += 1;
        }
        if at == start {
            at += 1;
            continue;
        }
        let stem_length = stem_length(&text[start..at], ends_sentence(&text[at..]));
        text[start + stem_length..at].fill(' ');
    }
    text
}

/// Returns the number of syllables of a word that carry meaning.
fn stem_length(word: &[char], is_last: bool) -> usize {
    let whole: String = word.iter().collect();
    if WORDS.contains(&whole.as_str()) {
        return 0;
    }
    if is_last {
        for length in (1..=word.len()).rev() {
            let ending: String = word[word.len() - length..].iter().collect();
            if ENDINGS.contains(&ending.as_str()) {
                return word.len() - length;
            }
        }
    }
    word.len()
}

/// Whether only punctuation follows until the end of the line.
fn ends_sentence(rest: &[char]) -> bool {
    let next = rest
        .iter()
        .find(|letter| !letter.is_whitespace() || **letter == '\n');
    next.is_none_or(|letter| matches!(letter, '?' | '.' | '!' | '\n' | '…' | '~' | '？'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning_of(text: &str) -> String {
        let meaning: String = without_phrasing(text.chars().collect())
            .into_iter()
            .collect();
        meaning.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_phrasing_of_a_question_is_left_out() {
        for (question, meaning) in [
            ("실란이 누출되면 무엇부터 해야 하나요?", "실란이 누출되면 ?"),
            ("필터는 언제 교체하나요?", "필터는 교체 ?"),
            ("서셉터 온도 상한은?", "서셉터 온도 상한은?"),
            ("펌프 오일 교환 주기 알려줘", "펌프 오일 교환 주기"),
            ("E-1042 알람은 무슨 뜻입니까?", "E-1042 알람은 뜻 ?"),
        ] {
            assert_eq!(meaning_of(question), meaning);
        }
    }

    #[test]
    fn endings_within_a_sentence_are_kept() {
        assert_eq!(meaning_of("하나의 밸브를 연다"), "하나의 밸브를 연다");
    }
}
