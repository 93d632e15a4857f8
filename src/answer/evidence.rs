//! Evidence for an answer, and the sources that it comes from.
//!
//! A new source is a file here, its section of the configuration and a line in [`EvidenceSources::new`].

mod alarms;
mod attachments;
mod documents;
mod recipes;

use std::sync::Arc;

use async_trait::async_trait;

use super::attachments::Attachments;
use crate::config::settings::Config;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::llm::tools::Tool;
use crate::recipes::ask::Reply;
use crate::recipes::snapshot::RecipeSnapshot;
use crate::recipes::store::RecipeStore;
use crate::search::retrieve::Retriever;

pub(super) use attachments::truncate_to_share;

/// A request to the evidence sources.
pub(super) struct SearchRequest<'a> {
    /// The question as the person wrote it, with the conversation before it and what the person may read.
    pub(super) question: &'a Question,
    /// What to search documents for.
    pub(super) text: &'a str,
    pub(super) attachments: &'a Attachments,
    pub(super) language: Language,
    /// The date, as `YYYY-MM-DD`, which decides which revision of a document is current.
    pub(super) today: &'a str,
    /// Search for the text as it is: no model plans the search, and the conversation does not widen it.
    pub(super) verbatim: bool,
}

/// A place that evidence comes from.
#[async_trait]
pub(super) trait EvidenceSource: Send + Sync {
    /// Returns what the source contains for the request, best first.
    ///
    /// # Errors
    /// The source cannot be searched and is essential. A source that is not essential logs its failure and returns
    /// nothing.
    async fn retrieve(&self, request: &SearchRequest<'_>) -> anyhow::Result<Evidence>;

    /// The tool by which the language model searches this source itself; its only argument is `query`.
    fn search_tool(&self) -> Option<Tool> {
        None
    }

    /// Whether questions about danger may be answered from it: only the fab's own documents are approved for that.
    fn is_approved_for_danger(&self) -> bool {
        false
    }
}

/// The reply of an exact lookup in recipes and alarms.
#[derive(Clone, Debug)]
pub(super) enum Lookup {
    /// It is the whole answer.
    Complete(Reply),
    /// It is a part of the answer; the rest is in passages.
    Partial(Reply),
    /// Why there is no reply; shown if there is no other evidence.
    Refused(Reply),
}

/// Evidence for an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// Best first, those of attachments before all others; empty if there is not enough to answer.
    pub(super) passages: Vec<Passage>,
    /// The nearest passages if there is not enough, best first.
    pub(super) nearest: Vec<Passage>,
    /// Whether the nearest passages may contain the answer, so that they are quoted.
    pub(super) may_answer: bool,
    pub(super) lookup: Option<Lookup>,
    /// What to show if the language model fails.
    pub(super) fallback: Option<Reply>,
    /// The recipes that the language model may look up by tools; `None` if the question is not about recipes.
    pub(super) recipes: Option<Arc<RecipeSnapshot>>,
}

impl Evidence {
    /// Adds the evidence of another source. If both have a lookup, that of the earlier source is kept.
    fn merge(&mut self, other: Self) {
        self.passages.extend(other.passages);
        self.nearest.extend(other.nearest);
        self.may_answer |= other.may_answer;
        self.lookup = self.lookup.take().or(other.lookup);
        self.fallback = self.fallback.take().or(other.fallback);
        self.recipes = self.recipes.take().or(other.recipes);
    }

    /// The part of the answer that was looked up.
    pub(super) fn partial_lookup(&self) -> Option<&Reply> {
        match &self.lookup {
            Some(Lookup::Partial(reply)) => Some(reply),
            _ => None,
        }
    }

    /// The refusal of the lookup, if it has no reply.
    pub(super) fn refusal(&self) -> Option<&Reply> {
        match &self.lookup {
            Some(Lookup::Refused(reply)) => Some(reply),
            _ => None,
        }
    }
}

/// All sources, in the order in which they are searched.
pub(super) struct EvidenceSources(Vec<Box<dyn EvidenceSource>>);

impl EvidenceSources {
    /// Creates all sources. Passages keep this order in the prompt, and exact lookups come before the search, which they
    /// may make unnecessary.
    pub(super) fn new(
        retriever: &Arc<Retriever>,
        recipes: Option<&RecipeStore>,
        has_model: bool,
        config: &Config,
    ) -> Self {
        Self(vec![
            Box::new(attachments::AttachmentSource::new(retriever, config)),
            Box::new(recipes::RecipeSource::new(recipes, has_model)),
            Box::new(alarms::AlarmSource::new(recipes, has_model)),
            Box::new(documents::DocumentSource::new(retriever)),
        ])
    }

    /// Returns the evidence of all sources, up to the first that has the whole answer. In danger only approved sources
    /// are searched.
    ///
    /// # Errors
    /// An essential source cannot be searched.
    #[tracing::instrument(name = "evidence", level = "info", skip_all)]
    pub(super) async fn retrieve(
        &self,
        request: &SearchRequest<'_>,
        in_danger: bool,
    ) -> anyhow::Result<Evidence> {
        let mut evidence = Evidence::default();
        for source in &self.0 {
            if in_danger && !source.is_approved_for_danger() {
                continue;
            }
            evidence.merge(source.retrieve(request).await?);
            if matches!(evidence.lookup, Some(Lookup::Complete(_))) {
                break;
            }
        }
        Ok(evidence)
    }

    /// The tools by which the language model searches the sources.
    pub(super) fn search_tools(&self) -> impl Iterator<Item = Tool> {
        self.0.iter().filter_map(|source| source.search_tool())
    }

    /// The source that a tool searches.
    pub(super) fn with_tool(&self, name: &str) -> Option<&dyn EvidenceSource> {
        let mut sources = self.0.iter().map(AsRef::as_ref);
        sources.find(|source| source.search_tool().is_some_and(|tool| tool.name == name))
    }
}
