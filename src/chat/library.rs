//! The indexed documents and recipes, and example questions about them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::answer::links::Links;
use crate::domain::access::Access;
use crate::domain::language::Language;
use crate::domain::search_params::SearchParams;
use crate::extract::pool::Extractor;
use crate::i18n::{agent as text, buttons};
use crate::ingest::catalog::Catalog;
use crate::ingest::reindex::Reindexer;
use crate::recipes::ask;
use crate::recipes::store::RecipeStore;
use crate::search::index::{Index, Query};
use crate::search::retrieve::Retriever;

/// How many documents are tried for example questions, and how many passages of each.
const MAX_DOCUMENTS: u32 = 12;
const MAX_PASSAGES: usize = 6;

/// The documents and recipes with their stores. Cheap to clone.
#[derive(Clone)]
pub struct Library {
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    pub recipe_store: RecipeStore,
    pub extractor: Arc<Extractor>,
    pub reindexer: Reindexer,
    pub links: Links,
    /// Searches without a language model.
    pub retriever: Arc<Retriever>,
}

impl Library {
    /// Returns questions about readable data: an alarm, a recipe, and sections of the newest documents.
    ///
    /// # Errors
    /// The catalogue, the recipes or the index cannot be read.
    pub async fn example_questions(
        &self,
        access: &Access,
        language: Language,
        limit: usize,
    ) -> anyhow::Result<Vec<String>> {
        let mut questions = self.data_questions(access, language).await?;
        let snapshot = self.recipe_store.snapshot().await?;
        let recipes: BTreeSet<_> = snapshot
            .entries()
            .iter()
            .map(|entry| &entry.record().document.id)
            .collect();
        let mut sources = Vec::new();
        for entry in self.catalog.newest(MAX_DOCUMENTS).await? {
            if questions.len() >= limit {
                break;
            }
            // One question for each source, for variety; recipes have no sections.
            if !access.allows(&entry.collection)
                || sources.contains(&entry.source)
                || recipes.contains(&entry.id)
            {
                continue;
            }
            let query = Query {
                text: &entry.title,
                expansions: &[],
                access,
                limit: MAX_PASSAGES,
                params: &SearchParams::DEFAULT,
            };
            let found = self.index.search(&query).await?;
            let mut passages = found.hits.into_iter().map(|hit| hit.passage);
            let with_section = passages.find(|passage| {
                passage.document.id == entry.id
                    && passage
                        .section()
                        .is_some_and(|section| section != entry.title)
            });
            if let Some(section) = with_section.as_ref().and_then(|passage| passage.section()) {
                questions.push(buttons::proposed(language, &entry.title, section));
                sources.push(entry.source);
            }
        }
        questions.truncate(limit);
        Ok(questions)
    }

    async fn data_questions(
        &self,
        access: &Access,
        language: Language,
    ) -> anyhow::Result<Vec<String>> {
        let snapshot = self.recipe_store.snapshot().await?;
        let view = snapshot.view(access);
        let mut questions = Vec::new();
        let alarm = view.alarms().next();
        questions.extend(alarm.map(|(_, alarm)| text::about_alarm(language, &alarm.code)));
        let recipe = view
            .entries
            .iter()
            .map(|entry| text::about_recipe(language, &entry.recipe().id))
            .find(|question| {
                let reply = ask::answer(question, None, &view, language);
                reply.is_some_and(|reply| !reply.is_refusal)
            });
        questions.extend(recipe);
        Ok(questions)
    }
}
