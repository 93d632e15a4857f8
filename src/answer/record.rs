//! Turns a finished draft into an answer: describes its citations, signs its links, counts and logs its figures.

use std::time::Duration;

use tokio::time::Instant;

use super::cite;
use super::draft::Draft;
use super::links::Links;
use crate::domain::answer::{Answer, Drawing, Mode, Timings};
use crate::domain::audience::Audience;
use crate::domain::language::Language;
use crate::runtime::metrics::{Refusal, Stage, Token, metrics};

/// Turns drafts into answers.
pub(super) struct Recorder<'a> {
    pub(super) links: &'a Links,
    /// The audience that the links are signed for.
    pub(super) audience: &'a Audience,
    /// Prices of a million prompt and completion tokens.
    pub(super) prices: (f64, f64),
    pub(super) language: Language,
    pub(super) started: Instant,
    /// When the evidence was complete.
    pub(super) retrieved: Instant,
}

impl Recorder<'_> {
    pub(super) fn record(&self, draft: Draft, drawing: Option<Drawing>) -> Answer {
        let cited = draft.cited_passages();
        let citations: Vec<_> = (1..)
            .zip(&cited)
            .map(|(n, passage)| cite::citation(n, passage, self.links, self.audience))
            .collect();
        let since_start =
            |at: Instant| u64::try_from((at - self.started).as_millis()).unwrap_or(u64::MAX);
        let timings_ms = Timings {
            retrieve: since_start(self.retrieved),
            first_token: draft.first_token.map(since_start),
            total: since_start(Instant::now()),
        };
        self.count(&draft, &timings_ms);
        tracing::info!(
            mode = ?draft.mode,
            passages = draft.passages.len(),
            cited = citations.len(),
            unsupported = draft.unsupported.len(),
            retrieve_ms = timings_ms.retrieve,
            first_token_ms = timings_ms.first_token,
            total_ms = timings_ms.total,
            prompt_tokens = draft.usage.prompt_tokens,
            completion_tokens = draft.usage.completion_tokens,
            "a question was answered"
        );
        Answer {
            text: draft.text,
            mode: draft.mode,
            language: self.language,
            citations,
            passages: draft.passages,
            unsupported: draft.unsupported,
            drawing,
            notice: (!draft.notices.is_empty()).then(|| draft.notices.join(" ")),
            timings_ms,
            usage: draft.usage,
        }
    }

    fn count(&self, draft: &Draft, timings: &Timings) {
        let metrics = metrics();
        metrics.questions.get_or_create(&draft.mode.into()).inc();
        if draft.mode == Mode::NoneFound {
            metrics.refusals.get_or_create(&Refusal::NOT_FOUND).inc();
        }
        let took =
            |stage, milliseconds| metrics.observe_stage(stage, Duration::from_millis(milliseconds));
        took(Stage::RETRIEVE, timings.retrieve);
        took(Stage::ANSWER, timings.total);
        if let Some(first_token) = timings.first_token {
            took(Stage::FIRST_TOKEN, first_token);
        }
        let unsupported = u64::try_from(draft.unsupported.len()).unwrap_or(u64::MAX);
        metrics.unsupported.inc_by(unsupported);
        let (read, written) = (draft.usage.prompt_tokens, draft.usage.completion_tokens);
        metrics.tokens.get_or_create(&Token::PROMPT).inc_by(read);
        metrics
            .tokens
            .get_or_create(&Token::COMPLETION)
            .inc_by(written);
        let (price_read, price_written) = self.prices;
        let cost = (millions(read) * price_read) + (millions(written) * price_written);
        metrics.cost.inc_by(cost);
    }
}

fn millions(tokens: u64) -> f64 {
    f64::from(u32::try_from(tokens).unwrap_or(u32::MAX)) / 1e6
}
