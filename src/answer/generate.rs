//! Lets the language model answer from passages, and decides how its reply is used.

use tokio::sync::watch;

use super::draft::{self, Draft};
use super::progress::Progress;
use super::prompt::{self, ExtraContext};
use super::{not_found, stream};
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::answer as say;
use crate::llm::client::Llm;
use crate::search::index::Index;

/// Drafts answers with the language model.
pub(super) struct Generator<'a> {
    pub(super) llm: &'a Llm,
    pub(super) index: &'a dyn Index,
    pub(super) max_prompt_tokens: usize,
    /// Whether the answer is shown while it is written, before it is verified.
    pub(super) shows_unverified: bool,
    pub(super) progress: &'a watch::Sender<Progress>,
}

impl Generator<'_> {
    /// Lets the model answer from the passages. A model that fails is no error: the passages are then quoted.
    ///
    /// # Errors
    /// The index cannot be read.
    pub(super) async fn draft(
        &self,
        question: &Question,
        passages: Vec<Passage>,
        language: Language,
    ) -> anyhow::Result<Draft> {
        let prompt = prompt::write(
            question,
            &passages,
            language,
            self.max_prompt_tokens,
            ExtraContext::default(),
        )?;
        self.progress.send_replace(Progress::Reading {
            passages: prompt.passage_count,
        });
        let shown = self.shows_unverified.then_some(self.progress);
        let written = stream::write(self.llm, &prompt, shown).await;
        if let Some(error) = &written.failure {
            tracing::warn!(%error, shown = !written.cited.is_empty(), "the language model failed");
        }
        let (first_token, usage) = (written.first_token, written.usage);
        let quoting = |notice| draft::quoting(question, passages.clone(), language, notice);
        let draft = match &written.failure {
            _ if written.found_nothing() => {
                not_found::draft(self.index, question, passages, false, language).await?
            }
            Some(error) if written.cited.is_empty() => {
                quoting(say::model_failed(language, draft::model_failure(error)))
            }
            Some(error) => {
                let failure = draft::model_failure(error);
                draft::broken_off(question, passages, language, &written, failure)
            }
            // A text without citations is not shown as an answer.
            None if written.cited.is_empty() => quoting(say::no_sources_named(language)),
            None => draft::from_model(passages, language, written),
        };
        Ok(Draft {
            first_token,
            usage,
            ..draft
        })
    }
}
