//! The conversation before a question, as shown to the language model.

use serde::Serialize;

use crate::domain::excerpt::one_line;
use crate::domain::question::{Question, Speaker};
use crate::llm::tokens::estimate_tokens;

/// Characters of one earlier turn.
const MAX_TURN_CHARS: usize = 1500;

/// One turn of the conversation.
#[derive(Serialize)]
pub(crate) struct TurnView {
    speaker: &'static str,
    pub(crate) text: String,
}

/// Returns the latest turns that fit into `room` tokens, oldest first.
pub(crate) fn conversation(question: &Question, mut room: usize) -> Vec<TurnView> {
    let mut turns = Vec::new();
    for turn in question.conversation.iter().rev() {
        let text = match turn.speaker {
            Speaker::Person(_) => one_line(&turn.text, MAX_TURN_CHARS),
            // Citation numbers of an earlier answer refer to other passages.
            Speaker::Epibot => one_line(&without_citations(&turn.text), MAX_TURN_CHARS),
        };
        let length = estimate_tokens(&text);
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

/// Removes the citations `[n]` of an earlier answer: they number other passages than the current ones.
fn without_citations(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let after = &rest[open + 1..];
        let is_citation =
            |inner: &str| !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(close) = after
            .find(']')
            .filter(|close| is_citation(&after[..*close]))
        {
            cleaned.push_str(rest[..open].trim_end_matches(' '));
            rest = &after[close + 1..];
        } else {
            cleaned.push_str(&rest[..=open]);
            rest = after;
        }
    }
    cleaned + rest
}
