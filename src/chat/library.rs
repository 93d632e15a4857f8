//! The indexed documents and recipes, and questions that they can answer.

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

/// Documents among which a question is looked for, and passages of each.
const DOCUMENTS: u32 = 12;
const PASSAGES: usize = 6;

/// The documents, and what is known of them. Cheap to clone.
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
    /// Questions that can be answered from what may be read: an alarm, a recipe, and sections of the newest documents.
    ///
    /// # Errors
    /// The catalogue, the recipes or the index cannot be read.
    pub async fn example_questions(
        &self,
        access: &Access,
        language: Language,
        most: usize,
    ) -> anyhow::Result<Vec<String>> {
        let mut questions = self.data_questions(access, language).await?;
        let book = self.recipe_store.snapshot().await?;
        let recipes: BTreeSet<_> = book
            .entries()
            .iter()
            .map(|entry| &entry.record().document.id)
            .collect();
        let mut sources = Vec::new();
        for entry in self.catalog.newest(DOCUMENTS).await? {
            if questions.len() >= most {
                break;
            }
            // One of each source, so that different things are asked about; lines of recipes are no sections.
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
                limit: PASSAGES,
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
        questions.truncate(most);
        Ok(questions)
    }

    async fn data_questions(
        &self,
        access: &Access,
        language: Language,
    ) -> anyhow::Result<Vec<String>> {
        let book = self.recipe_store.snapshot().await?;
        let view = book.view(access);
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
