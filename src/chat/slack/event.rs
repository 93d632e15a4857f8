//! Parses deliveries of Slack. Pure: raw JSON in, [`Incoming`] out; no input makes it panic.
//!
//! Parses raw JSON rather than a library's types, which reject a whole message for one unexpected field.

mod call;
mod change;
mod file;
mod opened;
mod press;
mod ts;

use serde_json::Value;

pub use self::file::{attached, attachment};
pub use self::press::action_id;
pub(super) use self::ts::is_before;

use super::escape::{mentioned, mentions, plain};
use crate::chat::actions::{ButtonPress, Comment};
use crate::chat::commands::CommandCall;
use crate::chat::place::{Place, Platform, Visibility};
use crate::chat::question::{Question, QuestionTrigger};
use crate::chat::work::{OpenedView, Withdrawal};

/// The bot's identity in Slack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bot {
    pub team: String,
    pub user: String,
    pub bot_id: Option<String>,
}

/// The bot of the tests.
#[cfg(test)]
pub(super) fn bot() -> Bot {
    Bot {
        team: "T1".into(),
        user: "UBOT".into(),
        bot_id: Some("BBOT".into()),
    }
}

/// A parsed delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    Question(Question),
    /// A message was deleted.
    Deleted(Withdrawal),
    /// Somebody opened a view.
    Opened(OpenedView),
    Command(CommandCall),
    Pressed(ButtonPress),
    Commented(Comment),
    /// Slack verifies the address; the word must be sent back.
    Challenge(String),
    /// Nothing to do, and why.
    Ignored(&'static str),
}

/// A conversation in Slack. The ids of direct messages begin with `D`.
#[must_use]
pub fn place(team: &str, channel: &str) -> Place {
    Place {
        platform: Platform::Slack,
        workspace: team.to_owned(),
        conversation: channel.to_owned(),
        visibility: visibility(channel),
    }
}

/// Who can read a conversation, by its id.
#[must_use]
pub fn visibility(channel: &str) -> Visibility {
    if channel.starts_with('D') {
        Visibility::Private
    } else {
        Visibility::Shared
    }
}

/// Parses a delivery: the payload of a Socket Mode envelope, or the body of an HTTP request.
#[must_use]
pub fn parse(body: &Value, bot: &Bot) -> Incoming {
    if let Some(event) = body.get("event").filter(|event| event.is_object()) {
        return parse_event(body, event, bot);
    }
    match (
        field(body, "type"),
        field(body, "challenge"),
        field(body, "command"),
    ) {
        (Some("url_verification"), Some(challenge), _) => Incoming::Challenge(challenge.to_owned()),
        (None, _, Some(name)) => Incoming::Command(call::call(body, name, bot)),
        (Some(_), _, _) => match (press::press(body), press::comment(body)) {
            (Some(press), _) => Incoming::Pressed(press),
            (None, Some(comment)) => Incoming::Commented(comment),
            (None, None) => Incoming::Ignored("an interaction with something else"),
        },
        (None, _, None) => Incoming::Ignored("no event, command or interaction"),
    }
}

fn parse_event(body: &Value, event: &Value, bot: &Bot) -> Incoming {
    let is_mention = match field(event, "type") {
        Some("app_mention") => true,
        Some("message") => false,
        Some("app_home_opened") => return opened::tab(body, event),
        Some("assistant_thread_started") => return opened::thread(body, event),
        _ => return Incoming::Ignored("an event that asks nothing"),
    };
    match field(event, "subtype") {
        Some("message_changed") => change::edited(body, event, bot),
        Some("message_deleted") => change::deleted(body, event),
        _ => parse_post(body, event, is_mention, bot),
    }
}

fn parse_post(body: &Value, event: &Value, is_mention: bool, bot: &Bot) -> Incoming {
    if let Some(reason) = ignore_reason(event, bot) {
        return Incoming::Ignored(reason);
    }
    let team = field(body, "team_id").or_else(|| field(event, "team"));
    let (Some(team), Some(channel), Some(ts), Some(user)) = (
        team.filter(id),
        field(event, "channel").filter(id),
        field(event, "ts").filter(time),
        field(event, "user"),
    ) else {
        return Incoming::Ignored("a message without team, channel, time or user");
    };
    let raw = field(event, "text").unwrap_or_default();
    let thread_ts = field(event, "thread_ts")
        .filter(time)
        .filter(|thread| *thread != ts);
    let is_direct = match field(event, "channel_type") {
        Some(kind) => matches!(kind, "im" | "mpim" | "app_home"),
        None => visibility(channel) == Visibility::Private,
    };
    let text = plain(raw, &bot.user);
    let trigger = if is_direct {
        QuestionTrigger::Direct
    } else if is_mention || mentions(raw, &bot.user) {
        QuestionTrigger::Mention
    } else if thread_ts.is_none() && is_question(&text) && mentioned(raw).next().is_none() {
        QuestionTrigger::ChannelMessage
    } else if thread_ts.is_none() {
        return Incoming::Ignored("a message in a channel that does not mention us");
    } else if text.is_empty() || mentioned(raw).next().is_some() {
        return Incoming::Ignored("a reply in a thread that is empty or meant for somebody else");
    } else {
        QuestionTrigger::ThreadReply
    };
    Incoming::Question(Question {
        place: place(team, channel),
        message: ts.to_owned(),
        thread: thread_ts.map(str::to_owned),
        person: user.to_owned(),
        text,
        trigger,
        // `app_mention` carries no files even if the post has some.
        attachments: (!is_mention || event.get("files").is_some()).then(|| attached(event)),
        edited: None,
        is_over_limit: false,
    })
}

/// Returns true if a text has a question mark or a Korean question ending.
fn is_question(text: &str) -> bool {
    let korean = [
        "까", "나요", "가요", "인지", "는지", "은요", "는요", "을까", "죠",
    ];
    let end = text.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    text.contains(['?', '？']) || korean.iter().any(|ending| end.ends_with(ending))
}

/// Returns true if the bot wrote the message.
#[must_use]
pub fn is_own(message: &Value, bot: &Bot) -> bool {
    let by_bot_id = bot.bot_id.is_some() && field(message, "bot_id") == bot.bot_id.as_deref();
    field(message, "user") == Some(&bot.user) || by_bot_id
}

/// Why a message is ignored; `None` if a person has just posted it.
fn ignore_reason(event: &Value, bot: &Bot) -> Option<&'static str> {
    if is_own(event, bot) {
        return Some("our own message");
    }
    if field(event, "bot_id").is_some()
        || field(event, "app_id").is_some()
        || field(event, "user") == Some("USLACKBOT")
    {
        return Some("a bot's message");
    }
    if event
        .get("hidden")
        .and_then(Value::as_bool)
        .unwrap_or_default()
    {
        return Some("a hidden message");
    }
    match field(event, "subtype") {
        None | Some("file_share" | "thread_broadcast") => None,
        Some("bot_message") => Some("a bot's message"),
        Some(_) => Some("an edit, a deletion, a join or another notice"),
    }
}

/// A field's text; `None` if it is missing, empty or not a string.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// Returns true if a text has the form of Slack's ids. They become part of keys, in which `/` is the separator.
fn id(text: &&str) -> bool {
    text.chars().all(|letter| letter.is_ascii_alphanumeric())
}

/// Returns true if a text has the form of Slack's timestamps, which identify messages.
fn time(text: &&str) -> bool {
    text.chars()
        .all(|letter| letter.is_ascii_digit() || letter == '.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;
    use crate::chat::slack::requirement::Requirement;

    fn callback(event: &Value) -> Value {
        json!({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event})
    }

    fn message(changes: &Value) -> Value {
        let mut event = json!({
            "type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": "100.000001",
            "text": "<@UBOT> purge flow?",
        });
        for (name, value) in changes.as_object().unwrap() {
            event[name] = value.clone();
        }
        callback(&event)
    }

    fn question(body: &Value) -> Question {
        match parse(body, &bot()) {
            Incoming::Question(question) => question,
            other => panic!("not a question: {other:?}"),
        }
    }

    #[test]
    fn the_two_events_of_one_post_are_one_question() {
        let mention = question(&callback(&json!({
            "type": "app_mention", "channel": "C1", "user": "U1", "ts": "100.000001", "text": "<@UBOT> purge flow?",
        })));
        let message = question(&message(&json!({})));
        assert_eq!(mention.key(), "T1/C1/100.000001");
        assert_eq!(
            (
                mention.key(),
                mention.lane(),
                &mention.text,
                mention.trigger
            ),
            (
                message.key(),
                message.lane(),
                &message.text,
                message.trigger
            )
        );
        assert_eq!(
            (mention.attachments, message.attachments),
            (None, Some(Vec::new()))
        );
        assert_eq!(message.text, "purge flow?");
    }

    #[test]
    fn direct_and_group_messages_need_no_mention() {
        for changes in [
            json!({"channel": "D1", "channel_type": "im", "text": "purge flow?"}),
            json!({"channel": "G1", "channel_type": "mpim", "text": "purge flow?"}),
            json!({"channel": "D1", "channel_type": "im", "text": "<@UBOT> purge flow?"}),
        ] {
            let question = question(&message(&changes));
            assert_eq!(
                (question.trigger, question.text.as_str()),
                (QuestionTrigger::Direct, "purge flow?")
            );
        }
    }

    #[test]
    fn a_reply_in_a_thread_may_be_a_follow_up() {
        let reply = question(&message(
            &json!({"ts": "102.5", "thread_ts": "100.000001", "text": "and in N2?"}),
        ));
        assert_eq!(reply.trigger, QuestionTrigger::ThreadReply);
        assert_eq!(reply.lane(), "T1/C1/100.000001");
        assert_eq!(reply.key(), "T1/C1/102.5");
        let mentioned = question(&message(&json!({"ts": "102.5", "thread_ts": "100.000001"})));
        assert_eq!(mentioned.trigger, QuestionTrigger::Mention);
    }

    #[test]
    fn an_empty_question_is_still_a_question() {
        assert_eq!(question(&message(&json!({"text": "<@UBOT>"}))).text, "");
        let only_a_file = message(
            &json!({"channel_type": "im", "subtype": "file_share", "text": "", "files": [{"id": "F1"}]}),
        );
        let question = question(&only_a_file);
        assert_eq!(question.text, "");
        assert_eq!(question.attachments.unwrap()[0].id, "F1");
    }

    #[test]
    fn messages_that_are_no_questions_of_people_are_ignored() {
        for changes in [
            json!({"user": "UBOT"}),
            json!({"user": "U2", "bot_id": "B2"}),
            json!({"app_id": "A2"}),
            json!({"user": null, "bot_id": "BBOT"}),
            json!({"subtype": "bot_message"}),
            json!({"subtype": "message_changed"}),
            json!({"subtype": "channel_join"}),
            json!({"user": "USLACKBOT"}),
            json!({"text": "no mention"}),
            json!({"thread_ts": "99.1", "text": "<@U2> what do you think?"}),
            json!({"thread_ts": "99.1", "text": ""}),
            json!({"user": null}),
            json!({"ts": null}),
            json!({"channel": "C1/../x"}),
        ] {
            let body = message(&changes);
            assert!(
                matches!(parse(&body, &bot()), Incoming::Ignored(_)),
                "{changes}"
            );
        }
    }

    #[test]
    fn a_redelivery_is_not_dropped() {
        let mut body = message(&json!({}));
        body["retry_attempt"] = json!(3);
        body["retry_reason"] = json!("timeout");
        assert_eq!(question(&body), question(&message(&json!({}))));
    }

    #[test]
    fn addresses_are_confirmed_and_commands_understood() {
        let challenge = json!({"type": "url_verification", "token": "x", "challenge": "word"});
        assert_eq!(
            parse(&challenge, &bot()),
            Incoming::Challenge("word".into())
        );
        let command = json!({"command": "/epibot", "text": "help &amp; more", "user_id": "U1", "trigger_id": "1.2"});
        assert_eq!(
            parse(&command, &bot()),
            Incoming::Command(CommandCall {
                name: "/epibot".into(),
                text: "help & more".into(),
                place: place("", ""),
                person: "U1".into(),
                trigger: "1.2".into(),
                response_url: None,
            })
        );
        let button = json!({"type": "block_actions", "actions": []});
        assert!(matches!(parse(&button, &bot()), Incoming::Ignored(_)));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            prop_oneof![
                "message",
                "app_mention",
                "im",
                "file_share",
                "<@UBOT> <",
                "<@",
                "1.1"
            ]
            .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            let name = prop_oneof![
                "event",
                "type",
                "team_id",
                "channel",
                "channel_type",
                "ts",
                "thread_ts",
                "user",
                "text",
                "subtype",
                "files",
                "bot_id",
                "challenge",
                "command",
                "[a-z]{0,3}",
            ];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((name, inner), 0..8)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_json_makes_it_panic(body in any_json()) {
            let _ = parse(&body, &bot());
        }

        #[test]
        fn no_text_makes_it_panic_or_keep_our_mention(text in ".{0,40}(<@UBOT>)?.{0,40}[<>|&@#!]{0,9}") {
            if let Incoming::Question(question) = parse(&message(&json!({"text": text})), &bot()) {
                prop_assert!(!question.text.contains("<@UBOT>"));
            }
        }
    }

    #[test]
    fn every_known_form_of_event_is_parsed() {
        let Some(shared) = std::env::var_os("EPIBOT_SHARED") else {
            Requirement::SHARED.skip();
            return;
        };
        let folder = std::path::Path::new(&shared).join("slack/events");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let body: Value =
                serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
            let _ = parse(&body, &bot());
            // The same shape with the values that Slack would send in the fields that matter.
            let mut filled = body;
            filled["team_id"] = json!("T1");
            if let Some(event) = filled.get_mut("event").and_then(Value::as_object_mut) {
                let kind = event
                    .get("type")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned();
                let subtype = event
                    .get("subtype")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned();
                for name in ["bot_id", "app_id"] {
                    event.remove(name);
                }
                for (name, value) in [
                    ("channel", "C1"),
                    ("user", "U1"),
                    ("ts", "1.1"),
                    ("text", "<@UBOT> hello"),
                ] {
                    event.insert(name.into(), json!(value));
                }
                let is_question = kind == "app_mention"
                    || kind == "message"
                        && matches!(subtype.as_str(), "" | "file_share" | "thread_broadcast");
                let outcome = parse(&filled, &bot());
                assert_eq!(
                    matches!(outcome, Incoming::Question(_)),
                    is_question,
                    "{kind} {subtype}: {outcome:?}"
                );
            }
            seen += 1;
        }
        assert!(seen > 70, "only {seen} files");
    }
}
