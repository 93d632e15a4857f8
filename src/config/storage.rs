//! Storage of the state and retention.

use std::path::PathBuf;

use serde::Deserialize;

use super::secret::Secret;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub dir: PathBuf,
    pub keep_days: u32,
}

/// Retention of the audit log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub keep_days: u32,
    /// Whether an export contains the text of questions while it is stored.
    pub export_questions: bool,
}

/// The database that several replicas share.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// `None` stores the state in the data folder.
    #[serde(default, deserialize_with = "Secret::optional")]
    pub database: Option<Secret>,
    pub connections: u32,
    pub connect_timeout_s: u64,
    pub lease_s: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    pub workers: usize,
    pub attempts: u32,
    pub backoff_s: u64,
}
