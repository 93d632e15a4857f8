//! A Slack that misbehaves by script: streamed messages that close, limits of size and rate, and every fault that a
//! network and an overloaded service have, at random but the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Response};
use axum::routing::any;
use epibot::runtime::lifecycle::Lifecycle;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::block_kit;

pub(crate) const BOT: &str = "UBOT";
/// A user group, and who is in it.
pub(crate) const GROUP: &str = "S0SAFETY";
pub(crate) const MEMBER: &str = "U0MEMBER";
const BOT_ID: &str = "BBOT";

/// How bad it is; shares of a thousand calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults {
    /// Told to come again later.
    pub(crate) limited: u64,
    /// Done or not done, and then an error or a cut connection.
    pub(crate) broken: u64,
    /// A streamed message that closes by itself.
    pub(crate) closed: u64,
    /// The bytes that a streamed message holds.
    pub(crate) most: usize,
    /// Whether there are streamed messages at all.
    pub(crate) streaming: bool,
    /// Whether messages may hold tables.
    pub(crate) tables: bool,
    /// The longest that a call takes, in milliseconds.
    pub(crate) pause: u64,
}

impl Faults {
    /// A Slack as its documentation has it.
    pub(crate) const NONE: Self = Self {
        limited: 0,
        broken: 0,
        closed: 0,
        most: 11_000,
        streaming: true,
        tables: true,
        pause: 400,
    };

    /// The same on a fast line, for tests that ask much.
    pub(crate) const QUICK: Self = Self {
        pause: 5,
        ..Self::NONE
    };
}

/// Numbers that look like chance (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// A running Slack with what was said in it.
pub(crate) struct ScriptedSlack {
    pub(crate) api_url: String,
    state: Arc<Mutex<Workspace>>,
    _lifecycle: Lifecycle,
}

struct Workspace {
    /// Where this Slack is.
    home: String,
    faults: Faults,
    chance: Chance,
    messages: BTreeMap<(String, String), Message>,
    /// The last `ts` that was given out, in microseconds.
    last: u64,
    calls: Vec<(String, String, Instant)>,
    /// What no Slack would take.
    violations: Vec<String>,
    /// What was sent beside messages, by method: views, private messages, suggestions.
    asides: Vec<(String, Value)>,
    /// Files by their ids.
    files: BTreeMap<String, Vec<u8>>,
    /// Channels that the bot is not in.
    closed: Vec<String>,
    /// How many times a picture cannot be shown yet.
    unready: usize,
    /// When something was shown in which thread.
    shown: Vec<Shown>,
    /// The threads in which a call was refused or broke.
    troubled: BTreeSet<String>,
    /// The pauses that were asked for.
    pauses: Vec<Pause>,
}

/// A time for which calls in a channel are not wanted.
#[derive(Clone, Debug)]
pub(crate) struct Pause {
    pub(crate) channel: String,
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

/// Something that was shown.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) root: String,
    pub(crate) at: Instant,
    /// Words of the answer were added.
    pub(crate) has_words: bool,
    /// It is the answer's last state, with its sources.
    pub(crate) is_last: bool,
}

struct Message {
    content: Value,
    stream: Option<Stream>,
}

struct Stream {
    since: Instant,
    text: String,
    is_open: bool,
}

impl ScriptedSlack {
    pub(crate) async fn start(seed: u64, faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let home = format!("http://{}", listener.local_addr().unwrap());
        let api_url = format!("{home}/api");
        let state = Arc::new(Mutex::new(Workspace {
            home,
            faults,
            chance: Chance(seed),
            messages: BTreeMap::new(),
            last: 1_800_000_000_000_000,
            calls: Vec::new(),
            violations: Vec::new(),
            asides: Vec::new(),
            files: BTreeMap::new(),
            closed: Vec::new(),
            unready: 1,
            shown: Vec::new(),
            troubled: BTreeSet::new(),
            pauses: Vec::new(),
        }));
        let router = Router::new()
            .route("/api/{method}", any(serve))
            .route("/files/{id}", any(file))
            .with_state(Arc::clone(&state));
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("scripted Slack", async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            api_url,
            state,
            _lifecycle: lifecycle,
        }
    }

    /// Says something as a person; the event that tells of it.
    pub(crate) fn say(&self, channel: &str, user: &str, text: &str) -> Value {
        let mut workspace = self.state.lock().unwrap();
        let ts = workspace.next_ts();
        let content = json!({"type": "message", "user": user, "ts": ts, "text": text});
        workspace.insert(channel, &ts, content.clone(), None);
        let mut event = content;
        event["channel"] = channel.into();
        event["channel_type"] = "channel".into();
        json!({"type": "event_callback", "team_id": "T1", "event_id": format!("Ev{ts}"), "event": event})
    }

    /// Says something in a thread; the event that tells of it.
    pub(crate) fn reply(&self, channel: &str, root: &str, user: &str, text: &str) -> Value {
        let mut event = self.say(channel, user, text);
        event["event"]["thread_ts"] = root.into();
        let ts = event["event"]["ts"].as_str().unwrap().to_owned();
        let mut workspace = self.state.lock().unwrap();
        let message = workspace.messages.get_mut(&(channel.to_owned(), ts));
        message.unwrap().content["thread_ts"] = root.into();
        event
    }

    /// Hangs a file on a message.
    pub(crate) fn attach(&self, channel: &str, ts: &str, file: &Value) {
        let mut workspace = self.state.lock().unwrap();
        let message = workspace
            .messages
            .get_mut(&(channel.to_owned(), ts.to_owned()));
        message.unwrap().content["files"] = json!([file]);
    }

    /// Puts a file into Slack; what Slack says of it.
    pub(crate) fn upload(&self, id: &str, name: &str, kind: &str, content: &[u8]) -> Value {
        let mut workspace = self.state.lock().unwrap();
        workspace.files.insert(id.to_owned(), content.to_vec());
        let home = self.api_url.trim_end_matches("/api");
        json!({
            "id": id, "name": name, "mimetype": kind, "size": content.len(), "mode": "hosted",
            "url_private": format!("{home}/files/{id}"), "permalink": format!("https://solmaru.slack.com/files/{id}"),
        })
    }

    /// The content of a file that the bot has put into Slack.
    pub(crate) fn file(&self, id: &str) -> Option<Vec<u8>> {
        self.state.lock().unwrap().files.get(id).cloned()
    }

    /// What was shown in a thread, in order.
    pub(crate) fn shown(&self, root: &str) -> Vec<Shown> {
        let workspace = self.state.lock().unwrap();
        let shown = workspace.shown.iter();
        shown.filter(|shown| shown.root == root).cloned().collect()
    }

    /// What was shown anywhere, in order.
    pub(crate) fn all_shown(&self) -> Vec<Shown> {
        self.state.lock().unwrap().shown.clone()
    }

    /// How many threads hold an answer in its last state.
    pub(crate) fn finished(&self) -> usize {
        let workspace = self.state.lock().unwrap();
        let last = workspace.shown.iter().filter(|shown| shown.is_last);
        let roots: BTreeSet<&str> = last.map(|shown| shown.root.as_str()).collect();
        roots.len()
    }

    /// The pauses that were asked for.
    pub(crate) fn pauses(&self) -> Vec<Pause> {
        self.state.lock().unwrap().pauses.clone()
    }

    /// The threads in which a call was refused or broke.
    pub(crate) fn troubled(&self) -> BTreeSet<String> {
        self.state.lock().unwrap().troubled.clone()
    }

    /// The bot is no member of this channel.
    pub(crate) fn close(&self, channel: &str) {
        let mut workspace = self.state.lock().unwrap();
        workspace.closed.push(channel.to_owned());
    }

    /// What was sent by this method beside messages, oldest first.
    pub(crate) fn asides(&self, method: &str) -> Vec<Value> {
        let workspace = self.state.lock().unwrap();
        let asides = workspace.asides.iter();
        asides
            .filter(|(name, _)| name == method)
            .map(|(_, sent)| sent.clone())
            .collect()
    }

    /// Everything in a channel, oldest first.
    pub(crate) fn messages(&self, channel: &str) -> Vec<Value> {
        let workspace = self.state.lock().unwrap();
        let messages = workspace.messages.iter();
        messages
            .filter(|((place, _), _)| place == channel)
            .map(|(_, message)| message.content.clone())
            .collect()
    }

    /// What the bot has said under a message, oldest first.
    pub(crate) fn answers(&self, channel: &str, root: &str) -> Vec<Value> {
        let workspace = self.state.lock().unwrap();
        let of_channel = workspace
            .messages
            .iter()
            .filter(|((place, _), _)| place == channel);
        of_channel
            .map(|(_, message)| message.content.clone())
            .filter(|content| content["thread_ts"] == root)
            .collect()
    }

    /// How often a method was called.
    pub(crate) fn count(&self, method: &str) -> usize {
        let workspace = self.state.lock().unwrap();
        let calls = workspace.calls.iter();
        calls.filter(|(name, _, _)| name == method).count()
    }

    /// What no Slack would have taken.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.state.lock().unwrap().violations.clone()
    }

    /// The most calls of a method, and in a channel if one is named, in any stretch of time of this length.
    pub(crate) fn most_within(
        &self,
        method: &str,
        channel: Option<&str>,
        window: Duration,
    ) -> usize {
        let workspace = self.state.lock().unwrap();
        let times: Vec<Instant> = workspace
            .calls
            .iter()
            .filter(|(name, place, _)| name == method && channel.is_none_or(|one| one == place))
            .map(|(_, _, at)| *at)
            .collect();
        let mut first = 0;
        let mut most = 0;
        for (number, time) in times.iter().enumerate() {
            while *time - times[first] >= window {
                first += 1;
            }
            most = most.max(number + 1 - first);
        }
        most
    }
}

/// A file, for whoever sends the bot's token along.
async fn file(
    State(state): State<Arc<Mutex<Workspace>>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut workspace = state.lock().unwrap();
    if !body.is_empty() {
        workspace.files.insert(id, body.to_vec());
        return Response::new(Body::from("OK"));
    }
    let is_allowed = headers
        .get("authorization")
        .is_some_and(|token| token == "Bearer xoxb-scripted");
    match workspace.files.get(&id).filter(|_| is_allowed) {
        Some(content) => Response::new(Body::from(content.clone())),
        None => Response::builder()
            .header("content-type", "text/html; charset=utf-8")
            .body(Body::from("<html>Sign in</html>"))
            .unwrap(),
    }
}

/// What becomes of a call.
enum Fate {
    Answer(Value),
    Limited(u64),
    Broken,
    Cut,
}

async fn serve(
    State(state): State<Arc<Mutex<Workspace>>>,
    Path(method): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response<Body> {
    let arguments = serde_json::from_slice(&body).unwrap_or_else(|_| {
        let pairs = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
        Value::Object(
            pairs
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    });
    let (fate, pause) = {
        let mut workspace = state.lock().unwrap();
        let fate = workspace.take(&method, &arguments);
        let longest = workspace.faults.pause;
        let pause = workspace.chance.below(longest);
        (fate, Duration::from_millis(pause))
    };
    tokio::time::sleep(pause).await;
    let response = Response::builder();
    match fate {
        Fate::Answer(answer) => response
            .header("content-type", "application/json")
            .body(Body::from(answer.to_string())),
        Fate::Limited(seconds) => response
            .status(429)
            .header("retry-after", seconds.to_string())
            .body(Body::from(
                json!({"ok": false, "error": "ratelimited"}).to_string(),
            )),
        Fate::Broken => response.status(503).body(Body::empty()),
        Fate::Cut => response
            .header("content-length", "100")
            .body(Body::from_stream(futures::stream::iter([
                Ok(Vec::from(&b"{"[..])),
                Err(io::Error::other("cut by script")),
            ]))),
    }
    .unwrap()
}

impl Workspace {
    fn next_ts(&mut self) -> String {
        self.last += 1_000_000;
        format!("{}.{:06}", self.last / 1_000_000, self.last % 1_000_000)
    }

    fn insert(&mut self, channel: &str, ts: &str, content: Value, stream: Option<Stream>) {
        let place = (channel.to_owned(), ts.to_owned());
        self.messages.insert(place, Message { content, stream });
    }

    fn take(&mut self, method: &str, arguments: &Value) -> Fate {
        let channel = text(arguments, "channel").to_owned();
        self.calls
            .push((method.to_owned(), channel.clone(), Instant::now()));
        let faults = self.faults;
        let is_limited = self.chance.below(1_000) < faults.limited;
        let is_broken = !is_limited && self.chance.below(1_000) < faults.broken;
        if (is_limited || is_broken)
            && let Some(root) = self.root(arguments)
        {
            self.troubled.insert(root);
        }
        if is_limited {
            let seconds = 1 + self.chance.below(5);
            let from = Instant::now();
            self.pauses.push(Pause {
                channel: channel.clone(),
                from,
                until: from + Duration::from_secs(seconds),
            });
            return Fate::Limited(seconds);
        }
        if is_broken && self.chance.below(2) == 0 {
            return Fate::Broken;
        }
        self.note_shown(method, arguments);
        let answer = match self.perform(method, arguments) {
            Ok(mut answer) => {
                answer["ok"] = true.into();
                answer
            }
            Err(code) => json!({"ok": false, "error": code}),
        };
        match (is_broken, self.chance.below(2)) {
            (false, _) => Fate::Answer(answer),
            (true, 0) => Fate::Broken,
            (true, _) => Fate::Cut,
        }
    }

    fn perform(&mut self, method: &str, arguments: &Value) -> Result<Value, &'static str> {
        let channel = text(arguments, "channel");
        if method.starts_with("chat.") && self.closed.iter().any(|closed| closed == channel) {
            return Err("not_in_channel");
        }
        if !self.faults.tables && has_table(arguments) {
            return Err("invalid_blocks");
        }
        match method {
            "chat.postMessage" => {
                self.check(method, arguments);
                let ts = self.next_ts();
                let mut content = own(arguments, &ts);
                content["text"] = arguments["text"].clone();
                content["blocks"] = arguments["blocks"].clone();
                content["metadata"] = arguments["metadata"].clone();
                self.insert(channel, &ts, content, None);
                Ok(json!({"channel": channel, "ts": ts}))
            }
            "chat.update" => {
                self.check(method, arguments);
                let message = self.message(arguments)?;
                if message.stream.as_mut().is_some_and(Stream::is_open) {
                    return Err("streaming_state_conflict");
                }
                message.content["text"] = arguments["text"].clone();
                message.content["blocks"] = arguments["blocks"].clone();
                Ok(json!({}))
            }
            "chat.delete" => {
                self.message(arguments)?;
                self.messages
                    .remove(&(channel.to_owned(), text(arguments, "ts").to_owned()));
                Ok(json!({}))
            }
            "chat.startStream" | "chat.appendStream" | "chat.stopStream"
                if !self.faults.streaming =>
            {
                Err("unknown_method")
            }
            "chat.startStream" => {
                for needed in ["thread_ts", "recipient_user_id", "recipient_team_id"] {
                    if text(arguments, needed).is_empty() {
                        self.violations.push(format!("{method} without {needed}"));
                    }
                }
                let written = written(arguments);
                if written.len() > self.faults.most {
                    return Err("msg_too_long");
                }
                let ts = self.next_ts();
                let mut content = own(arguments, &ts);
                content["text"] = written.clone().into();
                content["blocks"] = json!([{"type": "rich_text", "block_id": "x7Fq"}]);
                let stream = Stream {
                    since: Instant::now(),
                    text: written,
                    is_open: true,
                };
                self.insert(channel, &ts, content, Some(stream));
                Ok(json!({"channel": channel, "ts": ts}))
            }
            "chat.appendStream" => {
                let closes = self.chance.below(1_000) < self.faults.closed;
                let most = self.faults.most;
                let message = self.message(arguments)?;
                let stream = message
                    .stream
                    .as_mut()
                    .ok_or("message_not_in_streaming_state")?;
                stream.is_open &= !closes;
                if !stream.is_open() {
                    return Err("message_not_in_streaming_state");
                }
                let written = written(arguments);
                if stream.text.len() + written.len() > most {
                    return Err("msg_too_long");
                }
                stream.text.push_str(&written);
                message.content["text"] = stream.text.clone().into();
                Ok(json!({}))
            }
            "chat.stopStream" => {
                let message = self.message(arguments)?;
                let stream = message
                    .stream
                    .as_mut()
                    .ok_or("message_not_in_streaming_state")?;
                if !stream.is_open() {
                    return Err("message_not_in_streaming_state");
                }
                stream.is_open = false;
                Ok(json!({}))
            }
            _ => self.perform_beside_messages(method, arguments),
        }
    }

    fn perform_beside_messages(
        &mut self,
        method: &str,
        arguments: &Value,
    ) -> Result<Value, &'static str> {
        let channel = text(arguments, "channel");
        match method {
            "conversations.replies" => {
                let root = text(arguments, "ts");
                let of_thread = self.messages.iter().filter(|((place, ts), message)| {
                    place == channel && (ts == root || message.content["thread_ts"] == root)
                });
                let messages: Vec<&Value> =
                    of_thread.map(|(_, message)| &message.content).collect();
                Ok(json!({"messages": messages}))
            }
            "usergroups.users.list" if text(arguments, "usergroup") == GROUP => {
                Ok(json!({"users": [MEMBER]}))
            }
            "auth.test" => Ok(json!({"team_id": "T1", "user_id": BOT, "bot_id": BOT_ID})),
            "conversations.history" => {
                if self.closed.iter().any(|closed| closed == channel) {
                    return Err("not_in_channel");
                }
                let in_channel = self.messages.iter().rev().filter(|((place, _), message)| {
                    place == channel && message.content["thread_ts"].is_null()
                });
                let messages: Vec<&Value> =
                    in_channel.map(|(_, message)| &message.content).collect();
                Ok(json!({"messages": messages}))
            }
            "conversations.open" => {
                let user = text(arguments, "users");
                Ok(json!({"channel": {"id": format!("D{}", &user[1..])}}))
            }
            "chat.postEphemeral" => {
                let blocks = arguments["blocks"].to_string();
                if blocks.contains("slack_file") && self.unready > 0 {
                    self.unready -= 1;
                    return Err("invalid_blocks");
                }
                self.check(method, arguments);
                self.asides.push((method.to_owned(), arguments.clone()));
                Ok(json!({}))
            }
            "views.open" | "views.publish" => {
                let wrong = block_kit::view(&arguments["view"]);
                let wrong = wrong.into_iter().map(|wrong| format!("{method}: {wrong}"));
                self.violations.extend(wrong);
                self.asides.push((method.to_owned(), arguments.clone()));
                Ok(json!({}))
            }
            "assistant.threads.setSuggestedPrompts" => {
                let prompts = arguments["prompts"].as_array().cloned().unwrap_or_default();
                let is_whole = |prompt: &Value| {
                    !text(prompt, "title").is_empty() && !text(prompt, "message").is_empty()
                };
                if prompts.is_empty() || prompts.len() > 4 || !prompts.iter().all(is_whole) {
                    self.violations.push(format!("{method}: {arguments}"));
                }
                self.asides.push((method.to_owned(), arguments.clone()));
                Ok(json!({}))
            }
            "assistant.threads.setStatus" | "assistant.threads.setTitle" => {
                self.asides.push((method.to_owned(), arguments.clone()));
                Ok(json!({}))
            }
            "files.getUploadURLExternal" => {
                let id = format!("F{}", self.files.len() + 1);
                self.files.insert(id.clone(), Vec::new());
                Ok(json!({"file_id": id, "upload_url": format!("{}/files/{id}", self.home)}))
            }
            "files.completeUploadExternal" => Ok(json!({"files": arguments["files"]})),
            "users.info" => {
                let user = text(arguments, "user");
                let locale = if user.ends_with("KO") {
                    "ko-KR"
                } else {
                    "en-US"
                };
                Ok(json!({"user": {"id": user, "locale": locale}}))
            }
            "chat.getPermalink" => {
                let ts = text(arguments, "message_ts");
                Ok(
                    json!({"permalink": format!("https://solmaru.slack.com/archives/{channel}/{ts}")}),
                )
            }
            _ => Err("unknown_method"),
        }
    }

    fn note_shown(&mut self, method: &str, arguments: &Value) {
        if ![
            "chat.startStream",
            "chat.appendStream",
            "chat.update",
            "chat.postMessage",
        ]
        .contains(&method)
        {
            return;
        }
        let Some(root) = self.root(arguments) else {
            return;
        };
        let ids = arguments["blocks"].as_array().into_iter().flatten();
        let mut ids = ids.filter_map(|block| block["block_id"].as_str());
        self.shown.push(Shown {
            root,
            at: Instant::now(),
            has_words: !written(arguments).is_empty(),
            is_last: ids.any(|id| id.starts_with("sources")),
        });
    }

    /// The thread that a call is about.
    fn root(&mut self, arguments: &Value) -> Option<String> {
        if let Some(root) = arguments["thread_ts"].as_str() {
            return Some(root.to_owned());
        }
        let message = self.message(arguments).ok()?;
        Some(text(&message.content, "thread_ts").to_owned())
    }

    fn message(&mut self, arguments: &Value) -> Result<&mut Message, &'static str> {
        let place = (
            text(arguments, "channel").to_owned(),
            text(arguments, "ts").to_owned(),
        );
        self.messages.get_mut(&place).ok_or("message_not_found")
    }

    /// Slack's limits of what a message holds, as an independent reader of its documentation has them.
    fn check(&mut self, method: &str, arguments: &Value) {
        let blocks = arguments["blocks"].as_array().cloned().unwrap_or_default();
        if !blocks.is_empty() {
            let wrong = block_kit::message(&arguments["blocks"]);
            let wrong = wrong.into_iter().map(|wrong| format!("{method}: {wrong}"));
            self.violations.extend(wrong);
        }
        let most = if method == "chat.update" {
            4_000
        } else {
            40_000
        };
        if text(arguments, "text").chars().count() > most {
            self.violations.push(format!("{method}: {arguments}"));
        }
    }
}

impl Stream {
    fn is_open(&mut self) -> bool {
        self.is_open && self.since.elapsed() < Duration::from_mins(5)
    }
}

fn own(arguments: &Value, ts: &str) -> Value {
    json!({
        "type": "message", "user": BOT, "bot_id": BOT_ID, "ts": ts, "thread_ts": arguments["thread_ts"],
    })
}

/// The text of the chunks.
fn has_table(arguments: &Value) -> bool {
    let blocks = arguments["blocks"].as_array().into_iter().flatten();
    blocks.into_iter().any(|block| block["type"] == "table")
}

fn written(arguments: &Value) -> String {
    let chunks = arguments["chunks"].as_array();
    let texts = chunks
        .into_iter()
        .flatten()
        .map(|chunk| text(chunk, "text"));
    texts.collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
