//! Answers that are shown while they are written, in a Slack where everything goes wrong now and then.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use epibot::answer::Answerer;
use epibot::answer::link::Links;
use epibot::answer::retrieve::Retriever;
use epibot::clock::Clock;
use epibot::config::Config;
use epibot::domain::{Document, DocumentId, Format, Passage, PassageId};
use epibot::feedback::Feedback;
use epibot::index::tantivy::Embedded;
use epibot::index::{Changes, Index};
use epibot::lifecycle::Lifecycle;
use epibot::llm::Llm;
use epibot::queue::Queue;
use epibot::slack::command::Commands;
use epibot::slack::{Buttons, Client, Groups, Intake, Responder, identify};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::llm::{Script, ScriptedLlm, Step, config, delta, ending, event};
use crate::support::scripted_slack::{BOT, Chance, Faults, ScriptedSlack};

const CHANNELS: [&str; 4] = ["C1", "C2", "C3", "C4"];
const TICK: Duration = Duration::from_millis(100);
/// Between two questions in a workspace, so that most answers find a place among the streamed messages of a minute.
const PAUSE: Duration = Duration::from_secs(15);
/// A Slack as bad as it gets.
const FAULTS: Faults = Faults {
    limited: 20,
    broken: 20,
    closed: 30,
    most: 5_000,
    streaming: true,
};
const MINUTE: Duration = Duration::from_mins(1);

/// What is said to question `number`: sentences that tell where they belong.
fn sentences(number: u64) -> Vec<String> {
    let mut chance = Chance(number);
    let size = 1_000 + chance.below(39_000).min(chance.below(39_000));
    let is_korean = number % 2 == 1;
    let mut sentences = Vec::new();
    let mut length = 0;
    while length < usize::try_from(size).unwrap() {
        let at = sentences.len();
        let mut sentence = format!("({number}-{at}) ");
        for _ in 0..=chance.below(12) {
            sentence.push_str(if is_korean {
                "퍼지 유량과 <밸브> 상태를 "
            } else {
                "the purge flow & the <valve> "
            });
        }
        sentence.push_str(if is_korean {
            "확인합니다 [1]."
        } else {
            "are checked [1]."
        });
        length += sentence.len();
        sentences.push(sentence);
    }
    sentences
}

/// The model's reply, in pieces and at a pace that differ.
fn reply(number: u64) -> Script {
    let mut chance = Chance(number.wrapping_mul(31));
    let separator = if number.is_multiple_of(3) {
        "\n\n"
    } else {
        " "
    };
    let text = sentences(number).join(separator);
    let letters: Vec<char> = text.chars().collect();
    let mut steps = Vec::new();
    for piece in letters.chunks(usize::try_from(40 + chance.below(400)).unwrap()) {
        let piece: String = piece.iter().collect();
        steps.push(Step::Send(event(&delta(&json!({"content": piece})))));
        steps.push(Step::Pause(Duration::from_millis(50 + chance.below(900))));
    }
    steps.push(Step::Send(ending("stop")));
    Script::Stream(steps)
}

fn number_in(request: &Value) -> u64 {
    let said = request["messages"].to_string();
    let (_, after) = said
        .rsplit_once("Question-")
        .expect("the question's number");
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

async fn index(folder: &Path) -> Arc<dyn Index> {
    let index = Embedded::open(folder).unwrap();
    let document = Document {
        id: DocumentId("om-1".into()),
        title: "Operation Manual".into(),
        number: None,
        revision: None,
        effective: None,
        superseded: false,
        source: "test".into(),
        path: "om-1.md".into(),
        collection: "manuals".into(),
        url: None,
        format: Format::Markdown,
    };
    let add = vec![Passage {
        id: PassageId("om-1-1".into()),
        document,
        page: None,
        headings: vec!["Purge flow".into()],
        start: 0,
        ordinal: 0,
        text: "The purge flow and the valve of the reactor are checked daily. 퍼지 유량과 밸브 상태를 확인합니다."
            .into(),
        ocr: false,
    }];
    index
        .apply(Changes {
            remove: Vec::new(),
            add,
        })
        .await
        .unwrap();
    Arc::new(index)
}

/// A clock that goes along with the paused time. That leaps as soon as nothing runs here, although the database writes in
/// a thread of its own; a moment for it at every leap keeps a write from taking hours.
fn clock(lifecycle: &Lifecycle) -> Clock {
    let clock = Clock::fixed("2026-01-15T00:00:00Z".parse().unwrap());
    let ticking = clock.clone();
    lifecycle.spawn("clock", async move {
        loop {
            tokio::time::sleep(TICK).await;
            std::thread::sleep(Duration::from_micros(400));
            ticking.advance(i64::try_from(TICK.as_millis()).unwrap());
        }
    });
    clock
}

/// The bot between a scripted Slack and a scripted model.
struct Bot {
    intake: Intake,
    queue: Queue,
    lifecycle: Lifecycle,
    _folder: TempDir,
    _llm: ScriptedLlm,
}

impl Bot {
    async fn start(slack: &ScriptedSlack, clock: Clock) -> Self {
        let llm = ScriptedLlm::choosing(|request| reply(number_in(request))).await;
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "xoxb-scripted").unwrap();
        let token = format!("file:{}", token.display());
        let settings = [
            ("slack.api_url", slack.api_url.as_str()),
            ("slack.bot_token", token.as_str()),
            ("llm.attempts", "1"),
            ("llm.first_token_timeout_s", "100000"),
            ("llm.silence_timeout_s", "100000"),
            ("queue.attempts", "60"),
            ("slack.questions_per_user", "1000"),
            ("slack.questions_per_channel", "1000"),
            ("retrieval.min_evidence", "0"),
            ("retrieval.min_evidence_for_model", "0"),
            ("retrieval.planner", "off"),
            ("llm.max_tokens", "100000"),
        ];
        let config: Config = config(llm.base_url(), &settings);
        let lifecycle = Lifecycle::default();
        let links = Links::new(None, &[7; 32], 1, clock.clone());
        let model = Llm::new(&config.llm).unwrap();
        let index = index(&folder.path().join("index")).await;
        let retriever = Arc::new(Retriever::new(index, model.as_ref(), &config).unwrap());
        let answerer = Answerer::new(retriever, model, links, &config, clock.clone());
        let file = folder.path().join("state.sqlite");
        let queue = Queue::open(&file, &config.queue, clock).await.unwrap();
        let client = Client::new(&config.slack).unwrap();
        let bot = identify(&client).await.unwrap();
        let file = folder.path().join("feedback.sqlite");
        let feedback = Feedback::open(&file, Clock::system()).await.unwrap();
        let responder = Responder::new(
            client.clone(),
            bot.clone(),
            Arc::new(answerer),
            queue.clone(),
            Groups::new(client.clone()),
            feedback.clone(),
            &config,
        );
        let buttons = Buttons::new(client, queue.clone(), feedback, &[]);
        queue.run(Arc::new(responder), &lifecycle);
        Self {
            intake: Intake::new(
                queue.clone(),
                bot,
                Commands::default(),
                buttons,
                &config.slack,
            ),
            queue,
            lifecycle,
            _folder: folder,
            _llm: llm,
        }
    }

    /// Asks question `number` and has the event delivered several times; the post's `ts`.
    async fn ask(&self, slack: &ScriptedSlack, channel: &str, number: u64) -> String {
        let text = if number % 2 == 1 {
            format!("<@{BOT}> 퍼지 유량과 밸브 상태는? Question-{number}")
        } else {
            format!("<@{BOT}> What about the purge flow and the valve? Question-{number}")
        };
        let event = slack.say(channel, "U1", &text);
        for _ in 0..=number % 3 {
            // What is not acknowledged is delivered again.
            while self.intake.take(&event).await.is_err() {}
        }
        event["event"]["ts"].as_str().unwrap().to_owned()
    }

    async fn until_done(&self) {
        // The paused clock may leap past the time that the database has for its answer; it is asked again.
        while self.queue.size().await.ok() != Some(0) {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }

    async fn stop(self) {
        self.lifecycle.stop();
        self.lifecycle.finish(Duration::from_secs(1)).await;
        self.queue.close().await.unwrap();
    }
}

/// The numbers of the sentences that stand in these messages as their answer.
fn numbers_said(messages: &[Value], number: u64) -> Vec<usize> {
    let blocks = messages
        .iter()
        .flat_map(|message| message["blocks"].as_array().cloned().unwrap_or_default());
    let answer = blocks.filter(|block| {
        block["block_id"]
            .as_str()
            .is_some_and(|id| id.starts_with("answer"))
    });
    let text: String = answer
        .map(|block| block["text"]["text"].as_str().unwrap().to_owned())
        .collect();
    text.split(&format!("({number}-"))
        .skip(1)
        .map(|rest| rest.split_once(')').unwrap().0.parse().unwrap())
        .collect()
}

fn assert_is_complete(slack: &ScriptedSlack, channel: &str, ts: &str, number: u64) {
    let messages = slack.answers(channel, ts);
    let said = numbers_said(&messages, number);
    let all: Vec<usize> = (0..sentences(number).len()).collect();
    assert_eq!(said, all, "question {number}: {messages:#?}");
}

fn assert_keeps_limits(slack: &ScriptedSlack) {
    for (method, tier) in [
        ("chat.startStream", 20),
        ("chat.stopStream", 20),
        ("chat.appendStream", 100),
        ("chat.update", 50),
        ("chat.delete", 50),
        ("conversations.replies", 50),
    ] {
        let most = slack.most_within(method, None, MINUTE);
        assert!(most <= tier, "{method}: {most} calls in a minute");
    }
    for channel in CHANNELS {
        let most = slack.most_within("chat.postMessage", Some(channel), MINUTE);
        assert!(most <= 61, "{channel}: {most} posts in a minute");
    }
    assert_eq!(slack.violations(), Vec::<String>::new());
}

/// Many answers in one workspace, each delivered whole.
async fn a_workspace(seed: u64, answers: u64, clock: Clock) -> ScriptedSlack {
    let faults = Faults {
        most: if seed % 4 < 2 { 5_000 } else { 11_000 },
        streaming: seed != 9,
        ..FAULTS
    };
    let slack = ScriptedSlack::start(seed, faults).await;
    let bot = Bot::start(&slack, clock).await;
    let mut asked = Vec::new();
    for number in seed * answers..(seed + 1) * answers {
        let channel = CHANNELS[usize::try_from(number).unwrap() % CHANNELS.len()];
        asked.push((channel, bot.ask(&slack, channel, number).await, number));
        tokio::time::sleep(PAUSE).await;
    }
    bot.until_done().await;
    for (channel, ts, number) in &asked {
        assert_is_complete(&slack, channel, ts, *number);
    }
    assert_keeps_limits(&slack);
    bot.stop().await;
    slack
}

#[test]
fn a_thousand_answers_are_complete_in_order_and_there_once_whatever_fails() {
    const WORKSPACES: u64 = 10;
    const ANSWERS: u64 = 100;
    // Two runtimes with a time of their own, since a paused one has but one thread.
    let halves = [0, 1].map(|half| {
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .start_paused(true)
                .build()
                .unwrap();
            runtime.block_on(async {
                let lifecycle = Lifecycle::default();
                let clock = clock(&lifecycle);
                let seeds = (0..WORKSPACES).filter(|seed| seed % 2 == half);
                let all = seeds.map(|seed| a_workspace(seed, ANSWERS, clock.clone()));
                let slacks = futures::future::join_all(all).await;
                let started = slacks.iter().map(|slack| slack.count("chat.startStream"));
                started.sum::<usize>()
            })
        })
    });
    let started: usize = halves.into_iter().map(|half| half.join().unwrap()).sum();
    assert!(started > 1_000, "{started} messages streamed");
}
