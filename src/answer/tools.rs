//! The language model calls tools until it can answer.
//!
//! Results of tools are numbered like the passages. The model chooses what to look up and words the answer; its text is
//! shown if every line is supported by what that line cites. Otherwise the results of the lookups are shown unchanged.
//! Calls, time and size are limited.

mod agent_turn;
mod arguments;
mod budget;
mod evidence_set;
mod executor;

use tokio::sync::watch;
use tokio::time::Instant;

use super::attachments::Attachments;
use super::citation_markers::markers;
use super::cite::CitationStream;
use super::draft::{self, Draft};
use super::evidence::{self, Evidence, EvidenceSources};
use super::not_found;
use super::progress::Progress;
use super::prompt::{self, ExtraContext};
use super::stream::is_not_found;
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
use crate::llm::tools::{Tool, ToolCall};
use crate::recipes::snapshot::RecipeView;
use crate::search::index::Index;
use agent_turn::{AgentTurn, TurnOutput};
use budget::{CallBudget, MAX_TURNS};
use evidence_set::EvidenceSet;
use executor::ToolExecutor;

/// A question that the model answers with tools, and its context.
pub(super) struct ToolSession<'a> {
    pub(super) llm: &'a Llm,
    pub(super) config: &'a config::tools::Tools,
    pub(super) sources: &'a EvidenceSources,
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

/// The result of all turns of a session.
struct ToolRun<'a> {
    evidence: EvidenceSet,
    turns: AgentTurn<'a>,
    outcome: Outcome,
    /// At least one tool was called.
    has_called: bool,
    first_token: Option<Instant>,
    usage: Usage,
}

enum Outcome {
    /// The model's final text, all supported.
    Answered(TurnOutput),
    /// The model says that nothing contains the answer.
    Nothing,
    /// The text is unsupported, or has no citations.
    Unsupported,
    /// The model only called tools until the limits were reached.
    CallLimitReached,
    Failed(LlmError),
}

impl ToolSession<'_> {
    /// Lets the model answer with tools. `None` if there is nothing that it could look up, or if it has no tools and
    /// nothing was looked up beforehand: the caller then asks it as for any document.
    ///
    /// # Errors
    /// The index cannot be read.
    pub(super) async fn draft(&self) -> anyhow::Result<Option<Draft>> {
        let Some(recipes) = &self.evidence.recipes else {
            return Ok(None);
        };
        let view = recipes.view(&self.question.access);
        let mut with_tools = self.config.mode == config::tools::ToolMode::Auto;
        let run = loop {
            if !with_tools && self.evidence.partial_lookup().is_none() {
                return Ok(None);
            }
            match Box::pin(self.converse(&view, with_tools)).await? {
                ToolRun {
                    outcome: Outcome::Failed(LlmError::NoTools),
                    ..
                } => with_tools = false,
                run => break run,
            }
        };
        self.draft_from(run).await.map(Some)
    }

    async fn converse<'a>(
        &'a self,
        view: &RecipeView<'_>,
        with_tools: bool,
    ) -> anyhow::Result<ToolRun<'a>> {
        let mut evidence = EvidenceSet::default();
        let partial = self.evidence.partial_lookup();
        let partial_answer = partial.map(|reply| evidence.add_reply(reply.clone()));
        let before = evidence.passages.len();
        // Half of the budget is left for results of tools.
        let token_budget = self.max_prompt_tokens / if with_tools { 2 } else { 1 };
        let passages = self.new_passages(&evidence, token_budget);
        let extra = ExtraContext {
            partial_answer: partial_answer.as_deref().map(|text| (text, before)),
            has_tools: with_tools,
        };
        let prompt = prompt::write(self.question, &passages, self.language, token_budget, extra)?;
        evidence.add_passages(passages.into_iter().take(prompt.passage_count).collect());
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
        let mut run = ToolRun {
            turns: AgentTurn::new(partial_answer, &self.question.text, self.progress),
            evidence,
            outcome: Outcome::CallLimitReached,
            has_called: false,
            first_token: None,
            usage: Usage::default(),
        };
        let mut budget = CallBudget::new(self.config, token_budget, with_tools);
        let mut messages = prompt.messages;
        for _ in 0..=MAX_TURNS {
            run.report(self.progress);
            let may_call = budget.begin_turn();
            let offered = with_tools.then_some((tools.as_slice(), may_call));
            let output = run
                .turns
                .stream(self.llm, &messages, offered, &run.evidence)
                .await;
            run.first_token = run.first_token.or(output.first_token);
            run.usage.prompt_tokens += output.usage.prompt_tokens;
            run.usage.completion_tokens += output.usage.completion_tokens;
            if output.calls.is_empty() || output.failure.is_some() {
                run.outcome = judge(&run.turns, output, &run.evidence);
                break;
            }
            if !may_call {
                break;
            }
            messages.push(Message::calling(output.text.clone(), &output.calls));
            for call in &output.calls {
                let result = execute(&mut budget, &executor, call, &mut run.evidence).await;
                messages.push(Message::result(call, result));
            }
            run.has_called = true;
        }
        Ok(run)
    }

    /// The passages that are not in the evidence yet, those of attachments as far as they fit in their share.
    fn new_passages(&self, evidence: &EvidenceSet, token_budget: usize) -> Vec<Passage> {
        let is_new = |passage: &&Passage| evidence.passages.iter().all(|one| one.id != passage.id);
        let passages = self.evidence.passages.iter().filter(is_new).cloned();
        let (attached, others): (Vec<Passage>, Vec<Passage>) =
            passages.partition(|passage| passage.document.origin == Origin::Attachment);
        let mut passages = evidence::truncate_to_share(attached, token_budget);
        passages.extend(others);
        passages
    }

    /// Drafts the answer from the result of a session.
    async fn draft_from(&self, run: ToolRun<'_>) -> anyhow::Result<Draft> {
        let language = self.language;
        let (first_token, usage) = (run.first_token, run.usage);
        let partial = self.evidence.partial_lookup();
        let notice = match &run.outcome {
            Outcome::Answered(_) => None,
            Outcome::Nothing => partial.map(|_| say::nothing_beyond(language)),
            Outcome::Unsupported => Some(say::unsupported_not_shown(language)),
            Outcome::CallLimitReached => Some(say::call_limit_reached(language)),
            Outcome::Failed(error) => {
                Some(say::model_failed(language, draft::model_failure(error)))
            }
        };
        let mut draft = match run.outcome {
            Outcome::Answered(output) => {
                let ending = output.ending;
                let ending = ending.and_then(|ending| draft::ending_notice(ending, language));
                let (passages, looked_up) = run.evidence.into_parts();
                Draft {
                    cited: output.cited,
                    passages,
                    looked_up,
                    notices: ending.into_iter().collect(),
                    ..Draft::plain(output.shown, Mode::Llm)
                }
            }
            outcome => {
                let is_not_found = matches!(outcome, Outcome::Nothing);
                let (evidence, has_called) = (run.evidence, run.has_called);
                let mut draft = self
                    .draft_without_model_text(evidence, is_not_found, has_called)
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

    /// Drafts the answer in place of an unusable text of the model.
    async fn draft_without_model_text(
        &self,
        mut evidence: EvidenceSet,
        is_not_found: bool,
        has_called: bool,
    ) -> anyhow::Result<Draft> {
        let passages = &self.evidence.passages;
        if let Some(reply) = self.evidence.partial_lookup() {
            return Ok(Draft::from_reply(reply.clone()));
        }
        if let Some(refusal) = self.evidence.refusal() {
            return Ok(Draft::from_reply(refusal.clone()));
        }
        if !is_not_found && !evidence.results().is_empty() {
            return Ok(quoting_results(evidence, self.language));
        }
        if let Some(refusal) = evidence.last_refusal().filter(|_| has_called) {
            return Ok(Draft::from_reply(refusal));
        }
        if !is_not_found && !passages.is_empty() {
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

impl ToolRun<'_> {
    fn report(&self, progress: &watch::Sender<Progress>) {
        if !self.turns.has_shown() {
            let passages = self.evidence.passages.len();
            progress.send_replace(Progress::Reading { passages });
        }
    }
}

/// Executes a call within the budget. Returns its result for the model.
async fn execute(
    budget: &mut CallBudget,
    executor: &ToolExecutor<'_>,
    call: &ToolCall,
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

/// Judges the model's final text.
fn judge(turns: &AgentTurn<'_>, output: TurnOutput, evidence: &EvidenceSet) -> Outcome {
    if let Some(error) = output.failure {
        return Outcome::Failed(error);
    }
    let model_text = output.model_text();
    if markers(model_text).is_empty() {
        return if is_not_found(model_text) {
            Outcome::Nothing
        } else {
            Outcome::Unsupported
        };
    }
    let unsupported = turns.unsupported(model_text, &output.cited, evidence);
    if unsupported.is_empty() {
        return Outcome::Answered(output);
    }
    tracing::warn!(?unsupported, "the language model's text is not supported");
    Outcome::Unsupported
}

/// Drafts an answer from the unchanged results of the lookups.
fn quoting_results(evidence: EvidenceSet, language: Language) -> Draft {
    let results = evidence.results().join("\n\n");
    let mut citations = CitationStream::new(evidence.passages.len());
    citations.push(&format!("{}\n\n{results}", say::lookup_results(language)));
    citations.finish();
    let (passages, looked_up) = evidence.into_parts();
    Draft {
        cited: citations.cited().to_vec(),
        passages,
        looked_up,
        ..Draft::plain(citations.text().to_owned(), Mode::Extractive)
    }
}
