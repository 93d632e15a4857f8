//! Runs all questions of a set, and computes the metrics over all of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::calibrate::SearchEvidence;
use super::case::{Case, Granularity, Location};
use super::metrics::{self, Gains, Latency, Ranking};
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::domain::question::Question;
use crate::domain::search_params::SearchParams;
use crate::llm::client::Llm;
use crate::search::index::Index;
use crate::search::retrieve::{Retriever, SearchOutcome};

/// How many passages are examined for each question. Several may come from one location, which counts once.
const DEPTH: usize = 50;
/// Ranks of the recall curve.
const CURVE: usize = 10;

/// An index with questions about its documents.
#[derive(Clone)]
pub struct Dataset<'a> {
    pub index: Arc<dyn Index>,
    pub config: &'a Config,
    pub answerable: &'a [Case],
    /// Questions that the documents do not answer, if there are any.
    pub unanswerable: Option<&'a [Case]>,
}

/// The outcome of all questions with one set of parameters.
#[derive(Clone, Debug)]
pub struct Score {
    pub answerable: Run,
    pub unanswerable: Option<Run>,
    /// The minimum answerability score at which a question is answered.
    pub min_evidence: f32,
}

/// The results of the searches for a list of questions.
#[derive(Clone, Debug)]
pub struct Run {
    found: Vec<Vec<Location>>,
    evidence: Vec<SearchEvidence>,
    durations: Vec<Duration>,
}

/// Asks all questions of a dataset with these parameters.
///
/// # Errors
/// There is no question, the retriever cannot be built, or a search fails.
pub async fn score(params: &SearchParams, dataset: &Dataset<'_>) -> anyhow::Result<Score> {
    let mut config = dataset.config.clone();
    config.retrieval.params = *params;
    let llm = Llm::new(&config.llm)?;
    let retriever = Retriever::new(Arc::clone(&dataset.index), llm.as_ref(), &config)?;
    Ok(Score {
        answerable: run(&retriever, dataset.answerable).await?,
        unanswerable: match dataset.unanswerable {
            Some(cases) => Some(run(&retriever, cases).await?),
            None => None,
        },
        min_evidence: retriever.min_evidence(),
    })
}

/// Runs every question once, after one search to warm up the engine.
async fn run(retriever: &Retriever, cases: &[Case]) -> anyhow::Result<Run> {
    let first = cases.first().context("there is no question to ask")?;
    search(retriever, &first.question).await?;
    let mut run = Run {
        found: Vec::with_capacity(cases.len()),
        evidence: Vec::with_capacity(cases.len()),
        durations: Vec::with_capacity(cases.len()),
    };
    for case in cases {
        let begin = Instant::now();
        let outcome = search(retriever, &case.question).await?;
        run.durations.push(begin.elapsed());
        let hits = &outcome.results.hits;
        run.evidence.push(SearchEvidence {
            score: outcome.answerability.score,
            exact: hits.iter().any(|hit| hit.exact),
            similarity: outcome.results.similarity,
        });
        let locations = hits.iter().map(|hit| Location::of_passage(&hit.passage));
        run.found.push(locations.collect());
    }
    Ok(run)
}

impl Run {
    /// The ranking metrics over all cases.
    #[must_use]
    pub fn ranking(&self, cases: &[Case], granularity: Granularity) -> Ranking {
        metrics::ranking(&self.gains(cases, granularity))
    }

    /// Recall among the first 1, 2, … 10.
    #[must_use]
    pub fn recall_curve(&self, cases: &[Case], granularity: Granularity) -> Vec<f64> {
        metrics::recall_curve(&self.gains(cases, granularity), CURVE)
    }

    fn gains(&self, cases: &[Case], granularity: Granularity) -> Vec<Gains> {
        let lists = cases.iter().zip(&self.found);
        lists
            .map(|(case, found)| case.gains(found, granularity))
            .collect()
    }

    /// The questions that find nothing relevant among the first `cut`.
    pub fn missed<'a>(
        &'a self,
        cases: &'a [Case],
        granularity: Granularity,
        cut: usize,
    ) -> impl Iterator<Item = &'a str> {
        let lists = cases.iter().zip(&self.found);
        lists.filter_map(move |(case, found)| {
            let ranks = case.gains(found, granularity).ranks;
            let is_found = ranks.iter().take(cut).any(|gain| *gain > 0.0);
            (!is_found).then_some(case.question.as_str())
        })
    }

    /// The evidence that each search found for an answer.
    #[must_use]
    pub fn evidence(&self) -> &[SearchEvidence] {
        &self.evidence
    }

    /// The durations of all searches in milliseconds, the shortest first.
    #[must_use]
    pub fn times_ms(&self) -> Vec<f64> {
        metrics::sorted_ms(&self.durations)
    }

    #[must_use]
    pub fn latency(&self) -> Latency {
        metrics::latency(&self.durations)
    }
}

async fn search(retriever: &Retriever, question: &str) -> anyhow::Result<SearchOutcome> {
    let question = Question {
        text: question.to_owned(),
        conversation: Vec::new(),
        access: Access::Everything,
    };
    retriever.search(&question, DEPTH).await
}
