//! The files that were attached to the question.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Evidence, EvidenceSource, Lookup, SearchRequest};
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::i18n::files as say;
use crate::llm::tokens::estimate_tokens;
use crate::recipes::ask::{self, Reply};
use crate::recipes::record::RecipeRecord;
use crate::recipes::snapshot::RecipeSnapshot;
use crate::search::index::tantivy::Embedded;
use crate::search::index::{Changes, Index, Query};
use crate::search::retrieve::Retriever;
use crate::search::search_text;

/// Divisor for the share of the prompt that files may take: one half.
const PROMPT_SHARE_DIVISOR: usize = 2;
/// Up to so many passages are not ranked.
const MAX_UNRANKED: usize = 3;

/// Attachments, which come with each request.
pub(super) struct AttachmentSource {
    retriever: Arc<Retriever>,
    max_prompt_tokens: usize,
}

impl AttachmentSource {
    pub(super) fn new(retriever: &Arc<Retriever>, config: &Config) -> Self {
        Self {
            retriever: Arc::clone(retriever),
            max_prompt_tokens: config.llm.max_prompt_tokens,
        }
    }

    /// Returns all passages: those that a search for the question finds, then the rest in the order of the files. They
    /// are searched as documents are, in a temporary index.
    async fn rank(&self, question: &str, attached: &[Passage]) -> anyhow::Result<Vec<Passage>> {
        let folder = tempfile::tempdir()?;
        let index = Embedded::open(folder.path())?;
        let changes = Changes {
            remove: Vec::new(),
            add: attached.to_vec(),
        };
        index.apply(changes).await?;
        let text = search_text::shortened(question);
        let query = Query {
            text: &text,
            expansions: &self.retriever.expansions(&text),
            access: &Access::Everything,
            limit: attached.len(),
            params: self.retriever.params(),
        };
        let found = index.search(&query).await?;
        let mut ranked: Vec<Passage> = found.hits.into_iter().map(|hit| hit.passage).collect();
        let ids: BTreeSet<_> = ranked.iter().map(|passage| passage.id.clone()).collect();
        let rest = attached.iter().filter(|passage| !ids.contains(&passage.id));
        ranked.extend(rest.cloned());
        Ok(ranked)
    }
}

#[async_trait]
impl EvidenceSource for AttachmentSource {
    async fn retrieve(&self, request: &SearchRequest<'_>) -> anyhow::Result<Evidence> {
        let attached = request.attachments.passages.as_slice();
        if attached.is_empty() {
            return Ok(Evidence::default());
        }
        let question = request.question.text.as_str();
        let recipes = &request.attachments.recipes;
        if let Some(reply) = look_up(question, recipes, request.language) {
            return Ok(Evidence {
                lookup: Some(Lookup::Complete(reply)),
                ..Evidence::default()
            });
        }
        let ranked = if attached.len() <= MAX_UNRANKED {
            attached.to_vec()
        } else if question.trim().is_empty() {
            self.rank(&say::what_is_it(request.language), attached)
                .await?
        } else {
            self.rank(question, attached).await?
        };
        Ok(Evidence {
            passages: truncate_to_share(ranked, self.max_prompt_tokens),
            ..Evidence::default()
        })
    }
}

/// Keeps the first passages of attachments that fit in their share of a prompt of so many tokens; at least one.
pub(in crate::answer) fn truncate_to_share(
    mut attached: Vec<Passage>,
    max_prompt_tokens: usize,
) -> Vec<Passage> {
    let mut remaining_tokens = max_prompt_tokens / PROMPT_SHARE_DIVISOR;
    let fitting = attached.iter().take_while(|passage| {
        let length = estimate_tokens(&passage.text);
        let fits = length <= remaining_tokens;
        remaining_tokens = remaining_tokens.saturating_sub(length);
        fits
    });
    let count = fitting.count().max(1);
    attached.truncate(count);
    attached
}

/// Looks up the question in attached recipes; `None` if it is about something else. If there is only one recipe, the
/// question need not name it.
fn look_up(question: &str, recipes: &[RecipeRecord], language: Language) -> Option<Reply> {
    let snapshot = RecipeSnapshot::new(recipes.iter().cloned().map(Arc::new));
    let view = snapshot.view(&Access::Everything);
    let text = question.trim();
    let named = match snapshot.entries() {
        [only] => Some(format!("{} {text}", only.recipe().id)),
        _ => None,
    };
    [Some(text.to_owned()), named]
        .into_iter()
        .flatten()
        .filter(|_| !text.is_empty())
        .filter_map(|text| ask::answer(&text, None, &view, language))
        .find(|reply| !reply.is_refusal)
}
