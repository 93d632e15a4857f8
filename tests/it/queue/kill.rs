//! What is left when the process is killed: everything that was acknowledged, once.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use epibot::config;
use epibot::runtime::clock::Clock;
use epibot::runtime::lifecycle::Lifecycle;
use epibot::storage::queue::{Enqueued, Failure, Handler, Job, Outcome, Queue};
use futures::future::join_all;
use tempfile::TempDir;
use tokio::sync::Notify;

use super::job;

/// Names the file for the process that is to be killed; unset in the one that kills.
const FILE: &str = "EPIBOT_TEST_QUEUE_FILE";
const ROUND: &str = "EPIBOT_TEST_QUEUE_ROUND";
const KILLS: usize = 20;
const MANY: config::storage::Queue = config::storage::Queue {
    workers: 4,
    attempts: 1_000,
    backoff_s: 0,
};

/// Not a test of its own: the process that [`a_kill_loses_and_doubles_nothing`] starts and kills. It stores jobs and
/// does them, and prints a line for each that it acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_to_be_killed() {
    let (Ok(file), Ok(round)) = (std::env::var(FILE), std::env::var(ROUND)) else {
        return;
    };
    let queue = Queue::open(Path::new(&file), &MANY, Clock::system())
        .await
        .unwrap();
    queue.run(Arc::new(Counter::default()), &Lifecycle::default());
    let clients = (0..4).map(|client| {
        let (queue, round) = (queue.clone(), round.clone());
        async move {
            for number in 0.. {
                let key = format!("{round}/{client}/{number}");
                queue
                    .enqueue(&job(&key, &format!("{round}/{client}/{}", number % 3)))
                    .await
                    .unwrap();
                writeln!(std::io::stdout().lock(), "\nstored {key}").unwrap();
            }
        }
    });
    join_all(clients).await;
}

#[tokio::test]
async fn a_kill_loses_and_doubles_nothing() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("queue.sqlite");
    let mut acknowledged = Vec::new();
    for round in 0..KILLS {
        // A spread of points, from the first acknowledgement to some way into the work.
        acknowledged.extend(lines_until_killed(&file, round, 1 + round * 37 % 101));
    }
    let queue = Queue::open(&file, &MANY, Clock::system()).await.unwrap();
    let open = queue.size().await.unwrap();
    let counter = Arc::new(Counter {
        until: open,
        ..Counter::default()
    });
    let lifecycle = Lifecycle::default();
    if open > 0 {
        queue.run(Arc::clone(&counter) as Arc<dyn Handler>, &lifecycle);
        counter.all.notified().await;
    }
    lifecycle.stop();
    lifecycle.finish(std::time::Duration::from_secs(10)).await;

    assert!(acknowledged.len() >= KILLS, "nothing was put to the test");
    assert_eq!(queue.size().await.unwrap(), 0);
    assert!(
        counter
            .done
            .lock()
            .unwrap()
            .values()
            .all(|times| *times == 1),
        "a job was done twice"
    );
    for key in acknowledged {
        assert_eq!(
            queue.enqueue(&job(&key, "again")).await.unwrap(),
            Enqueued::Duplicate,
            "{key} was lost"
        );
    }
}

/// Starts the process, kills it after it has acknowledged `enough` jobs, and returns all that it acknowledged.
fn lines_until_killed(file: &Path, round: usize, enough: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "queue::kill::the_process_to_be_killed",
            "--exact",
            "--nocapture",
        ])
        .env(FILE, file)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stored = Vec::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        // A line that was cut off by the kill may not name what it would have named.
        if let Some(key) = line
            .strip_prefix("stored ")
            .and_then(|rest| rest.strip_suffix('\n'))
        {
            stored.push(key.to_owned());
        }
        if stored.len() == enough {
            child.kill().unwrap();
        }
        line.clear();
    }
    assert!(
        !child.wait().unwrap().success(),
        "the process ended before it was killed"
    );
    stored
}

/// Counts how often each job is done.
#[derive(Default)]
struct Counter {
    done: Mutex<BTreeMap<String, u32>>,
    until: u64,
    all: Notify,
}

#[async_trait]
impl Handler for Counter {
    async fn handle(&self, job: &Job) -> Outcome {
        let mut done = self.done.lock().unwrap();
        *done.entry(job.key.clone()).or_default() += 1;
        if done.len() as u64 == self.until {
            self.all.notify_one();
        }
        Outcome::Done
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        panic!("{} was given up: {failure}", job.key);
    }
}
