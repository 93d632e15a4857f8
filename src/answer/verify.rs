//! What the model wrote is held against what it cites, before anybody acts on it.

use std::time::Duration;

use tokio::time::Instant;

use super::{ground, quote};
use crate::answer::answerer::Answerer;
use crate::answer::citation_markers::{marks, renumbered};
use crate::answer::draft::Draft;
use crate::answer::llm_judge;
use crate::config::answer::UnsupportedPolicy;
use crate::domain::answer::Mode;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::{Question, Speaker};
use crate::i18n::answer as say;
use crate::runtime::metrics::{Stage, metrics};

impl Answerer {
    /// The draft with all that its passages do not bear out marked and listed, or taken out.
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
        let started = Instant::now();
        if !draft.looked_up.is_empty() {
            // Its lines were checked one by one as they came.
            let cited = cited(&draft);
            let texts = cited.iter().map(|passage| passage.text.as_str());
            let texts: Vec<&str> = texts
                .chain(draft.looked_up.iter().map(String::as_str))
                .collect();
            draft.unsupported = ground::unsupported(&draft.text, &texts);
            return draft;
        }
        let own = draft.text[..draft.own].to_owned();
        let findings = {
            let cited = cited(&draft);
            let others = draft.passages.iter().enumerate();
            let others = others.filter(|(at, _)| !draft.cited.contains(at));
            let others: Vec<&Passage> = others.map(|(_, passage)| passage).collect();
            let said = said(question);
            let other_words = self.retriever.expansions(&said).into_iter();
            let other_words: Vec<String> = other_words.map(|phrase| phrase.text).collect();
            let given = ground::Given {
                cited: &cited,
                others: &others,
                other_words: &other_words.join("\n"),
                params: &self.retriever.params().grounding,
            };
            let mut findings = ground::check(&own, &said, &given);
            let check = started.elapsed();
            metrics().took(Stage::CHECK, check);
            findings.extend(self.second_opinion(&own, &cited).await);
            tracing::debug!(
                check_ms = check.as_millis(),
                found = findings.len(),
                "the answer was checked"
            );
            findings
        };
        if findings.is_empty() {
            return draft;
        }
        draft.unsupported = ground::named(&findings);
        let rest = draft.text.split_off(draft.own);
        match self.checking.unsupported {
            UnsupportedPolicy::Mark => {
                draft.text = ground::marked(&own, &findings) + &rest;
                draft
            }
            UnsupportedPolicy::Withhold => {
                let kept = ground::withheld(&own, &findings, &say::withheld(language));
                without_what_is_not_cited(question, draft, &(kept + &rest), language)
            }
        }
    }

    /// What the model doubts when it is asked once more, where that is switched on.
    async fn second_opinion(&self, answer: &str, cited: &[&Passage]) -> Vec<ground::Finding> {
        let Some(llm) = self.llm.as_ref().filter(|_| self.checking.llm_judge) else {
            return Vec::new();
        };
        let within = Duration::from_millis(self.checking.llm_judge_timeout_ms);
        match Box::pin(llm_judge::ask(llm, answer, cited, within)).await {
            Ok(doubted) => ground::doubts(answer, &doubted),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, "there is no second opinion on the answer");
                Vec::new()
            }
        }
    }
}

/// The cited passages in the order of their numbers.
fn cited(draft: &Draft) -> Vec<&Passage> {
    let places = draft.cited.iter();
    places.filter_map(|at| draft.passages.get(*at)).collect()
}

/// All that people said, which an answer may repeat.
fn said(question: &Question) -> String {
    let turns = question.conversation.iter();
    let people = turns.filter(|turn| matches!(turn.speaker, Speaker::Person(_)));
    let mut said = question.text.clone();
    for turn in people {
        said.push('\n');
        said.push_str(&turn.text);
    }
    said
}

/// The draft with the text that is left, whose citations count from 1 again; the passages quoted where none is left.
fn without_what_is_not_cited(
    question: &Question,
    draft: Draft,
    text: &str,
    language: Language,
) -> Draft {
    let left = marks(text);
    if left.is_empty() {
        let cited = cited(&draft);
        let quotes = quote::quotes(&question.text, (1..).zip(cited), language);
        let text = format!("{}\n\n{quotes}", say::quotes_follow(language));
        let mut notices = draft.notices;
        notices.push(say::not_borne_out(language));
        return Draft {
            text,
            notices,
            mode: Mode::Extractive,
            ..draft
        };
    }
    let mut numbers = vec![None; draft.cited.len()];
    let mut cited = Vec::new();
    for number in left {
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
