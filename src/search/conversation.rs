//! The conversation of a question, as the language model is shown it.

use serde::Serialize;

use crate::domain::excerpt::one_line;
use crate::domain::question::{Question, Speaker};
use crate::llm::tokens::most_tokens;

/// The most characters of one earlier turn.
const TURN_CHARS: usize = 1500;

/// One turn of the conversation.
#[derive(Serialize)]
pub(crate) struct TurnView {
    speaker: &'static str,
    pub(crate) text: String,
}

/// The latest turns that together have at most `room` tokens, oldest first.
pub(crate) fn conversation(question: &Question, mut room: usize) -> Vec<TurnView> {
    let mut turns = Vec::new();
    for turn in question.conversation.iter().rev() {
        let text = match turn.speaker {
            Speaker::Person(_) => one_line(&turn.text, TURN_CHARS),
            // The numbers of an earlier answer point to other passages.
            Speaker::Epibot => one_line(&without_citations(&turn.text), TURN_CHARS),
        };
        let length = most_tokens(&text);
        if length > room {
            break;
        }
        room -= length;
        let speaker = match turn.speaker {
            Speaker::Person(_) => "Person",
            Speaker::Epibot => "epibot",
        };
        turns.push(TurnView { speaker, text });
    }
    turns.reverse();
    turns
}

/// Leaves out the `[n]` of an earlier answer: they number other passages than the ones found now.
fn without_citations(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let after = &rest[open + 1..];
        let is_citation =
            |inner: &str| !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(close) = after
            .find(']')
            .filter(|close| is_citation(&after[..*close]))
        {
            kept.push_str(rest[..open].trim_end_matches(' '));
            rest = &after[close + 1..];
        } else {
            kept.push_str(&rest[..=open]);
            rest = after;
        }
    }
    kept + rest
}
