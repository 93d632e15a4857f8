//! Requests and results of reindex jobs.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::ingest::sync::{SyncProgress, SyncReport};

/// A request to reindex, as it is stored in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "reindex")]
pub struct ReindexRequest {
    /// Only the sources of these names; all if empty.
    pub sources: Vec<String>,
    /// Reads everything again, changed or not.
    pub full: bool,
    /// When it was requested, in milliseconds since 1970.
    #[serde(rename = "at")]
    pub requested_at: i64,
    #[serde(rename = "by")]
    pub trigger: Trigger,
}

/// What caused a reindex request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The program started.
    Start,
    Schedule,
    /// Files changed.
    Watch,
    /// A person in chat, who sees the progress in this conversation.
    Person {
        user: String,
        channel: String,
    },
}

/// Whether a request was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It is stored and starts at once.
    Accepted,
    /// Another one is queued or running, and nothing was stored.
    Busy,
}

/// How a run ended.
#[derive(Debug)]
pub enum RunOutcome {
    /// It processed everything.
    Done(SyncReport),
    /// Somebody cancelled it.
    Cancelled(SyncReport),
    /// The program is shutting down; the run continues after the next start.
    Interrupted,
    /// Another program is reindexing the same documents; try again after this time.
    Locked(Duration),
}

/// The run in progress.
#[derive(Clone, Debug)]
pub struct CurrentRun {
    pub request: ReindexRequest,
    pub progress: watch::Receiver<SyncProgress>,
    pub(super) cancelled: CancellationToken,
}

/// The run that ended last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRun {
    pub ended: Timestamp,
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
    pub failed: usize,
}
