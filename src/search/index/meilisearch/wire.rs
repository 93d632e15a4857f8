//! The transport below the Meilisearch library: our HTTP client with timeouts, retries and `Retry-After`. It also sends
//! the requests that the library does not support.

use std::error::Error;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable};
use futures::io::{AsyncRead, AsyncReadExt};
use meilisearch_sdk::errors::Error as SdkError;
use meilisearch_sdk::request::{HttpClient, Method};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::bytes::Bytes;

use super::error::MeilisearchError;
use crate::config;
use crate::runtime::http;

/// Pause before the second attempt; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Longest pause of a search, for which a person waits.
const MAX_PAUSE: Duration = Duration::from_secs(3);
/// Longest pause of a write, for which nobody waits; servers restart and are updated.
const MAX_PATIENT_PAUSE: Duration = Duration::from_secs(30);
/// How many times more often writes are attempted.
const WRITE_ATTEMPTS_FACTOR: usize = 3;
/// Timeout of sending a batch of documents.
const WRITE_TIMEOUT: Duration = Duration::from_mins(2);

/// Purpose of a client, which decides its key, timeout and number of attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Search,
    Write,
}

/// A client of one server with one key.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    http: reqwest::Client,
    address: String,
    purpose: Purpose,
    timeout: Duration,
    attempts: usize,
}

impl Wire {
    pub(super) fn new(
        config: &config::index::Meilisearch,
        purpose: Purpose,
    ) -> anyhow::Result<Self> {
        let key = match purpose {
            Purpose::Search => config.search_key.as_ref().or(config.index_key.as_ref()),
            Purpose::Write => config.index_key.as_ref(),
        };
        Self::with_key(config, purpose, key)
    }

    pub(super) fn with_key(
        config: &config::index::Meilisearch,
        purpose: Purpose,
        key: Option<&config::secret::Secret>,
    ) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose())).context(
                "a key of Meilisearch holds characters that no request can carry; copy it again",
            )?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let (timeout, attempts) = match purpose {
            Purpose::Search => (
                Duration::from_secs(config.search_timeout_s),
                config.attempts,
            ),
            Purpose::Write => (WRITE_TIMEOUT, config.attempts * WRITE_ATTEMPTS_FACTOR),
        };
        let http = http::client()
            .connect_timeout(Duration::from_secs(config.connect_timeout_s))
            .timeout(timeout)
            .redirect(Policy::none())
            .default_headers(headers)
            .build()
            .context("the HTTP client for Meilisearch cannot be set up")?;
        Ok(Self {
            http,
            address: config.url.trim_end_matches('/').to_owned(),
            purpose,
            timeout,
            attempts,
        })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Gets a path of the server that the library does not support.
    pub(super) async fn get<Output: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Output, MeilisearchError> {
        let bytes = self
            .retried(reqwest::Method::GET, path, Vec::new(), JSON)
            .await?;
        self.read(&bytes)
    }

    /// Sends a body to a path that the library does not support.
    pub(super) async fn send<Output: DeserializeOwned>(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<Output, MeilisearchError> {
        let body = serde_json::to_vec(body).map_err(|error| self.malformed(&error))?;
        let bytes = self.retried(method, path, body, JSON).await?;
        self.read(&bytes)
    }

    async fn retried(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Vec<u8>,
        content_type: &str,
    ) -> Result<Vec<u8>, MeilisearchError> {
        let patient = self.purpose == Purpose::Write;
        let max_pause = if patient {
            MAX_PATIENT_PAUSE
        } else {
            MAX_PAUSE
        };
        // Swapping twice would undo the swap.
        let is_idempotent = !path.starts_with("/swap-indexes");
        let body = Bytes::from(body);
        let pauses = ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(max_pause)
            .with_max_times(self.attempts.saturating_sub(1));
        (|| self.once(method.clone(), path, body.clone(), content_type))
            .retry(pauses)
            .when(|error| error.is_retryable(patient, is_idempotent, max_pause))
            .adjust(|error, pause| pause.map(|pause| error.retry_after().unwrap_or(pause)))
            .notify(|error, pause| {
                tracing::debug!(%error, pause_ms = pause.as_millis(), "retrying a request to Meilisearch");
            })
            .await
    }

    async fn once(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Bytes,
        content_type: &str,
    ) -> Result<Vec<u8>, MeilisearchError> {
        let mut request = self.http.request(method, format!("{}{path}", self.address));
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, content_type).body(body);
        }
        let response = request.send().await.map_err(|error| self.broken(&error))?;
        let (status, after) = (response.status(), http::retry_after(response.headers()));
        let bytes = response
            .bytes()
            .await
            .map_err(|error| self.broken(&error))?;
        if status.is_success() {
            return Ok(bytes.into());
        }
        Err(self.refusal(status.as_u16(), after, &bytes))
    }

    fn refusal(&self, status: u16, after: Option<Duration>, body: &[u8]) -> MeilisearchError {
        if matches!(status, 429 | 503) {
            return MeilisearchError::Busy { after };
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        let (code, message) = (text("code"), text("message"));
        if code.is_empty() && status == 404 {
            return self.malformed(&"it does not know the address that was asked for");
        }
        let setting = match self.purpose {
            Purpose::Search => "meilisearch.search_key",
            Purpose::Write => "meilisearch.index_key",
        };
        MeilisearchError::of_code(status, &code, message, setting)
    }

    fn broken(&self, error: &reqwest::Error) -> MeilisearchError {
        let address = self.address.clone();
        if error.is_timeout() && !error.is_connect() {
            return MeilisearchError::Silent {
                address,
                seconds: self.timeout.as_secs(),
            };
        }
        let mut cause: &dyn Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        MeilisearchError::Unreachable {
            address,
            cause: cause.to_string(),
        }
    }

    fn read<Output: DeserializeOwned>(&self, bytes: &[u8]) -> Result<Output, MeilisearchError> {
        let bytes = if bytes.is_empty() { b"null" } else { bytes };
        serde_json::from_slice(bytes).map_err(|error| self.malformed(&error))
    }

    fn malformed(&self, cause: &dyn ToString) -> MeilisearchError {
        MeilisearchError::Malformed {
            address: self.address.clone(),
            cause: cause.to_string(),
        }
    }
}

const JSON: &str = "application/json";

#[async_trait]
impl HttpClient for Wire {
    async fn stream_request<Query, Body, Output>(
        &self,
        url: &str,
        method: Method<Query, Body>,
        content_type: &str,
        _expected_status: u16,
    ) -> Result<Output, SdkError>
    where
        Query: Serialize + Send + Sync,
        Body: AsyncRead + Send + Sync + 'static,
        Output: DeserializeOwned + 'static,
    {
        let verb = match &method {
            Method::Get { .. } => reqwest::Method::GET,
            Method::Post { .. } => reqwest::Method::POST,
            Method::Patch { .. } => reqwest::Method::PATCH,
            Method::Put { .. } => reqwest::Method::PUT,
            Method::Delete { .. } => reqwest::Method::DELETE,
        };
        let unsendable = |error: &dyn ToString| SdkError::from(self.malformed(error));
        let query = serde_json::to_value(method.query()).map_err(|error| unsendable(&error))?;
        let path = with_query(url.strip_prefix(&self.address).unwrap_or(url), &query);
        let mut bytes = Vec::new();
        if let Some(body) = method.into_body() {
            Box::pin(body)
                .read_to_end(&mut bytes)
                .await
                .map_err(|error| unsendable(&error))?;
        }
        let answer = self.retried(verb, &path, bytes, content_type).await?;
        Ok(self.read(&answer)?)
    }

    fn is_tokio(&self) -> bool {
        true
    }
}

/// Appends the non-null fields of `query` to a path.
fn with_query(path: &str, query: &Value) -> String {
    let fields = query.as_object().into_iter().flatten();
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.filter(|(_, value)| !value.is_null()) {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        pairs.append_pair(name, &text);
    }
    match pairs.finish() {
        pairs if pairs.is_empty() => path.to_owned(),
        pairs => format!("{path}?{pairs}"),
    }
}
