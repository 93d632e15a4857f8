//! Questions at a steady rate for as long as is wished, with a model and a Slack that fail now and then; and what came of
//! it: who was answered, how long that took beyond the model, and how much memory the program holds.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::Response;
use axum::routing::post;
use epibot::runtime::lifecycle::Lifecycle;
use futures::StreamExt;
use futures::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::llm::{ScriptedLlm, delta, ending, event};
use super::scripted_slack::{BOT, Chance, Faults, ScriptedSlack};
use super::slack::{Program, free_port, try_to_deliver};
use super::wait;

const CHANNELS: u64 = 20;
const PEOPLE: u64 = 200;
/// The model's answer comes in so many pieces, with such a pause before each.
const PIECES: u32 = 6;
const PACE: Duration = Duration::from_millis(50);
/// Models that fail, of a thousand: refused, overloaded, cut off in the middle.
const REFUSED: u64 = 10;
const LIMITED: u64 = 5;
const CUT: u64 = 10;
/// Slack fails as often, and is as slow, as on a bad day.
const FAULTS: Faults = Faults {
    limited: 3,
    broken: 5,
    closed: 5,
    most: 11_000,
    streaming: true,
    tables: true,
    pause: 20,
};
/// When Slack delivers again what was not acknowledged.
const AGAIN: Duration = Duration::from_millis(500);
/// How long the last answers may take.
const PATIENCE: Duration = Duration::from_mins(3);

/// What came of it.
#[derive(Debug)]
pub(crate) struct Soaked {
    pub(crate) asked: usize,
    pub(crate) unanswered: usize,
    pub(crate) twice: usize,
    /// From the delivery to the whole answer, but for the time from the first word to the model to its last, and who
    /// failed on the way.
    pub(crate) overhead: Vec<(Failing, Duration)>,
    /// Memory that the program held, in MB, every few seconds.
    pub(crate) memory: Vec<u64>,
}

/// Who failed while an answer was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failing {
    Nobody,
    /// Its pauses before it is asked again are not in the overhead.
    Model,
    /// It broke a call off, or wanted a pause of all calls in the channel.
    Slack,
}

/// When a question was delivered, and what the model made of it.
#[derive(Clone, Copy, Debug)]
struct Asked {
    delivered: Instant,
    /// From its first request to the end of its last response; pauses after failures, which it asked for, lie between.
    model: Option<(Instant, Instant)>,
    has_failed: bool,
}

impl Asked {
    /// How long the model kept the answer waiting.
    fn waited(&self) -> Duration {
        self.model
            .map(|(first, last)| last - first)
            .unwrap_or_default()
    }
}

type Book = Arc<Mutex<HashMap<u64, Asked>>>;

/// Asks `rate` questions a second for so long.
pub(crate) async fn soak(rate: u32, time: Duration, workers: u32) -> Soaked {
    let slack = ScriptedSlack::start(11, FAULTS).await;
    let book: Book = Arc::default();
    let lifecycle = Lifecycle::default();
    let model = model(Arc::clone(&book), &lifecycle).await;
    let unused = ScriptedLlm::start([]).await;
    let address = format!("127.0.0.1:{}", free_port());
    let workers = workers.to_string();
    let settings = [
        ("EPIBOT__LLM__BASE_URL", model.as_str()),
        ("EPIBOT__QUEUE__WORKERS", workers.as_str()),
        ("EPIBOT__SLACK__RATE_LIMITS", "false"),
        ("EPIBOT__CHAT__QUESTIONS_PER_USER", "1000000"),
        ("EPIBOT__CHAT__QUESTIONS_PER_CHANNEL", "1000000"),
        ("EPIBOT__SLACK__UPDATE_INTERVAL_MS", "1200"),
        ("EPIBOT__LOG__LEVEL", "error"),
    ];
    let mut program =
        Program::start_with(&slack.api_url, "http", &address, &unused, &settings).await;
    let client = super::http();
    let (mut roots, mut memory) = (HashMap::new(), Vec::new());
    let begun = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    let mut looked = begun;
    let mut number = 0;
    while begun.elapsed() < time {
        ticks.tick().await;
        number += 1;
        let (channel, user) = (channel(number), format!("U{}", number % PEOPLE));
        let text = format!("<@{BOT}> What should I do about alarm E-1042? Question-{number}.");
        let event = slack.say(&channel, &user, &text);
        let root = event["event"]["ts"].as_str().unwrap().to_owned();
        roots.insert(root, number);
        let asked = Asked {
            delivered: Instant::now(),
            model: None,
            has_failed: false,
        };
        book.lock().unwrap().insert(number, asked);
        let (client, address) = (client.clone(), address.clone());
        lifecycle.spawn("delivery", async move {
            // As Slack does, until it is acknowledged.
            let taken = async || {
                let response = try_to_deliver(&client, &address, &event).await;
                response.is_ok_and(|response| response.status() == 200)
            };
            while !taken().await {
                tokio::time::sleep(AGAIN).await;
            }
        });
        if looked.elapsed() > Duration::from_secs(5) {
            looked = Instant::now();
            memory.push(resident(program.id()));
        }
    }
    let all = async || (slack.finished() == roots.len()).then_some(());
    // Those that come too late are counted.
    let _ = wait::find_within(PATIENCE, all).await;
    let mut ends: HashMap<u64, Instant> = HashMap::new();
    for shown in slack.all_shown().into_iter().filter(|shown| shown.is_last) {
        if let Some(number) = roots.get(&shown.root) {
            ends.entry(*number).or_insert(shown.at);
        }
    }
    let (troubled, pauses) = (slack.troubled(), slack.pauses());
    let book = book.lock().unwrap().clone();
    let overhead = roots.iter().filter_map(|(root, number)| {
        let (asked, end) = (book.get(number)?, ends.get(number)?);
        let channel = channel(*number);
        let is_held_up = pauses.iter().any(|pause| {
            pause.channel == channel && pause.from < *end && asked.delivered < pause.until
        });
        let failing = match () {
            () if is_held_up || troubled.contains(root) => Failing::Slack,
            () if asked.has_failed => Failing::Model,
            () => Failing::Nobody,
        };
        let overhead = (*end - asked.delivered).saturating_sub(asked.waited());
        Some((failing, overhead))
    });
    let twice = roots.iter().filter(|(root, number)| {
        slack
            .answers(&channel(**number), root)
            .iter()
            .filter(|answer| is_first(answer))
            .count()
            > 1
    });
    let soaked = Soaked {
        asked: roots.len(),
        unanswered: roots.len() - ends.len(),
        twice: if roots.len() < 5_000 {
            twice.count()
        } else {
            0
        },
        overhead: overhead.collect(),
        memory,
    };
    assert!(program.stop().await, "{}", program.log());
    soaked
}

/// Where a question is asked.
fn channel(number: u64) -> String {
    format!("C{}", number % CHANNELS)
}

/// Whether a message is the beginning of an answer.
fn is_first(message: &Value) -> bool {
    message["blocks"].to_string().contains("#1\"")
}

/// A model that answers at its pace, and fails now and then; where it is.
async fn model(book: Book, lifecycle: &Lifecycle) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/v1/chat/completions", post(complete))
        .with_state(book);
    lifecycle.spawn("model", async move {
        axum::serve(listener, router).await.unwrap();
    });
    address
}

async fn complete(State(book): State<Book>, body: Bytes) -> Response<Body> {
    let said = String::from_utf8_lossy(&body);
    let (_, after) = said.rsplit_once("Question-").unwrap();
    let number: String = after.chars().take_while(char::is_ascii_digit).collect();
    let number: u64 = number.parse().unwrap();
    let chance = Chance(number).below(1_000);
    let status = match chance {
        _ if chance < REFUSED => 500,
        _ if chance < REFUSED + LIMITED => 429,
        _ => 200,
    };
    let is_cut = (REFUSED + LIMITED..REFUSED + LIMITED + CUT).contains(&chance);
    let note = move || {
        if let Some(asked) = book.lock().unwrap().get_mut(&number) {
            let now = Instant::now();
            let (_, last) = asked.model.get_or_insert((now, now));
            *last = now;
            asked.has_failed |= is_cut || status != 200;
        }
    };
    note();
    let response = Response::builder().status(status);
    if status != 200 {
        return response.body(Body::empty()).unwrap();
    }
    let pieces = if is_cut { PIECES / 2 } else { PIECES };
    let pieces = stream::iter(0..=pieces).then(move |piece| {
        let note = note.clone();
        async move {
            let bytes = if piece < pieces {
                tokio::time::sleep(PACE).await;
                event(&delta(
                    &json!({"content": format!("Check the thermostat of loop {piece} [1]. ")}),
                ))
            } else if is_cut {
                Vec::new()
            } else {
                ending("stop")
            };
            note();
            Ok::<_, Infallible>(bytes)
        }
    });
    response
        .header("content-type", "text/event-stream")
        .body(Body::from_stream(pieces))
        .unwrap()
}

/// Memory that a process holds in RAM, in MB.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1_024
}
