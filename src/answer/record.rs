//! What is counted of an answer.

use std::time::Duration;

use crate::answer::answerer::Answerer;
use crate::answer::draft::Draft;
use crate::domain::answer::{Mode, Timings};
use crate::runtime::metrics::{Refusal, Stage, Token, metrics};

impl Answerer {
    pub(super) fn count(&self, draft: &Draft, timings: &Timings) {
        let metrics = metrics();
        metrics.questions.get_or_create(&draft.mode.into()).inc();
        if draft.mode == Mode::NoneFound {
            metrics.refusals.get_or_create(&Refusal::NOT_FOUND).inc();
        }
        let took = |stage, milliseconds| metrics.took(stage, Duration::from_millis(milliseconds));
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
