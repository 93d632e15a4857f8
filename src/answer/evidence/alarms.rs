//! Alarms, looked up exactly and without a language model.

use async_trait::async_trait;

use super::recipes::complete;
use super::{Evidence, EvidenceSource, Lookup, SearchRequest};
use crate::recipes::store::RecipeStore;
use crate::recipes::{alarm, ask};

/// The alarm lists among the fab's files.
pub(super) struct AlarmSource {
    recipes: Option<RecipeStore>,
    has_model: bool,
}

impl AlarmSource {
    pub(super) fn new(recipes: Option<&RecipeStore>, has_model: bool) -> Self {
        Self {
            recipes: recipes.cloned(),
            has_model,
        }
    }
}

#[async_trait]
impl EvidenceSource for AlarmSource {
    /// If only the alarm is named, its entry is the whole answer; otherwise the language model, if any, words the answer.
    async fn retrieve(&self, request: &SearchRequest<'_>) -> anyhow::Result<Evidence> {
        let text = request.question.text.as_str();
        let codes = alarm::queries(text);
        let Some(recipes) = self.recipes.as_ref().filter(|_| !codes.is_empty()) else {
            return Ok(Evidence::default());
        };
        let snapshot = recipes.snapshot().await?;
        let view = snapshot.view(&request.question.access);
        let reply = ask::alarm(&codes, &view, request.language);
        let is_lookup = alarm::is_bare(text) || (!self.has_model && alarm::is_plain_lookup(text));
        let lookup = reply.clone().filter(|_| is_lookup);
        let lookup = lookup.map(|reply| complete(reply, request));
        drop(view);
        let has_tools = self.has_model && matches!(lookup, Some(Lookup::Partial(_)));
        Ok(Evidence {
            lookup,
            fallback: reply,
            recipes: has_tools.then_some(snapshot),
            ..Evidence::default()
        })
    }
}
