//! Which passages an answer is drawn from.

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
use crate::llm::client::Llm;
use crate::search::answerability;
use crate::search::answerability::Weighed;
use crate::search::glossary::Glossary;
use crate::search::index::fuse;
use crate::search::index::fuse::fused;
use crate::search::index::{Found, Index, Phrase, Query};
use crate::search::search_text;

/// So many times more passages are searched than are used, since outdated and repeated ones are left out.
const SPARE: usize = 3;

/// Finds passages: words of the glossary, what was said before, the plan and the reranker together.
pub struct Retriever {
    index: Arc<dyn Index>,
    glossary: Glossary,
    planner: Option<Llm>,
    reranker: Option<Reranker>,
    min_evidence: f32,
    min_similarity: f32,
    config: config::search::Retrieval,
}

/// What a search found, and how well it bears out an answer.
#[derive(Clone, Debug)]
pub struct Searched {
    pub found: Found,
    pub evidence: Weighed,
}

/// What the documents hold on a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// Best first; empty where it is not enough to answer.
    pub passages: Vec<Passage>,
    /// The nearest where it is not enough, best first.
    pub nearest: Vec<Passage>,
    /// Whether the nearest are worth reading all the same.
    pub may_hold_it: bool,
}

impl Retriever {
    /// A retriever over the index. Without a language model there is no plan, without a reranker's address no second
    /// order.
    ///
    /// # Errors
    /// The glossary cannot be read, or the reranker's HTTP client cannot be set up.
    pub fn new(index: Arc<dyn Index>, llm: Option<&Llm>, config: &Config) -> anyhow::Result<Self> {
        let own = &config.retrieval.glossary;
        let own = Some(own.as_path()).filter(|own| !own.as_os_str().is_empty());
        let planner = llm.filter(|_| config.retrieval.planner == config::search::Planner::Auto);
        Ok(Self {
            index,
            glossary: Glossary::load(own)?,
            planner: planner.cloned(),
            reranker: Reranker::new(&config.rerank)?,
            // A model reads what was found and may still say that the answer is not there.
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

    /// Other words that are searched for beside those of a text.
    #[must_use]
    pub fn other_words(&self, text: &str) -> Vec<Phrase> {
        let mut phrases = self.glossary.other_words(text);
        for phrase in &mut phrases {
            phrase.weight *= self.config.glossary_weight;
        }
        phrases.retain(|phrase| phrase.weight > 0.0);
        phrases
    }

    /// Searches for the question, and together with what was said before where it leans on the conversation.
    ///
    /// # Errors
    /// The index cannot be searched. A plan or a second order that fails is done without.
    pub async fn search(&self, question: &Question, limit: usize) -> anyhow::Result<Searched> {
        let access = &question.access;
        let variants = search_text::variants(&question.text);
        let mut searched = self
            .look_up(&variants[0], Vec::new(), access, limit)
            .await?;
        for part in &variants[1..] {
            let part = self.look_up(part, Vec::new(), access, limit).await?;
            searched = part.with(searched);
        }
        // Who names a code is looking for that code.
        if !fuse::names_something_exact(&searched.found) {
            let earlier = search_text::earlier_question(&question.conversation);
            let leans = earlier.is_some() && search_text::leans_on_conversation(&variants[0]);
            if let Some(plan) = self.plan(question, &searched, leans).await {
                searched = self.follow(plan, searched, access, limit).await?;
            } else if let Some(earlier) = earlier
                && (leans || !self.is_enough(&searched))
            {
                let text = format!("{earlier}\n{}", variants[0]);
                let together = self.look_up(&text, Vec::new(), access, limit).await?;
                searched = together.with(searched);
            }
        }
        self.reorder(&question.text, &mut searched.found).await;
        Ok(searched)
    }

    /// The evidence from which on it is enough.
    #[must_use]
    pub fn min_evidence(&self) -> f32 {
        self.min_evidence
    }

    /// Whether what was found may hold the answer: by its words, or by what it means.
    #[must_use]
    pub fn is_enough(&self, searched: &Searched) -> bool {
        let means_it = searched.found.similarity >= Some(self.min_similarity);
        means_it || searched.is_enough(self.min_evidence)
    }

    /// The passages that an answer is drawn from. `today` is the date, as `YYYY-MM-DD`, that decides which revision
    /// of a document holds.
    #[tracing::instrument(name = "retrieve", level = "info", skip_all)]
    pub(crate) async fn gather(
        &self,
        question: &Question,
        today: &str,
    ) -> anyhow::Result<Evidence> {
        let searched = self.search(question, self.config.passages * SPARE).await?;
        Ok(self.evidence_in(searched, &question.text, today))
    }

    /// The same for a query that needs neither a plan nor a conversation.
    pub(crate) async fn gather_for(
        &self,
        query: &str,
        access: &Access,
        today: &str,
    ) -> anyhow::Result<Evidence> {
        let query = search_text::shortened(query);
        let limit = self.config.passages * SPARE;
        let mut searched = self.look_up(&query, Vec::new(), access, limit).await?;
        self.reorder(&query, &mut searched.found).await;
        Ok(self.evidence_in(searched, &query, today))
    }

    fn evidence_in(&self, searched: Searched, question: &str, today: &str) -> Evidence {
        let (is_enough, evidence) = (self.is_enough(&searched), searched.evidence.score);
        let passages = searched.found.hits.into_iter().map(|hit| hit.passage);
        let passages = current::newest_first(passages.collect(), question, today);
        let passages = context::without_repeats(passages);
        let passages = context::neighbours_joined(passages, self.config.passages);
        let (passages, nearest) = if is_enough {
            (passages, Vec::new())
        } else {
            (Vec::new(), passages)
        };
        Evidence {
            passages,
            nearest,
            may_hold_it: evidence >= self.config.min_evidence_for_model,
        }
    }

    async fn look_up(
        &self,
        text: &str,
        mut also: Vec<Phrase>,
        access: &Access,
        limit: usize,
    ) -> anyhow::Result<Searched> {
        also.extend(self.other_words(text));
        let query = Query {
            text,
            also: &also,
            access,
            limit,
        };
        let found = self.index.search(&query).await?;
        let evidence = answerability::weigh(text, &also, &found);
        Ok(Searched { found, evidence })
    }

    /// A plan, where one is worth the wait: not for what was found with confidence already.
    async fn plan(&self, question: &Question, searched: &Searched, leans: bool) -> Option<Plan> {
        let llm = self.planner.as_ref()?;
        if !leans && searched.evidence.score >= self.config.confident_evidence {
            return None;
        }
        let within = Duration::from_millis(self.config.plan_timeout_ms);
        let plan = plan::ask(llm, question, within, |text| self.other_words(text)).await;
        match plan {
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
        searched: Searched,
        access: &Access,
        limit: usize,
    ) -> anyhow::Result<Searched> {
        let mut planned = self
            .look_up(&plan.question, plan.phrases, access, limit)
            .await?;
        if !plan.keeps_to_question {
            planned.evidence = Weighed::default();
        }
        let together = planned.with(searched);
        Ok(Searched {
            found: fuse::preferring(together.found, |passage| plan.wish.met_by(passage)),
            evidence: together.evidence,
        })
    }

    /// Lets the reranker put the hits in order; those with a code of the question stay in front.
    async fn reorder(&self, question: &str, found: &mut Found) {
        let Some(reranker) = &self.reranker else {
            return;
        };
        let exact = found.hits.iter().take_while(|hit| hit.exact).count();
        let others = &found.hits[exact..];
        if others.len() < 2 {
            return;
        }
        let passages: Vec<&Passage> = others.iter().map(|hit| &hit.passage).collect();
        match reranker
            .order(&search_text::shortened(question), &passages)
            .await
        {
            Ok(order) => {
                let others = found.hits.split_off(exact);
                found
                    .hits
                    .extend(order.iter().map(|place| others[*place].clone()));
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

impl Evidence {
    pub(crate) fn is_empty(&self) -> bool {
        self.passages.is_empty() && self.nearest.is_empty()
    }
}

impl Searched {
    fn is_enough(&self, min_evidence: f32) -> bool {
        !self.found.hits.is_empty()
            && (self.evidence.score >= min_evidence || fuse::names_something_exact(&self.found))
    }

    /// Both in one: the evidence is that of the better one.
    fn with(self, other: Self) -> Self {
        let is_better = self.evidence.score > other.evidence.score;
        Self {
            found: fused(self.found, other.found),
            evidence: if is_better {
                self.evidence
            } else {
                other.evidence
            },
        }
    }
}
