//! The thread around a question, as a conversation.

use serde_json::Value;

use super::escape::plain;
use super::event::{Attachment, Bot, Question, attached, field, is_before, is_own};
use super::message::answer_in;
use crate::domain::question::{Speaker, Turn};

/// What was said in the thread before the question, oldest first: the newest messages that fit into `budget`
/// characters. Answers of ours come without their sources, other messages of ours not at all.
pub(super) fn conversation(
    thread: &[Value],
    question: &Question,
    bot: &Bot,
    budget: usize,
) -> Vec<Turn> {
    let mut left = budget;
    let mut turns = Vec::new();
    let earlier = thread
        .iter()
        .rev()
        .filter(|message| field(message, "ts").is_some_and(|ts| is_before(ts, &question.ts)));
    for turn in earlier.filter_map(|message| turn(message, bot)) {
        let length = turn.text.chars().count();
        if length > left {
            break;
        }
        left -= length;
        turns.push(turn);
    }
    turns.reverse();
    turns
}

/// The files that are attached to the question.
pub(super) fn attached_to(thread: &[Value], question: &Question) -> Vec<Attachment> {
    let own = |message: &&Value| field(message, "ts") == Some(&question.ts);
    thread.iter().find(own).map(attached).unwrap_or_default()
}

/// The files that a person last attached before the question: a question after that is likely to be about them.
pub(super) fn attached_before(thread: &[Value], question: &Question, bot: &Bot) -> Vec<Attachment> {
    let earlier = thread.iter().rev().filter(|message| {
        field(message, "ts").is_some_and(|ts| is_before(ts, &question.ts)) && !is_own(message, bot)
    });
    earlier
        .map(attached)
        .find(|files| !files.is_empty())
        .unwrap_or_default()
}

fn turn(message: &Value, bot: &Bot) -> Option<Turn> {
    if is_own(message, bot) {
        let text = plain(&answer_in(message)?, &bot.user);
        return Some(Turn {
            speaker: Speaker::Epibot,
            text,
        });
    }
    let text = plain(field(message, "text")?, &bot.user);
    let speaker = ["user", "username", "bot_id"]
        .into_iter()
        .find_map(|name| field(message, name))?;
    (!text.is_empty()).then(|| Turn {
        speaker: Speaker::Person(speaker.to_owned()),
        text,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::event::How;
    use super::super::message::{Block, Mark, Message, Role};
    use super::*;
    use crate::chat::slack::event::bot;

    fn question(ts: &str) -> Question {
        Question {
            team: "T1".into(),
            channel: "C1".into(),
            ts: ts.into(),
            thread_ts: Some("1.1".into()),
            user: "U1".into(),
            text: "and in N2?".into(),
            how: How::ThreadReply,
            attached: None,
            edited: None,
            too_many: false,
        }
    }

    fn own(ts: &str, role: Role, text: &str) -> Value {
        let block = Block::new(role, text.into());
        let sources = Block::new(Role::Sources, "[1] *Manual*".into());
        let mark = Mark {
            question: "T1/C1/1.1".into(),
            part: 1,
        };
        let blocks = Message {
            text: String::new(),
            blocks: vec![block, sources],
            buttons: None,
        }
        .marked_blocks(&mark);
        json!({"user": "UBOT", "bot_id": "BBOT", "ts": ts, "text": "shown in notifications", "blocks": blocks})
    }

    fn said(turns: &[Turn]) -> Vec<(&str, &str)> {
        turns
            .iter()
            .map(|turn| match &turn.speaker {
                Speaker::Person(name) => (name.as_str(), turn.text.as_str()),
                Speaker::Epibot => ("epibot", turn.text.as_str()),
            })
            .collect()
    }

    #[test]
    fn speakers_are_kept_apart_and_only_what_came_before_counts() {
        let thread = [
            json!({"user": "U1", "ts": "1.1", "text": "<@UBOT> purge flow &amp; time?"}),
            own(
                "1.2",
                Role::Answer,
                "It is 5 slm <https://a.example|[1]>, for 2 min [2].",
            ),
            json!({"user": "U2", "ts": "1.9", "text": "thanks"}),
            own("1.95", Role::Status, "Looking through the documents…"),
            json!({"bot_id": "B2", "username": "deploy", "ts": "1.96", "text": "tool is up"}),
            json!({"user": "U1", "ts": "2.5", "text": "and in N2?"}),
            json!({"user": "U1", "ts": "10.5", "text": "later"}),
        ];
        assert_eq!(
            said(&conversation(&thread, &question("2.5"), &bot(), 1000)),
            [
                ("U1", "purge flow & time?"),
                ("epibot", "It is 5 slm, for 2 min."),
                ("U2", "thanks"),
                ("deploy", "tool is up"),
            ]
        );
    }

    #[test]
    fn a_long_thread_is_kept_from_its_end() {
        let thread: Vec<Value> = (1..=500).map(|n| json!({"user": "U1", "ts": format!("{n}.0"), "text": format!("message {n:04}")})).collect();
        let turns = conversation(&thread, &question("501.0"), &bot(), 40);
        assert_eq!(
            said(&turns),
            [
                ("U1", "message 0498"),
                ("U1", "message 0499"),
                ("U1", "message 0500")
            ]
        );
    }

    #[test]
    fn files_of_the_question_are_seen() {
        let thread = [
            json!({"user": "U1", "ts": "1.1", "files": [{"id": "F1"}]}),
            json!({"user": "UBOT", "ts": "1.9", "files": [{"id": "F2"}]}),
            json!({"user": "U1", "ts": "2.5"}),
        ];
        let ids =
            |files: Vec<Attachment>| files.into_iter().map(|file| file.id).collect::<Vec<_>>();
        assert_eq!(ids(attached_to(&thread, &question("1.1"))), ["F1"]);
        assert!(attached_to(&thread, &question("2.5")).is_empty());
        assert_eq!(
            ids(attached_before(&thread, &question("2.5"), &bot())),
            ["F1"]
        );
        assert!(attached_before(&thread, &question("1.1"), &bot()).is_empty());
    }
}
