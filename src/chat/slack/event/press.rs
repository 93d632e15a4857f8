//! Buttons that were pressed, and dialogs that were filled in.

use serde_json::Value;

use super::{field, id, time};

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Helpful,
    Unhelpful,
    /// Shows the passages that the answer was drawn from.
    Passages,
    /// Passes the question on to a person.
    Person,
    /// Asks a question that was proposed.
    Ask,
}

/// A button under an answer that somebody pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    pub action: Action,
    pub team: String,
    pub channel: String,
    pub user: String,
    /// The message that the button stands under, and its thread.
    pub message: String,
    pub root: String,
    /// When, as Slack names it; unique in its channel.
    pub at: String,
    /// The question that was answered, or the one to ask.
    pub value: String,
    /// With this, a dialog can be opened for three seconds.
    pub trigger: String,
}

/// What somebody wrote about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub user: String,
    /// The question that was answered.
    pub question: String,
    pub text: String,
}

impl Action {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Helpful, "epibot_helpful"),
        (Self::Unhelpful, "epibot_unhelpful"),
        (Self::Passages, "epibot_passages"),
        (Self::Person, "epibot_person"),
        (Self::Ask, "epibot_ask"),
    ];

    /// As the button's `action_id` begins.
    #[must_use]
    pub fn id(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(action, _)| *action == self)
            .map_or("", |(_, id)| id)
    }

    fn of(id: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| id.starts_with(known));
        found.map(|(action, _)| *action)
    }
}

/// The name of the dialog for a comment, and of its only field.
pub const COMMENT: &str = "epibot_comment";

/// The button of ours that a delivery tells of.
pub(super) fn press(body: &Value) -> Option<Press> {
    if field(body, "type") != Some("block_actions") {
        return None;
    }
    let pressed = body.pointer("/actions/0")?;
    let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let message = at("/container/message_ts").or_else(|| at("/message/ts"))?;
    let root = at("/container/thread_ts").or_else(|| at("/message/thread_ts"));
    Some(Press {
        action: Action::of(field(pressed, "action_id")?)?,
        team: at("/team/id").filter(id)?.to_owned(),
        channel: at("/channel/id")
            .or_else(|| at("/container/channel_id"))
            .filter(id)?
            .to_owned(),
        user: at("/user/id").filter(id)?.to_owned(),
        message: Some(message).filter(time)?.to_owned(),
        root: root.filter(time).unwrap_or(message).to_owned(),
        at: field(pressed, "action_ts").filter(time)?.to_owned(),
        value: field(pressed, "value")?.to_owned(),
        trigger: field(body, "trigger_id").unwrap_or_default().to_owned(),
    })
}

/// The comment that a delivery tells of.
pub(super) fn comment(body: &Value) -> Option<Comment> {
    let view = body.get("view")?;
    if field(body, "type") != Some("view_submission") || field(view, "callback_id") != Some(COMMENT)
    {
        return None;
    }
    let text = view.pointer(&format!("/state/values/{COMMENT}/{COMMENT}/value"));
    Some(Comment {
        user: body
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
    fn a_button_of_ours_is_known_by_its_id() {
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
    fn a_comment_is_read_from_its_dialog() {
        let body = json!({
            "type": "view_submission", "user": {"id": "U1"},
            "view": {"callback_id": COMMENT, "private_metadata": "T1/C1/1.1",
                "state": {"values": {COMMENT: {COMMENT: {"value": "wrong page"}}}}},
        });
        assert_eq!(comment(&body).unwrap().text, "wrong page");
    }
}
