use epibot::runtime::clock::Clock;
use serde_json::json;

use crate::support::bot::Bot;
use crate::support::llm::{ScriptedLlm, says};
use crate::support::scripted_slack::{Faults, ScriptedSlack};

const DIRECT: &str = "DLONG";

#[tokio::test(flavor = "multi_thread")]
async fn a_long_question_in_slack_gets_one_notice_with_its_true_length() {
    let slack = ScriptedSlack::start(1, Faults::NONE).await;
    let llm = ScriptedLlm::start([says(&["The flow is checked daily [1]."])]).await;
    let bot = Bot::start(&slack, llm, Clock::system(), &[]).await;
    let asked = "How often is the purge flow of the reactor checked?";
    let log = "10:01:02 PLC heartbeat ok ".repeat(300);
    let text: String = format!("{asked} {log}").chars().take(5_000 - 1).collect();
    let text = format!("{text}?");
    let mut event = slack.say(DIRECT, "U1", &text);
    event["event"]["channel_type"] = "im".into();
    bot.take(&event).await;
    bot.until_done().await;
    let ts = event["event"]["ts"].as_str().unwrap();
    let said = json!(slack.answers(DIRECT, ts)).to_string();
    assert!(said.contains("checked daily"), "{said}");
    let notice = "The question has 5,000 characters; only its beginning and its end were used.";
    let notices = said.matches("characters").count();
    // A message has its text twice: in its blocks, and whole for notifications.
    assert_eq!(notices, said.matches(notice).count(), "{said}");
    assert!(said.contains(notice), "{said}");
    bot.stop().await;
}
