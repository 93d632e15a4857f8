//! Answers that are shown while they are written, in a Slack where everything goes wrong now and then.

use std::time::Duration;

use epibot::runtime::clock::Clock;
use epibot::runtime::lifecycle::Lifecycle;
use serde_json::{Value, json};

use crate::support::bot::Bot;
use crate::support::llm::{Script, ScriptedLlm, Step, delta, ending, event};
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
    ..Faults::NONE
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

async fn start(slack: &ScriptedSlack, clock: Clock) -> Bot {
    let llm = ScriptedLlm::choosing(|request| reply(number_in(request))).await;
    let settings = [
        ("llm.first_token_timeout_s", "100000"),
        ("llm.silence_timeout_s", "100000"),
        ("queue.attempts", "60"),
        ("chat.questions_per_user", "1000"),
        ("chat.questions_per_channel", "1000"),
        ("retrieval.min_evidence", "0"),
        ("retrieval.min_evidence_for_model", "0"),
        ("retrieval.planner", "off"),
        ("llm.max_tokens", "100000"),
    ];
    Bot::start(slack, llm, clock, &settings).await
}

/// Asks question `number` and has the event delivered several times; the post's `ts`.
async fn ask(bot: &Bot, slack: &ScriptedSlack, channel: &str, number: u64) -> String {
    let text = if number % 2 == 1 {
        format!("<@{BOT}> 퍼지 유량과 밸브 상태는? Question-{number}")
    } else {
        format!("<@{BOT}> What about the purge flow and the valve? Question-{number}")
    };
    let event = slack.say(channel, "U1", &text);
    for _ in 0..=number % 3 {
        bot.take(&event).await;
    }
    event["event"]["ts"].as_str().unwrap().to_owned()
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
    // The numbers stand in no document, and are marked.
    let text = text.replace(" ⚠", "");
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
    let bot = start(&slack, clock).await;
    let mut asked = Vec::new();
    for number in seed * answers..(seed + 1) * answers {
        let channel = CHANNELS[usize::try_from(number).unwrap() % CHANNELS.len()];
        asked.push((channel, ask(&bot, &slack, channel, number).await, number));
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

/// The time leaps from one thing that happens to the next, so this measures the program's pace and not the machine's.
#[tokio::test(start_paused = true)]
async fn an_answer_begins_with_the_models_first_words_and_goes_on_every_second_and_a_half() {
    let lifecycle = Lifecycle::default();
    let clock = clock(&lifecycle);
    let slack = ScriptedSlack::start(3, Faults::NONE).await;
    let pause = Duration::from_millis(200);
    let llm = ScriptedLlm::choosing(move |_| {
        let piece = |n: u32| {
            let words = json!({"content": format!("Loop {n} is checked [1]. ")});
            [Step::Pause(pause), Step::Send(event(&delta(&words)))]
        };
        let steps = (0..50).flat_map(piece);
        Script::Stream(steps.chain([Step::Send(ending("stop"))]).collect())
    })
    .await;
    let settings = [("retrieval.min_evidence_for_model", "0")];
    let bot = Bot::start(&slack, llm, clock, &settings).await;
    let ts = ask(&bot, &slack, CHANNELS[0], 1).await;
    bot.until_done().await;
    let shown = slack.shown(&ts);
    let words: Vec<_> = shown.iter().filter(|shown| shown.has_words).collect();
    assert!(words.len() >= 6, "{shown:#?}");
    for pair in words.windows(2) {
        let gap = pair[1].at - pair[0].at;
        assert!(gap <= Duration::from_millis(1_500), "{gap:?}");
    }
    assert!(shown.iter().any(|shown| shown.is_last), "{shown:#?}");
    bot.stop().await;
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
