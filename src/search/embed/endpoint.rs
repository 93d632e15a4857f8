//! Client of the embedding server.

use std::time::Duration;

use anyhow::{Context, ensure};
use backon::{ExponentialBuilder, Retryable};
use reqwest::Client;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

use crate::config;
use crate::config::secret::Secret;
use crate::runtime::http;

/// Pause before the second attempt; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest pause. Nobody waits for one batch of passages, and a restarted server loads its model for a while.
const MAX_PAUSE: Duration = Duration::from_secs(20);

pub(super) struct Endpoint {
    client: Client,
    address: String,
    key: Option<Secret>,
    model: String,
    dimensions: usize,
    attempts: usize,
}

/// Why a server returned no vectors.
#[derive(Debug, Error)]
enum EmbeddingError {
    /// No connection, or no response.
    #[error(
        "the embedding model cannot be reached: {0}; start its server, or correct embeddings.base_url"
    )]
    Unreachable(String),
    #[error("the embedding model's server has too much to do just now")]
    Busy { after: Option<Duration> },
    #[error(
        "the embedding model's server refused with status {0}; check embeddings.base_url, embeddings.model and \
         embeddings.api_key"
    )]
    Refused(u16),
    #[error("the embedding model's server answered with something else than vectors: {0}")]
    Malformed(String),
}

#[derive(Deserialize)]
struct EmbeddingResponse {
    data: Vec<Embedded>,
}

#[derive(Deserialize)]
struct Embedded {
    #[serde(default)]
    index: Option<usize>,
    embedding: Vec<f32>,
}

impl Endpoint {
    pub(super) fn new(config: &config::search::Embeddings) -> anyhow::Result<Self> {
        let client = http::client()
            .connect_timeout(Duration::from_secs(config.connect_timeout_s))
            .timeout(Duration::from_secs(config.batch_timeout_s))
            .redirect(Policy::none())
            .build()
            .context("the HTTP client for the embedding model cannot be set up")?;
        Ok(Self {
            client,
            address: format!("{}/embeddings", config.base_url.trim_end_matches('/')),
            key: config.api_key.clone(),
            model: config.model.clone(),
            dimensions: config.dimensions,
            attempts: config.attempts,
        })
    }

    /// Requests the vectors of texts, in order, each of unit length.
    ///
    /// # Errors
    /// If the server returns none, or not one for each text.
    pub(super) async fn once(&self, texts: &[&str]) -> anyhow::Result<Vec<Vec<f32>>> {
        Ok(self.send(texts).await?)
    }

    /// As [`Self::once`], retrying temporary failures.
    pub(super) async fn with_retries(&self, texts: &[&str]) -> anyhow::Result<Vec<Vec<f32>>> {
        let pauses = ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(MAX_PAUSE)
            .with_max_times(self.attempts.saturating_sub(1));
        let vectors = (|| self.send(texts))
            .retry(pauses)
            .when(EmbeddingError::is_retryable)
            .adjust(|error, pause| {
                let retry_after = error.retry_after();
                pause.map(|pause| retry_after.unwrap_or(pause).min(MAX_PAUSE))
            })
            .await;
        Ok(vectors?)
    }

    async fn send(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbeddingError> {
        let mut body = json!({ "model": self.model, "input": texts, "encoding_format": "float" });
        if self.dimensions > 0 {
            body["dimensions"] = json!(self.dimensions);
        }
        let mut request = self.client.post(&self.address).json(&body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose());
        }
        let unreachable =
            |error: reqwest::Error| EmbeddingError::Unreachable(error.without_url().to_string());
        let response = request.send().await.map_err(unreachable)?;
        match response.status().as_u16() {
            200..300 => {}
            429 | 503 => {
                let after = http::retry_after(response.headers());
                return Err(EmbeddingError::Busy { after });
            }
            status => return Err(EmbeddingError::Refused(status)),
        }
        let bytes = response.bytes().await.map_err(unreachable)?;
        let malformed = |error: &dyn ToString| EmbeddingError::Malformed(error.to_string());
        let answer: EmbeddingResponse =
            serde_json::from_slice(&bytes).map_err(|error| malformed(&error))?;
        in_order(answer, texts.len()).map_err(|error| malformed(&error))
    }
}

impl EmbeddingError {
    fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Busy { .. } => true,
            Self::Refused(status) => *status >= 500,
            Self::Malformed(_) => false,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { after } => *after,
            _ => None,
        }
    }
}

/// Returns the vectors in the order of their texts, one for each.
fn in_order(answer: EmbeddingResponse, count: usize) -> anyhow::Result<Vec<Vec<f32>>> {
    ensure!(
        answer.data.len() == count,
        "{} vectors for {count} texts",
        answer.data.len()
    );
    let mut vectors = vec![Vec::new(); count];
    let length = answer.data[0].embedding.len();
    for (place, embedded) in answer.data.into_iter().enumerate() {
        let place = embedded.index.unwrap_or(place);
        ensure!(
            vectors.get(place).is_some_and(Vec::is_empty),
            "text {place} twice"
        );
        ensure!(
            embedded.embedding.len() == length,
            "vectors of different lengths"
        );
        vectors[place] = of_unit_length(embedded.embedding)?;
    }
    Ok(vectors)
}

fn of_unit_length(mut vector: Vec<f32>) -> anyhow::Result<Vec<f32>> {
    let length = vector
        .iter()
        .map(|number| number * number)
        .sum::<f32>()
        .sqrt();
    ensure!(
        length.is_finite() && length > 0.0,
        "a vector without a direction"
    );
    for number in &mut vector {
        *number /= length;
    }
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(json: serde_json::Value) -> EmbeddingResponse {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn vectors_are_put_into_the_order_of_the_texts_and_have_unit_length() {
        let vectors = answer(json!({ "data": [
            { "index": 1, "embedding": [0.0, 2.0] },
            { "index": 0, "embedding": [3.0, 4.0] },
        ]}));
        let vectors = in_order(vectors, 2).unwrap();
        assert_eq!(vectors, [vec![0.6, 0.8], vec![0.0, 1.0]]);
    }

    #[test]
    fn vectors_that_do_not_fit_the_texts_are_refused() {
        for (data, count) in [
            (json!([]), 1),
            (
                json!([{ "index": 0, "embedding": [1.0] }, { "index": 0, "embedding": [1.0] }]),
                2,
            ),
            (json!([{ "index": 5, "embedding": [1.0] }]), 1),
            (json!([{ "embedding": [0.0, 0.0] }]), 1),
            (
                json!([{ "embedding": [1.0] }, { "embedding": [1.0, 0.0] }]),
                2,
            ),
        ] {
            let vectors = answer(json!({ "data": data }));
            assert!(in_order(vectors, count).is_err(), "{data}");
        }
    }
}
