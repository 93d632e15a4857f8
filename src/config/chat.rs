//! What is the same on every chat platform.

use serde::Deserialize;

/// Who may ask how much and where, whom questions are passed on to, and which attached files are read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    /// Ids of users who are told about failures.
    pub admins: Vec<String>,
    /// Ids of channels in which only mentions are answered.
    pub mention_only: Vec<String>,
    /// Ids of channels in which questions are answered without a mention.
    pub answer_unmentioned: Vec<String>,
    /// Questions a minute.
    pub questions_per_user: usize,
    /// Questions a minute.
    pub questions_per_channel: usize,
    /// `COLLECTION: ID` of a user or channel.
    pub experts: Vec<String>,
    pub weekly_unanswered: bool,
    pub max_files: usize,
    pub max_file_mb: u64,
}
