//! The slash commands in the app manifest.

use serde_json::{Value, json};

use crate::chat::slack::http::PATH;
use crate::config::settings::Config;
use crate::config::slack::SlackMode;

/// The enabled commands.
pub(super) fn commands(config: &Config) -> Vec<Value> {
    let mut commands = Vec::new();
    if !config.slack.command.is_empty() {
        commands.push(epibot(config));
    }
    if !config.reindex.users.is_empty() || !config.reindex.groups.is_empty() {
        commands.push(reindex(config));
    }
    commands.extend(recipe(config));
    if config.slack.mode == SlackMode::Http {
        let base = config.web.base_url.trim_end_matches('/');
        for command in &mut commands {
            command["url"] = format!("{base}{PATH}").into();
        }
    }
    commands
}

fn epibot(config: &Config) -> Value {
    json!({
        "command": config.slack.command,
        "description": "Searches the documents, and tells what is indexed and how epibot is",
        "usage_hint": "search WORDS | sources | status | feedback REMARK | help",
        "should_escape": false,
    })
}

fn recipe(config: &Config) -> Option<Value> {
    let command = &config.recipes.command;
    (!command.is_empty()).then(|| {
        json!({
            "command": command,
            "description": "Shows, compares, finds and draws recipes",
            "usage_hint": "show NAME | diff NAME NAME | find CONDITION | plot NAME | check NAME | list",
            "should_escape": false,
        })
    })
}

fn reindex(config: &Config) -> Value {
    json!({
        "command": config.reindex.command,
        "description": "Brings the index up to date with the documents",
        "usage_hint": "[SOURCE] [full] | status | cancel | help",
        "should_escape": false,
    })
}
