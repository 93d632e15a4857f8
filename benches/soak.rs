//! A soak test of the whole program: questions at a steady rate, with occasional failures of the model and of Slack.
//!
//! It prints memory over time, the overhead of answers beyond the model's time, and the numbers of questions that were not
//! answered or answered twice (the latter only for fewer than 5,000 questions). The model's time is from the first request
//! of a question to the end of its last response, so that backoff after its failures is included.
//!
//! ```sh
//! cargo bench --bench soak -- 30 50    # minutes, questions a second
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

use std::time::Duration;

use support::soak::Failing;
use tokio::runtime::Runtime;

/// Parallel answers; more than the rate and the time of the model require.
const WORKERS: u32 = 150;

fn main() {
    let numbers: Vec<u32> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let minutes = numbers.first().copied().unwrap_or(1);
    let rate = numbers.get(1).copied().unwrap_or(50);
    let time = Duration::from_mins(minutes.into());
    println!("{minutes} minutes at {rate} questions a second");
    let soaked = Runtime::new()
        .unwrap()
        .block_on(support::soak::soak(rate, time, WORKERS));
    println!(
        "asked {}, unanswered {}, twice {}",
        soaked.asked, soaked.unanswered, soaked.twice
    );
    for (which, failing) in [
        ("in which nobody failed", Some(Failing::Nobody)),
        ("in which the model failed", Some(Failing::Model)),
        (
            "in which Slack failed or wanted a pause",
            Some(Failing::Slack),
        ),
        ("in all", None),
    ] {
        let selected = soaked
            .overhead
            .iter()
            .filter(|(cause, _)| failing.is_none_or(|failing| failing == *cause));
        print_percentiles(which, selected.map(|(_, overhead)| *overhead).collect());
    }
    println!("memory in MB, every five seconds: {:?}", soaked.memory);
    let third = (soaked.memory.len() / 3).max(1);
    let mean = |part: &[u64]| part.iter().sum::<u64>() / u64::try_from(part.len().max(1)).unwrap();
    if soaked.memory.len() >= 3 {
        let (middle, last) = (
            &soaked.memory[third..2 * third],
            &soaked.memory[2 * third..],
        );
        println!(
            "memory: {} MB in the middle third, {} MB in the last",
            mean(middle),
            mean(last)
        );
    }
}

fn print_percentiles(which: &str, mut overhead: Vec<Duration>) {
    overhead.sort_unstable();
    let at = |share: usize| {
        overhead
            .get(overhead.len().saturating_sub(1) * share / 1_000)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "beyond the model, {} answers {which}: p50 {:.0?}, p99 {:.0?}, longest {:.0?}",
        overhead.len(),
        at(500),
        at(990),
        at(1_000)
    );
}
