//! A server that embeds texts by a small dictionary of the trade: words of one meaning, in either language, point the
//! same way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use epibot::config;
use epibot::config::settings::Config;
use epibot::runtime::lifecycle::Lifecycle;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Words of one meaning each; a word of none of them adds nothing.
const MEANINGS: &[&[&str]] = &[
    &["susceptor", "서셉터", "wafer carrier"],
    &["bake", "baking", "굽", "구워", "베이크"],
    &["pump", "펌프"],
    &["oil", "오일", "윤활"],
    &["leak", "leaking", "누설", "새는", "샌다"],
    &["filter", "필터"],
    &["replace", "exchange", "교체", "갈아"],
];

/// A running server with the texts that it was sent.
pub(crate) struct Embeddings {
    base_url: String,
    state: Arc<Shared>,
    _lifecycle: Lifecycle,
}

struct Shared {
    texts: Mutex<Vec<String>>,
    status: Mutex<u16>,
    dimensions: Mutex<usize>,
}

impl Embeddings {
    pub(crate) async fn start() -> Self {
        let state = Arc::new(Shared {
            texts: Mutex::default(),
            status: Mutex::new(200),
            dimensions: Mutex::new(8),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/embeddings", post(embed))
            .with_state(state.clone());
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("embeddings", async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            base_url,
            state,
            _lifecycle: lifecycle,
        }
    }

    /// The defaults with this model.
    pub(crate) fn config(&self, model: &str) -> Config {
        let environment = [
            ("EPIBOT__EMBEDDINGS__BASE_URL", self.base_url.as_str()),
            ("EPIBOT__EMBEDDINGS__MODEL", model),
            ("EPIBOT__EMBEDDINGS__BATCH", "2"),
            ("EPIBOT__EMBEDDINGS__ATTEMPTS", "1"),
        ];
        let environment: HashMap<String, String> = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        config::load::load_from(None, Some(environment)).unwrap()
    }

    /// From now on it answers with this status.
    pub(crate) fn answer_with(&self, status: u16) {
        *self.state.status.lock().unwrap() = status;
    }

    /// From now on its vectors are so long.
    pub(crate) fn set_dimensions(&self, dimensions: usize) {
        *self.state.dimensions.lock().unwrap() = dimensions;
    }

    /// The texts since the last look.
    pub(crate) fn texts(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.texts.lock().unwrap())
    }
}

async fn embed(
    State(state): State<Arc<Shared>>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let status = StatusCode::from_u16(*state.status.lock().unwrap()).unwrap();
    if !status.is_success() {
        return (status, Json(json!({ "error": { "message": "no" } })));
    }
    let texts: Vec<String> = serde_json::from_value(body["input"].clone()).unwrap();
    let dimensions = *state.dimensions.lock().unwrap();
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| json!({ "index": at, "embedding": vector(text, dimensions) }))
        .collect();
    state.texts.lock().unwrap().extend(texts);
    (
        status,
        Json(json!({ "object": "list", "data": data, "model": body["model"] })),
    )
}

fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let text = text.to_lowercase();
    let mut vector = vec![0.0; dimensions];
    // What is said beside the meanings: nothing points nowhere.
    vector[MEANINGS.len()] = 0.2;
    for (number, words) in vector.iter_mut().zip(MEANINGS) {
        if words.iter().any(|word| text.contains(word)) {
            *number = 1.0;
        }
    }
    vector
}
