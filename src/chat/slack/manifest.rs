//! The manifest by which Slack configures the app.

mod commands;

use serde_json::{Value, json};

use super::http;
use crate::config::settings::Config;
use crate::config::slack::SlackMode;

/// The scopes of the bot: reading and writing messages in channels that it is a member of, and only those of enabled
/// features.
fn scopes(config: &Config) -> Vec<&'static str> {
    let slack = &config.slack;
    let has_groups = !config.access.groups.is_empty() || !config.reindex.groups.is_empty();
    let has_commands = !commands::commands(config).is_empty();
    // Needed for the locale of a person.
    let needs_users = slack.home_tab || slack.agent || !slack.command.is_empty();
    let all = [
        ("app_mentions:read", true),
        ("assistant:write", slack.agent),
        ("channels:history", true),
        ("chat:write", true),
        ("commands", has_commands),
        ("files:read", config.chat.max_files > 0),
        ("files:write", true),
        ("groups:history", true),
        ("im:history", true),
        ("im:write", !config.chat.experts.is_empty()),
        ("mpim:history", true),
        ("usergroups:read", has_groups),
        ("users:read", needs_users),
    ];
    let needed = all.into_iter().filter(|(_, is_needed)| *is_needed);
    needed.map(|(scope, _)| scope).collect()
}

/// The subscribed events. A mention has two, since either may be the only one that is delivered.
fn events(config: &Config) -> Vec<&'static str> {
    let mut events = vec![
        "app_mention",
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
    ];
    if config.slack.home_tab || config.slack.agent {
        events.push("app_home_opened");
    }
    events
}

/// The app manifest for this configuration: with Socket Mode, or with the address for HTTP.
///
/// # Errors
/// `slack.mode` is `http`, but `web.base_url` is empty.
pub fn manifest(config: &Config) -> anyhow::Result<Value> {
    let mut manifest = json!({
        "display_information": {
            "name": "epibot",
            "description": "Answers questions from your manuals and procedures, with sources that open",
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": config.slack.home_tab, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false,
            },
            "bot_user": {"display_name": "epibot", "always_online": true},
        },
        "oauth_config": {"scopes": {"bot": scopes(config)}},
        "settings": {
            "event_subscriptions": {"bot_events": events(config)},
            "interactivity": {"is_enabled": true},
            "org_deploy_enabled": false,
            "socket_mode_enabled": config.slack.mode != SlackMode::Http,
            "token_rotation_enabled": false,
        },
    });
    let commands = commands::commands(config);
    if !commands.is_empty() {
        manifest["features"]["slash_commands"] = commands.into();
    }
    if config.slack.agent {
        manifest["features"]["agent_view"] = json!({
            "agent_description": "Answers questions from your manuals, procedures and recipes, with sources that open",
        });
    }
    if config.slack.mode == SlackMode::Http {
        let base = config.web.base_url.trim_end_matches('/');
        anyhow::ensure!(
            !base.is_empty(),
            "slack.mode is \"http\", but web.base_url does not say where Slack reaches us; write the https:// address of \
             this server, or use slack.mode = \"socket\""
        );
        for part in ["event_subscriptions", "interactivity"] {
            manifest["settings"][part]["request_url"] = format!("{base}{}", http::PATH).into();
        }
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::chat::slack::requirement::Requirement;
    use crate::config::load::load_from;

    fn config(mode: SlackMode, base_url: &str) -> Config {
        let mut config = load_from(None, Some(HashMap::default())).unwrap();
        config.slack.mode = mode;
        base_url.clone_into(&mut config.web.base_url);
        config
    }

    #[test]
    fn the_manifest_states_how_events_are_delivered() {
        let socket = manifest(&config(SlackMode::Socket, "")).unwrap();
        assert_eq!(socket["settings"]["socket_mode_enabled"], true);
        assert_eq!(
            socket["settings"]["event_subscriptions"].get("request_url"),
            None
        );
        let http = manifest(&config(SlackMode::Http, "https://epibot.example/")).unwrap();
        assert_eq!(http["settings"]["socket_mode_enabled"], false);
        assert_eq!(
            http["settings"]["event_subscriptions"]["request_url"],
            "https://epibot.example/slack/events"
        );
        let refused = manifest(&config(SlackMode::Http, "")).unwrap_err();
        assert!(refused.to_string().contains("web.base_url"), "{refused}");
    }

    #[test]
    fn the_manifest_requests_nothing_for_disabled_features() {
        let full = Config {
            reindex: crate::config::sources::Reindex {
                groups: vec!["S1".to_owned()],
                ..config(SlackMode::Socket, "").reindex
            },
            ..config(SlackMode::Socket, "")
        };
        let mut bare = config(SlackMode::Socket, "");
        bare.slack.agent = false;
        bare.slack.home_tab = false;
        bare.chat.max_files = 0;
        bare.slack.command = String::new();
        bare.recipes.command = String::new();
        let of = |config: &Config| {
            let manifest = manifest(config).unwrap();
            let scopes = manifest["oauth_config"]["scopes"]["bot"].to_string();
            let events = manifest["settings"]["event_subscriptions"].to_string();
            let names = manifest["features"].as_object().unwrap().keys().cloned();
            (scopes, events, names.collect::<Vec<_>>())
        };
        let (scopes, events, features) = of(&full);
        for scope in [
            "assistant:write",
            "commands",
            "files:read",
            "usergroups:read",
            "users:read",
        ] {
            assert!(scopes.contains(scope), "{scope}");
            assert!(!of(&bare).0.contains(scope), "{scope}");
        }
        assert!(events.contains("app_home_opened") && !of(&bare).1.contains("app_home_opened"));
        assert_eq!(
            features,
            ["agent_view", "app_home", "bot_user", "slash_commands"]
        );
        assert_eq!(of(&bare).2, ["app_home", "bot_user"]);
        let commands = |config: &Config| commands::commands(config).len();
        assert_eq!((commands(&full), commands(&bare)), (3, 0));
    }

    #[test]
    fn the_manifest_is_valid_by_slacks_schema() {
        let Some(shared) = std::env::var_os("EPIBOT_SHARED") else {
            Requirement::SHARED.skip();
            return;
        };
        let path = std::path::Path::new(&shared).join("slack/manifest.schema.json");
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for config in [
            config(SlackMode::Socket, ""),
            config(SlackMode::Http, "https://epibot.example"),
        ] {
            let manifest = manifest(&config).unwrap();
            assert_eq!(
                faults(&schema, &schema, &manifest, "manifest"),
                Vec::<String>::new()
            );
            for (pointer, wrong) in [
                ("/display_information/name", json!("")),
                ("/display_information/name", json!("x".repeat(36))),
                ("/display_information", json!({})),
                ("/oauth_config/scopes/bot", json!("chat:write")),
                (
                    "/settings/event_subscriptions",
                    json!({"bot_events": ["a", "a"]}),
                ),
                (
                    "/settings/event_subscriptions",
                    json!({"request_url": "ftp://x"}),
                ),
                ("/features", json!({"unknown": true})),
            ] {
                let mut manifest = manifest.clone();
                *manifest.pointer_mut(pointer).unwrap() = wrong;
                assert!(
                    !faults(&schema, &schema, &manifest, "manifest").is_empty(),
                    "{pointer}"
                );
            }
        }
    }

    /// Validates a value by the subset of JSON Schema that Slack's manifest schema uses.
    fn faults(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return faults(root, root.pointer(&reference[1..]).unwrap(), value, at);
        }
        let limit = |name: &str| {
            schema
                .get(name)
                .and_then(Value::as_u64)
                .and_then(|limit| usize::try_from(limit).ok())
        };
        let outside = |size: usize, least: &str, most: &str| {
            limit(least).is_some_and(|least| size < least)
                || limit(most).is_some_and(|most| size > most)
        };
        let mut found = Vec::new();
        let kind = match value {
            Value::Object(fields) => {
                for required in schema["required"].as_array().into_iter().flatten() {
                    if !fields.contains_key(required.as_str().unwrap()) {
                        found.push(format!("{at} lacks {required}"));
                    }
                }
                for (name, field) in fields {
                    let at = format!("{at}.{name}");
                    match schema["properties"].get(name) {
                        Some(schema) => found.extend(faults(root, schema, field, &at)),
                        None if schema["additionalProperties"] == false => {
                            found.push(format!("{at} is unknown"));
                        }
                        None => {}
                    }
                }
                "object"
            }
            Value::Array(items) => {
                let is_doubled = (1..items.len()).any(|end| items[..end].contains(&items[end]));
                if outside(items.len(), "minItems", "maxItems")
                    || schema["uniqueItems"] == true && is_doubled
                {
                    found.push(format!("{at} has too many, too few or doubled items"));
                }
                let items = items.iter().enumerate();
                found.extend(items.flat_map(|(n, item)| {
                    faults(root, &schema["items"], item, &format!("{at}[{n}]"))
                }));
                "array"
            }
            Value::String(text) => {
                let is_address = text.starts_with("https://") || text.starts_with("http://");
                match schema["pattern"].as_str() {
                    Some(r"^https?:\/\/") if !is_address => {
                        found.push(format!("{at} is no address"));
                    }
                    Some(r"^\/") if !text.starts_with('/') => {
                        found.push(format!("{at} does not begin with a stroke"));
                    }
                    Some(r"^https?:\/\/" | r"^\/") | None => {}
                    Some(other) => panic!("{at}: this test does not know the pattern {other}"),
                }
                if outside(text.chars().count(), "minLength", "maxLength") {
                    found.push(format!("{at} is too long or too short"));
                }
                "string"
            }
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::Null => "null",
        };
        if schema["type"] != kind {
            found.push(format!("{at} is {kind}, not {}", schema["type"]));
        }
        found
    }
}
