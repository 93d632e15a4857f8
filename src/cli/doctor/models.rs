//! Checks the models with a short request to each.

use std::time::Duration;

use tokio::time::Instant;

use super::finding::Finding;
use crate::config::settings::Config;
use crate::llm::client::Llm;
use crate::llm::error::LlmError;
use crate::llm::message::{Message, Role};
use crate::runtime::clock::Clock;
use crate::search::embed::Embedder;
use crate::search::rerank::try_reranker;

const LLM: &str = "model";
const EMBEDDINGS: &str = "embeddings";
const RERANK: &str = "rerank";
/// Time to the first token above which the model is reported as slow.
const SLOW: Duration = Duration::from_secs(10);

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let (model, embeddings, rerank) =
        tokio::join!(model(config), embeddings(config), rerank(config));
    vec![model, embeddings, rerank]
}

async fn model(config: &Config) -> Finding {
    let llm = match Llm::new(&config.llm) {
        Ok(Some(llm)) => llm,
        Ok(None) => {
            return Finding::off(LLM, "none is configured: answers quote the best passages");
        }
        Err(error) => return Finding::failed(LLM, &error),
    };
    let (model, url) = (&config.llm.model, &config.llm.base_url);
    match try_model(&llm).await {
        Ok((first, tokens)) => {
            let says = format!(
                "{model} at {url} answered after {} ms{}",
                first.as_millis(),
                if tokens {
                    ""
                } else {
                    ", without telling its tokens"
                }
            );
            if first > SLOW {
                Finding::warning(
                    LLM,
                    says,
                    "give the server more to work with, or name a smaller llm.model",
                )
            } else {
                Finding::ok(LLM, says)
            }
        }
        Err(error) => Finding::problem(LLM, format!("{model} at {url}: {error}"), fix(&error)),
    }
}

/// Asks for a word; returns the time to the first token, and whether the server reports token counts.
async fn try_model(llm: &Llm) -> Result<(Duration, bool), LlmError> {
    let message = Message::new(Role::User, "Reply with the single word OK.".to_owned());
    let started = Instant::now();
    let mut reply = llm.ask(&[message]).await?;
    let first = started.elapsed();
    while reply.next().await?.is_some() {}
    Ok((first, reply.usage().completion_tokens > 0))
}

fn fix(error: &LlmError) -> &'static str {
    match error {
        LlmError::Unreachable(_) => "start the server, or correct llm.base_url, which ends in /v1",
        LlmError::Refused {
            status: 401 | 403, ..
        } => "put a valid key where llm.api_key points",
        LlmError::Refused { status: 404, .. } => {
            "correct llm.base_url, or llm.model, which the server does not know"
        }
        LlmError::Refused { .. } => "look into the log of the model's server",
        LlmError::RateLimited { .. } => {
            "ask for a higher limit at the provider, or use another llm.model"
        }
        LlmError::Stalled { .. } => {
            "give the server more to work with, or raise llm.first_token_timeout_s"
        }
        LlmError::Interrupted | LlmError::Malformed(_) | LlmError::NoTools => {
            "see whether an OpenAI-compatible server answers at llm.base_url, and no proxy cuts its stream"
        }
    }
}

async fn embeddings(config: &Config) -> Finding {
    let url = &config.embeddings.base_url;
    if url.is_empty() {
        return Finding::off(
            EMBEDDINGS,
            "none are configured: passages are found by their words",
        );
    }
    // A temporary cache, since the embedding of the test question is not needed later.
    let embedding = async {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("embeddings.sqlite");
        let embedder = Embedder::open(&config.embeddings, &file, Clock::system()).await?;
        let started = Instant::now();
        let vector = match embedder {
            Some(embedder) => embedder.question("How is the reactor purged?").await?,
            None => Vec::new(),
        };
        anyhow::Ok((vector.len(), started.elapsed()))
    };
    match embedding.await {
        Ok((numbers, took)) => Finding::ok(
            EMBEDDINGS,
            format!(
                "{} at {url} gave {numbers} numbers after {} ms",
                config.embeddings.model,
                took.as_millis()
            ),
        ),
        Err(error) => Finding::failed(EMBEDDINGS, &error),
    }
}

async fn rerank(config: &Config) -> Finding {
    let url = &config.rerank.base_url;
    let started = Instant::now();
    match try_reranker(&config.rerank).await {
        Ok(false) => Finding::off(
            RERANK,
            "none is configured: passages stay as the search orders them",
        ),
        Ok(true) => Finding::ok(
            RERANK,
            format!(
                "{url} ordered two passages after {} ms",
                started.elapsed().as_millis()
            ),
        ),
        Err(error) => Finding::problem(
            RERANK,
            format!("{error:#}"),
            "start the server, or correct rerank.base_url and rerank.model; answers go without it",
        ),
    }
}
