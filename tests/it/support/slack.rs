//! A real Slack on this machine, and the program that talks to it.
//!
//! `EPIBOT_LOCAL_SLACK` is the program of the npm package `local-slack-linux-x64`; tests that need it are skipped
//! where it is not set.

use std::fs;
use std::net::TcpListener;
use std::ops::{Deref, DerefMut};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::llm::ScriptedLlm;
use super::process::{Process, printed};
use super::requirement::Requirement;
use super::wait;

pub(crate) const BOT: &str = "U0EPIBOT";
pub(crate) const PERSON: &str = "U0JIWON";
pub(crate) const CHANNEL: &str = "C0EPI";
pub(crate) const DIRECT: &str = "D0JIWON";
pub(crate) const SIGNING_SECRET: &str = "signing-secret";

/// How Slack delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Socket,
    Http,
}

/// A workspace with a channel, a direct conversation, two people and our app.
pub(crate) struct LocalSlack {
    address: String,
    mode: Mode,
    /// Where the bot is to listen.
    bot_address: String,
    client: reqwest::Client,
    _process: Child,
    _folder: TempDir,
}

impl LocalSlack {
    /// None where there is no local Slack.
    pub(crate) async fn start(mode: Mode) -> Option<Self> {
        let Some(program) = std::env::var_os("EPIBOT_LOCAL_SLACK") else {
            Requirement::LOCAL_SLACK.skip();
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let bot_address = format!("127.0.0.1:{}", free_port());
        let config = json!({
            "workspace": { "name": "Solmaru", "domain": "solmaru", "teamId": "T0SOLMARU" },
            "app": {
                "appId": "A0EPIBOT", "botUserId": BOT, "botName": "epibot",
                "botToken": "xoxb-local", "appToken": "xapp-local", "signingSecret": SIGNING_SECRET,
                "mode": if mode == Mode::Socket { "socket" } else { "events" },
                "requestUrl": format!("http://{bot_address}/slack/events"),
            },
            "users": [
                { "id": PERSON, "name": "jiwon", "realName": "Jiwon Park" },
                { "id": "U0MINSU", "name": "minsu", "realName": "Minsu Kim" },
            ],
            "channels": [
                { "id": CHANNEL, "name": "epi-line-2", "members": [PERSON, "U0MINSU", BOT] },
                { "id": DIRECT, "name": "jiwon", "is_im": true, "members": [PERSON, BOT] },
            ],
        });
        let file = folder.path().join("workspace.json");
        fs::write(&file, config.to_string()).unwrap();
        let mut process = Command::new(program)
            .arg("--config")
            .arg(&file)
            .args(["--port", "0", "--base-host", "127.0.0.1", "--files-dir"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let address = printed(&mut process, "Web UI:").await;
        Some(Self {
            address,
            mode,
            bot_address,
            client: super::http(),
            _process: process,
            _folder: folder,
        })
    }

    /// Says something as a person; its `ts`.
    pub(crate) async fn say(&self, channel: &str, thread: Option<&str>, text: &str) -> String {
        let message =
            json!({ "channel": channel, "user": PERSON, "text": text, "thread_ts": thread });
        let url = format!("{}/_control/message", self.address);
        let response = self.client.post(url).json(&message).send().await.unwrap();
        let said: Value = response.json().await.unwrap();
        said["message"]["ts"]
            .as_str()
            .unwrap_or_else(|| panic!("{said}"))
            .to_owned()
    }

    /// Uses a slash command in the channel.
    pub(crate) async fn command(&self, user: &str, command: &str, text: &str) {
        let call = json!({ "channel": CHANNEL, "user": user, "command": command, "text": text });
        let url = format!("{}/_control/command", self.address);
        let answer = self.client.post(url).json(&call).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// Every message of a channel, in threads and private ones too.
    pub(crate) async fn messages(&self, channel: &str) -> Vec<Value> {
        let url = format!("{}/_control/messages/{channel}", self.address);
        let answer = self.client.get(url).send().await.unwrap();
        let messages: Value = answer.json().await.unwrap();
        messages["messages"].as_array().cloned().unwrap_or_default()
    }

    /// Waits for a message in a channel.
    pub(crate) async fn message(&self, channel: &str, described: impl Fn(&Value) -> bool) -> Value {
        let mut last = Vec::new();
        let found = wait::find(async || {
            last = self.messages(channel).await;
            last.iter().find(|message| described(message)).cloned()
        });
        let found = found.await;
        found.unwrap_or_else(|_| panic!("it did not come about: {last:#?}"))
    }

    /// What the bot has said in answer to the message, oldest first.
    pub(crate) async fn answers(&self, channel: &str, root: &str) -> Vec<Value> {
        let mut said = self.said(channel).await;
        said.retain(|message| message["thread_ts"] == root);
        said
    }

    /// Everything that the bot has said in a channel, oldest first.
    pub(crate) async fn said(&self, channel: &str) -> Vec<Value> {
        let url = format!("{}/_control/messages/{channel}", self.address);
        let all: Value = self
            .client
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let all = all["messages"].as_array().or(all.as_array()).unwrap();
        all.iter()
            .filter(|message| message["user"] == BOT)
            .cloned()
            .collect()
    }

    /// Waits until the bot's answers are as described.
    pub(crate) async fn until(
        &self,
        channel: &str,
        root: &str,
        described: impl Fn(&[Value]) -> bool,
    ) -> Vec<Value> {
        let mut last = Vec::new();
        let found = wait::find(async || {
            last = self.answers(channel, root).await;
            described(&last).then_some(())
        });
        let found = found.await;
        assert!(found.is_ok(), "it did not come about: {last:#?}");
        last
    }

    /// Waits for one finished answer that says this, and is the only one.
    pub(crate) async fn answer(&self, channel: &str, root: &str, words: &str) -> Value {
        let is_it = |answer: &Value| says(answer, words) && is_finished(answer);
        let says = |answers: &[Value]| answers.iter().any(is_it);
        let answers = self.until(channel, root, says).await;
        assert_eq!(answers.len(), 1, "{answers:#?}");
        answers[0].clone()
    }

    /// Delivers an event as Slack does over HTTP, signed; what came back.
    pub(crate) async fn deliver(&self, event: &Value) -> reqwest::Response {
        deliver(&self.client, &self.bot_address, event).await
    }
}

/// Delivers an event to the bot at this address as Slack does over HTTP, signed; what came back.
pub(crate) async fn deliver(
    client: &reqwest::Client,
    bot_address: &str,
    event: &Value,
) -> reqwest::Response {
    try_to_deliver(client, bot_address, event).await.unwrap()
}

/// As [`deliver`], where the bot may not be there.
pub(crate) async fn try_to_deliver(
    client: &reqwest::Client,
    bot_address: &str,
    event: &Value,
) -> reqwest::Result<reqwest::Response> {
    use hmac::{Hmac, KeyInit, Mac};
    let body = event.to_string();
    let time = jiff_seconds();
    let mut signature = Hmac::<sha2::Sha256>::new_from_slice(SIGNING_SECRET.as_bytes()).unwrap();
    signature.update(format!("v0:{time}:{body}").as_bytes());
    client
        .post(format!("http://{bot_address}/slack/events"))
        .header("content-type", "application/json")
        .header("x-slack-request-timestamp", time)
        .header(
            "x-slack-signature",
            format!("v0={}", hex::encode(signature.finalize().into_bytes())),
        )
        .body(body)
        .send()
        .await
}

fn jiff_seconds() -> String {
    epibot::runtime::clock::Clock::system()
        .now()
        .as_second()
        .to_string()
}

/// Whether a message says this, in its text or its blocks.
pub(crate) fn says(message: &Value, words: &str) -> bool {
    message.to_string().contains(words)
}

/// Whether an answer stands with its sources, after which it grows no more.
pub(crate) fn is_finished(message: &Value) -> bool {
    let blocks = message["blocks"].as_array().into_iter().flatten();
    let mut ids = blocks.filter_map(|block| block["block_id"].as_str());
    ids.any(|id| id.starts_with("sources"))
}

/// The first source link of a message.
pub(crate) fn link(message: &Value) -> String {
    let text = message["blocks"].to_string();
    let start = text.find("http://127.0.0.1").expect("a link to a source");
    let end = text[start..].find(['|', '>', '"', '\\', '#']).unwrap();
    text[start..start + end].replace("&amp;", "&")
}

/// The program itself, with a data folder of its own.
pub(crate) struct Program(Process);

impl Program {
    /// Starts with two of the sample documents; returns when these are indexed.
    pub(crate) async fn start(slack: &LocalSlack, llm: &ScriptedLlm) -> Self {
        let api_url = format!("{}/api", slack.address);
        let mode = if slack.mode == Mode::Socket {
            "socket"
        } else {
            "http"
        };
        Self::start_at(&api_url, mode, &slack.bot_address, llm).await
    }

    /// As [`Self::start`], with the Slack at this address.
    pub(crate) async fn start_at(
        api_url: &str,
        mode: &str,
        address: &str,
        llm: &ScriptedLlm,
    ) -> Self {
        Self::start_with(api_url, mode, address, llm, &[]).await
    }

    /// As [`Self::start_at`], with these variables in its environment.
    pub(crate) async fn start_with(
        api_url: &str,
        mode: &str,
        address: &str,
        llm: &ScriptedLlm,
        environment: &[(&str, &str)],
    ) -> Self {
        let secrets = [
            ("bot", "xoxb-local"),
            ("app", "xapp-local"),
            ("signing", SIGNING_SECRET),
        ];
        let mut process = Process::new(address, llm.base_url(), &secrets, environment, |home| {
            format!(
                "[slack]\nmode = \"{mode}\"\napi_url = \"{api_url}\"\nupdate_interval_ms = 100\nrate_limits = false\n\
                 bot_token = \"file:{home}/bot\"\napp_token = \"file:{home}/app\"\nsigning_secret = \"file:{home}/signing\"\n\
                 [queue]\nbackoff_s = 0\n\
                 [reindex]\nusers = [\"{PERSON}\"]\nwatch = false\n"
            )
        });
        process.restart().await;
        Self(process)
    }
}

impl Deref for Program {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.0
    }
}

impl DerefMut for Program {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.0
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
