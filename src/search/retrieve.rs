//! Retrieval: finds the passages that an answer is based on.

mod context;
mod current;

use std::sync::Arc;
use std::time::Duration;

use super::plan::{self, Plan};
use super::rerank::Reranker;
use crate::config;
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::domain::search_params::SearchParams;
use crate::llm::client::Llm;
use crate::search::answerability;
use crate::search::answerability::AnswerabilityScore;
use crate::search::glossary::Glossary;
use crate::search::index::fusion;
use crate::search::index::{Index, Query, QueryExpansion, SearchResults};
use crate::search::search_text;
use crate::search::trace::{Decision, Recorder, SearchTrace, hit_traces, term_traces};

/// Finds passages by the question, the glossary, the conversation, the plan and the reranker.
pub struct Retriever {
    index: Arc<dyn Index>,
    glossary: Glossary,
    planner: Option<Llm>,
    reranker: Option<Reranker>,
    min_evidence: f32,
    min_similarity: f32,
    config: config::search::Retrieval,
}

/// Access of the person, and number of passages.
#[derive(Clone, Copy)]
struct Scope<'a> {
    access: &'a Access,
    limit: usize,
}

/// The results of a search, with their answerability.
#[derive(Clone, Debug)]
pub struct SearchOutcome {
    pub results: SearchResults,
    pub answerability: AnswerabilityScore,
}

/// The passages for a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// Best first; empty if the evidence is insufficient.
    pub passages: Vec<Passage>,
    /// The nearest passages if the evidence is insufficient, best first.
    pub nearest: Vec<Passage>,
    /// Whether the nearest passages are still worth reading.
    pub may_contain_answer: bool,
}

impl Retriever {
    /// Creates a retriever over the index. Without a language model there is no plan, without a reranker's address no
    /// reranking.
    ///
    /// # Errors
    /// If the glossary cannot be read, or the reranker's HTTP client cannot be set up.
    pub fn new(index: Arc<dyn Index>, llm: Option<&Llm>, config: &Config) -> anyhow::Result<Self> {
        let own = &config.retrieval.glossary;
        let own = Some(own.as_path()).filter(|own| !own.as_os_str().is_empty());
        let planner = llm.filter(|_| config.retrieval.planner == config::search::Planner::Auto);
        Ok(Self {
            index,
            glossary: Glossary::load(own)?,
            planner: planner.cloned(),
            reranker: Reranker::new(&config.rerank)?,
            // A model reads the passages and may still report that the answer is not in them.
            min_evidence: if llm.is_some() {
                config.retrieval.min_evidence_for_model
            } else {
                config.retrieval.min_evidence
            },
            min_similarity: config.embeddings.min_similarity,
            config: config.retrieval.clone(),
        })
    }

    #[must_use]
    pub fn index(&self) -> &dyn Index {
        self.index.as_ref()
    }

    /// Returns the search parameters.
    #[must_use]
    pub fn params(&self) -> &SearchParams {
        &self.config.params
    }

    /// Returns the synonyms that are searched for in addition to the words of a text.
    #[must_use]
    pub fn expansions(&self, text: &str) -> Vec<QueryExpansion> {
        let params = &self.config.params.glossary;
        let mut expansions = self.glossary.expansions(text, params);
        for expansion in &mut expansions {
            expansion.weight *= self.config.glossary_weight;
        }
        expansions.retain(|expansion| expansion.weight > 0.0);
        expansions
    }

    /// Searches for the question, and together with the previous question if it depends on the conversation.
    ///
    /// # Errors
    /// If the index cannot be searched. A failing planner or reranker is skipped.
    pub async fn search(&self, question: &Question, limit: usize) -> anyhow::Result<SearchOutcome> {
        self.search_recorded(question, limit, &mut Recorder::default())
            .await
    }

    /// As [`search`](Self::search), with a record of every step.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub async fn trace(&self, question: &Question, limit: usize) -> anyhow::Result<SearchTrace> {
        let mut recorder = Recorder::enabled();
        let outcome = self.search_recorded(question, limit, &mut recorder).await?;
        Ok(SearchTrace {
            question: question.text.clone(),
            lookups: recorder.lookups,
            plan: recorder.plan,
            glossary: self.expansions(&question.text),
            total_passages: outcome.results.total_passages,
            terms: term_traces(&outcome.results),
            hits: hit_traces(&outcome.results),
            decision: Decision {
                answerable: self.is_enough(&outcome),
                min_evidence: self.min_evidence,
                min_similarity: self.min_similarity,
            },
            similarity: outcome.results.similarity,
            answerability: outcome.answerability,
            params: self.config.params,
        })
    }

    async fn search_recorded(
        &self,
        question: &Question,
        limit: usize,
        recorder: &mut Recorder,
    ) -> anyhow::Result<SearchOutcome> {
        let access = &question.access;
        let variants = search_text::variants(&question.text);
        let scope = Scope { access, limit };
        let mut outcome = self
            .look_up(&variants[0], Vec::new(), scope, recorder)
            .await?;
        for part in &variants[1..] {
            let of_part = self.look_up(part, Vec::new(), scope, recorder).await?;
            outcome = self.merged(of_part, outcome);
        }
        // A question that names a code is about that code.
        if !fusion::has_exact_hit(&outcome.results) {
            let earlier = search_text::earlier_question(&question.conversation);
            let is_dependent =
                earlier.is_some() && search_text::depends_on_conversation(&variants[0]);
            if let Some(plan) = self.plan(question, &outcome, is_dependent).await {
                recorder.plan(&plan);
                outcome = self.follow(plan, outcome, scope, recorder).await?;
            } else if let Some(earlier) = earlier
                && (is_dependent || !self.is_enough(&outcome))
            {
                let text = format!("{earlier}\n{}", variants[0]);
                let together = self.look_up(&text, Vec::new(), scope, recorder).await?;
                outcome = self.merged(together, outcome);
            }
        }
        self.rerank(&question.text, &mut outcome.results).await;
        Ok(outcome)
    }

    /// Returns the answerability score from which a question is answered.
    #[must_use]
    pub fn min_evidence(&self) -> f32 {
        self.min_evidence
    }

    /// Whether the results may contain the answer, by words or by vector similarity.
    #[must_use]
    pub fn is_enough(&self, outcome: &SearchOutcome) -> bool {
        let is_similar = outcome.results.similarity >= Some(self.min_similarity);
        is_similar || outcome.is_enough(self.min_evidence)
    }

    /// Returns the passages for an answer. `today`, as `YYYY-MM-DD`, decides which revision of a document is current.
    #[tracing::instrument(name = "retrieve", level = "info", skip_all)]
    pub(crate) async fn gather(
        &self,
        question: &Question,
        today: &str,
    ) -> anyhow::Result<Evidence> {
        let outcome = self.search(question, self.search_limit()).await?;
        Ok(self.evidence_in(outcome, &question.text, today))
    }

    /// As [`gather`](Self::gather), for a query that needs neither a plan nor a conversation.
    pub(crate) async fn gather_for(
        &self,
        query: &str,
        access: &Access,
        today: &str,
    ) -> anyhow::Result<Evidence> {
        let query = search_text::shortened(query);
        let scope = Scope {
            access,
            limit: self.search_limit(),
        };
        let mut outcome = self
            .look_up(&query, Vec::new(), scope, &mut Recorder::default())
            .await?;
        self.rerank(&query, &mut outcome.results).await;
        Ok(self.evidence_in(outcome, &query, today))
    }

    fn search_limit(&self) -> usize {
        self.config.passages * self.config.params.context.oversampling
    }

    fn evidence_in(&self, outcome: SearchOutcome, question: &str, today: &str) -> Evidence {
        let (is_enough, score) = (self.is_enough(&outcome), outcome.answerability.score);
        let found = outcome.results.hits.into_iter().map(|hit| hit.passage);
        let newest = current::demote_outdated(found.collect(), question, today);
        let duplicate_share = self.config.params.context.duplicate_share;
        let distinct = context::drop_duplicates(newest, duplicate_share);
        let joined = context::join_neighbours(distinct, self.config.passages);
        let (passages, nearest) = if is_enough {
            (joined, Vec::new())
        } else {
            (Vec::new(), joined)
        };
        Evidence {
            passages,
            nearest,
            may_contain_answer: score >= self.config.min_evidence_for_model,
        }
    }

    async fn look_up(
        &self,
        text: &str,
        mut expansions: Vec<QueryExpansion>,
        scope: Scope<'_>,
        recorder: &mut Recorder,
    ) -> anyhow::Result<SearchOutcome> {
        let params = &self.config.params;
        expansions.extend(self.expansions(text));
        let query = Query {
            text,
            expansions: &expansions,
            access: scope.access,
            limit: scope.limit,
            params,
        };
        let results = self.index.search(&query).await?;
        let answerability = answerability::score(text, &expansions, &results, params);
        recorder.lookup(text, &expansions, &results, &answerability);
        Ok(SearchOutcome {
            results,
            answerability,
        })
    }

    /// Requests a plan, unless the question was already found with confidence.
    async fn plan(
        &self,
        question: &Question,
        outcome: &SearchOutcome,
        is_dependent: bool,
    ) -> Option<Plan> {
        let llm = self.planner.as_ref()?;
        if !is_dependent && outcome.answerability.score >= self.config.confident_evidence {
            return None;
        }
        let within = Duration::from_millis(self.config.plan_timeout_ms);
        let params = &self.config.params;
        let planned = plan::ask(llm, question, within, params, |text| self.expansions(text)).await;
        match planned {
            Ok(plan) => Some(plan),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the search was not planned");
                None
            }
        }
    }

    async fn follow(
        &self,
        plan: Plan,
        outcome: SearchOutcome,
        scope: Scope<'_>,
        recorder: &mut Recorder,
    ) -> anyhow::Result<SearchOutcome> {
        let mut planned = self
            .look_up(&plan.question, plan.phrases, scope, recorder)
            .await?;
        if !plan.keeps_to_question {
            planned.answerability = AnswerabilityScore::default();
        }
        let together = self.merged(planned, outcome);
        let params = self.config.params.fusion;
        Ok(SearchOutcome {
            results: fusion::boost(together.results, params, |passage| {
                plan.hints.matched_by(passage)
            }),
            answerability: together.answerability,
        })
    }

    /// Merges two outcomes; the answerability is the better one.
    fn merged(&self, first: SearchOutcome, second: SearchOutcome) -> SearchOutcome {
        let is_better = first.answerability.score > second.answerability.score;
        let params = self.config.params.fusion;
        SearchOutcome {
            results: fusion::fuse(first.results, second.results, params),
            answerability: if is_better {
                first.answerability
            } else {
                second.answerability
            },
        }
    }

    /// Reranks the hits; those with a code of the question stay in front.
    async fn rerank(&self, question: &str, results: &mut SearchResults) {
        let Some(reranker) = &self.reranker else {
            return;
        };
        let exact = results.hits.iter().take_while(|hit| hit.exact).count();
        let others = &results.hits[exact..];
        if others.len() < 2 {
            return;
        }
        let passages: Vec<&Passage> = others.iter().map(|hit| &hit.passage).collect();
        match reranker
            .order(&search_text::shortened(question), &passages)
            .await
        {
            Ok(order) => {
                let others = results.hits.split_off(exact);
                results
                    .hits
                    .extend(order.iter().map(|index| others[*index].clone()));
            }
            Err(error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the passages were not reranked"
                );
            }
        }
    }
}

impl SearchOutcome {
    fn is_enough(&self, min_evidence: f32) -> bool {
        !self.results.hits.is_empty()
            && (self.answerability.score >= min_evidence || fusion::has_exact_hit(&self.results))
    }
}
