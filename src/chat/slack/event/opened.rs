//! Views that somebody opened.

use serde_json::Value;

use super::{Incoming, field, id, place, time};
use crate::chat::work::{OpenedView, View};

/// Parses `app_home_opened`.
pub(super) fn tab(body: &Value, event: &Value) -> Incoming {
    let view = match field(event, "tab") {
        Some("home") => View::Home,
        Some("messages") => View::Messages,
        _ => return Incoming::Ignored("a tab that is none of ours"),
    };
    opened(
        body,
        event,
        view,
        field(event, "user"),
        field(event, "channel"),
    )
}

/// Parses `assistant_thread_started`.
pub(super) fn thread(body: &Value, event: &Value) -> Incoming {
    let thread = event.get("assistant_thread").unwrap_or(&Value::Null);
    let Some(ts) = field(thread, "thread_ts").filter(time) else {
        return Incoming::Ignored("a thread without its time");
    };
    let view = View::Thread(ts.to_owned());
    opened(
        body,
        event,
        view,
        field(thread, "user_id"),
        field(thread, "channel_id"),
    )
}

fn opened(
    body: &Value,
    event: &Value,
    view: View,
    user: Option<&str>,
    channel: Option<&str>,
) -> Incoming {
    let (Some(team), Some(user), Some(channel), Some(at)) = (
        field(body, "team_id").filter(id),
        user.filter(id),
        channel.filter(id),
        field(event, "event_ts").filter(time),
    ) else {
        return Incoming::Ignored("a view without team, user, channel or time");
    };
    Incoming::Opened(OpenedView {
        place: place(team, channel),
        person: user.to_owned(),
        view,
        at: at.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Bot, parse};
    use super::*;

    fn read(event: &Value) -> Incoming {
        let bot = Bot {
            team: "T1".into(),
            user: "UBOT".into(),
            bot_id: None,
        };
        parse(
            &json!({"type": "event_callback", "team_id": "T1", "event": event}),
            &bot,
        )
    }

    #[test]
    fn opened_tabs_and_threads_are_distinguished() {
        let tab = |tab: &str| {
            read(
                &json!({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": tab, "event_ts": "1.1"}),
            )
        };
        let Incoming::Opened(home) = tab("home") else {
            panic!("no home")
        };
        assert_eq!((home.view, home.person.as_str()), (View::Home, "U1"));
        let Incoming::Opened(messages) = tab("messages") else {
            panic!("no messages")
        };
        assert_eq!(messages.view, View::Messages);
        assert!(matches!(tab("about"), Incoming::Ignored(_)));
        let thread =
            json!({"user_id": "U1", "context": {}, "channel_id": "D1", "thread_ts": "2.5"});
        let event = json!({"type": "assistant_thread_started", "assistant_thread": thread, "event_ts": "2.6"});
        let Incoming::Opened(thread) = read(&event) else {
            panic!("no thread")
        };
        assert_eq!(thread.view, View::Thread("2.5".into()));
    }
}
