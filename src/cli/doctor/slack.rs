//! Checks the Slack tokens, and the scopes and events that the configuration needs.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

use super::finding::Finding;
use crate::chat::slack::manifest;
use crate::config::secret::Secret;
use crate::config::settings::Config;
use crate::config::slack::SlackMode;
use crate::runtime::clock::Clock;
use crate::runtime::http;

const PART: &str = "slack";
const CLOCK: &str = "clock";
/// Clock differences in seconds that are a problem and a warning. Signatures are refused after five minutes.
const MAX_CLOCK_DIFFERENCE: i64 = 240;
const CLOCK_WARNING: i64 = 30;

/// A response of Slack's API with its headers.
struct ApiResponse {
    body: Value,
    headers: HeaderMap,
}

/// A minimal client of Slack's API.
struct Api {
    client: reqwest::Client,
    url: String,
}

pub(super) async fn check(config: &Config, config_token: Option<&str>) -> Vec<Finding> {
    if config.slack.mode == SlackMode::Off {
        return vec![Finding::off(
            PART,
            "slack.mode is \"off\": no question is taken",
        )];
    }
    match inspect(config, config_token).await {
        Ok(findings) => findings,
        Err(error) => vec![Finding::failed(PART, &error)],
    }
}

async fn inspect(config: &Config, config_token: Option<&str>) -> anyhow::Result<Vec<Finding>> {
    let client = http::client()
        .timeout(Duration::from_millis(config.slack.timeout_ms))
        .build()?;
    let api = Api {
        client,
        url: config.slack.api_url.trim_end_matches('/').to_owned(),
    };
    let expected = manifest(config)?;
    let mut findings = Vec::new();
    let mut app = None;
    if let Some(token) = &config.slack.bot_token {
        let response = api.call("auth.test", token, &[]).await?;
        findings.extend(bot(&response, &expected));
        findings.extend(clock(&response.headers));
        app = api.app(token, &response.body).await;
    }
    match (config.slack.mode, &config.slack.app_token) {
        (SlackMode::Socket, Some(token)) => findings.push(socket(
            &api.call("apps.connections.open", token, &[]).await?,
        )),
        (SlackMode::Http, _) => findings.push(address(config)),
        _ => {}
    }
    findings.push(match config_token {
        None => Finding::warning(
            PART,
            "which events the app is subscribed to cannot be seen with the bot's token",
            "hold the app's manifest against `epibot manifest`, or name a configuration token with --config-token",
        ),
        Some(place) => events(&api, place, app, &expected).await?,
    });
    Ok(findings)
}

impl Api {
    async fn call(
        &self,
        method: &str,
        token: &Secret,
        form: &[(&str, &str)],
    ) -> anyhow::Result<ApiResponse> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let sent = self
            .client
            .post(format!("{}/{method}", self.url))
            .bearer_auth(token.expose())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .context("Slack cannot be reached; check slack.api_url and the network, a proxy or firewall among it")?;
        let status = sent.status();
        let headers = sent.headers().clone();
        let body = sent
            .json()
            .await
            .map_err(reqwest::Error::without_url)
            .with_context(|| {
                format!(
                    "what answers is not Slack (status {}); correct slack.api_url",
                    status.as_u16()
                )
            })?;
        Ok(ApiResponse { body, headers })
    }

    /// The id of the bot's app; `None` if Slack does not return it.
    async fn app(&self, token: &Secret, whoami: &Value) -> Option<String> {
        let bot = whoami["bot_id"].as_str()?;
        let response = self.call("bots.info", token, &[("bot", bot)]).await.ok()?;
        response.body["bot"]["app_id"].as_str().map(str::to_owned)
    }
}

/// Checks that Slack accepts the bot token, and that it has the needed scopes.
fn bot(response: &ApiResponse, expected: &Value) -> Vec<Finding> {
    let body = &response.body;
    if body["ok"] != true {
        let code = body["error"].as_str().unwrap_or("no reason");
        return vec![Finding::problem(
            PART,
            format!("Slack refuses the bot token ({code})"),
            "take the \"Bot User OAuth Token\" (xoxb-…) from the app's \"OAuth & Permissions\" page and put it where \
             slack.bot_token points; install the app anew if it is gone from there",
        )];
    }
    let text = |name: &str| body[name].as_str().unwrap_or("?").to_owned();
    let mut findings = vec![Finding::ok(
        PART,
        format!("{} in {}", text("user"), text("team")),
    )];
    let granted = response
        .headers
        .get("x-oauth-scopes")
        .and_then(|scopes| scopes.to_str().ok());
    let Some(granted) = granted else {
        findings.push(Finding::warning(
            PART,
            "Slack does not tell which scopes the token has",
            "compare them with `epibot manifest`",
        ));
        return findings;
    };
    let granted: BTreeSet<&str> = granted.split(',').map(str::trim).collect();
    let needed = expected["oauth_config"]["scopes"]["bot"].as_array();
    let needed = needed.into_iter().flatten().filter_map(Value::as_str);
    let missing: Vec<&str> = needed.filter(|scope| !granted.contains(scope)).collect();
    findings.push(if missing.is_empty() {
        Finding::ok(PART, "the token has every scope that this configuration needs")
    } else {
        Finding::problem(
            PART,
            format!("scopes are missing: {}", missing.join(", ")),
            "paste the output of `epibot manifest` on the app's \"App Manifest\" page, save, and install it to the \
             workspace again",
        )
    });
    findings
}

/// Checks the difference between our clock and Slack's.
fn clock(headers: &HeaderMap) -> Option<Finding> {
    let date = headers.get("date")?.to_str().ok()?;
    let slack_time: Timestamp = DateTimeParser::new().parse_timestamp(date).ok()?;
    let difference = Clock::system().now().as_second() - slack_time.as_second();
    let says = format!(
        "this machine's clock is {} s {} Slack's",
        difference.abs(),
        if difference < 0 { "behind" } else { "ahead of" }
    );
    let fix = "have the clock set by NTP (systemd-timesyncd or chrony): signed events and source links depend on it";
    Some(if difference.abs() >= MAX_CLOCK_DIFFERENCE {
        Finding::problem(CLOCK, says, fix)
    } else if difference.abs() >= CLOCK_WARNING {
        Finding::warning(CLOCK, says, fix)
    } else {
        Finding::ok(CLOCK, "this machine's clock and Slack's agree")
    })
}

fn socket(response: &ApiResponse) -> Finding {
    if response.body["ok"] == true {
        return Finding::ok(PART, "the app token opens Socket Mode connections");
    }
    let code = response.body["error"].as_str().unwrap_or("no reason");
    let fix = if code == "missing_scope" {
        "make an app-level token with the scope connections:write on the app's \"Basic Information\" page"
    } else {
        "make an app-level token (xapp-…) on the app's \"Basic Information\" page, put it where slack.app_token points, and \
         switch \"Socket Mode\" on"
    };
    Finding::problem(
        PART,
        format!("Slack opens no Socket Mode connection ({code})"),
        fix,
    )
}

fn address(config: &Config) -> Finding {
    let base = &config.web.base_url;
    if base.starts_with("https://") {
        Finding::ok(
            PART,
            format!(
                "Slack is to deliver to {}{}",
                base.trim_end_matches('/'),
                crate::chat::slack::http::PATH
            ),
        )
    } else {
        Finding::problem(
            PART,
            format!("web.base_url is \"{base}\", and Slack delivers to https:// only"),
            "put a reverse proxy with a certificate in front, and write its https:// address; or use slack.mode = \"socket\"",
        )
    }
}

/// Checks the event subscriptions in the app's manifest at Slack.
async fn events(
    api: &Api,
    place: &str,
    app: Option<String>,
    expected: &Value,
) -> anyhow::Result<Finding> {
    let token = Secret::read(place)
        .map_err(anyhow::Error::msg)
        .and_then(|token| token.context("it is empty"))
        .with_context(|| format!("the configuration token cannot be read from {place}; name it as env:NAME or file:PATH"))?;
    let Some(app) = app else {
        return Ok(Finding::warning(
            PART,
            "Slack does not tell which app the bot belongs to",
            "give the app the scope users:read",
        ));
    };
    let response = api
        .call("apps.manifest.export", &token, &[("app_id", &app)])
        .await?;
    if response.body["ok"] != true {
        let code = response.body["error"].as_str().unwrap_or("no reason");
        let fix = "make a new configuration token at https://api.slack.com/apps; it lives for twelve hours";
        return Ok(Finding::problem(
            PART,
            format!("Slack refuses the configuration token ({code})"),
            fix,
        ));
    }
    let names = |manifest: &Value| -> BTreeSet<String> {
        let events = manifest["settings"]["event_subscriptions"]["bot_events"].as_array();
        let events = events.into_iter().flatten().filter_map(Value::as_str);
        events.map(str::to_owned).collect()
    };
    let current = &response.body["manifest"];
    let missing: Vec<String> = names(expected)
        .difference(&names(current))
        .cloned()
        .collect();
    let is_socket = |manifest: &Value| {
        manifest["settings"]["socket_mode_enabled"]
            .as_bool()
            .unwrap_or(false)
    };
    let fix = "paste the output of `epibot manifest` on the app's \"App Manifest\" page and save";
    Ok(if !missing.is_empty() {
        Finding::problem(
            PART,
            format!("the app is not subscribed to: {}", missing.join(", ")),
            fix,
        )
    } else if is_socket(current) != is_socket(expected) {
        let mode = json!(is_socket(expected));
        Finding::problem(
            PART,
            format!("the app's Socket Mode is not {mode}, as slack.mode wants"),
            fix,
        )
    } else {
        Finding::ok(PART, "the app is subscribed to every event that is needed")
    })
}
