//! Where the state is kept, and for how long.

use std::path::PathBuf;

use serde::Deserialize;

use super::secret::Secret;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub dir: PathBuf,
    pub keep_days: u32,
}

/// How long it is known who asked what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub keep_days: u32,
    /// Whether an export holds the words of questions, as long as they are kept.
    pub questions: bool,
}

/// The database that several replicas share.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// None where the state is kept in the data folder.
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
