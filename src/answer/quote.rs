//! Passages quoted as they stand, for answers without a language model.

use super::cite::defused;
use crate::domain::{Language, Passage, is_hangul};
use crate::text::answer as say;

/// How many passages are quoted, and how long each may be, in characters.
pub(super) const QUOTED: usize = 3;
const QUOTE_CHARS: usize = 600;
/// English words that tell nothing about where in a passage the answer stands.
const COMMON: [&str; 24] = [
    "the", "and", "for", "are", "was", "what", "which", "when", "where", "who", "how", "why",
    "does", "can", "with", "from", "that", "this", "into", "much", "many", "should", "must",
    "have",
];

/// The passages, each under the line that names it, with `[n]` from `first` on.
pub(super) fn quotes<'a>(
    question: &str,
    passages: impl IntoIterator<Item = (usize, &'a Passage)>,
    language: Language,
) -> String {
    let words = telling_words(question);
    let blocks: Vec<String> = passages
        .into_iter()
        .map(|(n, passage)| {
            let document = &passage.document;
            let part = |text: &str| defused(&one_line(text, 120));
            let place = say::place(
                language,
                &part(&document.title),
                document.revision.as_deref().map(part).as_deref(),
                passage.page_label().as_deref().map(part).as_deref(),
                passage.section().map(part).as_deref(),
            );
            let excerpt = defused(&excerpt(&passage.text, &words, QUOTE_CHARS));
            let quoted: Vec<String> = excerpt
                .lines()
                .map(|line| format!("> {line}").trim_end().to_owned())
                .collect();
            format!("{place} [{n}]\n{}", quoted.join("\n"))
        })
        .collect();
    blocks.join("\n\n")
}

/// Words of a question to look for in a passage, in lower case: whole ones in Latin letters, pairs of syllables
/// in Hangul, since its endings vary.
fn telling_words(question: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in question
        .to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric() && letter != '-')
    {
        let letters: Vec<char> = word.chars().collect();
        for pair in letters
            .windows(2)
            .filter(|pair| pair.iter().all(|letter| is_hangul(*letter)))
        {
            words.push(pair.iter().collect());
        }
        let latin: String = letters
            .iter()
            .filter(|letter| !is_hangul(**letter))
            .collect();
        if latin.chars().count() > 2 && !COMMON.contains(&latin.as_str()) {
            words.push(latin);
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// The run of whole sentences, of at most so many characters, that holds most of the words; an ellipsis stands
/// for what is left out.
fn excerpt(text: &str, words: &[String], longest: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let sentences = sentences(text);
    let lengths: Vec<usize> = sentences
        .iter()
        .map(|sentence| sentence.chars().count())
        .collect();
    let holds: Vec<Vec<bool>> = sentences
        .iter()
        .map(|sentence| {
            let sentence = sentence.to_lowercase();
            words
                .iter()
                .map(|word| sentence.contains(word.as_str()))
                .collect()
        })
        .collect();
    let (mut best, mut most) = (0..1, None);
    for first in 0..sentences.len() {
        let (mut last, mut length) = (first, 0);
        while last < sentences.len() && (last == first || length + lengths[last] <= longest) {
            length += lengths[last];
            last += 1;
        }
        let held = (0..words.len())
            .filter(|word| holds[first..last].iter().any(|holds| holds[*word]))
            .count();
        // With as many words, the run that begins at the first of them reads best.
        let begins = usize::from(holds[first].contains(&true));
        if most.is_none_or(|most| (held, begins) > most) {
            (best, most) = (first..last, Some((held, begins)));
        }
    }
    let run = sentences[best.clone()].concat();
    let run = run.trim();
    let cut: String = run.chars().take(longest).collect();
    let shortened = cut.len() < run.len();
    let cut = if shortened {
        cut.rsplit_once(char::is_whitespace)
            .map_or(cut.as_str(), |(whole, _)| whole)
    } else {
        &cut
    };
    let before = if best.start > 0 { "… " } else { "" };
    let after = if shortened || best.end < sentences.len() {
        " …"
    } else {
        ""
    };
    format!("{before}{cut}{after}")
}

/// The text cut after every sentence and every line; together they are the text.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let ends = letter == '\n'
            || (matches!(letter, '.' | '?' | '!' | '。') && next.is_none_or(char::is_whitespace));
        if ends {
            let end = at + letter.len_utf8();
            found.push(&text[start..end]);
            start = end;
        }
    }
    if start < text.len() {
        found.push(&text[start..]);
    }
    found
}

/// The text on one line, cut at a word where it is longer than so many characters.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count() + usize::from(!line.is_empty());
        if length + more > longest {
            if line.is_empty() {
                line.extend(word.chars().take(longest));
            }
            line.push('…');
            return line;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        length += more;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_becomes_one_line_that_ends_at_a_word() {
        assert_eq!(one_line(" a\n b\tc ", 10), "a b c");
        assert_eq!(one_line("가스 공급을 중단한다", 8), "가스 공급을…");
        assert_eq!(one_line("unbreakable", 5), "unbre…");
        assert_eq!(one_line("", 5), "");
    }

    #[test]
    fn an_excerpt_is_whole_sentences_around_the_words_that_match() {
        let text = "The pump runs. It needs oil. The susceptor is baked at 1,050 °C for 20 min. Then it cools. Log it.";
        let words = telling_words("At what temperature is the susceptor baked?");
        assert_eq!(
            excerpt(text, &words, 65),
            "… The susceptor is baked at 1,050 °C for 20 min. Then it cools. …"
        );
        assert_eq!(excerpt(text, &words, 500), text);
    }

    #[test]
    fn a_single_sentence_that_is_too_long_is_cut_at_a_word() {
        let text = "susceptor ".repeat(50);
        let cut = excerpt(&text, &telling_words("susceptor"), 45);
        assert_eq!(cut, "susceptor susceptor susceptor susceptor …");
    }

    #[test]
    fn korean_words_are_found_whatever_their_ending() {
        let words = telling_words("서셉터의 베이크 온도는?");
        let text = format!(
            "{} 서셉터는 1,050 °C에서 베이크한다. {}",
            "펌프를 점검한다. ".repeat(20),
            "기록을 남긴다. ".repeat(20)
        );
        assert!(excerpt(&text, &words, 60).contains("1,050 °C에서 베이크한다."));
    }

    #[test]
    fn sentences_make_up_the_text_again() {
        let text = "At 1.5 slm. Then\n| a | b |\n끝낸다.";
        assert_eq!(sentences(text).concat(), text);
        assert_eq!(sentences(text).len(), 4);
    }
}
