//! Buttons that were pressed, and dialogs that were filled in.

use serde_json::Value;

use super::{field, id, place, time};
use crate::chat::actions::{Action, ButtonPress, Comment};
use crate::chat::slack::dialog::COMMENT;

/// Prefix of the `action_id` of each button.
const ACTION_IDS: [(Action, &str); 5] = [
    (Action::Helpful, "epibot_helpful"),
    (Action::Unhelpful, "epibot_unhelpful"),
    (Action::Passages, "epibot_passages"),
    (Action::Person, "epibot_person"),
    (Action::Ask, "epibot_ask"),
];

/// Prefix of the `action_id` of a button.
#[must_use]
pub fn action_id(action: Action) -> &'static str {
    ACTION_IDS
        .iter()
        .find(|(candidate, _)| *candidate == action)
        .map_or("", |(_, id)| id)
}

fn action(id: &str) -> Option<Action> {
    let found = ACTION_IDS.iter().find(|(_, prefix)| id.starts_with(prefix));
    found.map(|(action, _)| *action)
}

/// Parses the press of a button below an answer.
pub(super) fn press(body: &Value) -> Option<ButtonPress> {
    if field(body, "type") != Some("block_actions") {
        return None;
    }
    let pressed = body.pointer("/actions/0")?;
    let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let message = at("/container/message_ts").or_else(|| at("/message/ts"))?;
    let root = at("/container/thread_ts").or_else(|| at("/message/thread_ts"));
    let message = Some(message).filter(time)?;
    let channel = at("/channel/id").or_else(|| at("/container/channel_id"));
    Some(ButtonPress {
        action: action(field(pressed, "action_id")?)?,
        place: place(at("/team/id").filter(id)?, channel.filter(id)?),
        person: at("/user/id").filter(id)?.to_owned(),
        root: root.filter(time).unwrap_or(message).to_owned(),
        at: field(pressed, "action_ts").filter(time)?.to_owned(),
        value: field(pressed, "value")?.to_owned(),
        trigger: field(body, "trigger_id").unwrap_or_default().to_owned(),
    })
}

/// Parses a comment.
pub(super) fn comment(body: &Value) -> Option<Comment> {
    let view = body.get("view")?;
    if field(body, "type") != Some("view_submission") || field(view, "callback_id") != Some(COMMENT)
    {
        return None;
    }
    let text = view.pointer(&format!("/state/values/{COMMENT}/{COMMENT}/value"));
    Some(Comment {
        person: body
            .pointer("/user/id")
            .and_then(Value::as_str)
            .filter(id)?
            .to_owned(),
        question: field(view, "private_metadata")?.to_owned(),
        text: text.and_then(Value::as_str).unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_button_is_recognised_by_its_id() {
        let body = json!({
            "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "channel": {"id": "C1"},
            "container": {"message_ts": "2.1", "thread_ts": "1.1", "channel_id": "C1"}, "trigger_id": "3.3.x",
            "actions": [{"action_id": "epibot_ask 1", "action_ts": "5.5", "value": "And in N2?"}],
        });
        let pressed = press(&body).unwrap();
        assert_eq!(pressed.action, Action::Ask);
        assert_eq!((pressed.root.as_str(), pressed.at.as_str()), ("1.1", "5.5"));
        let mut other = body.clone();
        other["actions"][0]["action_id"] = json!("somebody_else");
        assert_eq!(press(&other), None);
        let mut hostile = body;
        hostile["channel"]["id"] = json!("C1/../x");
        assert_eq!(press(&hostile), None);
    }

    #[test]
    fn a_comment_is_parsed_from_its_dialog() {
        let body = json!({
            "type": "view_submission", "user": {"id": "U1"},
            "view": {"callback_id": COMMENT, "private_metadata": "T1/C1/1.1",
                "state": {"values": {COMMENT: {COMMENT: {"value": "wrong page"}}}}},
        });
        assert_eq!(comment(&body).unwrap().text, "wrong page");
    }
}
