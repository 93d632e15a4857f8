//! Slack, slash commands and ids of people.

use super::address::check_address;
use crate::config::settings::Config;
use crate::config::slack::SlackMode;

pub(super) fn slack(config: &Config, problems: &mut Vec<String>) {
    let slack = &config.slack;
    if slack.mode == SlackMode::Off {
        return;
    }
    let mut need = |missing: bool, key: &str, why: &str| {
        if missing {
            problems.push(format!(
                "slack.{key} is missing, {why}; write \"env:NAME\" or \"file:PATH\""
            ));
        }
    };
    need(
        slack.bot_token.is_none(),
        "bot_token",
        "and without it nothing can be posted",
    );
    match slack.mode {
        SlackMode::Socket => need(
            slack.app_token.is_none(),
            "app_token",
            "which slack.mode = \"socket\" connects with",
        ),
        SlackMode::Http => {
            need(
                slack.signing_secret.is_none(),
                "signing_secret",
                "which slack.mode = \"http\" checks events with",
            );
        }
        SlackMode::Off => {}
    }
    for (token, prefix, key) in [
        (&slack.bot_token, "xoxb-", "bot_token"),
        (&slack.app_token, "xapp-", "app_token"),
    ] {
        if token
            .as_ref()
            .is_some_and(|token| !token.expose().starts_with(prefix))
        {
            problems.push(format!("slack.{key} does not begin with \"{prefix}\"; copy it again from the app's page at Slack"));
        }
    }
    if !slack.command.is_empty() && !is_command(&slack.command) {
        problems.push(format!(
            "slack.command is \"{}\", which is no slash command; write one in small letters such as \"/epibot\"",
            slack.command
        ));
    }
    if slack.command == config.reindex.command {
        problems.push(
            "slack.command and reindex.command are the same; give each a name of its own"
                .to_owned(),
        );
    }
    check_address("slack.api_url", &slack.api_url, problems);
    if slack.connections == 0 || slack.connections > 10 {
        problems.push(
            "slack.connections must be 1 to 10, which is what Slack allows; write 2".to_owned(),
        );
    }
}

/// Checks Slack's rule: at most 32 characters, in lower case.
fn is_command(command: &str) -> bool {
    let name = command.strip_prefix('/').unwrap_or_default();
    (1..=31).contains(&name.chars().count())
        && name
            .chars()
            .all(|letter| letter.is_alphanumeric() || "-_".contains(letter))
        && !name.chars().any(char::is_uppercase)
}

pub(super) fn reindex(config: &Config, problems: &mut Vec<String>) {
    let reindex = &config.reindex;
    if !is_command(&reindex.command) {
        problems.push(format!(
            "reindex.command is \"{}\", which is no slash command; write one in small letters such as \"/reindex\"",
            reindex.command
        ));
    }
    let recipe = &config.recipes.command;
    if !recipe.is_empty() && !is_command(recipe) {
        problems.push(format!(
            "recipes.command is \"{recipe}\", which is no slash command; write one in small letters such as \"/recipe\""
        ));
    }
    if *recipe == reindex.command || !recipe.is_empty() && *recipe == config.slack.command {
        problems.push(format!(
            "recipes.command is \"{recipe}\" like another command; give each a name of its own"
        ));
    }
    if !["en", "ko"].contains(&reindex.language.as_str()) {
        problems.push(format!(
            "reindex.language is \"{}\"; write \"en\" or \"ko\"",
            reindex.language
        ));
    }
    for (key, ids, prefixes) in [
        ("reindex.users", &reindex.users, "UW"),
        ("reindex.groups", &reindex.groups, "S"),
        ("chat.admins", &config.chat.admins, "UW"),
    ] {
        for id in ids {
            let is_id = id.starts_with(|letter| prefixes.contains(letter))
                && id
                    .chars()
                    .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
            if !is_id {
                problems.push(format!(
                    "{key} names \"{id}\", which is no id; copy it from Slack, it begins with {}",
                    &prefixes[..1]
                ));
            }
        }
    }
}
