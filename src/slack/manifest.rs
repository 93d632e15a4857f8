//! The description by which Slack sets the app up.

use serde_json::{Value, json};

use super::http;
use crate::config::{Config, SlackMode};

/// What the bot may do, where it is a member: read and write messages, files and reactions, and know people's
/// names. Nothing of the workspace at large.
const SCOPES: [&str; 14] = [
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "im:history",
    "im:write",
    "mpim:history",
    "reactions:read",
    "reactions:write",
    "users:read",
];

/// Both events of a mention are asked for, since either may be the only one that comes.
const EVENTS: [&str; 5] = [
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
];

/// The app manifest for this configuration: Socket Mode, or the address that Slack shall call.
///
/// # Errors
/// Events are to come by HTTP, but `web.base_url` does not say where to.
pub fn manifest(config: &Config) -> anyhow::Result<Value> {
    let mut manifest = json!({
        "display_information": {
            "name": "epibot",
            "description": "Answers questions from your manuals and procedures, with sources that open",
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {"home_tab_enabled": false, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false},
            "bot_user": {"display_name": "epibot", "always_online": true},
        },
        "oauth_config": {"scopes": {"bot": SCOPES}},
        "settings": {
            "event_subscriptions": {"bot_events": EVENTS},
            "interactivity": {"is_enabled": false},
            "org_deploy_enabled": false,
            "socket_mode_enabled": config.slack.mode != SlackMode::Http,
            "token_rotation_enabled": false,
        },
    });
    if config.slack.mode == SlackMode::Http {
        let base = config.web.base_url.trim_end_matches('/');
        anyhow::ensure!(
            !base.is_empty(),
            "slack.mode is \"http\", but web.base_url does not say where Slack reaches us; write the https:// address of \
             this server, or use slack.mode = \"socket\""
        );
        manifest["settings"]["event_subscriptions"]["request_url"] =
            format!("{base}{}", http::PATH).into();
    }
    Ok(manifest)
}
