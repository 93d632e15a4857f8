//! The language model looks things up itself: it calls tools until it can answer.
//!
//! What a tool returns is numbered like the passages. The model may choose what to look up, and words the result; its
//! words are shown as far as every line is supported by what that line cites. Otherwise the results of the lookups are
//! shown as they are. Calls, time and size are limited.

mod agent_turn;
mod arguments;
mod budget;
mod evidence_set;
mod executor;

use tokio::sync::watch;
use tokio::time::Instant;

use super::attachments::Attachments;
use super::citation_markers::markers;
use super::cite::Citing;
use super::draft::{self, Draft};
use super::evidence::{self, Evidence, Sources};
use super::not_found;
use super::progress::Progress;
use super::prompt::{self, ExtraContext};
use super::stream::says_nothing;
use crate::config;
use crate::domain::answer::{Mode, Usage};
use crate::domain::document::Origin;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::answer as say;
use crate::llm::client::Llm;
use crate::llm::error::LlmError;
use crate::llm::message::Message;
use crate::llm::tools::{Call, Tool};
use crate::recipes::snapshot::RecipeView;
use crate::search::index::Index;
use agent_turn::{AgentTurn, TurnOutput};
use budget::{CallBudget, MAX_TURNS};
use evidence_set::EvidenceSet;
use executor::ToolExecutor;

/// A question that the model answers with tools, and all that this needs.
pub(super) struct Consultation<'a> {
    pub(super) llm: &'a Llm,
    pub(super) config: &'a config::tools::Tools,
    pub(super) sources: &'a Sources,
    pub(super) index: &'a dyn Index,
    pub(super) max_prompt_tokens: usize,
    pub(super) question: &'a Question,
    pub(super) attachments: &'a Attachments,
    pub(super) evidence: &'a Evidence,
    pub(super) language: Language,
    /// The date, as `YYYY-MM-DD`.
    pub(super) today: &'a str,
    pub(super) progress: &'a watch::Sender<Progress>,
}

/// The result of a consultation.
struct Consulted<'a> {
    evidence: EvidenceSet,
    turns: AgentTurn<'a>,
    outcome: Outcome,
    /// At least one tool was called.
    has_called: bool,
    first_token: Option<Instant>,
    usage: Usage,
}

enum Outcome {
    /// The model's last words, all supported.
    Answered(TurnOutput),
    /// It says that nothing contains the answer.
    Nothing,
    /// Its words are not supported, or cite nothing.
    Unsupported,
    /// It only called tools until the limits were reached.
    CallLimitReached,
    Failed(LlmError),
}

impl Consultation<'_> {
    /// Lets the model answer with the help of tools. None if there is nothing that it could look up, or if it has no
    /// tools and nothing was looked up beforehand: then it is asked as for any document.
    ///
    /// # Errors
    /// The index cannot be read.
    pub(super) async fn draft(&self) -> anyhow::Result<Option<Draft>> {
        let Some(recipes) = &self.evidence.recipes else {
            return Ok(None);
        };
        let view = recipes.view(&self.question.access);
        let mut with_tools = self.config.mode == config::tools::ToolMode::Auto;
        let consulted = loop {
            if !with_tools && self.evidence.partial_lookup().is_none() {
                return Ok(None);
            }
            match Box::pin(self.converse(&view, with_tools)).await? {
                Consulted {
                    outcome: Outcome::Failed(LlmError::NoTools),
                    ..
                } => with_tools = false,
                consulted => break consulted,
            }
        };
        self.draft_from(consulted).await.map(Some)
    }

    async fn converse<'a>(
        &'a self,
        view: &RecipeView<'_>,
        with_tools: bool,
    ) -> anyhow::Result<Consulted<'a>> {
        let mut evidence = EvidenceSet::default();
        let partial = self.evidence.partial_lookup();
        let said = partial.map(|reply| evidence.add_reply(reply.clone()));
        let before = evidence.passages.len();
        // Results of lookups need as much room as what is known beforehand.
        let room = self.max_prompt_tokens / if with_tools { 2 } else { 1 };
        let passages = self.passages_besides(&evidence, room);
        let extra = ExtraContext {
            said: said.as_deref().map(|said| (said, before)),
            has_tools: with_tools,
        };
        let prompt = prompt::write(self.question, &passages, self.language, room, extra)?;
        evidence.add_passages(passages.into_iter().take(prompt.given).collect());
        let executor = ToolExecutor {
            view,
            sources: self.sources,
            question: self.question,
            attachments: self.attachments,
            language: self.language,
            today: self.today,
            mark: &prompt.mark,
        };
        let tools: Vec<Tool> = arguments::tools()
            .into_iter()
            .chain(self.sources.search_tools())
            .collect();
        let mut consulted = Consulted {
            turns: AgentTurn::new(said, &self.question.text, self.progress),
            evidence,
            outcome: Outcome::CallLimitReached,
            has_called: false,
            first_token: None,
            usage: Usage::default(),
        };
        let mut budget = CallBudget::new(self.config, room, with_tools);
        let mut messages = prompt.messages;
        for _ in 0..=MAX_TURNS {
            consulted.report(self.progress);
            let may_call = budget.begin_turn();
            let offered = with_tools.then_some((tools.as_slice(), may_call));
            let output = consulted
                .turns
                .stream(self.llm, &messages, offered, &consulted.evidence)
                .await;
            consulted.first_token = consulted.first_token.or(output.first_token);
            consulted.usage.prompt_tokens += output.usage.prompt_tokens;
            consulted.usage.completion_tokens += output.usage.completion_tokens;
            if output.calls.is_empty() || output.failure.is_some() {
                consulted.outcome = judge(&consulted.turns, output, &consulted.evidence);
                break;
            }
            if !may_call {
                break;
            }
            messages.push(Message::calling(output.text.clone(), &output.calls));
            for call in &output.calls {
                let result = execute(&mut budget, &executor, call, &mut consulted.evidence).await;
                messages.push(Message::result(call, result));
            }
            consulted.has_called = true;
        }
        Ok(consulted)
    }

    /// The passages that are not known from lookups, those of attachments as far as they fit in their share.
    fn passages_besides(&self, known: &EvidenceSet, room: usize) -> Vec<Passage> {
        let is_new = |passage: &&Passage| known.passages.iter().all(|one| one.id != passage.id);
        let passages = self.evidence.passages.iter().filter(is_new).cloned();
        let (attached, others): (Vec<Passage>, Vec<Passage>) =
            passages.partition(|passage| passage.document.origin == Origin::Attachment);
        let mut passages = evidence::fitting(attached, room);
        passages.extend(others);
        passages
    }

    /// What of a consultation is shown.
    async fn draft_from(&self, consulted: Consulted<'_>) -> anyhow::Result<Draft> {
        let language = self.language;
        let (first_token, usage) = (consulted.first_token, consulted.usage);
        let partial = self.evidence.partial_lookup();
        let notice = match &consulted.outcome {
            Outcome::Answered(_) => None,
            Outcome::Nothing => partial.map(|_| say::nothing_beyond(language)),
            Outcome::Unsupported => Some(say::unsupported_not_shown(language)),
            Outcome::CallLimitReached => Some(say::call_limit_reached(language)),
            Outcome::Failed(error) => {
                Some(say::model_failed(language, draft::model_failure(error)))
            }
        };
        let mut draft = match consulted.outcome {
            Outcome::Answered(output) => {
                let ending = output.ending;
                let ending = ending.and_then(|ending| draft::ending_notice(ending, language));
                let (passages, looked_up) = consulted.evidence.into_parts();
                Draft {
                    cited: output.cited,
                    passages,
                    looked_up,
                    notices: ending.into_iter().collect(),
                    ..Draft::plain(output.shown, Mode::Llm)
                }
            }
            outcome => {
                let says_nothing = matches!(outcome, Outcome::Nothing);
                let (evidence, has_called) = (consulted.evidence, consulted.has_called);
                let mut draft = self
                    .draft_without_words(evidence, says_nothing, has_called)
                    .await?;
                draft.notices.retain(|notice| !notice.is_empty());
                draft.notices.extend(notice);
                draft
            }
        };
        draft.plot = partial.and_then(|reply| reply.plot.clone());
        Ok(Draft {
            first_token,
            usage,
            ..draft
        })
    }

    /// What is shown in place of the model's words.
    async fn draft_without_words(
        &self,
        mut evidence: EvidenceSet,
        says_nothing: bool,
        has_called: bool,
    ) -> anyhow::Result<Draft> {
        let passages = &self.evidence.passages;
        if let Some(reply) = self.evidence.partial_lookup() {
            return Ok(Draft::from_reply(reply.clone()));
        }
        if let Some(refusal) = self.evidence.refusal() {
            return Ok(Draft::from_reply(refusal.clone()));
        }
        if !says_nothing && !evidence.results().is_empty() {
            return Ok(results_as_they_are(evidence, self.language));
        }
        if let Some(refusal) = evidence.last_refusal().filter(|_| has_called) {
            return Ok(Draft::from_reply(refusal));
        }
        if !says_nothing && !passages.is_empty() {
            let notice = String::new();
            return Ok(draft::quoting(
                self.question,
                passages.clone(),
                self.language,
                notice,
            ));
        }
        let nearest = if passages.is_empty() {
            self.evidence.nearest.clone()
        } else {
            passages.clone()
        };
        not_found::draft(self.index, self.question, nearest, false, self.language).await
    }
}

impl Consulted<'_> {
    fn report(&self, progress: &watch::Sender<Progress>) {
        if !self.turns.has_shown() {
            let passages = self.evidence.passages.len();
            progress.send_replace(Progress::Reading { passages });
        }
    }
}

/// Carries a call out within the budget. Returns its result for the model.
async fn execute(
    budget: &mut CallBudget,
    executor: &ToolExecutor<'_>,
    call: &Call,
    evidence: &mut EvidenceSet,
) -> String {
    if let Err(reason) = budget.admit(call) {
        return reason.to_owned();
    }
    let executed = tokio::time::timeout(budget.time_left(), executor.execute(call, evidence)).await;
    match executed {
        Ok(result) => budget.fit(result),
        Err(_) => "Error: there is no time left to look things up.".to_owned(),
    }
}

/// What the model's last words are worth.
fn judge(turns: &AgentTurn<'_>, output: TurnOutput, evidence: &EvidenceSet) -> Outcome {
    if let Some(error) = output.failure {
        return Outcome::Failed(error);
    }
    let own = output.own_words();
    if markers(own).is_empty() {
        return if says_nothing(own) {
            Outcome::Nothing
        } else {
            Outcome::Unsupported
        };
    }
    let unsupported = turns.unsupported(own, &output.cited, evidence);
    if unsupported.is_empty() {
        return Outcome::Answered(output);
    }
    tracing::warn!(?unsupported, "the language model's words are not supported");
    Outcome::Unsupported
}

/// The results of the lookups, unchanged.
fn results_as_they_are(evidence: EvidenceSet, language: Language) -> Draft {
    let results = evidence.results().join("\n\n");
    let mut citing = Citing::new(evidence.passages.len());
    citing.push(&format!("{}\n\n{results}", say::lookup_results(language)));
    citing.finish();
    let (passages, looked_up) = evidence.into_parts();
    Draft {
        cited: citing.cited().to_vec(),
        passages,
        looked_up,
        ..Draft::plain(citing.text().to_owned(), Mode::Extractive)
    }
}
