//! Slash commands.

use serde_json::Value;

use super::{Bot, field, id, place};
use crate::chat::commands::CommandCall;
use crate::chat::slack::escape::plain;

/// Parses a slash command. Missing fields are empty, so that the command is refused.
pub(super) fn call(body: &Value, name: &str, bot: &Bot) -> CommandCall {
    let named = |name| field(body, name).filter(id).unwrap_or_default().to_owned();
    let trigger = field(body, "trigger_id").or_else(|| field(body, "response_url"));
    CommandCall {
        name: name.to_owned(),
        text: plain(field(body, "text").unwrap_or_default(), &bot.user),
        place: place(&named("team_id"), &named("channel_id")),
        person: named("user_id"),
        trigger: trigger.unwrap_or_default().to_owned(),
        response_url: field(body, "response_url").map(str::to_owned),
    }
}
