//! One turn of the model: what it says is shown line by line, as far as it is borne out.

use std::collections::BTreeMap;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{Outcome, arguments};
use crate::answer::citation_markers::marks;
use crate::answer::cite::Citing;
use crate::answer::ground::line_check;
use crate::answer::ground::line_check::Source;
use crate::answer::progress::Progress;
use crate::answer::stream::says_nothing;
use crate::answer::tools::evidence_set::Gathered;
use crate::domain::answer::Usage;
use crate::llm::client::Llm;
use crate::llm::error::LlmError;
use crate::llm::message::Message;
use crate::llm::reply::Ending;
use crate::llm::tools::Call;

/// What is told to the person: what is known beforehand, and behind it the model's words.
pub(super) struct Telling<'a> {
    told: Option<String>,
    question: &'a str,
    progress: watch::Sender<Progress>,
    has_shown: bool,
}

/// What the model said in one turn.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// As it came.
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    /// All that is to be shown, with what was told beforehand; citations in the order of their appearance.
    pub(super) shown: String,
    /// Where the model's own words begin in it.
    own: usize,
    /// The cited passages by their place among those gathered.
    pub(super) cited: Vec<usize>,
    pub(super) first_token: Option<Instant>,
    pub(super) usage: Usage,
    pub(super) ending: Option<Ending>,
    pub(super) failure: Option<LlmError>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(
        told: Option<String>,
        question: &'a str,
        progress: &watch::Sender<Progress>,
    ) -> Self {
        let mut telling = Self {
            told,
            question,
            progress: progress.clone(),
            has_shown: false,
        };
        if let Some(told) = telling.told.clone() {
            telling.show(&told);
        }
        telling
    }

    pub(super) fn has_shown(&self) -> bool {
        self.has_shown
    }

    fn show(&mut self, text: &str) {
        self.has_shown = true;
        self.progress
            .send_replace(Progress::Writing(text.to_owned()));
    }

    /// Asks the model and listens to the end. `may_call` is none where it is told of no tools.
    pub(super) async fn listen(
        &mut self,
        llm: &Llm,
        messages: &[Message],
        may_call: Option<bool>,
        gathered: &Gathered,
    ) -> Turn {
        let mut turn = Turn::default();
        let mut citing = Citing::new(gathered.passages.len());
        if let Some(told) = &self.told {
            citing.push(told);
            citing.push("\n\n");
            turn.own = citing.text().len();
        }
        let begun = match may_call {
            Some(may_call) => {
                llm.ask_with_tools(messages, &arguments::tools(), may_call)
                    .await
            }
            None => llm.ask(messages).await,
        };
        match begun {
            Err(error) => turn.failure = Some(error),
            Ok(mut reply) => {
                let mut checked = 0;
                turn.failure = loop {
                    match reply.next().await {
                        Ok(Some(piece)) => {
                            turn.first_token.get_or_insert_with(Instant::now);
                            turn.text.push_str(&piece);
                            citing.push(&piece);
                            let lines = citing.text().matches('\n').count();
                            if lines > checked {
                                checked = lines;
                                self.show_lines(&turn, &citing, gathered);
                            }
                        }
                        Ok(None) => break None,
                        Err(error) => break Some(error),
                    }
                };
                (turn.usage, turn.ending) = (reply.usage(), reply.ending());
                turn.calls = reply.calls();
            }
        }
        citing.finish();
        citing.text().clone_into(&mut turn.shown);
        turn.cited = citing.cited().to_vec();
        turn
    }

    /// Shows the whole lines so far, if they are borne out.
    fn show_lines(&mut self, turn: &Turn, citing: &Citing, gathered: &Gathered) {
        let text = citing.text();
        let Some(end) = text.rfind('\n').filter(|end| *end > turn.own) else {
            return;
        };
        let own = &text[turn.own..end];
        if !marks(own).is_empty() && self.missing(own, citing.cited(), gathered).is_empty() {
            let shown = text[..end].to_owned();
            self.show(&shown);
        }
    }

    /// What no source bears out of some lines that cite these passages.
    fn missing(&self, own: &str, cited: &[usize], gathered: &Gathered) -> Vec<String> {
        let sources: BTreeMap<usize, Source<'_>> = (1..)
            .zip(cited)
            .filter_map(|(number, at)| Some((number, gathered.source(at + 1)?)))
            .collect();
        line_check::unsupported(own, self.question, &sources)
    }

    /// What the model's last words are worth.
    pub(super) fn judge(&self, turn: Turn, gathered: &Gathered) -> Outcome {
        if let Some(error) = turn.failure {
            return Outcome::Failed(error);
        }
        let own = turn.shown.get(turn.own..).unwrap_or_default();
        let cites = marks(own);
        if cites.is_empty() {
            return if says_nothing(own) {
                Outcome::Nothing
            } else {
                Outcome::Unfounded
            };
        }
        let missing = self.missing(own, &turn.cited, gathered);
        if missing.is_empty() {
            return Outcome::Answered(turn);
        }
        tracing::warn!(?missing, "the language model's words are not borne out");
        Outcome::Unfounded
    }
}
