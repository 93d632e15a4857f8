//! How much more text fits into a message, and where it is best cut.

use std::time::Duration;

/// Slack takes about 10 kB of UTF-8 in a message.
pub(super) const FULL: usize = 9_000;
/// Slack closes a stream five minutes after its beginning.
const OLD: Duration = Duration::from_secs(200);
const TOO_OLD: Duration = Duration::from_secs(230);

/// What a message contains already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// In bytes as Slack counts them.
    pub(super) used: usize,
    /// Its limit. A sentence that ends in the last ninth of it ends the message.
    pub(super) most: usize,
    pub(super) age: Duration,
}

/// What of a text goes into the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// In bytes of the text.
    pub(super) at: usize,
    /// Whether the message ends there.
    pub(super) is_last: bool,
}

/// How much of the text goes into the message, and whether that is its end.
pub(super) fn cut(text: &str, room: Room) -> Cut {
    let (mut sentence, mut word) = (None, None);
    let mut size = room.used;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        size += escaped(letter);
        if size > room.most && (room.used > 0 || at > 0) {
            let at = sentence.or(word).unwrap_or(at);
            return Cut { at, is_last: true };
        }
        let end = at + letter.len_utf8();
        let is_before_space = letters.peek().is_some_and(|(_, next)| next.is_whitespace());
        if letter == '\n' || is_before_space && ".?!:;。".contains(letter) {
            if size > room.most - room.most / 9 || room.age >= OLD {
                return Cut {
                    at: end,
                    is_last: true,
                };
            }
            sentence = Some(end);
        }
        if letter.is_whitespace() {
            if room.age >= TOO_OLD {
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
        is_last: room.age >= TOO_OLD,
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

    fn room(used: usize, seconds: u64) -> Room {
        Room {
            used,
            most: FULL,
            age: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn a_message_that_is_nearly_full_ends_with_a_sentence() {
        let text = "Check the flow. Then the valve";
        for (room, at, is_last) in [
            (room(0, 0), 30, false),
            (room(7_990, 0), 15, true),
            (room(8_980, 0), 15, true),
            (room(8_990, 0), 10, true),
            (room(9_000, 0), 0, true),
            (room(100, 200), 15, true),
            (room(100, 230), 6, true),
        ] {
            assert_eq!(cut(text, room), Cut { at, is_last }, "{room:?}");
        }
        assert!(!cut("Then the valve", room(8_500, 0)).is_last);
        assert!(cut("valve", room(10, 240)).is_last);
    }

    proptest! {
        #[test]
        fn no_message_is_too_full_and_every_text_comes_to_its_end(
            text in "[a-z가-힣 .<&\n]{0,4000}", used in 0_usize..9_100, age in 0_u64..300,
        ) {
            let mut rest = text.as_str();
            let mut room = room(used, age);
            let mut rounds = 0;
            while !rest.is_empty() {
                let Cut { at, is_last } = cut(rest, room);
                room.used += escape(&rest[..at]).len();
                prop_assert!(room.used <= FULL || at == 0);
                rest = &rest[at..];
                if is_last {
                    room = Room { used: 0, most: FULL, age: Duration::ZERO };
                }
                rounds += 1;
                prop_assert!(rounds < 100);
            }
        }
    }
}
