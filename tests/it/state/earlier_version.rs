//! What version 0.1.0 left in a data folder: an answered question, and one whose message was posted and that was then cut
//! off. `version_0_1_0/` holds dumps of its databases.

use std::path::Path;

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::support::llm::{ScriptedLlm, says};
use crate::support::scripted_slack::{Faults, ScriptedSlack};
use crate::support::slack::{Program, free_port, is_finished};
use crate::support::wait;

const STATE: &str = include_str!("version_0_1_0/state.sql");
const FEEDBACK: &str = include_str!("version_0_1_0/feedback.sql");
/// The `ts` of the question that was cut off, as the dump has it.
const CUT_OFF: &str = "1700000002.000100";

/// What it asked there, and a question that the documents of the test answer.
const ASKED: &str = "How often is the showerhead gap checked?";
const QUESTION: &str = "What should I do about alarm E-1042?";

async fn connect(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file);
    SqliteConnection::connect_with(&options.create_if_missing(true))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_the_earlier_version_was_at_is_answered_and_its_answers_are_kept() {
    let slack = ScriptedSlack::start(5, Faults::NONE).await;
    let llm = ScriptedLlm::choosing(|_| says(&["Check the thermostat [1]."])).await;
    let asked = slack.say("C1", "U1", QUESTION);
    let ts = asked["event"]["ts"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();

    let address = format!("127.0.0.1:{}", free_port());
    let data = folder.path().display().to_string();
    let settings = [("EPIBOT__DATA__DIR", data.as_str())];
    let mut program = Program::start_with(&slack.api_url, "http", &address, &llm, &settings).await;
    // The documents are indexed by now.
    assert!(program.stop().await, "{}", program.log());
    for (name, dump) in [("state.sqlite", STATE), ("feedback.sqlite", FEEDBACK)] {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.path().join(format!("{name}{suffix}")));
        }
        let dump = dump.replace(CUT_OFF, ts).replace(ASKED, QUESTION);
        let mut database = connect(&folder.path().join(name)).await;
        let statements = sqlx::raw_sql(sqlx::AssertSqlSafe(dump));
        statements.execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    program.restart().await;
    let answers = wait::find(async || {
        let answers = slack.answers("C1", ts);
        answers.iter().any(is_finished).then_some(answers)
    });
    let answers = answers
        .await
        .unwrap_or_else(|_| panic!("{}", program.log()));
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert!(program.stop().await, "{}", program.log());

    let mut log = connect(&folder.path().join("feedback.sqlite")).await;
    let kept: Vec<String> = sqlx::query_scalar("SELECT key FROM answer ORDER BY key")
        .fetch_all(&mut log)
        .await
        .unwrap();
    assert_eq!(
        kept,
        ["T1/C1/1700000001.000100".to_owned(), format!("T1/C1/{ts}")]
    );
}
