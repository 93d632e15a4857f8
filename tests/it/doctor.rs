//! What `epibot doctor` finds, from the program as it is, against servers that answer by script.

use std::collections::HashMap;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path as Segment, State};
use axum::http::{HeaderMap, Response};
use axum::routing::{any, get, post};
use epibot::runtime::clock::Clock;
use epibot::runtime::lifecycle::Lifecycle;
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::support::llm::{Script, ScriptedLlm, says};

/// What Slack and the other servers say.
#[derive(Clone)]
struct Said {
    scopes: &'static str,
    bot: Value,
    socket: Value,
    manifest: Value,
    /// How far Slack's clock is from ours, in seconds.
    apart: i64,
    health: u16,
}

const SCOPES: &str = "app_mentions:read,assistant:write,channels:history,chat:write,commands,files:read,files:write,\
                      groups:history,im:history,mpim:history,users:read";

impl Said {
    fn well() -> Self {
        let events = [
            "app_mention",
            "message.channels",
            "message.groups",
            "message.im",
            "message.mpim",
            "app_home_opened",
        ];
        let settings =
            json!({"event_subscriptions": {"bot_events": events}, "socket_mode_enabled": true});
        Self {
            scopes: SCOPES,
            bot: json!({"ok": true, "user": "epibot", "team": "Solmaru", "bot_id": "B1"}),
            socket: json!({"ok": true, "url": "wss://example"}),
            manifest: json!({"ok": true, "manifest": {"settings": settings}}),
            apart: 0,
            health: 200,
        }
    }
}

/// Servers for all that is configured.
struct Servers {
    address: String,
    folder: TempDir,
    _lifecycle: Lifecycle,
}

impl Servers {
    async fn start(said: Said) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let health = said.health;
        let router = Router::new()
            .route("/api/{method}", any(slack))
            .route("/v1/embeddings", post(async || json!({"data": [{"index": 0, "embedding": vec![0.5; 16]}]}).to_string()))
            .route("/rerank", post(async || json!({"results": [{"index": 0, "relevance_score": 0.9}, {"index": 1, "relevance_score": 0.1}]}).to_string()))
            .route(
                "/healthz",
                get(async move || {
                    let status = axum::http::StatusCode::from_u16(health).unwrap();
                    (status, json!({"status": if health == 200 { "ok" } else { "unavailable" }}).to_string())
                }),
            )
            .with_state(Arc::new(said));
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("servers", async move {
            axum::serve(listener, router).await.unwrap();
        });
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("manuals")).unwrap();
        std::fs::write(
            folder.path().join("manuals/purge.md"),
            "# Purge\n\nPurge daily.",
        )
        .unwrap();
        for (name, secret) in [
            ("bot", "xoxb-1"),
            ("app", "xapp-1"),
            ("config", "xoxe.xoxp-1"),
        ] {
            std::fs::write(folder.path().join(name), secret).unwrap();
        }
        Self {
            address,
            folder,
            _lifecycle: lifecycle,
        }
    }

    /// A configuration with everything; `changed` replaces lines that begin with a key.
    fn config(&self, llm: &str, changed: &[(&str, &str)]) -> String {
        let (address, home) = (&self.address, self.folder.path().display());
        let text = format!(
            "[data]\ndir = \"{home}/data\"\n\
             [[sources]]\nname = \"manuals\"\npath = \"{home}/manuals\"\ncollection = \"manuals\"\n\
             [slack]\nmode = \"socket\"\napi_url = \"{address}/api\"\nbot_token = \"file:{home}/bot\"\napp_token = \"file:{home}/app\"\n\
             [web]\nbase_url = \"{address}\"\n\
             [llm]\nbase_url = \"{llm}\"\nmodel = \"scripted\"\nattempts = 1\n\
             [embeddings]\nbase_url = \"{address}/v1\"\nmodel = \"vectors\"\nattempts = 1\n\
             [rerank]\nbase_url = \"{address}\"\n",
        );
        let lines = text.lines().map(|line| {
            let replaced = changed.iter().find(|(key, _)| line.starts_with(key));
            replaced.map_or(line, |(_, line)| line)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    async fn doctor(&self, config: &str, arguments: &[&str]) -> (bool, Value, String) {
        let file = self.folder.path().join("epibot.toml");
        std::fs::write(&file, config).unwrap();
        let run = async |json: bool| -> Output {
            let mut command = Command::new(env!("CARGO_BIN_EXE_epibot"));
            command
                .arg("--config")
                .arg(&file)
                .arg("doctor")
                .args(arguments);
            if json {
                command.arg("--json");
            }
            command.output().await.unwrap()
        };
        let machine = run(true).await;
        let person = run(false).await;
        assert_eq!(machine.status.success(), person.status.success());
        let told: Value = serde_json::from_slice(&machine.stdout)
            .unwrap_or_else(|error| panic!("{error}: {machine:?}"));
        assert_eq!(told["ok"] == true, machine.status.success(), "{told:#}");
        (
            machine.status.success(),
            told,
            String::from_utf8(person.stdout).unwrap(),
        )
    }
}

async fn slack(
    State(said): State<Arc<Said>>,
    Segment(method): Segment<String>,
    headers: HeaderMap,
    _body: Bytes,
) -> Response<Body> {
    let token = headers
        .get("authorization")
        .and_then(|token| token.to_str().ok())
        .unwrap_or_default();
    let right: HashMap<&str, &str> = HashMap::from([
        ("auth.test", "Bearer xoxb-1"),
        ("bots.info", "Bearer xoxb-1"),
        ("apps.connections.open", "Bearer xapp-1"),
        ("apps.manifest.export", "Bearer xoxe.xoxp-1"),
    ]);
    let body = match method.as_str() {
        _ if right.get(method.as_str()) != Some(&token) => {
            json!({"ok": false, "error": "invalid_auth"})
        }
        "auth.test" => said.bot.clone(),
        "bots.info" => json!({"ok": true, "bot": {"app_id": "A1"}}),
        "apps.connections.open" => said.socket.clone(),
        _ => said.manifest.clone(),
    };
    let time = Clock::system().now() + SignedDuration::from_secs(said.apart);
    Response::builder()
        .header("x-oauth-scopes", said.scopes)
        .header(
            "date",
            DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&time)
                .unwrap(),
        )
        .body(Body::from(body.to_string()))
        .unwrap()
}

async fn model(script: impl Fn() -> Script + Send + 'static) -> ScriptedLlm {
    ScriptedLlm::choosing(move |_| script()).await
}

/// The findings of a part and state, each as text with its fix.
fn found(told: &Value, part: &str, state: &str) -> Vec<String> {
    let all = told["findings"].as_array().unwrap().iter();
    let these = all.filter(|finding| finding["part"] == part && finding["state"] == state);
    these
        .map(|finding| {
            format!(
                "{} -> {}",
                finding["says"].as_str().unwrap(),
                finding["fix"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_works_is_said_to_work() {
    let servers = Servers::start(Said::well()).await;
    let llm = model(|| says(&["OK"])).await;
    let token = format!("file:{}", servers.folder.path().join("config").display());
    let config = servers.config(llm.base_url(), &[]);
    let (works, told, person) = servers.doctor(&config, &["--config-token", &token]).await;
    assert!(works, "{told:#}");
    for (part, says) in [
        ("slack", "epibot in Solmaru"),
        ("slack", "every scope"),
        ("slack", "Socket Mode"),
        ("slack", "every event"),
        ("clock", "agree"),
        ("model", "scripted at"),
        ("embeddings", "gave 16 numbers"),
        ("rerank", "ordered two passages"),
        ("links", "healthy epibot"),
        ("sources", "1 files"),
        ("data", "can be written"),
        ("index", "0 passages"),
    ] {
        assert!(
            found(&told, part, "ok")
                .iter()
                .any(|found| found.contains(says)),
            "{part}: {says}: {told:#}"
        );
    }
    assert!(
        person.contains("ok       model") && !person.contains("PROBLEM"),
        "{person}"
    );
    assert!(
        !told.to_string().contains("xoxb") && !person.contains("xapp"),
        "no secret is shown"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_does_not_work_is_said_with_what_to_do() {
    let said = Said {
        scopes: "chat:write,app_mentions:read",
        socket: json!({"ok": false, "error": "missing_scope"}),
        manifest: json!({"ok": true, "manifest": {"settings": {"event_subscriptions": {"bot_events": ["app_mention"]}, "socket_mode_enabled": true}}}),
        apart: -600,
        health: 503,
        ..Said::well()
    };
    let servers = Servers::start(said).await;
    let llm = model(|| Script::Status(401, Vec::new(), "{}".to_owned())).await;
    let token = format!("file:{}", servers.folder.path().join("config").display());
    let nowhere = format!("path = \"{}/nowhere\"", servers.folder.path().display());
    let config = servers.config(llm.base_url(), &[("path", &nowhere)]);
    // A database whose first bytes are somebody else's.
    let data = servers.folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("catalog.sqlite"), "no database".repeat(500)).unwrap();
    let (works, told, person) = servers.doctor(&config, &["--config-token", &token]).await;
    assert!(!works);
    for (part, says, fix) in [
        (
            "slack",
            "scopes are missing: assistant:write",
            "epibot manifest",
        ),
        (
            "slack",
            "no Socket Mode connection (missing_scope)",
            "connections:write",
        ),
        (
            "slack",
            "not subscribed to: app_home_opened",
            "epibot manifest",
        ),
        ("clock", "ahead of Slack's", "NTP"),
        ("model", "401", "llm.api_key"),
        ("sources", "nowhere", "sources.path"),
        ("data", "catalog.sqlite", "reindex --full"),
    ] {
        let problems = found(&told, part, "problem");
        assert!(
            problems
                .iter()
                .any(|found| found.contains(says) && found.contains(fix)),
            "{part}: {says}: {told:#}"
        );
        assert!(person.contains(says), "{says}: {person}");
    }
    assert!(
        found(&told, "links", "warning")
            .iter()
            .any(|found| found.contains("not healthy")),
        "{told:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_not_there_are_told_apart() {
    let servers = Servers::start(Said {
        bot: json!({"ok": false, "error": "token_revoked"}),
        ..Said::well()
    })
    .await;
    // A port where nobody listens.
    let nobody = "http://127.0.0.1:9/v1";
    let config = servers.config(nobody, &[("[rerank]", "[rerank]\nmodel = \"x\"")]);
    let config = config.replace(
        &format!(
            "[rerank]\nmodel = \"x\"\nbase_url = \"{}\"",
            servers.address
        ),
        "[rerank]\nbase_url = \"http://127.0.0.1:9\"",
    );
    let (works, told, _) = servers.doctor(&config, &[]).await;
    assert!(!works);
    for (part, says, fix) in [
        ("slack", "token_revoked", "Bot User OAuth Token"),
        ("model", "cannot be reached", "llm.base_url"),
        ("rerank", "cannot be reached", "rerank.base_url"),
    ] {
        let problems = found(&told, part, "problem");
        assert!(
            problems
                .iter()
                .any(|found| found.contains(says) && found.contains(fix)),
            "{part}: {told:#}"
        );
    }
    // What cannot be seen with these tokens is not passed over.
    assert!(
        found(&told, "slack", "warning")
            .iter()
            .any(|found| found.contains("--config-token")),
        "{told:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_configured_nothing_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_epibot"))
        .args(["doctor", "--json"])
        .current_dir(folder.path())
        .env_remove("EPIBOT_CONFIG")
        .output()
        .await
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let told: Value = serde_json::from_slice(&run.stdout).unwrap();
    for part in ["slack", "model", "embeddings", "rerank"] {
        assert_eq!(found(&told, part, "off").len(), 1, "{part}: {told:#}");
    }
    assert!(Path::new(&folder.path().join("data")).is_dir());
}
