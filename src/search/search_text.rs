//! The text to search for: the question, with the previous one if it does not make sense alone.

use std::borrow::Cow;

use crate::domain::question::{Speaker, Turn};

/// Longest text of a search or question, in characters. Longer ones are pasted logs with the question at the beginning or
/// the end.
pub(crate) const MAX_CHARS: usize = 4000;
/// Longest text of an earlier question, in characters.
const MAX_EARLIER_CHARS: usize = 400;
/// Longest ordinary question, in characters; a longer one contains pasted text.
const MAX_ORDINARY_CHARS: usize = 400;
/// Number of words up to which questions rarely name their subject.
const FEW_WORDS: usize = 4;
/// Words that refer to earlier turns.
const REFERRING: [&str; 13] = [
    "it",
    "its",
    "they",
    "them",
    "their",
    "this",
    "those",
    "these",
    "then",
    "else",
    "instead",
    "again",
    "otherwise",
];
/// Beginnings of Korean words that refer to earlier turns.
const REFERRING_KOREAN: [&str; 17] = [
    "그거",
    "그건",
    "그것",
    "그게",
    "그걸",
    "그럼",
    "그러면",
    "그때",
    "그런",
    "그리고",
    "이거",
    "이건",
    "이것",
    "이때",
    "거기",
    "방금",
    "위의",
];

/// Returns the beginning and the end of a text that is too long, else the whole text.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let length = text.chars().count();
    if length <= MAX_CHARS {
        return Cow::Borrowed(text);
    }
    let half = MAX_CHARS / 2;
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(length - half).collect();
    // Half words would be searched as words.
    let head = head
        .rsplit_once(char::is_whitespace)
        .map_or(head.as_str(), |(whole, _)| whole);
    let tail = tail
        .split_once(char::is_whitespace)
        .map_or(tail.as_str(), |(_, whole)| whole);
    Cow::Owned(format!("{head}\n…\n{tail}"))
}

/// Returns the texts to search for: the question, and for a long one also its first and last line separately. The rest is
/// usually a pasted log, whose terms would outweigh those of the question.
pub(crate) fn variants(question: &str) -> Vec<String> {
    let whole = shortened(question);
    let mut variants = vec![whole.to_string()];
    if whole.chars().count() > MAX_ORDINARY_CHARS {
        let mut lines = whole.lines().filter(|line| !line.trim().is_empty());
        let (first, last) = (lines.next(), lines.next_back());
        variants.extend(first.map(|line| line.chars().take(MAX_ORDINARY_CHARS).collect()));
        variants.extend(last.map(|line| {
            line.chars()
                .rev()
                .take(MAX_ORDINARY_CHARS)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect()
        }));
    }
    variants
}

/// Whether a question makes sense only after the earlier turns.
pub(crate) fn depends_on_conversation(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.len() <= FEW_WORDS
        || lower.starts_with("and ")
        || lower.starts_with("what about")
        || lower.starts_with("how about")
        || words.iter().any(|word| {
            REFERRING.contains(word) || REFERRING_KOREAN.iter().any(|start| word.starts_with(start))
        })
}

/// Returns the person's latest question, with the one before it if it depends on that.
pub(crate) fn earlier_question(conversation: &[Turn]) -> Option<String> {
    let mut questions = conversation
        .iter()
        .rev()
        .filter(|turn| matches!(turn.speaker, Speaker::Person(_)));
    let latest = &questions.next()?.text;
    let mut earlier = String::new();
    if depends_on_conversation(latest)
        && let Some(before) = questions.next()
    {
        earlier.extend(before.text.chars().take(MAX_EARLIER_CHARS));
        earlier.push('\n');
    }
    earlier.extend(latest.chars().take(MAX_EARLIER_CHARS));
    Some(earlier).filter(|earlier| !earlier.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(text: &str) -> Turn {
        Turn {
            speaker: Speaker::Person("U1".to_owned()),
            text: text.to_owned(),
        }
    }

    #[test]
    fn questions_that_refer_back_depend_on_the_conversation() {
        for text in [
            "얼마나 자주 해야 합니까?",
            "그럼 압력은 얼마까지 허용됩니까 지금?",
            "And how often is it cleaned?",
            "why?",
            "What about the MBE tool in bay 2?",
        ] {
            assert!(depends_on_conversation(text), "{text}");
        }
        for text in [
            "HX-700 반응기의 서셉터 교체 주기는 얼마입니까?",
            "What is the maximum ceiling temperature of the HX-700?",
        ] {
            assert!(!depends_on_conversation(text), "{text}");
        }
    }

    #[test]
    fn the_earlier_question_includes_the_one_it_depends_on() {
        let answer = Turn {
            speaker: Speaker::Epibot,
            text: "Every 50 runs [1].".to_owned(),
        };
        let conversation = [
            person("How is the HX-700 susceptor cleaned?"),
            answer.clone(),
            person("how often?"),
            answer.clone(),
        ];
        assert_eq!(
            earlier_question(&conversation).unwrap(),
            "How is the HX-700 susceptor cleaned?\nhow often?"
        );
        assert_eq!(earlier_question(&[answer]), None);
    }

    #[test]
    fn a_long_question_is_also_searched_by_its_ends() {
        let variants = variants(&format!(
            "Why does it stop? {}What is E-1042?",
            "12:00 ok\n".repeat(500)
        ));
        assert!(
            variants[1].starts_with("Why does it stop?")
                && variants[2].ends_with("What is E-1042?")
        );
        assert!(variants[0].contains("Why") && variants[0].contains("E-1042"));
        assert_eq!(super::variants("Why?"), ["Why?"]);
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let text = format!("first {} last", "log ".repeat(20_000));
        let short = shortened(&text);
        assert!(short.chars().count() <= MAX_CHARS + 3);
        assert!(short.starts_with("first log") && short.ends_with("log  last"));
        assert_eq!(shortened(" short "), "short");
    }
}
