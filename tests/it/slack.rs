//! From a post in Slack to the answer in its thread, in both ways that Slack delivers.

use serde_json::{Value, json};

use crate::support::llm::{Script, ScriptedLlm, Step, delta, event, says as stream};
use crate::support::slack::{BOT, CHANNEL, DIRECT, LocalSlack, Mode, PERSON, Program, link, says};

const QUESTION: &str = "What should I do about alarm E-1042?";

fn mention(text: &str) -> String {
    format!("<@{BOT}> {text}")
}

/// A stream that says this and then nothing more.
fn hangs_after(words: &str) -> Script {
    let bytes = event(&delta(&json!({ "content": words })));
    Script::Stream(vec![Step::Send(bytes), Step::Hang])
}

/// What the model was asked, all messages in one.
fn asked(llm: &ScriptedLlm, request: usize) -> String {
    llm.requests()[request]["messages"].to_string()
}

async fn a_conversation(mode: Mode) {
    let Some(slack) = LocalSlack::start(mode).await else {
        return;
    };
    let llm = ScriptedLlm::start([
        stream(&["Check the thermostat, ", "then the flow [1]. ", "See [7]."]),
        stream(&["The gap is not raised to cure it [1]."]),
        stream(&["퍼지 후 ", "버블러를 교환합니다 [1]."]),
    ])
    .await;
    let mut program = Program::start(&slack, &llm).await;

    // A mention is answered in its thread, once, however often it was delivered.
    let question = slack.say(CHANNEL, None, &mention(QUESTION)).await;
    let answer = slack.answer(CHANNEL, &question, "then the flow").await;
    assert!(!says(&answer, "[7]"), "{answer:#}");
    assert!(says(&answer, "HX-7 Alarm List"), "{answer:#}");
    let source = program.client.get(link(&answer)).send().await.unwrap();
    assert_eq!(source.status(), 200);
    let page = source.text().await.unwrap();
    assert!(
        page.contains("<mark") && page.contains("Showerhead water outlet"),
        "{page}"
    );

    // The thread goes on without a mention, and with what was said.
    slack
        .say(
            CHANNEL,
            Some(&question),
            "And the showerhead gap, may I raise it?",
        )
        .await;
    let second = |answers: &[Value]| {
        answers
            .iter()
            .any(|answer| says(answer, "not raised to cure"))
    };
    assert_eq!(slack.until(CHANNEL, &question, second).await.len(), 2);
    assert!(asked(&llm, 1).contains("E-1042"), "{}", asked(&llm, 1));

    // A direct message needs no mention, and is answered in its language.
    let direct = slack
        .say(DIRECT, None, "TMGa 버블러는 어떻게 교환하나요?")
        .await;
    let answer = slack.answer(DIRECT, &direct, "버블러를 교환합니다").await;
    assert!(says(&answer, "출처"), "{answer:#}");

    // What asks nothing is told how to ask; what is not for us is left alone.
    let nothing = slack.say(CHANNEL, None, &mention("")).await;
    slack
        .until(CHANNEL, &nothing, |answers| answers.len() == 1)
        .await;
    let chatter = slack.say(CHANNEL, None, "Lunch?").await;
    let last = slack.say(CHANNEL, None, &mention("  ")).await;
    slack
        .until(CHANNEL, &last, |answers| answers.len() == 1)
        .await;
    assert!(slack.answers(CHANNEL, &chatter).await.is_empty());

    assert_eq!(llm.requests().len(), 3);
    assert!(program.stop().await, "{}", program.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_over_socket_mode() {
    a_conversation(Mode::Socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_over_http() {
    a_conversation(Mode::Http).await;
}

/// The program dies twice over one question: before the model has said a word, and in the middle of the answer.
async fn killed_and_started_again(mode: Mode) {
    let Some(slack) = LocalSlack::start(mode).await else {
        return;
    };
    let llm = ScriptedLlm::start([
        Script::Silence,
        hangs_after("Check the thermostat first [1]. Then the fl"),
        stream(&["Check the thermostat, then the flow [1]."]),
    ])
    .await;
    let mut program = Program::start(&slack, &llm).await;
    let question = slack.say(CHANNEL, None, &mention(QUESTION)).await;
    llm.received(1).await;
    program.kill().await;

    program.restart().await;
    llm.received(2).await;
    let begun = |answers: &[Value]| {
        answers
            .iter()
            .any(|answer| says(answer, "thermostat first"))
    };
    slack.until(CHANNEL, &question, begun).await;
    program.kill().await;

    program.restart().await;
    let answer = slack.answer(CHANNEL, &question, "then the flow").await;
    assert!(says(&answer, "HX-7 Alarm List"), "{answer:#}");
    assert_eq!(llm.requests().len(), 3);
    assert!(program.stop().await, "{}", program.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_ends_in_one_answer_over_socket_mode() {
    killed_and_started_again(Mode::Socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_ends_in_one_answer_over_http() {
    killed_and_started_again(Mode::Http).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_deliveries_of_one_event_are_one_question() {
    let Some(slack) = LocalSlack::start(Mode::Http).await else {
        return;
    };
    let llm = ScriptedLlm::start([stream(&["The answer [1]."])]).await;
    let mut program = Program::start(&slack, &llm).await;
    // The post itself is delivered by Slack; its copies come as Slack's retries do.
    let question = slack.say(CHANNEL, None, &mention(QUESTION)).await;
    let delivery = json!({
        "type": "event_callback", "team_id": "T0SOLMARU", "api_app_id": "A0EPIBOT", "event_id": "Ev1",
        "event": { "type": "app_mention", "channel": CHANNEL, "user": PERSON, "ts": question, "text": mention(QUESTION) },
    });
    for _ in 0..3 {
        assert_eq!(slack.deliver(&delivery).await.status(), 200);
    }
    slack.answer(CHANNEL, &question, "The answer").await;
    // Its own posts, and those of other bots, come as events too.
    let mut own = delivery.clone();
    own["event"] = json!({
        "type": "message", "channel": CHANNEL, "user": "U0OTHER", "bot_id": "B0OTHER", "ts": "1700000000.000100",
        "text": mention(QUESTION),
    });
    assert_eq!(slack.deliver(&own).await.status(), 200);
    assert!(program.stop().await, "{}", program.log());
    assert_eq!(llm.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_log_is_a_question_too() {
    let Some(slack) = LocalSlack::start(Mode::Socket).await else {
        return;
    };
    let llm = ScriptedLlm::start([stream(&["Check the thermostat [1]."])]).await;
    let mut program = Program::start(&slack, &llm).await;
    let log = "10:01:02 PLC heartbeat ok\n".repeat(1_600);
    let question = slack
        .say(CHANNEL, None, &mention(&format!("{QUESTION}\n{log}")))
        .await;
    let answer = slack
        .answer(CHANNEL, &question, "Check the thermostat")
        .await;
    assert!(says(&answer, "HX-7 Alarm List"), "{answer:#}");
    assert!(program.stop().await, "{}", program.log());
}
