//! Decides how much text fits into a streamed message, and where to split it.

use std::time::Duration;

/// Maximum size of a message, in bytes; Slack's limit is about 10 kB of UTF-8.
pub(super) const MAX_MESSAGE_BYTES: usize = 9_000;
/// Ages of a stream at which it ends with a sentence, or with a word; Slack closes it after five minutes.
const SENTENCE_END_AGE: Duration = Duration::from_secs(200);
const WORD_END_AGE: Duration = Duration::from_secs(230);

/// The fill level of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageFill {
    /// Used bytes of the escaped text.
    pub(super) used: usize,
    /// The limit in bytes. A sentence that ends in the last ninth of it ends the message.
    pub(super) max_bytes: usize,
    pub(super) age: Duration,
}

/// The part of a text that is added to the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Length of the part, in bytes of the text.
    pub(super) at: usize,
    /// Whether the message ends there.
    pub(super) is_last: bool,
}

/// Decides how much of the text is added to the message, and whether the message ends there.
pub(super) fn cut(text: &str, fill: MessageFill) -> Cut {
    let (mut sentence, mut word) = (None, None);
    let mut size = fill.used;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        size += escaped(letter);
        if size > fill.max_bytes && (fill.used > 0 || at > 0) {
            let at = sentence.or(word).unwrap_or(at);
            return Cut { at, is_last: true };
        }
        let end = at + letter.len_utf8();
        let is_before_space = letters.peek().is_some_and(|(_, next)| next.is_whitespace());
        if letter == '\n' || is_before_space && ".?!:;。".contains(letter) {
            if size > fill.max_bytes - fill.max_bytes / 9 || fill.age >= SENTENCE_END_AGE {
                return Cut {
                    at: end,
                    is_last: true,
                };
            }
            sentence = Some(end);
        }
        if letter.is_whitespace() {
            if fill.age >= WORD_END_AGE {
                return Cut {
                    at: end,
                    is_last: true,
                };
            }
            word = Some(end);
        }
    }
    Cut {
        at: text.len(),
        is_last: fill.age >= WORD_END_AGE,
    }
}

/// The length of an escaped character, in bytes.
fn escaped(letter: char) -> usize {
    match letter {
        '&' => "&amp;".len(),
        '<' | '>' => "&lt;".len(),
        _ => letter.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chat::slack::escape::escape;

    fn fill(used: usize, seconds: u64) -> MessageFill {
        MessageFill {
            used,
            max_bytes: MAX_MESSAGE_BYTES,
            age: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn a_message_that_is_nearly_full_ends_with_a_sentence() {
        let text = "Check the flow. Then the valve";
        for (fill, at, is_last) in [
            (fill(0, 0), 30, false),
            (fill(7_990, 0), 15, true),
            (fill(8_980, 0), 15, true),
            (fill(8_990, 0), 10, true),
            (fill(9_000, 0), 0, true),
            (fill(100, 200), 15, true),
            (fill(100, 230), 6, true),
        ] {
            assert_eq!(cut(text, fill), Cut { at, is_last }, "{fill:?}");
        }
        assert!(!cut("Then the valve", fill(8_500, 0)).is_last);
        assert!(cut("valve", fill(10, 240)).is_last);
    }

    proptest! {
        #[test]
        fn no_message_is_too_long_and_every_text_is_written_completely(
            text in "[a-z가-힣 .<&\n]{0,4000}", used in 0_usize..9_100, age in 0_u64..300,
        ) {
            let mut rest = text.as_str();
            let mut fill = fill(used, age);
            let mut rounds = 0;
            while !rest.is_empty() {
                let Cut { at, is_last } = cut(rest, fill);
                fill.used += escape(&rest[..at]).len();
                prop_assert!(fill.used <= MAX_MESSAGE_BYTES || at == 0);
                rest = &rest[at..];
                if is_last {
                    fill = MessageFill { used: 0, max_bytes: MAX_MESSAGE_BYTES, age: Duration::ZERO };
                }
                rounds += 1;
                prop_assert!(rounds < 100);
            }
        }
    }
}
