//! Messages that were edited or deleted.

use serde_json::Value;

use super::{Bot, Incoming, field, id, parse_post, place, time};
use crate::chat::question::Question;
use crate::chat::work::Withdrawal;

/// Parses an edited message. Other changes, such as a link preview, are ignored.
pub(super) fn edited(body: &Value, event: &Value, bot: &Bot) -> Incoming {
    let message = event.get("message").unwrap_or(&Value::Null);
    let before = event.pointer("/previous_message/text");
    let Some(edited) = message
        .get("edited")
        .and_then(|edited| field(edited, "ts"))
        .filter(time)
        .filter(|_| before != message.get("text"))
    else {
        return Incoming::Ignored("a change of a message that changes no word");
    };
    let mut post = message.clone();
    for name in ["channel", "channel_type"] {
        post[name] = event.get(name).cloned().unwrap_or_default();
    }
    match parse_post(body, &post, false, bot) {
        Incoming::Question(question) => Incoming::Question(Question {
            edited: Some(edited.to_owned()),
            ..question
        }),
        other => other,
    }
}

/// Parses a deleted message. Whether it was a question is checked later.
pub(super) fn deleted(body: &Value, event: &Value) -> Incoming {
    let team = field(body, "team_id").or_else(|| field(event, "team"));
    let (Some(team), Some(channel), Some(ts)) = (
        team.filter(id),
        field(event, "channel").filter(id),
        field(event, "deleted_ts").filter(time),
    ) else {
        return Incoming::Ignored("a deletion without team, channel or time");
    };
    let root = event
        .get("previous_message")
        .and_then(|message| field(message, "thread_ts"))
        .filter(time)
        .unwrap_or(ts);
    Incoming::Deleted(Withdrawal {
        place: place(team, channel),
        message: ts.to_owned(),
        root: root.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parse;
    use super::*;
    use crate::chat::question::QuestionTrigger;
    use crate::chat::slack::event::bot;

    fn changed(before: &str, after: &str) -> Value {
        json!({"type": "event_callback", "team_id": "T1", "event": {
            "type": "message", "subtype": "message_changed", "hidden": true, "channel": "C1", "channel_type": "channel",
            "ts": "105.1",
            "message": {"type": "message", "user": "U1", "ts": "100.1", "text": after, "edited": {"user": "U1", "ts": "105.0"}},
            "previous_message": {"type": "message", "user": "U1", "ts": "100.1", "text": before},
        }})
    }

    #[test]
    fn only_an_edited_text_is_a_question() {
        let body = changed("<@UBOT> purge flow?", "<@UBOT> purge flow in N2?");
        let Incoming::Question(question) = parse(&body, &bot()) else {
            panic!("no question")
        };
        assert_eq!(question.key(), "T1/C1/100.1");
        assert_eq!(question.edited.as_deref(), Some("105.0"));
        assert_eq!(
            (question.trigger, question.text.as_str()),
            (QuestionTrigger::Mention, "purge flow in N2?")
        );

        let same = changed("<@UBOT> purge flow?", "<@UBOT> purge flow?");
        assert!(matches!(parse(&same, &bot()), Incoming::Ignored(_)));
        let mut preview = body.clone();
        preview["event"]["message"]["edited"] = Value::Null;
        assert!(matches!(parse(&preview, &bot()), Incoming::Ignored(_)));
        let mut own = body;
        own["event"]["message"]["user"] = json!("UBOT");
        assert!(matches!(parse(&own, &bot()), Incoming::Ignored(_)));
    }

    #[test]
    fn a_deletion_names_the_post_and_its_thread() {
        let body = json!({"team_id": "T1", "event": {
            "type": "message", "subtype": "message_deleted", "hidden": true, "channel": "C1", "ts": "106.1",
            "deleted_ts": "102.1", "previous_message": {"user": "U1", "ts": "102.1", "thread_ts": "100.1", "text": "?"},
        }});
        let Incoming::Deleted(deleted) = parse(&body, &bot()) else {
            panic!("no deletion")
        };
        assert_eq!(deleted.question(), "T1/C1/102.1");
        assert_eq!(deleted.lane(), "T1/C1/100.1");
    }
}
