//! Converts Slack's messages to platform-independent ones.

use std::cmp::Ordering;

use serde_json::Value;

use super::escape::plain;
use super::event::{Bot, attached, field, is_before, is_own};
use super::message::{answer_in, tag_of};
use crate::chat::thread::{Author, ThreadMessage};

/// Converts the messages of a thread or channel; their order is relative to the one whose `ts` is `around`.
pub(super) fn messages(messages: &[Value], around: &str, bot: &Bot) -> Vec<ThreadMessage> {
    let converted = messages.iter().filter_map(|raw| message(raw, around, bot));
    converted.collect()
}

fn message(raw: &Value, around: &str, bot: &Bot) -> Option<ThreadMessage> {
    let ts = field(raw, "ts")?;
    let order = if is_before(ts, around) {
        Ordering::Less
    } else if is_before(around, ts) {
        Ordering::Greater
    } else {
        Ordering::Equal
    };
    let is_own = is_own(raw, bot);
    let text = if is_own {
        answer_in(raw)
    } else {
        field(raw, "text").map(str::to_owned)
    };
    let files = raw.get("files").and_then(Value::as_array);
    let files = files.into_iter().flatten().map(|file| {
        let name = field(file, "name").or_else(|| field(file, "title"));
        name.unwrap_or_default().to_owned()
    });
    Some(ThreadMessage {
        id: ts.to_owned(),
        order,
        author: if is_own { Author::Epibot } else { author(raw) },
        text: text.map(|text| plain(&text, &bot.user)),
        attachments: attached(raw),
        files: files.collect(),
        tag: tag_of(raw),
    })
}

fn author(message: &Value) -> Author {
    let name = ["user", "username", "bot_id"]
        .into_iter()
        .find_map(|name| field(message, name));
    name.map_or(Author::Unknown, |name| Author::Other(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::chat::question::Attachment;
    use crate::chat::slack::event::bot;
    use crate::chat::slack::message::{Block, Message, Role};
    use crate::chat::thread::{MessageTag, attached_before, attached_to, conversation, untagged};
    use crate::domain::question::{Speaker, Turn};

    fn own(ts: &str, role: Role, text: &str) -> Value {
        let block = Block::new(role, text.into());
        let sources = Block::new(Role::Sources, "[1] *Manual*".into());
        let blocks = Message {
            text: String::new(),
            blocks: vec![block, sources],
            buttons: None,
        }
        .tagged_blocks(&MessageTag::first("T1/C1/1.1"));
        json!({"user": "UBOT", "bot_id": "BBOT", "ts": ts, "text": "shown in notifications", "blocks": blocks})
    }

    fn spoken(turns: &[Turn]) -> Vec<(&str, &str)> {
        turns
            .iter()
            .map(|turn| match &turn.speaker {
                Speaker::Person(name) => (name.as_str(), turn.text.as_str()),
                Speaker::Epibot => ("epibot", turn.text.as_str()),
            })
            .collect()
    }

    #[test]
    fn speakers_are_distinguished_and_only_earlier_messages_count() {
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
        let turns = conversation(&messages(&thread, "2.5", &bot()), 1000);
        assert_eq!(
            spoken(&turns),
            [
                ("U1", "purge flow & time?"),
                ("epibot", "It is 5 slm [1], for 2 min [2]."),
                ("U2", "thanks"),
                ("deploy", "tool is up"),
            ]
        );
    }

    #[test]
    fn the_newest_messages_of_a_long_thread_are_kept() {
        let thread: Vec<Value> = (1..=500)
            .map(|n| json!({"user": "U1", "ts": format!("{n}.0"), "text": format!("message {n:04}")}))
            .collect();
        let turns = conversation(&messages(&thread, "501.0", &bot()), 40);
        assert_eq!(
            spoken(&turns),
            [
                ("U1", "message 0498"),
                ("U1", "message 0499"),
                ("U1", "message 0500")
            ]
        );
    }

    #[test]
    fn files_of_the_question_are_found() {
        let thread = [
            json!({"user": "U1", "ts": "1.1", "files": [{"id": "F1"}]}),
            json!({"user": "UBOT", "ts": "1.9", "files": [{"id": "F2"}]}),
            json!({"user": "U1", "ts": "2.5"}),
        ];
        let ids =
            |files: Vec<Attachment>| files.into_iter().map(|file| file.id).collect::<Vec<_>>();
        let around = |ts: &str| messages(&thread, ts, &bot());
        assert_eq!(ids(attached_to(&around("1.1"))), ["F1"]);
        assert!(attached_to(&around("2.5")).is_empty());
        assert_eq!(ids(attached_before(&around("2.5"))), ["F1"]);
        assert!(attached_before(&around("1.1")).is_empty());
    }

    #[test]
    fn messages_are_found_again_by_their_tags() {
        let thread = [
            json!({"user": "U1", "ts": "1.1", "text": "purge flow?"}),
            own("1.2", Role::Answer, "5 slm"),
            json!({"user": "UBOT", "ts": "1.3", "text": "begun"}),
            json!({"user": "UBOT", "ts": "1.4", "text": "", "files": [{"id": "F2"}]}),
        ];
        let thread = messages(&thread, "1.1", &bot());
        assert_eq!(MessageTag::find_all("T1/C1/1.1", &thread), ["1.2"]);
        assert!(MessageTag::find_all("T1/C1/9.9", &thread).is_empty());
        assert_eq!(untagged(&thread), ["1.3"]);
    }
}
