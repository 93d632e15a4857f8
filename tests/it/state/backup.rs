//! The state in a file, and back, by the commands that people use.

use std::path::{Path, PathBuf};
use std::process::Command;

use epibot::app::storage::Storage;
use epibot::config;
use epibot::config::settings::Config;
use epibot::runtime::clock::Clock;
use epibot::storage::queue::{Enqueued, NewJob};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::answers::given;
use crate::queue::puppet::{Stage, done};
use crate::support::postgres::Database;
use crate::support::{program, wait};

/// An installation, in files or in a database.
pub(super) struct Installation {
    folder: TempDir,
    pub(super) config: Config,
}

impl Installation {
    pub(super) fn new(database: Option<&Database>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().display();
        let mut text =
            format!("[data]\ndir = \"{home}/data\"\n[queue]\nbackoff_s = 0\nworkers = 2\n");
        if let Some(database) = database {
            std::fs::write(folder.path().join("database"), database.address()).unwrap();
            text = format!("{text}[state]\ndatabase = \"file:{home}/database\"\n");
        }
        std::fs::write(folder.path().join("epibot.toml"), text).unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let file = folder.path().join("epibot.toml");
        let config =
            config::load::load_from(Some(&file), Some(std::iter::empty().collect())).unwrap();
        Self { folder, config }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command; whether it succeeded, and what it said.
    async fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(program());
        command
            .arg("--config")
            .arg(self.path("epibot.toml"))
            .args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    async fn backup(&self, file: &Path) -> String {
        let (done, said) = self.run(&["backup", file.to_str().unwrap()]).await;
        assert!(done, "{said}");
        said
    }

    async fn refused(&self, file: &Path, why: &str) {
        let (done, said) = self.run(&["restore", file.to_str().unwrap()]).await;
        assert!(!done && said.contains(why), "{said}");
    }
}

fn job(key: &str, user: &str) -> NewJob {
    NewJob {
        key: key.to_owned(),
        lane: key.to_owned(),
        payload: json!({ "question": "퍼지 유량은?", "user": user }),
    }
}

/// Fills one, backs it up while it is in use, and restores it into the other.
async fn there_and_back(from: &Installation, to: &Installation) {
    let stores = Storage::open(&from.config).await.unwrap();
    let queue = stores.queue(Clock::system()).await.unwrap();
    for key in ["done", "running", "waiting"] {
        queue.enqueue(&job(key, "U1")).await.unwrap();
        if key == "running" {
            let mut stage = Stage::run(&queue);
            let [(_, act), (_, _running)] = stage.attempts(["done", "running"]).await;
            done(act);
            wait::until("one is done", async || queue.size().await.unwrap() < 2).await;
            std::mem::forget(stage);
        }
    }
    let feedback = stores.feedback(Clock::system()).await.unwrap();
    feedback.store(&given("done", "U1", "llm")).await.unwrap();
    feedback
        .vote("done", "U2", false, "wrong \"page\"\n")
        .await
        .unwrap();
    feedback.remark("r", "C1", "U3", "fine").await.unwrap();
    let file = from.path("backup.jsonl");
    let said = from.backup(&file).await;
    assert!(
        said.contains("3 questions and orders, 1 answers, 1 votes, 1 remarks"),
        "{said}"
    );
    let mode = std::fs::metadata(&file).unwrap().permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o600
    );
    let (again, said) = from.run(&["backup", file.to_str().unwrap()]).await;
    assert!(!again && said.contains("is there already"), "{said}");
    from.refused(&file, "first").await;

    let (done_so, said) = to.run(&["restore", file.to_str().unwrap()]).await;
    assert!(done_so, "{said}");
    to.refused(&file, "add --force if they may go").await;
    let (forced, said) = to
        .run(&["restore", file.to_str().unwrap(), "--force"])
        .await;
    assert!(forced, "{said}");

    let stores = Storage::open(&to.config).await.unwrap();
    let feedback = stores.feedback(Clock::system()).await.unwrap();
    assert_eq!(
        feedback.find("done").await.unwrap(),
        Some(given("done", "U1", "llm"))
    );
    let lines = feedback.lines().await.unwrap();
    assert_eq!(
        (lines[0].helpful, lines[0].comment.as_str()),
        (Some(false), "wrong \"page\"\n")
    );
    let queue = stores.queue(Clock::system()).await.unwrap();
    assert_eq!(
        queue.enqueue(&job("done", "U1")).await.unwrap(),
        Enqueued::Duplicate
    );
    let mut stage = Stage::run(&queue);
    // What was open may have been answered since, so it is not the first claim.
    for (job, act) in stage.attempts(["running", "waiting"]).await {
        assert!(job.fence > 1, "{job:?}");
        assert_eq!(job.payload["question"], "퍼지 유량은?");
        done(act);
    }
    stage.rest().await;
    queue.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_backed_up_while_in_use_and_restored() {
    there_and_back(&Installation::new(None), &Installation::new(None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_moves_from_files_to_a_database() {
    let Some(database) = Database::new() else {
        return;
    };
    there_and_back(
        &Installation::new(None),
        &Installation::new(Some(&database)),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_moves_from_a_database_to_files() {
    let Some(database) = Database::new() else {
        return;
    };
    there_and_back(
        &Installation::new(Some(&database)),
        &Installation::new(None),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_none_cut_short_or_too_new_changes_nothing() {
    let from = Installation::new(None);
    let stores = Storage::open(&from.config).await.unwrap();
    let queue = stores.queue(Clock::system()).await.unwrap();
    queue.enqueue(&job("a", "U1")).await.unwrap();
    queue.close().await.unwrap();
    let file = from.path("backup.jsonl");
    from.backup(&file).await;
    let whole = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 3);

    let to = Installation::new(None);
    let bad = to.path("bad.jsonl");
    for (text, why) in [
        ("{}".to_owned(), "is no backup of epibot"),
        (lines[..2].join("\n"), "is not whole: its end is missing"),
        (
            [lines[0], lines[2]].join("\n"),
            "is damaged: 1 rows were written, 0 are there",
        ),
        (
            whole.replacen("\"epibot_backup\":2", "\"epibot_backup\":3", 1),
            "which is newer than this one",
        ),
        (
            whole.replace("\"lane\"", "\"lanes\""),
            "\"lanes\" of \"job\" is unknown to this version",
        ),
    ] {
        std::fs::write(&bad, text).unwrap();
        to.refused(&bad, why).await;
    }
    let queue = Storage::open(&to.config)
        .await
        .unwrap()
        .queue(Clock::system())
        .await
        .unwrap();
    assert_eq!(queue.size().await.unwrap(), 0);
}

/// What is kept of a person is exported, and deleted while the program runs.
async fn a_person_is_forgotten(at: &Installation) {
    let stores = Storage::open(&at.config).await.unwrap();
    let queue = stores.queue(Clock::system()).await.unwrap();
    for (key, user) in [
        ("a", "U1"),
        ("home/T1/U1/5", "U1"),
        ("b", "U2"),
        ("c", "U1"),
    ] {
        queue.enqueue(&job(key, user)).await.unwrap();
    }
    let mut stage = Stage::run(&queue);
    for (_, act) in stage.attempts(["a", "home/T1/U1/5"]).await {
        done(act);
    }
    let [(_, b), (_, _c)] = stage.attempts(["b", "c"]).await;
    done(b);
    wait::until("one is left", async || queue.size().await.unwrap() == 1).await;
    let feedback = stores.feedback(Clock::system()).await.unwrap();
    feedback.store(&given("a", "U1", "llm")).await.unwrap();
    feedback.store(&given("b", "U2", "llm")).await.unwrap();

    let (exported, said) = at.run(&["audit", "export"]).await;
    assert!(exported);
    let users: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["user"].clone())
        .collect();
    assert_eq!(users, ["U1", "U2"]);
    let (exported, said) = at
        .run(&[
            "audit",
            "export",
            "--format",
            "csv",
            "--since",
            "2099-01-01",
        ])
        .await;
    assert!(exported);
    assert!(
        said.starts_with("key,at,user,team,channel,thread,question,") && said.lines().count() == 1,
        "{said}"
    );

    let (forgotten, said) = at.run(&["--json", "audit", "forget", "--user", "U1"]).await;
    assert!(forgotten, "{said}");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        said["deleted"],
        json!({ "answers": 1, "votes": 0, "remarks": 0, "jobs": 2, "open": 1 })
    );
    assert_eq!(queue.lookup("a").await.unwrap().unwrap().payload, None);
    assert_eq!(queue.lookup("home/T1/U1/5").await.unwrap(), None);
    let other = queue.lookup("b").await.unwrap().unwrap();
    assert!(other.payload.is_some());
    assert!(feedback.find("a").await.unwrap().is_none());
    assert!(feedback.find("b").await.unwrap().is_some());
    let (refused, said) = at.run(&["audit", "forget", "--user", "Jiwon"]).await;
    assert!(!refused && said.contains("is no id of a person"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_forgotten_in_files() {
    a_person_is_forgotten(&Installation::new(None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_forgotten_in_a_database() {
    let Some(database) = Database::new() else {
        return;
    };
    a_person_is_forgotten(&Installation::new(Some(&database))).await;
}
