//! An upper bound for the number of tokens of a text, whatever the model's tokenizer is.
//!
//! A tokenizer of one's own would be right for one model and wrong for all others. These weights were chosen so that no
//! text of a sample has more tokens than they say for Llama 3.1, Qwen 3, GPT-4o, Gemma 3 and `DeepSeek` V3; the estimate is
//! half as much again as the truth on average (docs/RETRIEVAL.md). Vocabularies that know no Hangul, such as those of
//! Llama 2 and GPT-3.5, now and then exceed it by a fifth.

use crate::domain::language::is_hangul;

/// Hundredths of a token, so that sums stay whole.
const TOKEN: usize = 100;

/// The most tokens that a text has.
#[must_use]
pub fn most_tokens(text: &str) -> usize {
    text.chars().map(cost).sum::<usize>().div_ceil(TOKEN)
}

/// The longest beginning of the text with at most `most` tokens.
#[must_use]
pub fn beginning(text: &str, most: usize) -> &str {
    let mut left = most.saturating_mul(TOKEN);
    for (at, letter) in text.char_indices() {
        match left.checked_sub(cost(letter)) {
            Some(rest) => left = rest,
            None => return &text[..at],
        }
    }
    text
}

fn cost(letter: char) -> usize {
    match letter {
        'a'..='z' | 'A'..='Z' => 33,
        '0'..='9' => 140,
        _ if letter.is_whitespace() => 20,
        _ if letter.is_ascii() => 100,
        _ if is_hangul(letter) => 160,
        // Other scripts and symbols may be spelled out byte by byte.
        _ => 300,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_has_more_tokens_than_estimated() {
        // Counted with the tokenizers of Llama 3.1, Qwen 3 and GPT-4o: the most of the three.
        for (text, counted) in [
            ("Bake the susceptor at 1,050 °C for 20 min in 5 slm H2.", 27),
            ("서셉터 베이크 온도는 1100 ℃, 20분입니다.", 25),
            (
                "| E-1042 | Showerhead water outlet above 65 °C for 5 s |",
                23,
            ),
        ] {
            assert!(
                most_tokens(text) >= counted,
                "{text}: {}",
                most_tokens(text)
            );
        }
    }

    #[test]
    fn a_beginning_fits_and_is_as_long_as_may_be() {
        let text = "서셉터 bake 1100 °C".repeat(20);
        for most in [0, 1, 7, 50, 10_000] {
            let begun = beginning(&text, most);
            assert!(most_tokens(begun) <= most && text.starts_with(begun));
            let next: String = text.chars().take(begun.chars().count() + 1).collect();
            assert!(begun.len() == text.len() || most_tokens(&next) > most);
        }
    }
}
