//! A server that speaks the protocols of chat completions and of reranking by script.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use epibot::config;
use epibot::config::settings::Config;
use epibot::runtime::lifecycle::Lifecycle;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What the server does with one request.
pub(crate) enum Script {
    /// Answers with a stream of these bytes, piece by piece.
    Stream(Vec<Step>),
    /// Answers with this status, headers and body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// Takes the request and never answers.
    Silence,
}

/// A part of a streamed answer.
#[derive(Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Nothing comes for so long.
    Pause(Duration),
    /// The connection breaks.
    Cut,
    /// Nothing more comes, but the connection stays.
    Hang,
}

/// A running server with the requests that it has got.
pub(crate) struct ScriptedLlm {
    base_url: String,
    state: Arc<Shared>,
    _lifecycle: Lifecycle,
}

/// The requests that a server has got.
pub(crate) struct Log(Arc<Shared>);

impl Log {
    /// Their bodies.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        let requests = self.0.requests.lock().unwrap();
        requests.iter().map(|(_, body)| body.clone()).collect()
    }
}

/// What a request is answered with.
type Choice = Box<dyn FnMut(&Value) -> Script + Send>;

struct Shared {
    choice: Mutex<Choice>,
    requests: Mutex<Vec<(HeaderMap, Value)>>,
    received: watch::Sender<usize>,
}

impl ScriptedLlm {
    /// Starts on a free port; the n-th request gets the n-th script.
    pub(crate) async fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        let mut scripts: VecDeque<Script> = scripts.into_iter().collect();
        Self::choosing(move |_| scripts.pop_front().expect("a script for every request")).await
    }

    /// Starts on a free port; a request gets the script that is chosen for it.
    pub(crate) async fn choosing(choice: impl FnMut(&Value) -> Script + Send + 'static) -> Self {
        let state = Arc::new(Shared {
            choice: Mutex::new(Box::new(choice)),
            requests: Mutex::default(),
            received: watch::Sender::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .route("/v1/rerank", post(complete))
            .with_state(state.clone());
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("scripted language model", async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            base_url,
            state,
            _lifecycle: lifecycle,
        }
    }

    /// The defaults with this server as the language model, and these settings besides.
    pub(crate) fn config(&self, settings: &[(&str, &str)]) -> Config {
        config(&self.base_url, settings)
    }

    /// Where the server is.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The requests, for whoever gives the server away.
    pub(crate) fn log(&self) -> Log {
        Log(Arc::clone(&self.state))
    }

    /// The bodies of the requests so far.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.log().bodies()
    }

    /// The `Authorization` header of the first request.
    pub(crate) fn authorization(&self) -> Option<String> {
        let requests = self.state.requests.lock().unwrap();
        requests[0]
            .0
            .get("authorization")
            .map(|value| value.to_str().unwrap().to_owned())
    }

    /// Waits until so many requests have come.
    pub(crate) async fn received(&self, count: usize) {
        self.state
            .received
            .subscribe()
            .wait_for(|received| *received >= count)
            .await
            .unwrap();
    }
}

/// The defaults with the language model at this address, which plans no searches where it is not told to.
pub(crate) fn config(base_url: &str, settings: &[(&str, &str)]) -> Config {
    let mut environment: HashMap<String, String> = settings
        .iter()
        .map(|(key, value)| {
            (
                format!("EPIBOT__{}", key.to_uppercase().replace('.', "__")),
                (*value).to_owned(),
            )
        })
        .collect();
    environment.insert("EPIBOT__LLM__BASE_URL".to_owned(), base_url.to_owned());
    environment
        .entry("EPIBOT__LLM__MODEL".to_owned())
        .or_insert_with(|| "scripted".to_owned());
    environment
        .entry("EPIBOT__RETRIEVAL__PLANNER".to_owned())
        .or_insert_with(|| "off".to_owned());
    config::load::load_from(None, Some(environment)).unwrap()
}

/// A stream that says these words, one event for each, and ends as it should.
pub(crate) fn says(words: &[&str]) -> Script {
    let mut bytes = Vec::new();
    for word in words {
        bytes.extend(event(&delta(&json!({ "content": word }))));
    }
    bytes.extend(ending("stop"));
    Script::Stream(vec![Step::Send(bytes)])
}

/// A stream that calls tools, each with its arguments as text, in pieces as servers send them.
pub(crate) fn calls(calls: &[(&str, &str)]) -> Script {
    let mut bytes = Vec::new();
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let id = format!("call-{index}-{}", name.len() + arguments.len());
        let begin = json!([{"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": ""}}]);
        bytes.extend(event(&delta(&json!({ "tool_calls": begin }))));
        let middle = arguments.char_indices().nth(arguments.chars().count() / 2);
        let (one, other) = arguments.split_at(middle.map_or(0, |(at, _)| at));
        for piece in [one, other] {
            let piece = json!([{"index": index, "function": {"arguments": piece}}]);
            bytes.extend(event(&delta(&json!({ "tool_calls": piece }))));
        }
    }
    bytes.extend(ending("tool_calls"));
    Script::Stream(vec![Step::Send(bytes)])
}

/// The bytes of one event.
pub(crate) fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// A chunk with this delta.
pub(crate) fn delta(delta: &Value) -> Value {
    json!({ "id": "x", "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

/// The last events: why it ends, the tokens counted, the end.
pub(crate) fn ending(reason: &str) -> Vec<u8> {
    let finish = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] });
    let usage = json!({ "choices": [], "usage": { "prompt_tokens": 120, "completion_tokens": 7, "total_tokens": 127 } });
    [event(&finish), event(&usage), b"data: [DONE]\n\n".to_vec()].concat()
}

/// The bytes in pieces of this size, wherever that cuts them.
pub(crate) fn in_pieces(bytes: &[u8], size: usize) -> Vec<Step> {
    bytes
        .chunks(size)
        .map(|piece| Step::Send(piece.to_vec()))
        .collect()
}

async fn complete(
    State(state): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let body = serde_json::from_slice(&body).unwrap();
    let script = (state.choice.lock().unwrap())(&body);
    state.requests.lock().unwrap().push((headers, body));
    state.received.send_modify(|received| *received += 1);
    match script {
        Script::Silence => std::future::pending().await,
        Script::Status(status, headers, body) => {
            let response = Response::builder().status(status);
            headers
                .iter()
                .fold(response, |response, (name, value)| {
                    response.header(*name, value)
                })
                .body(Body::from(body))
                .unwrap()
        }
        Script::Stream(steps) => Response::builder()
            .header("content-type", "text/event-stream")
            .body(Body::from_stream(stream::iter(steps).then(perform)))
            .unwrap(),
    }
}

async fn perform(step: Step) -> io::Result<Vec<u8>> {
    // Gives the piece before its way onto the wire.
    tokio::task::yield_now().await;
    match step {
        Step::Send(bytes) => Ok(bytes),
        Step::Pause(pause) => {
            tokio::time::sleep(pause).await;
            Ok(Vec::new())
        }
        Step::Cut => Err(io::Error::other("cut by script")),
        Step::Hang => std::future::pending().await,
    }
}
