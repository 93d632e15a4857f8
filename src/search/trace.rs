//! A serialisable record of one search: its lookups, results and decision.

use std::collections::BTreeMap;

use serde::Serialize;

use super::analysis;
use super::answerability::AnswerabilityScore;
use super::index::{Hit, QueryExpansion, QueryTerm, SearchResults};
use super::plan::Plan;
use crate::domain::passage::{Passage, PassageId};
use crate::domain::search_params::SearchParams;

/// A search, step by step.
#[derive(Clone, Debug, Serialize)]
pub struct SearchTrace {
    pub question: String,
    /// Every search of the index, in order: the question, its parts, the plan, the question with the previous one.
    pub lookups: Vec<Lookup>,
    /// The plan of the language model; `None` if it was not asked or failed.
    pub plan: Option<Plan>,
    /// Synonyms for the question from the glossary.
    pub glossary: Vec<QueryExpansion>,
    /// Number of passages in the index.
    pub total_passages: u64,
    pub terms: Vec<TermTrace>,
    /// Best first, in the order in which they are used.
    pub hits: Vec<HitTrace>,
    pub answerability: AnswerabilityScore,
    /// Cosine similarity of the nearest passage; `None` without an embedding model.
    pub similarity: Option<f32>,
    pub decision: Decision,
    pub params: SearchParams,
}

/// One search of the index.
#[derive(Clone, Debug, Serialize)]
pub struct Lookup {
    pub text: String,
    pub expansions: Vec<QueryExpansion>,
    pub terms: Vec<TermTrace>,
    pub answerability: f32,
    /// The passages found, best first.
    pub passages: Vec<PassageId>,
}

/// A term that was searched for.
#[derive(Clone, Debug, Serialize)]
pub struct TermTrace {
    #[serde(flatten)]
    pub term: QueryTerm,
    /// Weight times inverse document frequency.
    pub discrimination: f32,
}

/// A passage that was found.
#[derive(Clone, Debug, Serialize)]
pub struct HitTrace {
    pub passage: PassageId,
    pub title: String,
    pub page: Option<String>,
    pub section: Option<String>,
    /// The score by which the hits are ordered before reranking.
    pub score: f32,
    /// Score by words; `None` if only its vector was found.
    pub word_score: Option<f32>,
    /// Cosine similarity; `None` if only its words were found.
    pub vector_score: Option<f32>,
    /// Whether it contains a code of the question.
    pub exact: bool,
    /// The query's terms in it, most discriminating first.
    pub terms: Vec<HitTerm>,
}

/// A term of the query in a passage.
#[derive(Clone, Debug, Serialize)]
pub struct HitTerm {
    pub term: String,
    pub count: usize,
    pub discrimination: f32,
}

/// Whether the results are sufficient for an answer, and the thresholds for that.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    pub answerable: bool,
    pub min_evidence: f32,
    pub min_similarity: f32,
}

/// Records the steps of a search, if it is to be traced.
#[derive(Default)]
pub(super) struct Recorder {
    is_enabled: bool,
    pub(super) lookups: Vec<Lookup>,
    pub(super) plan: Option<Plan>,
}

impl Recorder {
    pub(super) fn enabled() -> Self {
        Self {
            is_enabled: true,
            ..Self::default()
        }
    }

    pub(super) fn lookup(
        &mut self,
        text: &str,
        expansions: &[QueryExpansion],
        results: &SearchResults,
        answerability: &AnswerabilityScore,
    ) {
        if self.is_enabled {
            let ids = results.hits.iter().map(|hit| hit.passage.id.clone());
            self.lookups.push(Lookup {
                text: text.to_owned(),
                expansions: expansions.to_vec(),
                terms: term_traces(results),
                answerability: answerability.score,
                passages: ids.collect(),
            });
        }
    }

    pub(super) fn plan(&mut self, plan: &Plan) {
        if self.is_enabled {
            self.plan = Some(plan.clone());
        }
    }
}

pub(super) fn term_traces(results: &SearchResults) -> Vec<TermTrace> {
    let traces = results.terms.iter().map(|term| TermTrace {
        discrimination: term.discrimination(results.total_passages),
        term: term.clone(),
    });
    traces.collect()
}

pub(super) fn hit_traces(results: &SearchResults) -> Vec<HitTrace> {
    let terms = term_traces(results);
    let traces = results.hits.iter().map(|hit| hit_trace(hit, &terms));
    traces.collect()
}

fn hit_trace(hit: &Hit, terms: &[TermTrace]) -> HitTrace {
    let passage = &hit.passage;
    HitTrace {
        passage: passage.id.clone(),
        title: passage.document.title.clone(),
        page: passage.page_label(),
        section: passage.section().map(str::to_owned),
        score: hit.score,
        word_score: hit.word_score,
        vector_score: hit.vector_score,
        exact: hit.exact,
        terms: terms_in(passage, terms),
    }
}

fn terms_in(passage: &Passage, terms: &[TermTrace]) -> Vec<HitTerm> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let heading = [passage.document.title.as_str()].into_iter();
    let heading = heading.chain(passage.headings.iter().map(String::as_str));
    for text in heading.chain([passage.text.as_str()]) {
        for term in analysis::terms(text) {
            *counts.entry(term).or_default() += 1;
        }
    }
    let present = terms.iter().filter_map(|trace| {
        Some(HitTerm {
            term: trace.term.term.clone(),
            count: *counts.get(&trace.term.term)?,
            discrimination: trace.discrimination,
        })
    });
    let mut present: Vec<HitTerm> = present.collect();
    present.sort_by(|one, other| other.discrimination.total_cmp(&one.discrimination));
    present
}
