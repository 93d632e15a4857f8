//! Reindexing that survives kills, and the people in charge of it in Slack.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use epibot::chat::reindex_progress::ReindexProgress;
use epibot::chat::services::ChatServices;
use epibot::config::sources::{Source, WebSource};
use epibot::domain::access::Access;
use epibot::domain::search_params::SearchParams;
use epibot::ingest::catalog::{Catalog, DocumentState};
use epibot::ingest::reindex::LANE;
use epibot::ingest::reindex::request::Trigger;
use epibot::ingest::reindex::worker::ReindexWorker;
use epibot::runtime::clock::Clock;
use epibot::search::index::tantivy::Embedded;
use epibot::search::index::{Index, Query};
use epibot::storage::queue::{Enqueued, NewJob, Queue};
use serde_json::Value;
use tokio::process::Command;

use crate::support::bot::Bot;
use crate::support::llm::ScriptedLlm;
use crate::support::program;
use crate::support::scripted_slack::{Faults, ScriptedSlack};
use crate::support::slack::{CHANNEL, LocalSlack, Mode, PERSON, Program, says};
use crate::support::wait;

const FILES: usize = 1_000;
const SECTIONS: usize = 30;

/// How many documents of a catalogue are read so far in their later state, which has more than one passage.
async fn read_so_far(data: &Path) -> usize {
    let file = data.join("catalog.sqlite");
    if !file.exists() {
        return 0;
    }
    let Ok(catalog) = Catalog::open(&file).await else {
        return 0;
    };
    let entries = catalog.entries().await.unwrap_or_default();
    entries
        .iter()
        .filter(|entry| entry.state == DocumentState::Read && entry.passages > 1)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_changed_files_that_is_killed_three_times_ends_with_every_passage_once() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let (documents, data) = (home.join("documents"), home.join("data"));
    fs::create_dir(&documents).unwrap();
    let write = |number: usize, text: &str| {
        let file = documents.join(format!("{number:04}.md"));
        fs::write(file, format!("# Procedure {number}\n\n{text}")).unwrap();
    };
    for number in 0..FILES {
        write(number, &format!("file{number:04} as it was before"));
    }
    let config = home.join("epibot.toml");
    let text = format!(
        "[data]\ndir = \"{}\"\n[[sources]]\nname = \"m\"\npath = \"{}\"\ncollection = \"m\"\n[extract]\nworkers = 1\n",
        data.display(),
        documents.display()
    );
    fs::write(&config, text).unwrap();
    let start = || {
        Command::new(program())
            .arg("--config")
            .arg(&config)
            .args(["--json", "reindex"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    };
    let output = start().wait_with_output().await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["added"], FILES);
    for number in 0..FILES {
        let sections = (0..SECTIONS).map(|part| {
            let words = "Check the gas cabinet and close its valves before the purge. ".repeat(18);
            format!("## Step {part}\n\nfile{number:04} mark{number:04}x{part:02} {words}\n\n")
        });
        write(number, &sections.collect::<String>());
    }
    let mut before = 0;
    for _ in 0..3 {
        let mut run = start();
        let goes_on = wait::find(async || {
            let ended = run.try_wait().unwrap();
            assert_eq!(ended, None, "it ended before it was killed");
            Some(read_so_far(&data).await).filter(|read| *read > before)
        });
        before = goes_on.await.unwrap();
        run.kill().await.unwrap();
    }
    assert!(before < FILES, "it was done before the last kill");
    let output = start().wait_with_output().await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["documents"], FILES);
    let changed = report["changed"].as_u64().unwrap();
    assert!(
        changed < FILES as u64,
        "what was read before is not read again: {changed}"
    );

    let index = Embedded::open(&data.join("index")).unwrap();
    assert_eq!(
        index.size().await.unwrap(),
        report["passages"].as_u64().unwrap()
    );
    let mut passages = 0;
    for number in 0..FILES {
        let words: Vec<String> = (0..SECTIONS)
            .map(|part| format!("mark{number:04}x{part:02}"))
            .collect();
        let query = Query {
            text: &format!("file{number:04}"),
            expansions: &[],
            access: &Access::Everything,
            limit: 100,
            params: &SearchParams::DEFAULT,
        };
        let hits = index.search(&query).await.unwrap().hits;
        let of_file = hits
            .iter()
            .filter(|hit| hit.passage.text.contains(&format!("mark{number:04}")));
        let texts: Vec<&str> = of_file.map(|hit| hit.passage.text.as_str()).collect();
        for word in &words {
            let count = texts
                .iter()
                .filter(|text| text.contains(word.as_str()))
                .count();
            assert_eq!(count, 1, "{word} stands in {count} passages");
        }
        passages += texts.len();
    }
    assert_eq!(passages as u64, index.size().await.unwrap());
}

/// Waits until no run is in hand, and so many documents are indexed.
async fn idle(slack: &LocalSlack, documents: usize) {
    let words = format!("Nothing is being indexed. {documents} documents");
    let is_idle = |message: &Value| says(message, &words);
    wait::until("nothing is in hand", async || {
        slack.command(PERSON, "/reindex", "status").await;
        slack.messages(CHANNEL).await.iter().any(is_idle)
    })
    .await;
}

/// Orders, status, a refusal and the list of failures, as two people see them.
async fn a_story(mode: Mode) {
    let Some(slack) = LocalSlack::start(mode).await else {
        return;
    };
    let llm = ScriptedLlm::start([]).await;
    let mut program = Program::start(&slack, &llm).await;

    slack.command("U0MINSU", "/reindex", "").await;
    let refusal = slack
        .message(CHANNEL, |message| says(message, "Please ask"))
        .await;
    assert!(says(&refusal, PERSON), "{refusal:#}");

    program.write("new.md", "# New\n\nThe new spare part is NV-7.");
    program.write("broken.pdf", "%PDF-1.7\nnothing more");
    idle(&slack, 2).await;
    slack.command(PERSON, "/reindex", "full").await;
    let summary = |message: &Value| says(message, "Indexed: ") && says(message, "broken.pdf");
    let done = slack.message(CHANNEL, summary).await;
    assert!(says(&done, "Could not be read (1)"), "{done:#}");
    let attached = |message: &Value| says(message, "reindex-failures.tsv");
    slack.message(CHANNEL, attached).await;
    let ours = slack.messages(CHANNEL).await;
    let shown = ours
        .iter()
        .filter(|message| says(message, "Indexed: "))
        .count();
    assert_eq!(
        shown, 1,
        "one message changes, no second one is posted: {ours:#?}"
    );

    idle(&slack, 3).await;
    slack.command(PERSON, "/reindex", "nowhere").await;
    slack
        .message(CHANNEL, |message| says(message, "There is no source"))
        .await;
    slack.command(PERSON, "/reindex", "cancel").await;
    slack
        .message(CHANNEL, |message| {
            says(message, "Nothing is being indexed.")
        })
        .await;
    slack.command(PERSON, "/reindex", "help").await;
    slack
        .message(CHANNEL, |message| {
            says(message, "read every document again")
        })
        .await;
    assert!(program.stop().await, "{}", program.log());
}

/// What a person is told at the end of a run over these sources, of which there is one attempt.
async fn told_of(sources: Vec<Source>) -> String {
    let slack = ScriptedSlack::start(1, Faults::QUICK).await;
    let llm = ScriptedLlm::start([]).await;
    let settings = [("queue.attempts", "1")];
    let bot = Bot::configured(&slack, llm, Clock::system(), &settings, |config| {
        config.sources = sources;
    })
    .await;
    let parts = &bot.parts;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.sqlite");
    let queue = Queue::open(&file, &parts.config.queue, Clock::system())
        .await
        .unwrap();
    let reindexer = parts.library.reindexer.clone();
    let mut config = epibot::config::settings::Config::clone(&parts.config);
    config.slack.update_interval_ms = 0;
    "ko".clone_into(&mut config.reindex.language);
    let services = ChatServices {
        queue: queue.clone(),
        config: Arc::new(config),
        ..parts.clone()
    };
    let sink = ReindexProgress::new(&services);
    let reindexing =
        ReindexWorker::new(reindexer.clone(), bot.lifecycle.clone()).with_sink(Box::new(sink));
    queue.run(Arc::new(reindexing), &bot.lifecycle);
    let person = Trigger::Person {
        user: "U1".to_owned(),
        channel: "C1".to_owned(),
    };
    let request = reindexer.request(Vec::new(), false, person);
    let job = NewJob {
        key: "reindex/1".to_owned(),
        lane: LANE.to_owned(),
        payload: serde_json::to_value(&request).unwrap(),
    };
    assert_eq!(queue.enqueue(&job).await.unwrap(), Enqueued::New);
    wait::until("the run is over", async || {
        queue.size().await.ok() == Some(0)
    })
    .await;
    let messages = slack.messages("C1");
    assert_eq!(messages.len(), 1, "{messages:#?}");
    bot.stop().await;
    queue.close().await.unwrap();
    messages[0]["text"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_source_is_told_in_the_language_of_the_people_in_charge() {
    let folder = tempfile::tempdir().unwrap();
    let documents = Source {
        name: "manuals".to_owned(),
        path: folder.path().join("manuals"),
        collection: "manuals".to_owned(),
        ..Source::default()
    };
    let said = told_of(vec![documents.clone()]).await;
    assert!(
        said.starts_with("색인하지 못했습니다. 소스 \"manuals\"의 폴더")
            && said.contains("sources.path를 고쳐 주십시오"),
        "{said}"
    );

    fs::create_dir(&documents.path).unwrap();
    fs::write(documents.path.join("a.md"), "# Pump\n\nCheck its oil.").unwrap();
    let site = Source {
        name: "wiki".to_owned(),
        path: folder.path().join("wiki"),
        web: Some(WebSource {
            start: vec!["http://169.254.169.254/".to_owned()],
            max_files: 10,
            ..WebSource::default()
        }),
        ..documents.clone()
    };
    let said = told_of(vec![documents, site]).await;
    assert!(
        said.starts_with("색인을 마쳤습니다: 추가 1")
            && said.contains("• wiki: http://169.254.169.254/: 169.254.169.254는 사설망에 있어"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_in_charge_reindex_over_socket_mode() {
    a_story(Mode::Socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_in_charge_reindex_over_http() {
    a_story(Mode::Http).await;
}

/// A run is shown, refused a second time, killed, taken up in the same message, and cancelled.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_in_its_message_after_a_kill_until_it_is_cancelled() {
    let Some(slack) = LocalSlack::start(Mode::Socket).await else {
        return;
    };
    let llm = ScriptedLlm::start([]).await;
    let mut program = Program::start(&slack, &llm).await;
    // Long enough to be met on the way.
    for number in 0..3_000 {
        let words = "Check the gas cabinet and close its valves. ".repeat(200);
        program.write(
            &format!("{number:04}.md"),
            &format!("# Procedure {number}\n\n{words}"),
        );
    }
    idle(&slack, 2).await;
    slack.command(PERSON, "/reindex", "full").await;
    let running = |message: &Value| says(message, " of 3002 files") && says(message, "░");
    let first = slack.message(CHANNEL, running).await;
    slack.command(PERSON, "/reindex", "").await;
    slack
        .message(CHANNEL, |message| says(message, "being indexed already"))
        .await;
    program.kill().await;

    program.restart().await;
    slack.command(PERSON, "/reindex", "cancel").await;
    let end = slack
        .message(CHANNEL, |message| says(message, "Cancelled. Until then"))
        .await;
    assert_eq!(end["ts"], first["ts"], "it is the same message");
    assert!(program.stop().await, "{}", program.log());
}
