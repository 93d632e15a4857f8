//! A server that behaves as Meilisearch does, as far as epibot asks it for anything, and fails by script.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use epibot::config;
use epibot::config::secret::Secret;
use epibot::config::settings::Config;
use epibot::runtime::lifecycle::Lifecycle;
use epibot::search::index::meilisearch::create_keys;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::requirement::Requirement;

/// What goes wrong with the next request to a path.
pub(crate) enum Fault {
    /// It is answered with this status, headers and body.
    Status(u16, Vec<(&'static str, &'static str)>, Value),
    /// Its task fails with this code.
    Task(&'static str),
    /// It is never answered.
    Silence,
}

/// A running server with what it holds and was asked.
pub(crate) struct FakeMeilisearch {
    url: String,
    state: Arc<Shared>,
    lifecycle: Lifecycle,
}

#[derive(Default)]
struct Shared {
    held: Mutex<Held>,
    faults: Mutex<Vec<(&'static str, VecDeque<Fault>)>>,
    requests: Mutex<Vec<(String, Value)>>,
    version: Mutex<String>,
}

#[derive(Default)]
struct Held {
    indexes: BTreeMap<String, Documents>,
    settings: BTreeMap<String, Value>,
    /// The error of each task, and how often it is still said to be at work.
    tasks: Vec<(Option<&'static str>, u8)>,
    /// Tasks that a key for single indexes may not look at.
    hidden: BTreeSet<usize>,
    /// What is set up for vectors, by index.
    embedders: BTreeMap<String, Value>,
    /// Tells indexes apart wherever they are swapped to.
    made: BTreeMap<String, usize>,
}

type Documents = BTreeMap<String, Value>;

impl FakeMeilisearch {
    pub(crate) async fn start() -> Self {
        let state = Arc::new(Shared::default());
        "1.50.0".clone_into(&mut state.version.lock().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(state.clone());
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("Meilisearch", async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            url,
            state,
            lifecycle,
        }
    }

    /// The defaults with this server as the engine, and these settings besides.
    pub(crate) fn config(&self, settings: &[(&str, &str)]) -> Config {
        config(&self.url, settings)
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on it says that it has this version.
    pub(crate) fn set_version(&self, version: &str) {
        version.clone_into(&mut self.state.version.lock().unwrap());
    }

    /// What goes wrong with the next requests whose method and path begin so.
    pub(crate) fn fail(&self, request: &'static str, faults: impl IntoIterator<Item = Fault>) {
        let faults = faults.into_iter().collect();
        self.state.faults.lock().unwrap().push((request, faults));
    }

    /// Nothing goes wrong any more.
    pub(crate) fn mend(&self) {
        self.state.faults.lock().unwrap().clear();
    }

    /// Method, path and body of every request so far.
    pub(crate) fn requests(&self) -> Vec<(String, Value)> {
        self.state.requests.lock().unwrap().clone()
    }

    /// The names of the indexes.
    pub(crate) fn indexes(&self) -> Vec<String> {
        self.state
            .held
            .lock()
            .unwrap()
            .indexes
            .keys()
            .cloned()
            .collect()
    }

    /// Changes a record behind the program's back.
    pub(crate) fn set(&self, index: &str, key: &str, record: Value) {
        let mut held = self.state.held.lock().unwrap();
        held.indexes
            .get_mut(index)
            .unwrap()
            .insert(key.to_owned(), record);
    }

    pub(crate) fn stop(&self) {
        self.lifecycle.stop();
    }
}

/// The defaults with the server at this address as the engine.
pub(crate) fn config(url: &str, settings: &[(&str, &str)]) -> Config {
    let mut environment: HashMap<String, String> = settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    environment.insert("EPIBOT__INDEX__ENGINE".to_owned(), "meilisearch".to_owned());
    environment.insert("EPIBOT__MEILISEARCH__URL".to_owned(), url.to_owned());
    config::load::load_from(None, Some(environment)).unwrap()
}

/// The defaults with the real server that `EPIBOT_TEST_MEILI_URL` names as the engine, with keys of least privilege where
/// `EPIBOT_TEST_MEILI_KEY` is its master key, and indexes whose names begin so.
pub(crate) async fn real(prefix: &str) -> Option<Config> {
    let Ok(url) = std::env::var("EPIBOT_TEST_MEILI_URL") else {
        Requirement::MEILISEARCH.skip();
        return None;
    };
    let prefix = format!("{prefix}{}_", std::process::id());
    let mut config = config(&url, &[("EPIBOT__MEILISEARCH__PREFIX", &prefix)]);
    if let Ok(master) = std::env::var("EPIBOT_TEST_MEILI_KEY") {
        let keys = create_keys(&config.meilisearch, &Secret::new(master))
            .await
            .unwrap();
        config.meilisearch.search_key = Some(keys.search);
        config.meilisearch.index_key = Some(keys.index);
    }
    Some(config)
}

async fn answer(
    State(state): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    _headers: HeaderMap,
    body: Bytes,
) -> Response<String> {
    let request = format!("{method} {}", uri.path());
    let lines: Vec<Value> = serde_json::Deserializer::from_slice(&body)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let body = match lines.as_slice() {
        [] => Value::Null,
        [only] => only.clone(),
        many => many.to_vec().into(),
    };
    state
        .requests
        .lock()
        .unwrap()
        .push((request.clone(), body.clone()));
    let mut failing = None;
    match state.next_fault(&request) {
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Status(status, headers, body)) => return reply(status, &headers, &body),
        Some(Fault::Task(code)) => failing = Some(code),
        None => {}
    }
    let version = state.version.lock().unwrap().clone();
    let (status, answer) = state
        .held
        .lock()
        .unwrap()
        .handle(&request, &body, &version, failing);
    reply(status, &[], &answer)
}

fn reply(status: u16, headers: &[(&str, &str)], body: &Value) -> Response<String> {
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let body = body
        .as_str()
        .map_or_else(|| body.to_string(), str::to_owned);
    response.body(body).unwrap()
}

impl Shared {
    fn next_fault(&self, request: &str) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let (_, queue) = faults
            .iter_mut()
            .find(|(path, queue)| request.starts_with(path) && !queue.is_empty())?;
        queue.pop_front()
    }
}

impl Held {
    fn handle(
        &mut self,
        request: &str,
        body: &Value,
        version: &str,
        failing: Option<&'static str>,
    ) -> (u16, Value) {
        let (method, path) = request.split_once(' ').unwrap();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        if let Some(code) = failing {
            return self.task(Some(code));
        }
        match (method, parts.as_slice()) {
            ("GET", ["version"]) => (
                200,
                json!({ "pkgVersion": version, "commitSha": "", "commitDate": "" }),
            ),
            ("GET", ["tasks", number]) => self.look_at(number.parse().unwrap()),
            ("GET", ["batches"]) => (
                200,
                json!({ "results": [{ "progress": { "percentage": 50.0 } }] }),
            ),
            ("POST", ["indexes"]) => {
                let uid = text(body, "uid");
                if self.indexes.contains_key(&uid) {
                    return self.task(Some("index_already_exists"));
                }
                self.made.insert(uid.clone(), self.tasks.len());
                self.indexes.insert(uid, Documents::new());
                self.task(None)
            }
            ("POST", ["swap-indexes"]) => {
                let names = body[0]["indexes"].as_array().unwrap();
                let names: Vec<&str> = names.iter().map(|name| name.as_str().unwrap()).collect();
                let one = self.indexes.remove(names[0]).unwrap();
                let other = self.indexes.remove(names[1]).unwrap();
                self.indexes.insert(names[0].to_owned(), other);
                self.indexes.insert(names[1].to_owned(), one);
                let (one, other) = (self.made[names[0]], self.made[names[1]]);
                self.made
                    .extend([(names[0].to_owned(), other), (names[1].to_owned(), one)]);
                self.hidden.insert(self.tasks.len());
                let settings = names.iter().map(|name| self.settings.remove(*name));
                let settings: Vec<Option<Value>> = settings.collect();
                for (name, settings) in names.iter().rev().zip(settings) {
                    self.settings
                        .extend(settings.map(|settings| ((*name).to_owned(), settings)));
                }
                self.task(None)
            }
            ("POST", ["multi-search"]) => self.multi_search(body),
            // What is no matter of single indexes is refused to a key for single indexes.
            ("POST", ["keys"]) if body["actions"].to_string().contains("\"version\"") => (
                400,
                error(
                    "index_scoped_api_key_with_global_action",
                    "remove `version`",
                ),
            ),
            ("POST", ["keys"]) => (201, key(body)),
            ("GET", ["indexes", index]) if self.indexes.contains_key(*index) => {
                let made = format!("2026-01-01T00:00:{:09}Z", self.made[*index]);
                (200, json!({ "uid": index, "createdAt": made }))
            }
            (_, ["indexes", index, "settings", "embedders"]) => self.embedders(method, index, body),
            ("PATCH", ["indexes", index, "settings"]) => {
                self.settings.insert((*index).to_owned(), body.clone());
                self.task(None)
            }
            ("DELETE", ["indexes", index]) => {
                let error = self
                    .indexes
                    .remove(*index)
                    .is_none()
                    .then_some("index_not_found");
                self.task(error)
            }
            (_, ["indexes", index, "documents", rest @ ..]) => {
                let Some(documents) = self.indexes.get_mut(*index) else {
                    return missing(index);
                };
                let has_vectors = self.embedders.contains_key(*index);
                match (method, rest) {
                    ("POST", []) => add(documents, body, has_vectors),
                    ("PUT", []) => update(documents, body),
                    ("DELETE", []) => documents.clear(),
                    ("POST", ["delete"]) => {
                        let filter = text(body, "filter");
                        documents.retain(|_, document| !passes(document, &filter));
                    }
                    ("POST", ["fetch"]) => return fetch(documents, body),
                    ("GET", [key]) => {
                        return match documents.get(*key) {
                            Some(document) => (200, document.clone()),
                            None => (404, error("document_not_found", "Document not found.")),
                        };
                    }
                    _ => panic!("{request}"),
                }
                self.task(None)
            }
            (_, ["indexes", index]) => missing(index),
            _ => panic!("epibot asks for {request}, which this server does not know"),
        }
    }

    fn embedders(&mut self, method: &str, index: &str, change: &Value) -> (u16, Value) {
        if method == "GET" {
            let embedders = self.embedders.get(index).cloned();
            return (200, embedders.unwrap_or_else(|| json!({})));
        }
        if method == "DELETE" {
            self.embedders.remove(index);
            return self.task(None);
        }
        let embedders = self
            .embedders
            .entry(index.to_owned())
            .or_insert_with(|| json!({}));
        for (name, embedder) in change.as_object().unwrap() {
            embedders[name] = embedder.clone();
            if embedder.is_null() {
                embedders.as_object_mut().unwrap().remove(name);
                continue;
            }
            // As the real one does, where vectors of another length are left in the documents.
            for document in self.indexes[index].values() {
                let left = document["_vectors"][name]["embeddings"].as_array();
                let left = left.is_none_or(|left| embedder["dimensions"] == left.len());
                assert!(left, "{document} holds a vector of another length");
            }
        }
        self.task(None)
    }

    fn task(&mut self, error: Option<&'static str>) -> (u16, Value) {
        self.tasks.push((error, 1));
        let accepted = json!({
            "taskUid": self.tasks.len() - 1,
            "indexUid": null,
            "status": "enqueued",
            "type": "indexCreation",
            "enqueuedAt": "2026-01-01T00:00:00Z",
        });
        (202, accepted)
    }

    /// A task is at work when it is looked at for the first time.
    fn look_at(&mut self, number: usize) -> (u16, Value) {
        if self.hidden.contains(&number) {
            return (404, error("task_not_found", "Task not found."));
        }
        let (failed, looks) = &mut self.tasks[number];
        if *looks > 0 {
            *looks -= 1;
            return (200, json!({ "status": "processing", "error": null }));
        }
        match failed {
            Some(code) => (
                200,
                json!({ "status": "failed", "error": error(code, "It failed.") }),
            ),
            None => (200, json!({ "status": "succeeded", "error": null })),
        }
    }

    fn multi_search(&self, body: &Value) -> (u16, Value) {
        let mut results = Vec::new();
        for query in body["queries"].as_array().unwrap() {
            let index = text(query, "indexUid");
            let Some(documents) = self.indexes.get(&index) else {
                return missing(&index);
            };
            let most = self
                .settings
                .get(&index)
                .and_then(|settings| settings["pagination"]["maxTotalHits"].as_u64());
            let embedder = query["hybrid"]["embedder"].as_str();
            if let Some(embedder) = embedder {
                let known = self.embedders.get(&index);
                if known.is_none_or(|known| known[embedder].is_null()) {
                    let error = error("invalid_search_embedder", "Cannot find embedder.");
                    return (400, error);
                }
                results.push(near(documents, query, embedder));
                continue;
            }
            results.push(search(documents, query, most.unwrap_or(1_000)));
        }
        (200, json!({ "results": results }))
    }
}

/// The first word must be there; of the others the last ones may be missing, and more of them is better.
fn search(documents: &Documents, query: &Value, most: u64) -> Value {
    let words: Vec<String> = text(query, "q")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let filter = query["filter"].as_str().unwrap_or_default();
    let mut found: Vec<(usize, &Value)> = Vec::new();
    for document in documents
        .values()
        .filter(|document| passes(document, filter))
    {
        let terms = document["terms"].as_str().unwrap_or_default();
        let holds = |word: &&String| terms.split(' ').any(|term| term == word.as_str());
        let held = words.iter().take_while(holds).count();
        if held > 0 || words.is_empty() {
            found.push((held, document));
        }
    }
    found.sort_by_key(|(held, _)| std::cmp::Reverse(*held));
    let limit = usize::try_from(query["limit"].as_u64().unwrap()).unwrap();
    let fields = query["attributesToRetrieve"].as_array().unwrap();
    let hits: Vec<Value> = found
        .iter()
        .take(limit)
        .map(|(_, document)| {
            let kept = fields.iter().filter_map(|field| {
                let field = field.as_str()?;
                Some((field.to_owned(), document.get(field)?.clone()))
            });
            Value::Object(kept.collect())
        })
        .collect();
    json!({ "hits": hits, "estimatedTotalHits": most.min(found.len() as u64), "processingTimeMs": 0, "query": query["q"] })
}

/// The documents whose vectors are nearest.
fn near(documents: &Documents, query: &Value, embedder: &str) -> Value {
    let numbers = |list: &Value| -> Option<Vec<f64>> {
        let list = list.as_array()?.iter();
        Some(list.map(|number| number.as_f64().unwrap()).collect())
    };
    let sought = numbers(&query["vector"]).unwrap();
    let filter = query["filter"].as_str().unwrap_or_default();
    let mut hits: Vec<(f64, Value)> = documents
        .values()
        .filter(|document| passes(document, filter))
        .filter_map(|document| {
            let vector = numbers(&document["_vectors"][embedder]["embeddings"])?;
            assert_eq!(vector.len(), sought.len());
            let cosine: f64 = vector
                .iter()
                .zip(&sought)
                .map(|(one, other)| one * other)
                .sum();
            let score = f64::midpoint(1.0, cosine);
            Some((
                score,
                json!({ "passage": document["passage"], "_rankingScore": score }),
            ))
        })
        .collect();
    hits.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let limit = usize::try_from(query["limit"].as_u64().unwrap()).unwrap();
    let hits: Vec<Value> = hits.into_iter().take(limit).map(|(_, hit)| hit).collect();
    json!({ "hits": hits, "estimatedTotalHits": hits.len(), "processingTimeMs": 0, "query": query["q"] })
}

/// Filters of the one form that is sent: `field IN [a, b]`, `field = a` and `NOT` before it, joined by `AND`.
fn passes(document: &Value, filter: &str) -> bool {
    filter
        .split(" AND ")
        .filter(|part| !part.is_empty())
        .all(|part| {
            let (part, wanted) = part
                .strip_prefix("NOT ")
                .map_or((part, true), |part| (part, false));
            let (field, values) = part
                .split_once(" IN ")
                .or_else(|| part.split_once(" = "))
                .unwrap_or_else(|| panic!("the filter {filter} cannot be read"));
            let values = values.trim_matches(['[', ']']).split(", ");
            let values: Vec<&str> = values.map(|value| value.trim_matches('"')).collect();
            let held = match &document[field] {
                Value::Array(held) => held.iter().filter_map(Value::as_str).collect(),
                held => held.as_str().into_iter().collect::<Vec<_>>(),
            };
            held.iter().any(|held| values.contains(held)) == wanted
        })
}

/// Changes the fields that are given.
fn update(documents: &mut Documents, body: &Value) {
    let one = std::slice::from_ref(body);
    for change in body.as_array().map_or(one, Vec::as_slice) {
        let document = documents
            .entry(text(change, "key"))
            .or_insert_with(|| json!({}));
        for (field, value) in change.as_object().unwrap() {
            document[field] = value.clone();
        }
    }
}

fn add(documents: &mut Documents, body: &Value, has_vectors: bool) {
    let one = std::slice::from_ref(body);
    for document in body.as_array().map_or(one, Vec::as_slice) {
        let key = text(document, "key");
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        assert!(
            !key.is_empty() && key.bytes().all(fits),
            "the id {key} is refused"
        );
        assert!(
            !has_vectors || document.get("_vectors").is_some(),
            "{key} says nothing of vectors"
        );
        documents.insert(key, document.clone());
    }
}

fn fetch(documents: &Documents, body: &Value) -> (u16, Value) {
    let number = |field: &str| usize::try_from(body[field].as_u64().unwrap_or_default()).unwrap();
    let filter = text(body, "filter");
    let matching: Vec<&Value> = documents
        .values()
        .filter(|document| passes(document, &filter))
        .collect();
    let (offset, limit, total) = (number("offset"), number("limit"), matching.len());
    let page: Vec<&Value> = matching.into_iter().skip(offset).take(limit).collect();
    (
        200,
        json!({ "results": page, "offset": offset, "limit": limit, "total": total }),
    )
}

fn key(body: &Value) -> Value {
    json!({
        "name": body["name"],
        "description": body["description"],
        "key": format!("key of {}", text(body, "name")),
        "uid": "6062abda-a5aa-4414-ac91-ecd7944c0f8d",
        "actions": body["actions"],
        "indexes": body["indexes"],
        "expiresAt": null,
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
    })
}

fn missing(index: &str) -> (u16, Value) {
    (
        404,
        error("index_not_found", &format!("Index `{index}` not found.")),
    )
}

pub(crate) fn error(code: &str, message: &str) -> Value {
    json!({ "message": message, "code": code, "type": "invalid_request", "link": "" })
}

fn text(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_default().to_owned()
}
