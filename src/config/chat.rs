//! Settings common to all chat platforms.

use serde::Deserialize;

/// Admins, rate limits, experts and attachments.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    /// Ids of users who are notified about failures.
    pub admins: Vec<String>,
    /// Ids of channels in which only mentions are answered.
    pub mention_only: Vec<String>,
    /// Ids of channels in which questions are answered without a mention.
    pub answer_unmentioned: Vec<String>,
    /// Maximum questions per minute.
    pub questions_per_user: usize,
    /// Maximum questions per minute.
    pub questions_per_channel: usize,
    /// `COLLECTION: ID`, with the id of a user or channel.
    pub experts: Vec<String>,
    pub weekly_unanswered: bool,
    pub max_files: usize,
    pub max_file_mb: u64,
}
