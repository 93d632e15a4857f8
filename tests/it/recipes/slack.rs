//! Recipes in Slack: the command, tables that Slack shows itself, drawings in threads.

use serde_json::{Value, json};

use super::samples;
use crate::support::llm::ScriptedLlm;
use crate::support::slack::{BOT, CHANNEL, LocalSlack, Mode, PERSON, Program, says};
use crate::support::wait;

const LED: &str = "LED450-MQW-012A";

/// The table blocks of a message.
fn tables(message: &Value) -> Vec<&Value> {
    let blocks = message["blocks"].as_array().into_iter().flatten();
    blocks.filter(|block| block["type"] == "table").collect()
}

fn has_picture(message: &Value, name: &str) -> bool {
    let files = message["files"].as_array().into_iter().flatten();
    let mut files = files.filter(|file| file["name"] == name || file["title"] == name);
    files.any(|file| file["mimetype"] == "image/png" && file["size"].as_u64() > Some(10_000))
}

/// A program with two recipes beside its manuals, all indexed.
async fn program(slack: &LocalSlack, llm: &ScriptedLlm) -> Program {
    let mut program = Program::start(slack, llm).await;
    for name in [
        "LED450-MQW-012A.epi",
        "LED450-MQW-012B.epi",
        "hx7_common.epi",
    ] {
        let text = std::fs::read_to_string(samples().join(name)).unwrap();
        program.write(name, &text);
    }
    assert!(program.stop().await, "{}", program.log());
    program.restart().await;
    let indexed = |message: &Value| says(message, "LED450-MQW-012B");
    let listed = wait::find(async || {
        slack.command(PERSON, "/recipe", "list").await;
        let said = slack.messages(CHANNEL).await;
        said.iter().any(indexed).then_some(())
    });
    assert!(listed.await.is_ok(), "{}", program.log());
    program
}

async fn a_story(mode: Mode) {
    let Some(slack) = LocalSlack::start(mode).await else {
        return;
    };
    let llm = ScriptedLlm::start([]).await;
    let mut program = program(&slack, &llm).await;

    slack.command(PERSON, "/recipe", "").await;
    let help = slack
        .message(CHANNEL, |message| says(message, "plot NAME"))
        .await;
    assert_eq!(help["ephemeral_to"], PERSON, "{help:#}");

    slack
        .command(PERSON, "/recipe", &format!("show {LED}"))
        .await;
    let shown = slack
        .message(CHANNEL, |message| {
            let tables = tables(message);
            // Not just in the id of some block.
            tables.iter().any(|table| says(&table["rows"], "b03"))
        })
        .await;
    let table = tables(&shown)[0];
    let rows = table["rows"].as_array().unwrap();
    assert!((20..=100).contains(&rows.len()), "{}", rows.len());
    let columns: Vec<usize> = rows
        .iter()
        .map(|row| row.as_array().unwrap().len())
        .collect();
    assert!(
        columns
            .iter()
            .all(|count| *count == columns[0] && *count <= 20)
    );

    slack
        .command(PERSON, "/recipe", "diff LED450-MQW-012A LED450-MQW-012B")
        .await;
    slack
        .message(CHANNEL, |message| {
            says(message, "745 (L23)") && !tables(message).is_empty()
        })
        .await;
    slack.command(PERSON, "/recipe", "find Cp2Mg").await;
    let found = slack
        .message(CHANNEL, |message| says(message, "Recipes that fit (Cp2Mg)"))
        .await;
    // However often a call is delivered, it is answered once.
    let answers = slack.messages(CHANNEL).await;
    let answers = answers.iter().filter(|message| says(message, "745 (L23)"));
    assert_eq!(answers.count(), 1);
    // Each row links to its lines.
    let rows = tables(&found)[0]["rows"].as_array().unwrap();
    assert!(rows[1].to_string().contains("/source/"), "{}", rows[1]);
    slack.command(PERSON, "/recipe", "show HEMT-SIC-004A").await;
    slack
        .message(CHANNEL, |message| {
            says(message, "No recipe that you may read is named")
        })
        .await;

    // A drawing is a message of its own with the picture in its thread.
    slack
        .command(PERSON, "/recipe", &format!("plot {LED}"))
        .await;
    let picture = format!("{LED}.png");
    let posted = slack
        .message(CHANNEL, |message| has_picture(message, &picture))
        .await;
    let root = slack
        .message(CHANNEL, |message| message["ts"] == posted["thread_ts"])
        .await;
    assert!(says(&root, PERSON) && root["user"] == BOT, "{root:#}");

    // A plain question gets its table and its picture, too.
    let question = slack
        .say(
            CHANNEL,
            None,
            &format!("<@{BOT}> {LED}와 LED450-MQW-012B 차이는?"),
        )
        .await;
    let answers = slack
        .until(CHANNEL, &question, |answers| {
            answers.iter().any(|answer| !tables(answer).is_empty())
        })
        .await;
    assert!(says(&answers[0], "745 (L23)"), "{answers:#?}");
    let question = slack
        .say(CHANNEL, None, &format!("<@{BOT}> {LED} 그래프 그려 줘"))
        .await;
    slack
        .until(CHANNEL, &question, |answers| {
            answers.iter().any(|answer| has_picture(answer, &picture))
                && answers.iter().any(|answer| says(answer, "그래프입니다"))
        })
        .await;
    assert_eq!(llm.requests(), Vec::<Value>::new());
    assert!(program.stop().await, "{}", program.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn recipes_are_shown_compared_and_drawn_over_socket_mode() {
    a_story(Mode::Socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recipes_are_shown_compared_and_drawn_over_http() {
    a_story(Mode::Http).await;
}

#[test]
fn the_command_and_its_scopes_stand_in_the_manifest() {
    let config =
        epibot::config::load::load_from(None, Some(std::collections::HashMap::new())).unwrap();
    let manifest = epibot::chat::slack::manifest(&config).unwrap();
    let commands = manifest["features"]["slash_commands"].as_array().unwrap();
    assert!(
        commands
            .iter()
            .any(|command| command["command"] == "/recipe")
    );
    let scopes = manifest["oauth_config"]["scopes"]["bot"]
        .as_array()
        .unwrap();
    for scope in ["commands", "files:write"] {
        assert!(scopes.contains(&json!(scope)), "{scope}");
    }
}
