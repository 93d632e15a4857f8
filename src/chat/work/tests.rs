use serde_json::json;

use super::*;
use crate::chat::place::{Platform, Visibility};
use crate::chat::question::QuestionTrigger;
use crate::ingest::reindex::request::{ReindexRequest, Trigger};

fn read(payload: &Value) -> Work {
    Work::from_payload(payload).unwrap_or_else(|| panic!("unreadable: {payload}"))
}

fn place(conversation: &str, visibility: Visibility) -> Place {
    Place {
        platform: Platform::Slack,
        workspace: "T1".into(),
        conversation: conversation.into(),
        visibility,
    }
}

/// Payloads of the previous version, with their keys.
fn legacy_payloads() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({
                "team": "T1", "channel": "C1", "ts": "100.000001", "thread_ts": null, "user": "U1",
                "text": "purge flow?", "how": "mention", "attached": null, "edited": null, "too_many": false,
            }),
            "T1/C1/100.000001",
        ),
        (
            json!({
                "team": "T1", "channel": "D1", "ts": "102.5", "thread_ts": "100.1", "user": "U1", "text": "and?",
                "how": "direct", "attached": [{
                    "id": "F1", "name": "log.txt", "kind": "text/plain", "size": 12, "url": "https://files.slack.com/b",
                    "permalink": null, "is_elsewhere": false,
                }], "edited": "103.1", "too_many": true,
            }),
            "T1/D1/102.5/edited/103.1",
        ),
        (
            json!({"errand": {"withdraw": {"team": "T1", "channel": "C1", "ts": "1.1", "root": "1.0"}}}),
            "T1/C1/1.1/withdrawn",
        ),
        (
            json!({"errand": {"consult": {
                "question": "T1/C1/1.1", "channel": "C1", "root": "1.0", "user": "U1", "expert": "U9",
            }}}),
            "T1/C1/1.1/consulted",
        ),
        (
            json!({"errand": {"draw": {
                "recipe": "LED450", "command": "/recipe plot LED450", "team": "T1", "channel": "D1", "user": "U1",
                "trigger": "3.3.x", "language": "korean",
            }}}),
            "T1/D1/drawings/3.3.x/drawn",
        ),
        (
            json!({"errand": {"show": {
                "team": "T1", "user": "U1", "channel": "D1", "view": "home", "at": "5.5",
            }}}),
            "home/T1/U1/5.5",
        ),
        (
            json!({"errand": {"show": {
                "team": "T1", "user": "U1", "channel": "D1", "view": "messages", "at": "5.6",
            }}}),
            "messages/T1/U1/5.6",
        ),
        (
            json!({"errand": {"show": {
                "team": "T1", "user": "U1", "channel": "D1", "view": {"thread": "2.5"}, "at": "5.7",
            }}}),
            "thread/T1/D1/2.5",
        ),
        (
            json!({"errand": {"pages": {
                "question": "T1/C1/1.1", "channel": "C1", "root": "1.0", "user": "U1", "at": "6.1",
            }}}),
            "T1/C1/1.1/pages/U1/6.1",
        ),
        (
            json!({"errand": {"gaps": {
                "week": "2026-W03", "from": 1_768_176_000_000_i64, "until": 1_768_780_800_000_i64, "owner": "C9",
            }}}),
            "gaps/2026-W03/C9",
        ),
    ]
}

#[test]
fn payloads_of_the_previous_version_are_read_with_the_same_keys() {
    for (payload, key) in legacy_payloads() {
        assert_eq!(read(&payload).key(), key);
    }
}

#[test]
fn the_content_of_an_old_question_is_read() {
    let payloads = legacy_payloads();
    let Work::Question(shared) = read(&payloads[0].0) else {
        panic!("no question")
    };
    assert_eq!(shared.place, place("C1", Visibility::Shared));
    assert_eq!(shared.lane(), "T1/C1/100.000001");
    assert_eq!(
        (shared.attachments.as_ref(), shared.is_private()),
        (None, false)
    );
    let Work::Question(private) = read(&payloads[1].0) else {
        panic!("no question")
    };
    assert_eq!(private.place, place("D1", Visibility::Private));
    assert_eq!(private.lane(), "T1/D1/100.1");
    assert_eq!(private.trigger, QuestionTrigger::Direct);
    assert!(private.is_private() && private.is_over_limit);
    assert_eq!(private.attachments.unwrap()[0].name, "log.txt");
}

#[test]
fn the_shortest_old_question_is_read() {
    let payload = json!({
        "team": "T1", "channel": "C1", "ts": "1.1", "thread_ts": "1.0", "user": "U1", "text": "", "how": "overheard",
    });
    let Work::Question(question) = read(&payload) else {
        panic!("no question")
    };
    assert_eq!(question.trigger, QuestionTrigger::ChannelMessage);
    for (how, trigger) in [
        ("thread_reply", QuestionTrigger::ThreadReply),
        ("proposed", QuestionTrigger::Suggestion),
    ] {
        let mut payload = payload.clone();
        payload["how"] = how.into();
        let Work::Question(question) = read(&payload) else {
            panic!("no question")
        };
        assert_eq!(question.trigger, trigger);
    }
}

#[test]
fn old_reindex_requests_are_read() {
    for (by, expected) in [
        (json!("start"), Trigger::Start),
        (json!("schedule"), Trigger::Schedule),
        (json!("watch"), Trigger::Watch),
        (
            json!({"person": {"user": "U1", "channel": "C1"}}),
            Trigger::Person {
                user: "U1".into(),
                channel: "C1".into(),
            },
        ),
    ] {
        let payload = json!({"sources": ["manuals"], "full": true, "at": 7, "by": by});
        let Work::Reindex(request) = read(&payload) else {
            panic!("no request")
        };
        assert_eq!(
            (request.trigger, request.full, request.requested_at),
            (expected, true, 7)
        );
    }
}

#[test]
fn new_payloads_carry_their_type() {
    for (payload, key) in legacy_payloads() {
        let work = read(&payload);
        let stored = serde_json::to_value(&work).unwrap();
        assert!(stored["type"].is_string(), "{stored}");
        assert_eq!(read(&stored), work, "{key}");
    }
}

#[test]
fn a_stored_reindex_request_carries_its_type() {
    let request = ReindexRequest {
        sources: Vec::new(),
        full: false,
        requested_at: 7,
        trigger: Trigger::Start,
    };
    let stored = serde_json::to_value(&request).unwrap();
    assert_eq!(stored["type"], "reindex");
    assert_eq!(read(&stored), Work::Reindex(request));
}

#[test]
fn other_payloads_are_not_read() {
    for payload in [json!({}), json!({"type": "other"}), json!("text")] {
        assert_eq!(Work::from_payload(&payload), None);
    }
}
