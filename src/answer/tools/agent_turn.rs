//! A turn of the model: its words are shown line by line, as far as they are supported.

use std::collections::BTreeMap;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::answer::citation_markers::markers;
use crate::answer::cite::Citing;
use crate::answer::ground::line_check;
use crate::answer::ground::line_check::LineSource;
use crate::answer::progress::Progress;
use crate::answer::tools::evidence_set::EvidenceSet;
use crate::domain::answer::Usage;
use crate::llm::client::Llm;
use crate::llm::error::LlmError;
use crate::llm::message::Message;
use crate::llm::reply::Ending;
use crate::llm::tools::{Call, Tool};

/// Streams the model's turns to the person: what was looked up beforehand, then the model's words.
pub(super) struct AgentTurn<'a> {
    said: Option<String>,
    question: &'a str,
    progress: watch::Sender<Progress>,
    has_shown: bool,
}

/// What the model wrote in one turn.
#[derive(Debug, Default)]
pub(super) struct TurnOutput {
    /// As the model wrote it.
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    /// All that is to be shown, with what was said beforehand; citations count in the order of their appearance.
    pub(super) shown: String,
    /// Where the model's own words begin in it, in bytes.
    own: usize,
    /// The cited passages by their position in the evidence.
    pub(super) cited: Vec<usize>,
    pub(super) first_token: Option<Instant>,
    pub(super) usage: Usage,
    pub(super) ending: Option<Ending>,
    pub(super) failure: Option<LlmError>,
}

impl<'a> AgentTurn<'a> {
    pub(super) fn new(
        said: Option<String>,
        question: &'a str,
        progress: &watch::Sender<Progress>,
    ) -> Self {
        let mut turns = Self {
            said,
            question,
            progress: progress.clone(),
            has_shown: false,
        };
        if let Some(said) = turns.said.clone() {
            turns.show(&said);
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

    /// Asks the model and streams its reply to the end. `tools` are those that it is told of, and whether it may call them.
    pub(super) async fn stream(
        &mut self,
        llm: &Llm,
        messages: &[Message],
        tools: Option<(&[Tool], bool)>,
        evidence: &EvidenceSet,
    ) -> TurnOutput {
        let mut output = TurnOutput::default();
        let mut citing = Citing::new(evidence.passages.len());
        if let Some(said) = &self.said {
            citing.push(said);
            citing.push("\n\n");
            output.own = citing.text().len();
        }
        let begun = match tools {
            Some((tools, may_call)) => llm.ask_with_tools(messages, tools, may_call).await,
            None => llm.ask(messages).await,
        };
        match begun {
            Err(error) => output.failure = Some(error),
            Ok(mut reply) => {
                let mut checked = 0;
                output.failure = loop {
                    match reply.next().await {
                        Ok(Some(piece)) => {
                            output.first_token.get_or_insert_with(Instant::now);
                            output.text.push_str(&piece);
                            citing.push(&piece);
                            let lines = citing.text().matches('\n').count();
                            if lines > checked {
                                checked = lines;
                                self.show_lines(&output, &citing, evidence);
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
        citing.finish();
        citing.text().clone_into(&mut output.shown);
        output.cited = citing.cited().to_vec();
        output
    }

    /// Shows the whole lines so far, if they are supported.
    fn show_lines(&mut self, output: &TurnOutput, citing: &Citing, evidence: &EvidenceSet) {
        let text = citing.text();
        let Some(end) = text.rfind('\n').filter(|end| *end > output.own) else {
            return;
        };
        let own = &text[output.own..end];
        if !markers(own).is_empty() && self.unsupported(own, citing.cited(), evidence).is_empty() {
            let shown = text[..end].to_owned();
            self.show(&shown);
        }
    }

    /// What no source supports of some lines that cite these passages.
    pub(super) fn unsupported(
        &self,
        own: &str,
        cited: &[usize],
        evidence: &EvidenceSet,
    ) -> Vec<String> {
        let sources: BTreeMap<usize, LineSource<'_>> = (1..)
            .zip(cited)
            .filter_map(|(number, at)| Some((number, evidence.source(at + 1)?)))
            .collect();
        line_check::unsupported(own, self.question, &sources)
    }
}

impl TurnOutput {
    /// The model's own words.
    pub(super) fn own_words(&self) -> &str {
        self.shown.get(self.own..).unwrap_or_default()
    }
}
