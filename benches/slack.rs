//! Latency of acknowledgements and of first messages, of the whole program with a local Slack; and, with a scripted Slack
//! that supports streaming, latency of first words, intervals of updates, and the cost of a hundred parallel answers.
//!
//! `EPIBOT_LOCAL_SLACK` names the local Slack (see `tests/it/support/slack.rs`). The answers come from a scripted language
//! model. It prints percentiles, and the numbers of questions that were lost or answered twice. One user asks far
//! more than the rate limits allow, so they are lifted:
//!
//! ```sh
//! EPIBOT__SLACK__RATE_LIMITS=false EPIBOT__CHAT__QUESTIONS_PER_USER=100000 \
//!     EPIBOT__CHAT__QUESTIONS_PER_CHANNEL=100000 cargo bench --bench slack
//! EPIBOT__SLACK__RATE_LIMITS=false EPIBOT__CHAT__QUESTIONS_PER_USER=100000 \
//!     EPIBOT__CHAT__QUESTIONS_PER_CHANNEL=100000 EPIBOT__QUEUE__WORKERS=100 \
//!     EPIBOT__SLACK__UPDATE_INTERVAL_MS=1200 cargo bench --bench slack -- streams
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints its results"
)]

#[expect(
    dead_code,
    reason = "other benchmarks and the tests use the rest of it"
)]
mod support;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use epibot::runtime::lifecycle::Lifecycle;
use serde_json::{Value, json};
use support::llm::{Script, ScriptedLlm, Step, delta, ending, event, says};
use support::scripted_slack::{self, Faults, ScriptedSlack};
use support::slack::{BOT, CHANNEL, LocalSlack, Mode, PERSON, Program, deliver, free_port};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

/// Events a second, and for how long: a busy workspace after an outage.
const RATE: u32 = 200;
const SECONDS: u32 = 30;
/// Number of sequential questions whose first message is awaited.
const FIRST_MESSAGES: usize = 200;
/// Interval of polling for messages of the bot; part of the printed times.
const POLL_INTERVAL: Duration = Duration::from_millis(2);
const QUESTION: &str = "What should I do about alarm E-1042?";
/// Number of parallel answers, pieces per answer, and the pause before each piece.
const STREAMS: usize = 100;
const PIECES: usize = 60;
const PACE: Duration = Duration::from_millis(250);

fn print(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1_000];
    println!(
        "{name}: {} times, p50 {:.1?}, p99 {:.1?}, longest {:.1?}",
        times.len(),
        at(500),
        at(990),
        at(1_000)
    );
}

fn mention(ts: &str) -> Value {
    json!({
        "type": "event_callback", "team_id": "T0SOLMARU", "api_app_id": "A0EPIBOT", "event_id": format!("Ev{ts}"),
        "event": {
            "type": "app_mention", "channel": CHANNEL, "user": PERSON, "ts": ts, "text": format!("<@{BOT}> {QUESTION}"),
        },
    })
}

async fn program(slack: &LocalSlack, answers: usize) -> (ScriptedLlm, Program) {
    let script = || -> Script { says(&["Check the thermostat, ", "then the flow [1]."]) };
    let llm = ScriptedLlm::start(std::iter::repeat_with(script).take(answers)).await;
    let program = Program::start(slack, &llm).await;
    (llm, program)
}

/// Sends events at a steady rate, each to be acknowledged, stored and answered.
async fn acknowledged(slack: Arc<LocalSlack>) {
    let events = RATE * SECONDS;
    let (_llm, mut program) = program(&slack, usize::try_from(events).unwrap()).await;
    let (sender, mut acknowledged) = mpsc::unbounded_channel();
    let lifecycle = Lifecycle::default();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / RATE);
    for number in 0..events {
        ticks.tick().await;
        let (slack, sender) = (Arc::clone(&slack), sender.clone());
        lifecycle.spawn("event", async move {
            let event = mention(&timestamp(number));
            let start = Instant::now();
            assert_eq!(slack.deliver(&event).await.status(), 200);
            sender.send(start.elapsed()).unwrap();
        });
    }
    drop(sender);
    let mut times = Vec::new();
    while let Some(time) = acknowledged.recv().await {
        times.push(time);
    }
    let questions: HashSet<String> = (0..events).map(timestamp).collect();
    let begin = Instant::now();
    let mut answers: HashMap<String, usize> = HashMap::new();
    while answers.len() < questions.len() && begin.elapsed() < Duration::from_mins(10) {
        // Polling more often would slow down what is measured.
        tokio::time::sleep(Duration::from_secs(1)).await;
        answers.clear();
        for message in slack.said(CHANNEL).await {
            let thread = message["thread_ts"].as_str().unwrap_or_default();
            if support::slack::is_finished(&message) && questions.contains(thread) {
                *answers.entry(thread.to_owned()).or_default() += 1;
            }
        }
    }
    let twice = answers.values().filter(|count| **count > 1).count();
    let lost = questions.len() - answers.len();
    print(&format!("event to acknowledgement at {RATE}/s"), times);
    println!(
        "lost {lost}, answered twice {twice}, the last answered {:.0?} after the last event",
        begin.elapsed()
    );
    program.stop().await;
}

/// Returns the timestamp of a question, which identifies it.
fn timestamp(number: u32) -> String {
    format!("{}.{number:06}", 1_700_000_000 + number)
}

/// Measures the time from a post to the first message of the bot in its thread.
async fn first_message(slack: &LocalSlack) {
    let (_llm, mut program) = program(slack, FIRST_MESSAGES).await;
    let mut times = Vec::new();
    for _ in 0..FIRST_MESSAGES {
        let start = Instant::now();
        let text = format!("<@{BOT}> {QUESTION}");
        let question = slack.say(CHANNEL, None, &text).await;
        while slack.answers(CHANNEL, &question).await.is_empty() {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        times.push(start.elapsed());
    }
    print("question to first message", times);
    program.stop().await;
}

/// Returns an answer that starts with a citation and continues at a steady pace.
fn reply() -> Script {
    let mut steps = Vec::new();
    for piece in 0..PIECES {
        let words = format!("Check the thermostat of loop {piece} [1]. ");
        steps.push(Step::Pause(PACE));
        steps.push(Step::Send(event(&delta(&json!({"content": words})))));
    }
    steps.push(Step::Send(ending("stop")));
    Script::Stream(steps)
}

/// Returns the peak resident memory of a process, in MB.
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1_024
}

/// Measures a hundred answers that stream in parallel. Slack's rate limits allow only a fifth of them, so they are lifted,
/// and the program gets as many workers.
async fn streams() {
    let slack = ScriptedSlack::start(1, Faults::NONE).await;
    // When the model received the question with this number.
    let received: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let recorder = Arc::clone(&received);
    let llm = ScriptedLlm::choosing(move |request| {
        let messages = request["messages"].to_string();
        let (_, number) = messages.rsplit_once("Question-").unwrap();
        let number: String = number.chars().take_while(char::is_ascii_digit).collect();
        recorder.lock().unwrap().insert(number, Instant::now());
        reply()
    })
    .await;
    let address = format!("127.0.0.1:{}", free_port());
    let mut program = Program::start_at(&slack.api_url, "http", &address, &llm).await;
    let before = peak_memory(program.id());
    let client = support::http();
    let mut roots = Vec::new();
    for number in 0..STREAMS {
        let text = format!("<@{}> {QUESTION} Question-{number}", scripted_slack::BOT);
        let mention = slack.say(CHANNEL, PERSON, &text);
        assert_eq!(deliver(&client, &address, &mention).await.status(), 200);
        roots.push(mention["event"]["ts"].as_str().unwrap().to_owned());
    }
    let is_done = |root: &String| slack.shown(root).iter().any(|shown| shown.is_last);
    support::wait::until("every question is answered", async || {
        roots.iter().all(is_done)
    })
    .await;
    let model = PACE * u32::try_from(PIECES).unwrap();
    let (mut first, mut gaps, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for (number, root) in roots.iter().enumerate() {
        let received_at = received.lock().unwrap()[&number.to_string()];
        let shown = slack.shown(root);
        let words: Vec<Instant> = shown
            .iter()
            .filter(|shown| shown.has_words)
            .map(|shown| shown.at.into_std())
            .collect();
        first.push(words[0].saturating_duration_since(received_at + PACE));
        gaps.extend(words.windows(2).map(|pair| pair[1] - pair[0]));
        let last = shown.iter().find(|shown| shown.is_last).unwrap();
        whole.push(last.at.into_std() - received_at);
    }
    let slowest = whole.iter().max().unwrap().as_secs_f64() / model.as_secs_f64();
    print("model's first words to Slack", first);
    print("between two updates", gaps);
    print(
        &format!("whole answers of a model that takes {model:?}"),
        whole,
    );
    println!(
        "slowest answer: {:.1} % more than the model takes; memory {before} MB before, at most {} MB",
        (slowest - 1.0) * 100.0,
        peak_memory(program.id())
    );
    assert!(program.stop().await, "{}", program.log());
}

fn main() {
    if std::env::args().any(|argument| argument == "streams") {
        Runtime::new().unwrap().block_on(streams());
        return;
    }
    Runtime::new().unwrap().block_on(async {
        for mode in [Mode::Socket, Mode::Http] {
            let Some(slack) = LocalSlack::start(mode).await else {
                return;
            };
            println!("{mode:?}");
            first_message(&slack).await;
            if mode == Mode::Http {
                acknowledged(Arc::new(slack)).await;
            }
        }
    });
}
