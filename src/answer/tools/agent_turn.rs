//! Turns of the model: streams its text line by line, as far as it is supported.

use std::collections::BTreeMap;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::answer::citation_markers::markers;
use crate::answer::cite::CitationStream;
use crate::answer::ground::line_check;
use crate::answer::ground::line_check::LineSource;
use crate::answer::progress::Progress;
use crate::answer::tools::evidence_set::EvidenceSet;
use crate::domain::answer::Usage;
use crate::llm::client::Llm;
use crate::llm::error::LlmError;
use crate::llm::message::Message;
use crate::llm::reply::Ending;
use crate::llm::tools::{Tool, ToolCall};

/// Streams the model's turns as progress: the partial answer, then the model's text.
pub(super) struct AgentTurn<'a> {
    partial_answer: Option<String>,
    question: &'a str,
    progress: watch::Sender<Progress>,
    has_shown: bool,
}

/// What the model wrote in one turn.
#[derive(Debug, Default)]
pub(super) struct TurnOutput {
    /// The raw text of the model.
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
    /// The partial answer and the model's sanitized text; citations are numbered in the order of their appearance.
    pub(super) shown: String,
    /// Start of the model's text in `shown`, in bytes.
    model_start: usize,
    /// Positions of the cited passages in the evidence.
    pub(super) cited: Vec<usize>,
    pub(super) first_token: Option<Instant>,
    pub(super) usage: Usage,
    pub(super) ending: Option<Ending>,
    pub(super) failure: Option<LlmError>,
}

impl<'a> AgentTurn<'a> {
    pub(super) fn new(
        partial_answer: Option<String>,
        question: &'a str,
        progress: &watch::Sender<Progress>,
    ) -> Self {
        let mut turns = Self {
            partial_answer,
            question,
            progress: progress.clone(),
            has_shown: false,
        };
        if let Some(partial_answer) = turns.partial_answer.clone() {
            turns.show(&partial_answer);
        }
        turns
    }

    pub(super) fn has_shown(&self) -> bool {
        self.has_shown
    }

    fn show(&mut self, text: &str) {
        self.has_shown = true;
        self.progress
            .send_replace(Progress::Writing(text.to_owned()));
    }

    /// Asks the model and streams its reply. `tools` are the offered tools, and whether the model may call them.
    pub(super) async fn stream(
        &mut self,
        llm: &Llm,
        messages: &[Message],
        tools: Option<(&[Tool], bool)>,
        evidence: &EvidenceSet,
    ) -> TurnOutput {
        let mut output = TurnOutput::default();
        let mut citations = CitationStream::new(evidence.passages.len());
        if let Some(partial_answer) = &self.partial_answer {
            citations.push(partial_answer);
            citations.push("\n\n");
            output.model_start = citations.text().len();
        }
        let opened = match tools {
            Some((tools, may_call)) => llm.ask_with_tools(messages, tools, may_call).await,
            None => llm.ask(messages).await,
        };
        match opened {
            Err(error) => output.failure = Some(error),
            Ok(mut reply) => {
                let mut checked = 0;
                output.failure = loop {
                    match reply.next().await {
                        Ok(Some(piece)) => {
                            output.first_token.get_or_insert_with(Instant::now);
                            output.text.push_str(&piece);
                            citations.push(&piece);
                            let line_count = citations.text().matches('\n').count();
                            if line_count > checked {
                                checked = line_count;
                                self.show_lines(&output, &citations, evidence);
                            }
                        }
                        Ok(None) => break None,
                        Err(error) => break Some(error),
                    }
                };
                (output.usage, output.ending) = (reply.usage(), reply.ending());
                output.calls = reply.calls();
            }
        }
        citations.finish();
        citations.text().clone_into(&mut output.shown);
        output.cited = citations.cited().to_vec();
        output
    }

    /// Shows the complete lines so far if they are supported.
    fn show_lines(
        &mut self,
        output: &TurnOutput,
        citations: &CitationStream,
        evidence: &EvidenceSet,
    ) {
        let text = citations.text();
        let Some(end) = text.rfind('\n').filter(|end| *end > output.model_start) else {
            return;
        };
        let lines = &text[output.model_start..end];
        if !markers(lines).is_empty()
            && self
                .unsupported(lines, citations.cited(), evidence)
                .is_empty()
        {
            let shown = text[..end].to_owned();
            self.show(&shown);
        }
    }

    /// Returns what no source supports in lines that cite these passages.
    pub(super) fn unsupported(
        &self,
        lines: &str,
        cited: &[usize],
        evidence: &EvidenceSet,
    ) -> Vec<String> {
        let sources: BTreeMap<usize, LineSource<'_>> = (1..)
            .zip(cited)
            .filter_map(|(number, at)| Some((number, evidence.source(at + 1)?)))
            .collect();
        line_check::unsupported(lines, self.question, &sources)
    }
}

impl TurnOutput {
    /// The model's part of the shown text.
    pub(super) fn model_text(&self) -> &str {
        self.shown.get(self.model_start..).unwrap_or_default()
    }
}
