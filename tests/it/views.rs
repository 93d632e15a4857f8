//! What Slack shows beside answers: the home tab, an agent's conversation, commands, buttons, and what is said where
//! nothing can be answered.

use std::path::Path;

use epibot::chat::slack::Reply;
use epibot::chat::weekly_report::ReportSchedule;
use epibot::domain::document::{Document, DocumentId, Format, Origin, Page};
use epibot::domain::fault::Fault;
use epibot::domain::passage::{Passage, PassageId};
use epibot::ingest::catalog::{CatalogEntry, DocumentState};
use epibot::runtime::clock::Clock;
use epibot::search::index::Changes;
use epibot::storage::answer_log::LoggedAnswer;
use serde_json::{Value, json};

use crate::support::Requirement;
use crate::support::block_kit;
use crate::support::bot::Bot;
use crate::support::llm::{Script, ScriptedLlm, says};
use crate::support::scripted_slack::{BOT, Faults, ScriptedSlack};

const CHANNEL: &str = "C1";
const QUESTION: &str = "How often is the purge flow of the reactor checked?";

async fn slack() -> ScriptedSlack {
    ScriptedSlack::start(1, Faults::NONE).await
}

async fn llm(answers: usize) -> ScriptedLlm {
    let script = || -> Script { says(&["The purge flow is checked daily [1]."]) };
    ScriptedLlm::start(std::iter::repeat_with(script).take(answers)).await
}

fn mention(text: &str) -> String {
    format!("<@{BOT}> {text}")
}

fn opened(event: &Value) -> Value {
    json!({"type": "event_callback", "team_id": "T1", "event": event})
}

fn tab(user: &str, tab: &str, at: &str) -> Value {
    opened(
        &json!({"type": "app_home_opened", "user": user, "channel": format!("D{}", &user[1..]), "tab": tab, "event_ts": at}),
    )
}

fn entry(
    id: &str,
    collection: &str,
    title: &str,
    state: DocumentState,
    file: &Path,
) -> CatalogEntry {
    CatalogEntry {
        id: DocumentId(id.to_owned()),
        source: collection.to_owned(),
        path: format!("{id}.pdf"),
        collection: collection.to_owned(),
        file: file.to_owned(),
        size: 1,
        modified: 1,
        sha256: String::new(),
        settings: String::new(),
        state,
        title: title.to_owned(),
        number: None,
        revision: None,
        effective: None,
        superseded_by: None,
        pages: 2,
        passages: 1,
        notes: Vec::new(),
        inconsistencies: Vec::new(),
        indexed_at: 1_768_467_600_000,
    }
}

fn unanswered(key: &str, question: &str) -> LoggedAnswer {
    LoggedAnswer {
        key: key.to_owned(),
        team: "T1".to_owned(),
        channel: CHANNEL.to_owned(),
        thread: "1.0".to_owned(),
        user: "U1".to_owned(),
        question: question.to_owned(),
        answer: String::new(),
        mode: "none_found".to_owned(),
        model: String::new(),
        prompt_tokens: 0,
        completion_tokens: 0,
        reason: String::new(),
        language: epibot::domain::language::Language::English,
        passages: Vec::new(),
    }
}

/// Fills the catalogue beside the one passage that is indexed.
async fn catalogue(bot: &Bot) {
    let nowhere = Path::new("/nowhere");
    let broken = DocumentState::Failed(Fault::Empty);
    bot.parts
        .library
        .catalog
        .record(&[
            entry(
                "om1",
                "manuals",
                "Operation Manual",
                DocumentState::Read,
                nowhere,
            ),
            entry(
                "secret",
                "restricted",
                "Secret Plan",
                DocumentState::Read,
                nowhere,
            ),
            entry("broken", "manuals", "broken", broken, nowhere),
        ])
        .await
        .unwrap();
}

/// The one thing that was sent by a method, as text.
fn only(slack: &ScriptedSlack, method: &str) -> String {
    let asides = slack.asides(method);
    assert_eq!(asides.len(), 1, "{method}: {asides:#?}");
    asides[0].to_string()
}

fn restricted(config: &mut epibot::config::settings::Config) {
    config.access.default = vec!["manuals".to_owned()];
    config.chat.admins = vec!["UADMIN".to_owned()];
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_tab_tells_each_reader_what_is_theirs() {
    let slack = slack().await;
    let bot = Bot::configured(&slack, llm(0).await, Clock::system(), &[], restricted).await;
    catalogue(&bot).await;
    let question = unanswered("T1/C1/1.1", "How is the chiller refilled?");
    bot.parts.feedback.store(&question).await.unwrap();
    bot.take(&tab("U1KO", "home", "1.1")).await;
    bot.until_done().await;
    let shown = only(&slack, "views.publish");
    assert!(shown.contains("*manuals* · 문서 1건"), "{shown}");
    assert!(
        shown.contains("Operation Manual 문서의 “Purge flow” 내용은"),
        "{shown}"
    );
    assert!(
        !shown.contains("restricted") && !shown.contains("Secret"),
        "{shown}"
    );
    assert!(
        !shown.contains("chiller") && !shown.contains("it is empty"),
        "{shown}"
    );

    bot.take(&tab("UADMIN", "home", "2.1")).await;
    bot.until_done().await;
    let shown = slack.asides("views.publish")[1].to_string();
    for told in [
        "How is the chiller refilled?",
        "it is empty",
        "not in the documents: 1",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_conversation_begins_with_a_greeting_and_questions_that_can_be_answered() {
    let slack = slack().await;
    let bot = Bot::configured(&slack, llm(1).await, Clock::system(), &[], restricted).await;
    catalogue(&bot).await;
    for at in ["1.1", "1.2"] {
        bot.take(&tab("U1", "messages", at)).await;
        bot.until_done().await;
    }
    let said = slack.messages("D1");
    assert_eq!(said.len(), 1, "it greets once: {said:#?}");
    let suggested = &slack.asides("assistant.threads.setSuggestedPrompts")[0];
    assert!(suggested.get("thread_ts").is_none(), "{suggested}");
    let prompts = suggested["prompts"].to_string();
    assert!(
        prompts.contains("Operation Manual") && !prompts.contains("Secret"),
        "{prompts}"
    );

    // What is suggested is answered, in a thread with a status and a name.
    let question = suggested["prompts"][0]["message"].as_str().unwrap();
    let mut event = slack.say("D1", "U1", question);
    event["event"]["channel_type"] = "im".into();
    bot.take(&event).await;
    bot.until_done().await;
    let ts = event["event"]["ts"].as_str().unwrap();
    let answer = json!(slack.answers("D1", ts)).to_string();
    assert!(answer.contains("checked daily"), "{answer}");
    assert!(
        only(&slack, "assistant.threads.setStatus").contains("is looking through the documents")
    );
    assert!(only(&slack, "assistant.threads.setTitle").contains("Operation Manual"));

    // A thread of the older view has its greeting and its suggestions of its own.
    let thread = json!({"user_id": "U2", "context": {}, "channel_id": "D2", "thread_ts": "5.5"});
    let started =
        json!({"type": "assistant_thread_started", "assistant_thread": thread, "event_ts": "5.6"});
    for _ in 0..2 {
        bot.take(&opened(&started)).await;
    }
    bot.until_done().await;
    let greeted = slack.answers("D2", "5.5");
    assert_eq!(greeted.len(), 1, "{greeted:#?}");
    let suggested = slack.asides("assistant.threads.setSuggestedPrompts");
    assert_eq!(suggested.last().unwrap()["thread_ts"], "5.5");
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// What the command replies.
async fn reply(bot: &Bot, channel: &str, text: &str) -> Value {
    let call = json!({
        "command": "/epibot", "text": text, "team_id": "T1", "channel_id": channel, "user_id": "U1",
        "trigger_id": format!("{}.1", text.len()),
    });
    match bot.intake.handle(&call).await.unwrap() {
        Reply::Message(reply) => reply,
        other => panic!("no reply: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_searches_without_a_model_and_tells_how_things_stand() {
    let slack = slack().await;
    let bot = Bot::configured(&slack, llm(0).await, Clock::system(), &[], |config| {
        restricted(config);
        config
            .access
            .channels
            .insert("CLOSED".to_owned(), Vec::new());
    })
    .await;
    catalogue(&bot).await;
    let found = reply(&bot, CHANNEL, "search purge flow valve").await;
    assert_eq!(found["response_type"], "ephemeral");
    assert!(found.to_string().contains("checked daily"), "{found}");
    assert_eq!(block_kit::message(&found["blocks"]), Vec::<String>::new());
    let korean = reply(&bot, CHANNEL, "검색 퍼지 유량").await.to_string();
    assert!(korean.contains("검색 결과입니다"), "{korean}");
    let hidden = reply(&bot, "CLOSED", "search purge flow").await.to_string();
    assert!(
        hidden.contains("No collection of documents may be read here"),
        "{hidden}"
    );

    let sources = reply(&bot, CHANNEL, "sources").await.to_string();
    assert!(
        sources.contains("*manuals*") && !sources.contains("restricted"),
        "{sources}"
    );
    let status = reply(&bot, CHANNEL, "status").await.to_string();
    for told in [
        "Index: works, 1 passages",
        "Language model: scripted",
        "the collections manuals",
    ] {
        assert!(status.contains(told), "{told}: {status}");
    }
    assert!(!status.contains("not a member"), "{status}");
    slack.close("COTHER");
    let status = reply(&bot, "COTHER", "status").await.to_string();
    assert!(
        status.contains("I am not a member of this channel"),
        "{status}"
    );

    let thanks = reply(&bot, CHANNEL, "feedback the links do not open")
        .await
        .to_string();
    assert!(thanks.contains("kept your remark"), "{thanks}");
    let kept = bot.parts.feedback.lines().await.unwrap();
    assert_eq!(kept[0].comment, "the links do not open");
    let help = reply(&bot, CHANNEL, "").await.to_string();
    assert!(help.contains("/epibot search"), "{help}");
    bot.stop().await;
}

/// Asks in the channel and waits for the answer; the question's `ts` and the answer.
async fn answered(slack: &ScriptedSlack, bot: &Bot, text: &str) -> (String, Value) {
    let event = slack.say(CHANNEL, "U1", &mention(text));
    bot.take(&event).await;
    bot.until_done().await;
    let ts = event["event"]["ts"].as_str().unwrap().to_owned();
    let answers = slack.answers(CHANNEL, &ts);
    assert_eq!(answers.len(), 1, "{answers:#?}");
    (ts, answers[0].clone())
}

/// Presses the button of an answer whose `action_id` begins so; its delivery.
fn press(answer: &Value, action: &str, at: &str) -> Value {
    let blocks = answer["blocks"].as_array().unwrap();
    let elements = blocks
        .iter()
        .flat_map(|block| block["elements"].as_array().cloned().unwrap_or_default());
    let mut buttons = elements.filter(|element| {
        element["action_id"]
            .as_str()
            .is_some_and(|id| id.starts_with(action))
    });
    let button = buttons
        .next()
        .unwrap_or_else(|| panic!("no {action}: {answer:#}"));
    json!({
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U2"}, "channel": {"id": CHANNEL},
        "container": {"message_ts": answer["ts"], "thread_ts": answer["thread_ts"], "channel_id": CHANNEL},
        "trigger_id": "9.9.x",
        "actions": [{"action_id": button["action_id"], "action_ts": at, "value": button["value"]}],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_button_does_what_it_says() {
    let slack = slack().await;
    let bot = Bot::configured(&slack, llm(2).await, Clock::system(), &[], |config| {
        config.chat.experts = vec!["manuals: UEXPERT".to_owned()];
    })
    .await;
    let (ts, answer) = answered(&slack, &bot, QUESTION).await;

    for _delivery in 0..2 {
        bot.take(&press(&answer, "epibot_helpful", "1.1")).await;
    }
    assert_eq!(slack.asides("chat.postEphemeral").len(), 1);
    bot.take(&press(&answer, "epibot_unhelpful", "1.2")).await;
    let dialog = slack.asides("views.open")[0]["view"].clone();
    let submitted = json!({
        "type": "view_submission", "user": {"id": "U2"},
        "view": {"callback_id": dialog["callback_id"], "private_metadata": dialog["private_metadata"],
            "state": {"values": {"epibot_comment": {"epibot_comment": {"value": "wrong valve"}}}}},
    });
    bot.take(&submitted).await;
    let lines = bot.parts.feedback.lines().await.unwrap();
    assert_eq!(
        lines.len(),
        1,
        "the last word of a person counts: {lines:#?}"
    );
    assert_eq!(
        (lines[0].helpful, lines[0].comment.as_str()),
        (Some(false), "wrong valve")
    );

    bot.take(&press(&answer, "epibot_passages", "1.3")).await;
    let shown = slack.asides("chat.postEphemeral").pop().unwrap();
    assert_eq!(
        (&shown["user"], &shown["thread_ts"]),
        (&json!("U2"), &json!(ts))
    );
    assert!(shown.to_string().contains("are checked daily"), "{shown}");

    for at in ["1.4", "1.5"] {
        bot.take(&press(&answer, "epibot_person", at)).await;
        bot.until_done().await;
    }
    let asked = slack.messages("DEXPERT");
    assert_eq!(asked.len(), 1, "the expert is asked once: {asked:#?}");
    let asked = asked[0].to_string();
    assert!(
        asked.contains(QUESTION) && asked.contains("solmaru.slack.com/archives"),
        "{asked}"
    );
    let told = slack.asides("chat.postEphemeral").pop().unwrap();
    assert!(told.to_string().contains("passed on already"), "{told}");
    let thread = json!(slack.answers(CHANNEL, &ts)).to_string();
    assert!(thread.contains("passed this question on"), "{thread}");

    // A proposed question is asked once, however often its button's press is delivered.
    let mut proposed = press(&answer, "epibot_helpful", "1.6");
    proposed["actions"][0]["action_id"] = "epibot_ask 0".into();
    proposed["actions"][0]["value"] = QUESTION.into();
    for _ in 0..2 {
        bot.take(&proposed).await;
    }
    bot.until_done().await;
    let thread = slack.answers(CHANNEL, &ts);
    let again = thread
        .iter()
        .filter(|said| said.to_string().contains("Question: How often"));
    assert_eq!(again.count(), 1, "{thread:#?}");
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_that_an_answer_cites_are_shown_to_who_asks() {
    let Some(pdfium) = std::env::var_os("EPIBOT_PDFIUM") else {
        return Requirement::PDFIUM.skip();
    };
    let slack = slack().await;
    let bot = Bot::configured(&slack, llm(1).await, Clock::system(), &[], |config| {
        config.extract.pdfium = pdfium.into();
    })
    .await;
    let sample =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents/gas-cabinet-sop-rev-c.pdf");
    let document = Document {
        id: DocumentId("sop".into()),
        title: "Gas Cabinet SOP".into(),
        number: None,
        revision: None,
        effective: None,
        superseded: false,
        source: "manuals".into(),
        path: "sop.pdf".into(),
        collection: "manuals".into(),
        url: None,
        format: Format::Pdf,
        origin: Origin::Corpus,
    };
    let passage = Passage {
        id: PassageId("sop-1".into()),
        document,
        page: Some(Page {
            number: 2,
            label: None,
        }),
        headings: vec!["Purge".into()],
        start: 0,
        ordinal: 0,
        text: "gas cabinet exchange interval of the purge panel filter".into(),
        ocr: false,
    };
    let library = &bot.parts.library;
    let changes = Changes {
        remove: Vec::new(),
        add: vec![passage],
    };
    library.index.apply(changes).await.unwrap();
    let entry = entry(
        "sop",
        "manuals",
        "Gas Cabinet SOP",
        DocumentState::Read,
        &sample,
    );
    library.catalog.record(&[entry]).await.unwrap();
    let (_, answer) = answered(
        &slack,
        &bot,
        "exchange interval of the purge panel filter of the gas cabinet?",
    )
    .await;
    bot.take(&press(&answer, "epibot_passages", "1.3")).await;
    bot.until_done().await;
    // Slack took the picture at the second attempt.
    let shown = slack.asides("chat.postEphemeral").pop().unwrap();
    let picture = shown["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|block| block["type"] == "image");
    let picture = picture.unwrap_or_else(|| panic!("no picture: {shown:#}"));
    let png = slack
        .file(picture["slack_file"]["id"].as_str().unwrap())
        .unwrap();
    assert!(
        png.starts_with(b"\x89PNG") && png.len() > 10_000,
        "{} bytes",
        png.len()
    );
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_answered_in_place_and_a_deletion_takes_the_answer_along() {
    let slack = slack().await;
    let bot = Bot::start(&slack, llm(2).await, Clock::system(), &[]).await;
    let (ts, first) = answered(&slack, &bot, "purge flow?").await;
    let edited = json!({"type": "event_callback", "team_id": "T1", "event": {
        "type": "message", "subtype": "message_changed", "hidden": true, "channel": CHANNEL, "channel_type": "channel",
        "ts": "1900000000.1",
        "message": {"type": "message", "user": "U1", "ts": ts, "text": mention(QUESTION), "edited": {"user": "U1", "ts": "1900000000.0"}},
        "previous_message": {"type": "message", "user": "U1", "ts": ts, "text": mention("purge flow?")},
    }});
    for _ in 0..2 {
        bot.take(&edited).await;
    }
    bot.until_done().await;
    let after = slack.answers(CHANNEL, &ts);
    assert_eq!(after.len(), 1, "{after:#?}");
    assert_eq!(after[0]["ts"], first["ts"], "it is the same message");
    let kept = bot
        .parts
        .feedback
        .find(&format!("T1/{CHANNEL}/{ts}"))
        .await
        .unwrap();
    assert_eq!(kept.unwrap().question, QUESTION);

    let deleted = json!({"type": "event_callback", "team_id": "T1", "event": {
        "type": "message", "subtype": "message_deleted", "hidden": true, "channel": CHANNEL, "ts": "1900000001.1",
        "deleted_ts": ts, "previous_message": {"user": "U1", "ts": ts, "text": mention(QUESTION)},
    }});
    bot.take(&deleted).await;
    bot.until_done().await;
    assert!(slack.answers(CHANNEL, &ts).is_empty());
    let kept = bot
        .parts
        .feedback
        .find(&format!("T1/{CHANNEL}/{ts}"))
        .await
        .unwrap();
    assert_eq!(kept, None);
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_silences_it_is_told() {
    let slack = slack().await;
    let down = || Script::Status(500, Vec::new(), "down".to_owned());
    let llm = ScriptedLlm::choosing(move |_| down()).await;
    let settings = [("chat.questions_per_user", "3"), ("queue.attempts", "1")];
    let bot = Bot::configured(&slack, llm, Clock::system(), &settings, |config| {
        restricted(config);
        config
            .access
            .channels
            .insert("CLOSED".to_owned(), Vec::new());
    })
    .await;
    let admin = |slack: &ScriptedSlack| json!(slack.messages("UADMIN")).to_string();

    // The model is down: the answer says so, and an administrator is told once.
    for _ in 0..2 {
        let (_, answer) = answered(&slack, &bot, QUESTION).await;
        assert!(
            answer
                .to_string()
                .contains("The language model refused the request"),
            "{answer:#}"
        );
    }
    assert_eq!(
        admin(&slack)
            .matches("The language model does not answer")
            .count(),
        2,
        "text and block of one message"
    );

    // It is not a member where it was asked.
    slack.close("COTHER");
    let event = slack.say("COTHER", "U1", &mention(QUESTION));
    bot.take(&event).await;
    bot.until_done().await;
    let told = json!(slack.messages("U1")).to_string();
    assert!(
        told.contains("not a member of that channel") && told.contains(QUESTION),
        "{told}"
    );
    assert!(admin(&slack).contains("<#COTHER>"), "{}", admin(&slack));

    // More is asked than is answered in a minute.
    let (_, answer) = answered(&slack, &bot, QUESTION).await;
    assert!(
        answer.to_string().contains("ask it again in a minute"),
        "{answer:#}"
    );

    // Nothing may be read in the channel.
    let event = slack.say("CLOSED", "U2", &mention(QUESTION));
    bot.take(&event).await;
    bot.until_done().await;
    let said = json!(slack.answers("CLOSED", event["event"]["ts"].as_str().unwrap())).to_string();
    assert!(
        said.contains("No collection of documents may be read here"),
        "{said}"
    );
    assert!(
        admin(&slack).contains("Please check [access]"),
        "{}",
        admin(&slack)
    );
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weeks_unanswered_questions_go_to_who_looks_after_the_documents() {
    let slack = slack().await;
    let clock = Clock::fixed("2026-01-15T09:00:00Z".parse().unwrap());
    let settings = [("chat.weekly_unanswered", "true")];
    let bot = Bot::configured(&slack, llm(0).await, clock.clone(), &settings, |config| {
        config.chat.experts = vec!["manuals: UEXPERT".to_owned(), "*: CREST".to_owned()];
    })
    .await;
    for (key, question) in [
        (
            "a",
            "Which grease does the valve of the susceptor motor take?",
        ),
        ("b", "What grease does the susceptor motor's valve take?"),
        ("c", "Where is the canteen?"),
        (
            "d",
            "How often are the purge flow and the valve of the reactor checked?",
        ),
    ] {
        bot.parts
            .feedback
            .store(&unanswered(key, question))
            .await
            .unwrap();
    }
    clock.advance(4 * 24 * 3_600_000);
    // It is looked again and again; the week is reported once.
    for _ in 0..2 {
        ReportSchedule::new(&bot.parts).enqueue_due().await;
        bot.until_done().await;
    }
    let report = slack.messages("DEXPERT");
    assert_eq!(report.len(), 1, "{report:#?}");
    let report = report[0].to_string();
    assert!(
        report.contains("grease") && report.contains("Operation Manual"),
        "{report}"
    );
    assert!(
        !report.contains("checked?"),
        "the documents answer that by now: {report}"
    );
    let rest = slack.messages("CREST");
    assert_eq!(rest.len(), 1, "{rest:#?}");
    assert!(rest[0].to_string().contains("canteen"), "{rest:#?}");
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}
