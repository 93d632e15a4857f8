//! Reranking: orders passages by a cross-encoder, a model that reads question and passage together.
//!
//! Jina, Cohere, vLLM and Infinity accept the same request at `/rerank`; TEI calls the passages `texts` and returns a plain
//! list. On any failure the order of the search is kept.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reqwest::Client;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::config;
use crate::config::secret::Secret;
use crate::domain::passage::Passage;
use crate::runtime::http;

/// A reranker behind a base address.
pub(crate) struct Reranker {
    client: Client,
    address: String,
    key: Option<Secret>,
    model: String,
    /// Whether the server expects `texts` instead of `documents`; learned from the first response.
    wants_texts: watch::Sender<bool>,
}

/// The score of one passage.
#[derive(Deserialize)]
struct Scored {
    index: usize,
    #[serde(alias = "relevance_score")]
    score: f64,
}

impl Reranker {
    /// Creates the configured reranker; returns `None` if none is configured.
    pub(crate) fn new(config: &config::search::Rerank) -> anyhow::Result<Option<Self>> {
        if config.base_url.is_empty() {
            return Ok(None);
        }
        let client = http::client()
            .timeout(Duration::from_millis(config.timeout_ms))
            .redirect(Policy::none())
            .build()
            .context("the HTTP client for the reranker cannot be set up")?;
        Ok(Some(Self {
            client,
            address: format!("{}/rerank", config.base_url.trim_end_matches('/')),
            key: config.api_key.clone(),
            model: config.model.clone(),
            wants_texts: watch::Sender::new(false),
        }))
    }

    /// Returns the indices of the passages, most relevant first.
    ///
    /// # Errors
    /// If the server does not answer in time, or not with one score for each passage.
    #[tracing::instrument(name = "rerank", level = "info", skip_all)]
    pub(crate) async fn order(
        &self,
        question: &str,
        passages: &[&Passage],
    ) -> anyhow::Result<Vec<usize>> {
        let texts: Vec<String> = passages
            .iter()
            .map(|passage| passage.with_context())
            .collect();
        self.ranked_indexes(question, &texts).await
    }

    async fn ranked_indexes(&self, question: &str, texts: &[String]) -> anyhow::Result<Vec<usize>> {
        let wants_texts = *self.wants_texts.borrow();
        let answer = match self.send(question, texts, wants_texts).await? {
            Ok(answer) => answer,
            // The server expects the other field.
            Err(400 | 422) => {
                let answer = self.send(question, texts, !wants_texts).await?;
                let answer = answer.map_err(refused)?;
                self.wants_texts.send_replace(!wants_texts);
                answer
            }
            Err(status) => return Err(refused(status)),
        };
        order(answer, texts.len())
    }

    /// Orders two texts, to test the server.
    ///
    /// # Errors
    /// As [`Self::order`].
    pub(crate) async fn try_out(&self) -> anyhow::Result<()> {
        let texts = ["The reactor is purged.", "The lid is opened."].map(str::to_owned);
        self.ranked_indexes("purge", &texts).await.map(drop)
    }

    /// Returns the server's response, or the HTTP status of its refusal.
    async fn send(
        &self,
        question: &str,
        texts: &[String],
        wants_texts: bool,
    ) -> anyhow::Result<Result<Value, u16>> {
        let mut body = json!({ "query": question });
        if wants_texts {
            body["texts"] = json!(texts);
            body["truncate"] = json!(true);
        } else {
            body["documents"] = json!(texts);
            body["top_n"] = json!(texts.len());
            body["model"] = json!(self.model);
        }
        let mut request = self.client.post(&self.address).json(&body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose());
        }
        let response = request
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .context("the reranker cannot be reached")?;
        if !response.status().is_success() {
            return Ok(Err(response.status().as_u16()));
        }
        let answer = response
            .json()
            .await
            .map_err(reqwest::Error::without_url)
            .context("the reranker answered with something else than JSON")?;
        Ok(Ok(answer))
    }
}

fn refused(status: u16) -> anyhow::Error {
    anyhow::anyhow!(
        "the reranker refused with status {status}; check rerank.base_url, rerank.model and rerank.api_key"
    )
}

fn order(answer: Value, count: usize) -> anyhow::Result<Vec<usize>> {
    let list = match answer {
        Value::Object(mut object) => object.remove("results").unwrap_or_default(),
        other => other,
    };
    let mut scored: Vec<Scored> =
        serde_json::from_value(list).context("the reranker answered without scores")?;
    ensure!(
        scored.iter().all(|scored| scored.score.is_finite()),
        "the reranker gave a score that is no number"
    );
    scored.sort_by(|one, other| {
        let by_score = other.score.total_cmp(&one.score);
        by_score.then(one.index.cmp(&other.index))
    });
    let order: Vec<usize> = scored.into_iter().map(|scored| scored.index).collect();
    let mut seen = order.clone();
    seen.sort_unstable();
    if !seen.into_iter().eq(0..count) {
        bail!("the reranker did not score each passage once");
    }
    Ok(order)
}

/// Tests the configured reranker with two passages; returns false if none is configured.
///
/// # Errors
/// If it does not answer correctly.
pub async fn try_reranker(config: &config::search::Rerank) -> anyhow::Result<bool> {
    let Some(reranker) = Reranker::new(config)? else {
        return Ok(false);
    };
    reranker.try_out().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_responses_of_all_servers_are_understood() {
        let jina = json!({ "model": "m", "results": [
            { "index": 1, "relevance_score": 0.9 },
            { "index": 0, "relevance_score": 0.1, "document": { "text": "…" } },
        ]});
        let tei = json!([{ "index": 0, "score": -3.0 }, { "index": 1, "score": 2.5 }]);
        for answer in [jina, tei] {
            assert_eq!(order(answer, 2).unwrap(), [1, 0]);
        }
    }

    #[test]
    fn an_answer_that_does_not_fit_the_passages_is_refused() {
        for answer in [
            json!({ "results": [{ "index": 0, "relevance_score": 0.9 }] }),
            json!([{ "index": 0, "score": 1 }, { "index": 0, "score": 2 }]),
            json!([{ "index": 7, "score": 1 }, { "index": 0, "score": 2 }]),
            json!({ "error": "model not loaded" }),
            json!([{ "index": 0, "score": null }, { "index": 1, "score": 2 }]),
            json!("no"),
        ] {
            assert!(order(answer.clone(), 2).is_err(), "{answer}");
        }
    }
}
