//! An upper bound for the number of tokens of a text, whatever the model's tokenizer is.
//!
//! A real tokenizer would be right for one model and wrong for all others. The weights were chosen so that no text of a
//! sample has more tokens than estimated with Llama 3.1, Qwen 3, GPT-4o, Gemma 3 and `DeepSeek` V3; the estimate is on
//! average half as much again as the true number (docs/RETRIEVAL.md). Vocabularies without Hangul, such as those of Llama 2
//! and GPT-3.5, occasionally exceed it by a fifth.

use crate::domain::language::is_hangul;

/// Hundredths of a token, so that sums stay whole.
const TOKEN: usize = 100;

/// Returns an upper bound for the number of tokens of a text.
#[must_use]
pub fn estimate_tokens(text: &str) -> usize {
    text.chars().map(cost).sum::<usize>().div_ceil(TOKEN)
}

/// Truncates a text to at most `max_tokens` tokens.
#[must_use]
pub fn truncate(text: &str, max_tokens: usize) -> &str {
    let mut left = max_tokens.saturating_mul(TOKEN);
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
                estimate_tokens(text) >= counted,
                "{text}: {}",
                estimate_tokens(text)
            );
        }
    }

    #[test]
    fn a_truncated_text_fits_and_is_as_long_as_possible() {
        let text = "서셉터 bake 1100 °C".repeat(20);
        for max in [0, 1, 7, 50, 10_000] {
            let truncated = truncate(&text, max);
            assert!(estimate_tokens(truncated) <= max && text.starts_with(truncated));
            let next: String = text.chars().take(truncated.chars().count() + 1).collect();
            assert!(truncated.len() == text.len() || estimate_tokens(&next) > max);
        }
    }
}
