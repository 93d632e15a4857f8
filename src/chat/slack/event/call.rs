//! Slash commands.

use serde_json::Value;

use super::{Bot, field, id};
use crate::chat::slack::escape::plain;

/// A slash command as somebody used it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// With its stroke: `/reindex`.
    pub name: String,
    /// What was written behind it, plain.
    pub text: String,
    pub team: String,
    pub channel: String,
    pub user: String,
    /// Unique to this use of it.
    pub trigger: String,
    /// Where more than one reply may be sent to.
    pub response_url: Option<String>,
}

/// Fields that Slack leaves out are empty; the command then finds that nobody may use it.
pub(super) fn call(body: &Value, name: &str, bot: &Bot) -> Call {
    let named = |name| field(body, name).filter(id).unwrap_or_default().to_owned();
    let trigger = field(body, "trigger_id").or_else(|| field(body, "response_url"));
    Call {
        name: name.to_owned(),
        text: plain(field(body, "text").unwrap_or_default(), &bot.user),
        team: named("team_id"),
        channel: named("channel_id"),
        user: named("user_id"),
        trigger: trigger.unwrap_or_default().to_owned(),
        response_url: field(body, "response_url").map(str::to_owned),
    }
}
