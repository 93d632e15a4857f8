//! The queue: one story that every database behind it must tell, and what is peculiar to each.

mod kill;
mod postgres;
pub(crate) mod puppet;
mod sqlite;
mod story;

use std::path::Path;

use epibot::config;
use epibot::runtime::clock::Clock;
use epibot::storage::queue::{NewJob, Queue};
use jiff::Timestamp;
use serde_json::json;

/// Two workers, two attempts, and a pause of two seconds between them.
const TWO: config::storage::Queue = config::storage::Queue {
    workers: 2,
    attempts: 2,
    backoff_s: 2,
};

fn noon() -> Clock {
    Clock::fixed("2026-03-02T12:00:00Z".parse::<Timestamp>().unwrap())
}

fn job(key: &str, lane: &str) -> NewJob {
    NewJob {
        key: key.to_owned(),
        lane: lane.to_owned(),
        payload: json!({ "question": key }),
    }
}

async fn open(path: &Path) -> anyhow::Result<Queue> {
    Queue::open(path, &TWO, noon()).await
}
