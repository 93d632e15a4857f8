//! Questions while the programs that answer them are killed, stopped and replaced: each is answered, and once.
//!
//! What counts is what stands in the Slack in the end. `EPIBOT_QUESTIONS` says how many questions are asked, and each
//! test prints a line for the table.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use epibot::runtime::lifecycle::Lifecycle;
use futures::StreamExt;
use serde_json::Value;
use tokio::sync::RwLock;

use crate::support::llm::{Script, ScriptedLlm, Step, delta, ending, event};
use crate::support::meilisearch::FakeMeilisearch;
use crate::support::postgres::Database;
use crate::support::replica::Replica;
use crate::support::scripted_slack::{BOT, Chance, Faults, ScriptedSlack};
use crate::support::wait;

const CHANNELS: u64 = 10;
/// What the model says, so that an answer that is whole can be told.
const LAST_WORDS: &str = "and then the flow is raised";
/// Events that are on their way at once.
const AT_ONCE: usize = 20;
/// From the last event to the last answer.
const PATIENCE: Duration = Duration::from_mins(2);

/// How a replica comes to harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    /// `kill -9`, and started again at once.
    Killed,
    /// Stopped for longer than its lease, then let go on.
    Paused,
    /// Stopped in good order while a new one has joined already.
    Replaced,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    questions: usize,
    lost: usize,
    doubled: usize,
}

struct Scene {
    slack: ScriptedSlack,
    llm: ScriptedLlm,
    replicas: Vec<Arc<RwLock<Replica>>>,
    chance: Arc<std::sync::Mutex<Chance>>,
    harmed: Arc<AtomicUsize>,
    settings: String,
}

fn questions() -> usize {
    let asked = std::env::var("EPIBOT_QUESTIONS").ok();
    asked.map_or(100, |number| {
        number.parse().expect("EPIBOT_QUESTIONS is a number")
    })
}

/// A model that takes its time, each time another.
async fn model() -> ScriptedLlm {
    let mut chance = Chance(7);
    ScriptedLlm::choosing(move |_| {
        let mut steps = Vec::new();
        for words in [
            "The thermostat ",
            "is checked first [1], ",
            LAST_WORDS,
            " [1].",
        ] {
            let pause = Duration::from_millis(chance.below(150));
            steps.push(Step::Pause(pause));
            steps.push(Step::Send(event(&delta(
                &serde_json::json!({ "content": words }),
            ))));
        }
        steps.push(Step::Send(ending("stop")));
        Script::Stream(steps)
    })
    .await
}

impl Scene {
    async fn set(number: usize, settings: &str) -> Self {
        let slack = ScriptedSlack::start(11, Faults::NONE).await;
        let llm = model().await;
        let mut replicas = Vec::new();
        for _ in 0..number {
            let replica = Replica::start(&slack.api_url, llm.base_url(), settings).await;
            replicas.push(Arc::new(RwLock::new(replica)));
        }
        Self {
            slack,
            llm,
            replicas,
            chance: Arc::new(std::sync::Mutex::new(Chance(13))),
            harmed: Arc::default(),
            settings: settings.to_owned(),
        }
    }

    fn below(&self, limit: u64) -> u64 {
        self.chance.lock().unwrap().below(limit)
    }

    /// Asks all questions while replicas come to harm every few seconds, and counts what stands in the Slack then.
    async fn play(&self, questions: usize, harm: Harm, every: Duration) -> Count {
        let harming = Lifecycle::default();
        let harmer = Harmer {
            replicas: self.replicas.clone(),
            chance: Arc::clone(&self.chance),
            harmed: Arc::clone(&self.harmed),
            new: [
                self.slack.api_url.clone(),
                self.llm.base_url().to_owned(),
                self.settings.clone(),
            ],
        };
        let asking = async {
            let asked = futures::stream::iter(0..questions)
                .map(|number| self.ask(number))
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            harming.stop();
            asked
        };
        let harm = harmer.work(harm, every, harming.clone());
        let (asked, ()): (Vec<(String, String)>, ()) = tokio::join!(asking, harm);
        let over = async || {
            let is_over = self.count(&asked).lost == 0 && self.is_quiet().await;
            is_over.then_some(())
        };
        // Those that come too late are counted as lost.
        let _ = wait::find_within(PATIENCE, over).await;
        self.count(&asked)
    }

    /// Asks one question and has it delivered until it is acknowledged, now and then more often; where it stands.
    async fn ask(&self, number: usize) -> (String, String) {
        // About ten a second, so that there is always something in hand.
        tokio::time::sleep(Duration::from_millis(self.below(4_000))).await;
        let channel = format!("C{}", self.below(CHANNELS));
        let text = format!(
            "<@{BOT}> How is the showerhead water outlet thermostat of the HX-7 checked in case {number}?"
        );
        let question = self.slack.say(&channel, "U1", &text);
        let times = if self.below(10) == 0 { 3 } else { 1 };
        for _ in 0..times {
            wait::until("an event is acknowledged", async || {
                let at = usize::try_from(self.below(self.replicas.len() as u64)).unwrap();
                // Whoever is being harmed right now is not there.
                match self.replicas[at].try_read() {
                    Ok(replica) => replica.deliver(&question).await,
                    Err(_) => false,
                }
            })
            .await;
        }
        let ts = question["event"]["ts"].as_str().unwrap().to_owned();
        (channel, ts)
    }

    fn count(&self, asked: &[(String, String)]) -> Count {
        let mut count = Count {
            questions: asked.len(),
            ..Count::default()
        };
        for (channel, ts) in asked {
            let answers = self.slack.answers(channel, ts);
            let whole = answers.iter().filter(|answer| is_whole(answer)).count();
            count.lost += usize::from(whole == 0);
            count.doubled += usize::from(answers.len() > 1);
        }
        count
    }

    /// Whether every replica is up and nothing is in hand any more.
    async fn is_quiet(&self) -> bool {
        for replica in &self.replicas {
            if replica.read().await.in_hand().await != Some(0) {
                return false;
            }
        }
        true
    }

    /// What the replicas have to say for themselves.
    async fn log(&self) -> String {
        let mut all = String::new();
        for replica in &self.replicas {
            all.push_str(&replica.read().await.log());
        }
        all
    }

    fn print(&self, name: &str, count: &Count, begin: Instant) {
        println!(
            "\n| {name} | {} questions | {} harmed | {} model calls | lost {} | answered twice {} | {:.0} s |",
            count.questions,
            self.harmed.load(Ordering::SeqCst),
            self.llm.requests().len(),
            count.lost,
            count.doubled,
            begin.elapsed().as_secs_f64()
        );
    }
}

/// The last state of an answer: all of it, with its sources.
fn is_whole(answer: &Value) -> bool {
    let text = answer.to_string();
    text.contains(LAST_WORDS) && text.contains("\"sources")
}

/// Does harm.
struct Harmer {
    replicas: Vec<Arc<RwLock<Replica>>>,
    chance: Arc<std::sync::Mutex<Chance>>,
    harmed: Arc<AtomicUsize>,
    /// What a new replica is started with: Slack, model and settings.
    new: [String; 3],
}

impl Harmer {
    async fn work(self, harm: Harm, every: Duration, lifecycle: Lifecycle) {
        loop {
            let (pause, which) = {
                let mut chance = self.chance.lock().unwrap();
                let most = u64::try_from(every.as_millis()).unwrap();
                let which = chance.below(self.replicas.len() as u64);
                (
                    Duration::from_millis(most / 2 + chance.below(most)),
                    usize::try_from(which).unwrap(),
                )
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = lifecycle.stopping() => return,
            }
            self.harmed.fetch_add(1, Ordering::SeqCst);
            self.harm(harm, &self.replicas[which]).await;
        }
    }

    /// Deliveries may be under way to the replica.
    async fn harm(&self, harm: Harm, replica: &RwLock<Replica>) {
        let id = replica.read().await.id();
        match harm {
            Harm::Killed => {
                signal(id, "KILL").await;
                let mut replica = replica.write().await;
                replica.until_ended().await;
                replica.restart().await;
            }
            Harm::Paused => {
                signal(id, "STOP").await;
                tokio::time::sleep(Duration::from_secs(8)).await;
                signal(id, "CONT").await;
            }
            Harm::Replaced => {
                let [slack, llm, settings] = &self.new;
                let new = Replica::start(slack, llm, settings).await;
                let mut old = std::mem::replace(&mut *replica.write().await, new);
                signal(id, "TERM").await;
                assert!(
                    old.until_ended().await,
                    "it did not stop well: {}",
                    old.log()
                );
            }
        }
    }
}

async fn signal(id: u32, name: &str) {
    let sent = tokio::process::Command::new("kill")
        .args(["-s", name, &id.to_string()])
        .status()
        .await
        .unwrap();
    assert!(sent.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_killed_again_and_again_answers_everything_once() {
    let begin = Instant::now();
    let scene = Scene::set(1, "").await;
    let count = scene
        .play(questions(), Harm::Killed, Duration::from_secs(3))
        .await;
    scene.print("SQLite, killed", &count, begin);
    assert_eq!((count.lost, count.doubled), (0, 0), "{}", scene.log().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_are_killed_again_and_again_answer_everything_once() {
    several("PostgreSQL, three replicas, killed", Harm::Killed, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_stand_still_for_longer_than_their_lease_answer_everything_once() {
    several("PostgreSQL, three replicas, paused", Harm::Paused, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_are_replaced_one_by_one_answer_everything_once() {
    several("PostgreSQL, three replicas, replaced", Harm::Replaced, 4).await;
}

async fn several(name: &str, harm: Harm, every: u64) {
    let begin = Instant::now();
    let Some(database) = Database::new() else {
        return;
    };
    let search = FakeMeilisearch::start().await;
    let address = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(address.path(), database.address()).unwrap();
    let keys = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(keys.path(), "key").unwrap();
    let settings = format!(
        "[state]\ndatabase = \"file:{}\"\nlease_s = 5\n[index]\nengine = \"meilisearch\"\n\
             [meilisearch]\nurl = \"{}\"\nsearch_key = \"file:{key}\"\nindex_key = \"file:{key}\"\n",
        address.path().display(),
        search.url(),
        key = keys.path().display()
    );
    let scene = Scene::set(3, &settings).await;
    let count = scene
        .play(questions(), harm, Duration::from_secs(every))
        .await;
    scene.print(name, &count, begin);
    assert_eq!((count.lost, count.doubled), (0, 0), "{}", scene.log().await);
}
