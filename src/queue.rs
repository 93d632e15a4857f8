//! Work that survives a crash: stored before it is acknowledged, done once.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

/// Work to be stored.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Unique for ever: the same key stored again is the same work.
    pub key: String,
    /// Jobs of one lane run one after the other, in the order in which they were stored.
    pub lane: String,
    pub payload: Value,
}

/// Stored work that a worker holds.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: i64,
    pub key: String,
    pub lane: String,
    pub payload: Value,
    /// What earlier attempts left behind through [`Queue::save`].
    pub progress: Option<Value>,
    /// From 1.
    pub attempt: u32,
    /// Grows with every claim; a worker whose fence is no longer the job's has lost it.
    pub fence: i64,
}

/// How an attempt at a job ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    Done,
    /// To be tried again, after the pause that was asked for or the usual one.
    Retry {
        reason: String,
        after: Option<Duration>,
    },
    /// Not to be tried again.
    Failed {
        reason: String,
    },
}

/// Does the work.
#[async_trait]
pub trait Handler: Send + Sync {
    async fn handle(&self, job: &Job) -> Outcome;

    /// Called once, when the job has failed for good.
    async fn give_up(&self, job: &Job, reason: &str);
}
