//! Verifies the model's text against the passages that it cites.

use std::time::Duration;

use tokio::time::Instant;

use super::citation_markers::{markers, renumbered};
use super::draft::Draft;
use super::{ground, llm_judge, quote};
use crate::config;
use crate::config::answer::UnsupportedPolicy;
use crate::domain::answer::Mode;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::{Question, Speaker};
use crate::i18n::answer as say;
use crate::llm::client::Llm;
use crate::runtime::metrics::{Stage, metrics};
use crate::search::retrieve::Retriever;

/// Verifies drafts.
pub(super) struct Verifier<'a> {
    pub(super) retriever: &'a Retriever,
    pub(super) llm: Option<&'a Llm>,
    pub(super) config: &'a config::answer::Answer,
}

impl Verifier<'_> {
    /// Returns the draft with all unsupported claims marked and listed, or with their statements withheld.
    #[tracing::instrument(name = "check", level = "info", skip_all)]
    pub(super) async fn verify(
        &self,
        question: &Question,
        mut draft: Draft,
        language: Language,
    ) -> Draft {
        if draft.mode != Mode::Llm {
            return draft;
        }
        if !draft.looked_up.is_empty() {
            // Its lines were checked one by one while they were streamed.
            let cited = draft.cited_passages();
            let texts = cited.iter().map(|passage| passage.text.as_str());
            let texts: Vec<&str> = texts
                .chain(draft.looked_up.iter().map(String::as_str))
                .collect();
            draft.unsupported = ground::unsupported_measures(&draft.text, &texts);
            return draft;
        }
        let model_text = draft.text[..draft.model_bytes].to_owned();
        let findings = self.findings(question, &draft, &model_text).await;
        if findings.is_empty() {
            return draft;
        }
        draft.unsupported = ground::claim_texts(&findings);
        let rest = draft.text.split_off(draft.model_bytes);
        match self.config.unsupported {
            UnsupportedPolicy::Mark => {
                draft.text = ground::with_marks(&model_text, &findings) + &rest;
                draft
            }
            UnsupportedPolicy::Withhold => {
                let supported =
                    ground::without_unsupported(&model_text, &findings, &say::withheld(language));
                with_remaining_text(question, draft, &(supported + &rest), language)
            }
        }
    }

    /// The unsupported claims in the model's text.
    async fn findings(
        &self,
        question: &Question,
        draft: &Draft,
        model_text: &str,
    ) -> Vec<ground::Finding> {
        let started = Instant::now();
        let cited = draft.cited_passages();
        let others = draft.passages.iter().enumerate();
        let others = others.filter(|(at, _)| !draft.cited.contains(at));
        let others: Vec<&Passage> = others.map(|(_, passage)| passage).collect();
        let people_text = said_by_people(question);
        let phrases = self.retriever.expansions(&people_text).into_iter();
        let glossary_words: Vec<String> = phrases.map(|phrase| phrase.text).collect();
        let context = ground::GroundingContext {
            cited: &cited,
            others: &others,
            glossary_words: &glossary_words.join("\n"),
            params: &self.retriever.params().grounding,
        };
        let mut findings = ground::check(model_text, &people_text, &context);
        let check = started.elapsed();
        metrics().observe_stage(Stage::CHECK, check);
        findings.extend(self.judged(model_text, &cited).await);
        tracing::debug!(
            check_ms = check.as_millis(),
            found = findings.len(),
            "checked the answer"
        );
        findings
    }

    /// The statements that the language model judges unsupported, if it is configured to judge.
    async fn judged(&self, answer: &str, cited: &[&Passage]) -> Vec<ground::Finding> {
        let Some(llm) = self.llm.filter(|_| self.config.llm_judge) else {
            return Vec::new();
        };
        let timeout = Duration::from_millis(self.config.llm_judge_timeout_ms);
        match Box::pin(llm_judge::ask(llm, answer, cited, timeout)).await {
            Ok(indices) => ground::findings_for(answer, &indices),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, "the language model cannot judge the answer");
                Vec::new()
            }
        }
    }
}

/// All that people wrote in the conversation, which an answer may repeat.
fn said_by_people(question: &Question) -> String {
    let turns = question.conversation.iter();
    let people = turns.filter(|turn| matches!(turn.speaker, Speaker::Person(_)));
    let mut people_text = question.text.clone();
    for turn in people {
        people_text.push('\n');
        people_text.push_str(&turn.text);
    }
    people_text
}

/// Returns the draft with the remaining text and its citations renumbered from 1; if the text has no citation left, quotes
/// the cited passages.
fn with_remaining_text(question: &Question, draft: Draft, text: &str, language: Language) -> Draft {
    let remaining = markers(text);
    if remaining.is_empty() {
        let cited = draft.cited_passages();
        let quotes = quote::quotes(&question.text, (1..).zip(cited), language);
        let text = format!("{}\n\n{quotes}", say::quotes_follow(language));
        let mut notices = draft.notices;
        notices.push(say::unsupported_not_shown(language));
        return Draft {
            text,
            notices,
            mode: Mode::Extractive,
            ..draft
        };
    }
    let mut numbers = vec![None; draft.cited.len()];
    let mut cited = Vec::new();
    for number in remaining {
        if let Some(at) = draft.cited.get(number - 1) {
            cited.push(*at);
            numbers[number - 1] = Some(cited.len());
        }
    }
    Draft {
        text: renumbered(text, &numbers),
        cited,
        ..draft
    }
}
