//! Files that are attached to a question in Slack.

use epibot::runtime::clock::Clock;
use serde_json::{Value, json};

use crate::support::Requirement;
use crate::support::bot::Bot;
use crate::support::llm::{Script, ScriptedLlm, says};
use crate::support::scripted_slack::{Faults, ScriptedSlack};

const DIRECT: &str = "DONE";
const LOG: &str = "10:01:02 PLC heartbeat ok\n10:02:11 E-1042 showerhead outlet 66 C\n";

async fn slack() -> ScriptedSlack {
    ScriptedSlack::start(1, Faults::NONE).await
}

/// A question in a direct message with these files; its `ts`.
async fn ask(slack: &ScriptedSlack, bot: &Bot, text: &str, files: &[Value]) -> String {
    let mut event = slack.say(DIRECT, "U1", text);
    event["event"]["channel_type"] = "im".into();
    event["event"]["subtype"] = "file_share".into();
    event["event"]["files"] = files.into();
    bot.take(&event).await;
    bot.until_done().await;
    event["event"]["ts"].as_str().unwrap().to_owned()
}

async fn bot(slack: &ScriptedSlack, llm: ScriptedLlm, settings: &[(&str, &str)]) -> Bot {
    Bot::start(slack, llm, Clock::system(), settings).await
}

/// The answer, all its messages in one.
fn answer(slack: &ScriptedSlack, ts: &str) -> String {
    json!(slack.answers(DIRECT, ts)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_evidence_beside_the_documents_and_nothing_more() {
    let slack = slack().await;
    let llm = ScriptedLlm::start([says(&[
        "The log shows E-1042 at 10:02 [1]. The flow is checked daily [2].",
    ])])
    .await;
    let requests = llm.log();
    let bot = bot(&slack, llm, &[]).await;
    let log = slack.upload("F1", "plc.log", "text/plain", LOG.as_bytes());
    let ts = ask(
        &slack,
        &bot,
        "When did the alarm come, and how often is the purge flow checked?",
        &[log],
    )
    .await;
    let said = answer(&slack, &ts);
    assert!(said.contains("Attached: plc.log"), "{said}");
    assert!(
        said.contains("https://solmaru.slack.com/files/F1"),
        "{said}"
    );
    assert!(said.contains("Operation Manual"), "{said}");
    let asked = requests.bodies()[0]["messages"].to_string();
    assert!(asked.contains("E-1042 showerhead outlet 66 C"), "{asked}");
    assert!(
        asked.contains("Passages 1 to 1 are from files that the person attached"),
        "{asked}"
    );
    assert_eq!(
        bot.parts.library.index.size().await.unwrap(),
        1,
        "nothing was indexed"
    );
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_recipes_of_every_kind_are_read() {
    let slack = slack().await;
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut files = vec![
        (
            samples.join("documents/mb3-effusion-cell-sop.pdf"),
            "effusion cell",
        ),
        (samples.join("documents/epi-glossary-faq.html"), "susceptor"),
    ];
    if let Some(shared) = crate::support::shared() {
        files.push((shared.join("corpus/office/word_tables.docx"), "table"));
        let recipes = std::fs::read_dir(shared.join("recipes")).unwrap();
        let workbook = recipes
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|end| end == "xlsx"));
        files.extend(workbook.map(|path| (path, "Ga")));
    }
    let count = files.len();
    let script = || -> Script { says(&["It says so [1]."]) };
    let llm = ScriptedLlm::start(std::iter::repeat_with(script).take(count)).await;
    let requests = llm.log();
    let bot = bot(&slack, llm, &[]).await;
    for (number, (path, word)) in files.iter().enumerate() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let content = std::fs::read(path).unwrap();
        let file = slack.upload(
            &format!("F{number}"),
            name,
            "application/octet-stream",
            &content,
        );
        let text = format!("What does it say about the {word} of the file?");
        let ts = ask(&slack, &bot, &text, &[file]).await;
        let said = answer(&slack, &ts);
        assert!(
            said.contains(&format!("Attached: {name}")),
            "{name}: {said}"
        );
        let asked = requests.bodies()[number]["messages"]
            .to_string()
            .to_lowercase();
        let (fenced, _) = asked.rsplit_once("<question-").unwrap();
        assert!(fenced.contains(&word.to_lowercase()), "{name}: {fenced}");
    }
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_is_answered_from_as_data_without_the_model() {
    let slack = slack().await;
    let llm = ScriptedLlm::start([]).await;
    let requests = llm.log();
    let bot = bot(&slack, llm, &[]).await;
    let recipe = include_bytes!("../../samples/recipes/LED450-MQW-012A.epi");
    let file = slack.upload("F1", "night-run.epi", "application/octet-stream", recipe);
    let ts = ask(&slack, &bot, "InGaN 우물층 성장 온도는?", &[file]).await;
    let said = answer(&slack, &ts);
    assert!(
        said.contains("745") && said.contains("첨부: night-run.epi"),
        "{said}"
    );
    assert!(requests.bodies().is_empty());
    bot.stop().await;
}

/// What a Slack shows of the steps of a recipe that was attached.
async fn steps(faults: Faults) -> (String, usize) {
    let slack = ScriptedSlack::start(1, faults).await;
    let bot = bot(&slack, ScriptedLlm::start([]).await, &[]).await;
    let recipe = include_bytes!("../../samples/recipes/LED450-MQW-012A.epi");
    let file = slack.upload("F1", "night-run.epi", "application/octet-stream", recipe);
    let ts = ask(&slack, &bot, "Which steps are above 1000 °C?", &[file]).await;
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
    let answers = slack.answers(DIRECT, &ts);
    let blocks = answers
        .iter()
        .flat_map(|answer| answer["blocks"].as_array().unwrap());
    let tables = blocks.filter(|block| block["type"] == "table").count();
    (json!(answers).to_string(), tables)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_slack_refuses_is_shown_in_a_fixed_width() {
    for (tables, expected) in [(true, 1), (false, 0)] {
        let (said, found) = steps(Faults {
            tables,
            ..Faults::NONE
        })
        .await;
        assert_eq!(found, expected, "{said}");
        for value in ["n07 anneal", "1040 °C", "b03 u-GaN 2 um"] {
            assert!(said.contains(value), "{value}: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_read_is_told_with_the_reason() {
    let slack = slack().await;
    let llm = ScriptedLlm::start([says(&["The flow is checked daily [1]."])]).await;
    let settings = [("chat.max_file_mb", "1"), ("chat.max_files", "5")];
    let bot = bot(&slack, llm, &settings).await;
    let elsewhere = json!({"id": "F4", "name": "plan.txt", "mimetype": "text/plain", "size": 3,
        "url_private": "http://127.0.0.1:1/plan.txt"});
    let mut lying = slack.upload("F5", "long.txt", "text/plain", &vec![b'x'; 1_200_000]);
    lying["size"] = 3.into();
    let files = [
        slack.upload("F1", "run.zip", "application/zip", b"PK"),
        slack.upload("F2", "huge.txt", "text/plain", &vec![b'x'; 1_000_001]),
        json!({"id": "F3", "name": "gone.pdf", "mimetype": "application/pdf", "size": 3, "url_private": slack.upload("F9", "x", "", b"")["url_private"].as_str().unwrap().replace("F9", "F404")}),
        elsewhere,
        lying,
        slack.upload("F6", "sixth.txt", "text/plain", b"x"),
    ];
    let ts = ask(
        &slack,
        &bot,
        "How often is the purge flow of the reactor checked?",
        &files,
    )
    .await;
    let said = answer(&slack, &ts);
    for (name, reason) in [
        ("run.zip", "files of this kind I cannot read"),
        ("huge.txt", "larger than the 1 MB"),
        ("gone.pdf", "Slack did not hand it out"),
        ("plan.txt", "does not lie in Slack"),
        ("long.txt", "larger than the 1 MB"),
        ("sixth.txt", "up to 5 files"),
    ] {
        let told = said.split(name).nth(1).unwrap_or_default();
        assert!(
            told.starts_with("”: ") && told.contains(reason),
            "{name}: {said}"
        );
    }
    assert!(said.contains("checked daily"), "{said}");
    assert_eq!(slack.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_word_is_a_question() {
    let slack = slack().await;
    let llm = ScriptedLlm::start([says(&["A log of the PLC, with alarm E-1042 [1]."])]).await;
    let requests = llm.log();
    let bot = bot(&slack, llm, &[]).await;
    let log = slack.upload("F1", "plc.log", "text/plain", LOG.as_bytes());
    let ts = ask(&slack, &bot, "", &[log]).await;
    assert!(answer(&slack, &ts).contains("A log of the PLC"));
    let asked = requests.bodies()[0]["messages"].to_string();
    assert!(asked.contains("What is the attached file"), "{asked}");
    // One that cannot be read is told of, and nothing is asked.
    let zip = slack.upload("F2", "run.zip", "application/zip", b"PK");
    let ts = ask(&slack, &bot, "", &[zip]).await;
    assert!(answer(&slack, &ts).contains("files of this kind I cannot read"));
    assert_eq!(requests.bodies().len(), 1);
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_later_in_the_thread_is_about_the_same_file() {
    let slack = slack().await;
    let script = || -> Script { says(&["It came at 10:02 [1]."]) };
    let llm = ScriptedLlm::start(std::iter::repeat_with(script).take(2)).await;
    let requests = llm.log();
    let bot = bot(&slack, llm, &[]).await;
    let log = slack.upload("F1", "plc.log", "text/plain", LOG.as_bytes());
    let ts = ask(
        &slack,
        &bot,
        "When did the alarm in the log come?",
        std::slice::from_ref(&log),
    )
    .await;
    slack.attach(DIRECT, &ts, &log);
    let mut event = slack.reply(
        DIRECT,
        &ts,
        "U1",
        "And what was the outlet's temperature then?",
    );
    event["event"]["channel_type"] = "im".into();
    bot.take(&event).await;
    bot.until_done().await;
    let asked = requests.bodies()[1]["messages"].to_string();
    assert!(asked.contains("showerhead outlet 66 C"), "{asked}");
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_shown_to_the_model_that_sees() {
    let slack = slack().await;
    let llm = ScriptedLlm::start([
        says(&["HX-7 alarm screen\nE-1042 Showerhead water outlet 66 °C"]),
        says(&["The screen shows E-1042 [1]."]),
    ])
    .await;
    let requests = llm.log();
    let bot = bot(&slack, llm, &[("llm.vision_model", "eyes")]).await;
    let screen = slack.upload(
        "F1",
        "screen.png",
        "image/png",
        include_bytes!("../../docs/images/slack.png"),
    );
    let ts = ask(&slack, &bot, "What is this alarm?", &[screen]).await;
    let said = answer(&slack, &ts);
    assert!(said.contains("The screen shows E-1042"), "{said}");
    let asked = requests.bodies();
    assert_eq!(asked[0]["model"], "eyes");
    let shown = &asked[0]["messages"][1]["content"][1]["image_url"]["url"];
    assert!(
        shown
            .as_str()
            .unwrap()
            .starts_with("data:image/png;base64,iVBOR")
    );
    assert!(
        asked[1]["messages"]
            .to_string()
            .contains("Showerhead water outlet 66")
    );
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_read_by_recognition_where_no_model_sees() {
    if std::process::Command::new("tesseract")
        .arg("--version")
        .output()
        .is_err()
    {
        return Requirement::TESSERACT.skip();
    }
    let slack = slack().await;
    let llm = ScriptedLlm::start([says(&["It shows a chat about an alarm [1]."])]).await;
    let requests = llm.log();
    let bot = bot(&slack, llm, &[]).await;
    let picture = include_bytes!("../../docs/images/slack.png");
    let screen = slack.upload("F1", "screen.png", "image/png", picture);
    let ts = ask(&slack, &bot, "What is this alarm?", &[screen]).await;
    let said = answer(&slack, &ts);
    assert!(said.contains("character recognition"), "{said}");
    assert!(
        requests.bodies()[0]["messages"]
            .to_string()
            .contains("E-1042")
    );
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_nothing_can_read_is_told_of() {
    let slack = slack().await;
    let llm = ScriptedLlm::start([says(&["The flow is checked daily [1]."])]).await;
    let bot = bot(&slack, llm, &[("extract.ocr_languages", "")]).await;
    let picture = include_bytes!("../../docs/images/slack.png");
    let screen = slack.upload("F1", "screen.png", "image/png", picture);
    let ts = ask(
        &slack,
        &bot,
        "퍼지 유량은 얼마나 자주 확인합니까?",
        &[screen],
    )
    .await;
    let said = answer(&slack, &ts);
    assert!(
        said.contains("이미지를 읽는 기능이 설정되어 있지 않습니다"),
        "{said}"
    );
    bot.stop().await;
}
