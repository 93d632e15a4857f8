//! Recipes, looked up exactly and without a language model.

use async_trait::async_trait;

use super::{Evidence, EvidenceSource, Lookup, SearchRequest};
use crate::recipes::ask::{self, Reply};
use crate::recipes::store::RecipeStore;
use crate::search::search_text;

/// The recipes that were read from the fab's files.
pub(super) struct RecipeSource {
    recipes: Option<RecipeStore>,
    has_model: bool,
}

impl RecipeSource {
    pub(super) fn new(recipes: Option<&RecipeStore>, has_model: bool) -> Self {
        Self {
            recipes: recipes.cloned(),
            has_model,
        }
    }
}

#[async_trait]
impl EvidenceSource for RecipeSource {
    /// A question that also asks for documents gets a partial lookup; the language model answers the rest.
    async fn retrieve(&self, request: &SearchRequest<'_>) -> anyhow::Result<Evidence> {
        let text = request.question.text.as_str();
        let Some(recipes) = self.recipes.as_ref().filter(|_| !text.trim().is_empty()) else {
            return Ok(Evidence::default());
        };
        let snapshot = recipes.snapshot().await?;
        let view = snapshot.view(&request.question.access);
        let earlier = search_text::earlier_question(&request.question.conversation);
        let ask_recipes =
            |text: &str| ask::answer(text, earlier.as_deref(), &view, request.language);
        let is_mixed = self.has_model && ask::wants_documents(text);
        let recipe_part = Some(text)
            .filter(|_| is_mixed)
            .and_then(ask::without_documents)
            // The remainder may be half a sentence, so it is used only if it concerns recipes by itself.
            .filter(|part| ask::concerns(part, None, &view));
        let reply = recipe_part
            .and_then(|part| ask_recipes(&part))
            .or_else(|| ask_recipes(text));
        let lookup = reply.map(|reply| {
            if is_mixed {
                partial(reply)
            } else {
                complete(reply, request)
            }
        });
        let is_answered = matches!(lookup, Some(Lookup::Complete(_)));
        let is_partial = matches!(lookup, Some(Lookup::Partial(_)));
        let has_tools = self.has_model
            && !is_answered
            && (is_partial || ask::concerns(text, earlier.as_deref(), &view));
        drop(view);
        Ok(Evidence {
            lookup,
            recipes: has_tools.then_some(snapshot),
            ..Evidence::default()
        })
    }
}

/// A complete lookup; a partial one if there are attachments, since the question may be about them.
pub(super) fn complete(reply: Reply, request: &SearchRequest<'_>) -> Lookup {
    if request.attachments.passages.is_empty() {
        Lookup::Complete(reply)
    } else {
        partial(reply)
    }
}

fn partial(reply: Reply) -> Lookup {
    if reply.is_refusal {
        Lookup::Refused(reply)
    } else {
        Lookup::Partial(reply)
    }
}
