//! An answer before it is recorded, and the ways to make one from evidence.

use tokio::time::Instant;

use super::stream::Written;
use super::{hazard, quote};
use crate::domain::answer::{Drawing, Mode, Usage};
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::answer as say;
use crate::llm::error::LlmError;
use crate::llm::reply::Ending;
use crate::recipes::book::Plotted;
use crate::search::retrieve::Evidence;

/// An answer before it is recorded.
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) mode: Mode,
    /// The cited passages by their place among the evidence, in the order of their numbers.
    pub(super) cited: Vec<usize>,
    pub(super) passages: Vec<Passage>,
    /// What look-ups say, beside the passages: it bears out what the answer says, too.
    pub(super) looked_up: Vec<String>,
    /// The recipe that a drawing was asked of.
    pub(super) plot: Option<Plotted>,
    pub(super) drawing: Option<Drawing>,
    pub(super) notices: Vec<String>,
    /// How much of the text, in bytes, are the model's own words.
    pub(super) own: usize,
    /// What no cited passage bears out.
    pub(super) unsupported: Vec<String>,
    pub(super) first_token: Option<Instant>,
    pub(super) usage: Usage,
}

impl Draft {
    /// A text that cites nothing.
    pub(super) fn plain(text: String, mode: Mode) -> Self {
        Self {
            own: text.len(),
            text,
            mode,
            cited: Vec::new(),
            passages: Vec::new(),
            looked_up: Vec::new(),
            plot: None,
            drawing: None,
            notices: Vec::new(),
            unsupported: Vec::new(),
            first_token: None,
            usage: Usage::default(),
        }
    }
}

/// The model's answer, which cites what it was given.
pub(super) fn answered(evidence: Evidence, language: Language, written: Written) -> Draft {
    let notice = match written.ending {
        Some(Ending::TooLong) => Some(say::too_long(language)),
        Some(Ending::Filtered) => Some(say::filtered(language)),
        Some(Ending::Complete) | None => None,
    };
    Draft {
        cited: written.cited,
        passages: evidence.passages,
        notices: notice.into_iter().collect(),
        ..Draft::plain(written.text, Mode::Llm)
    }
}

/// The best passages, quoted, and the reason why there is no more.
pub(super) fn quoting(
    question: &Question,
    evidence: Evidence,
    language: Language,
    notice: String,
) -> Draft {
    let worth = quote::worth_quoting(&question.text, &evidence.passages);
    let cited: Vec<usize> = (0..worth).collect();
    let quotes = quote::quotes(
        &question.text,
        (1..).zip(&evidence.passages[..cited.len()]),
        language,
    );
    let text = format!("{}\n\n{quotes}", say::quotes_follow(language));
    Draft {
        cited,
        passages: evidence.passages,
        notices: vec![notice],
        ..Draft::plain(text, Mode::Extractive)
    }
}

/// The best passages from their first to their last word, as danger asks for.
pub(super) fn quoting_whole(evidence: Evidence, language: Language) -> Draft {
    let mut passages = evidence.passages;
    if passages.is_empty() {
        passages = evidence.nearest;
    }
    let worth = hazard::worth_quoting(&passages);
    // In danger nobody should have to translate.
    passages[..worth].sort_by_key(|passage| Language::of(&passage.text) != language);
    let text = hazard::text(&passages[..worth], language);
    Draft {
        cited: (0..worth).collect(),
        passages,
        ..Draft::plain(text, Mode::Extractive)
    }
}

/// What the model had written when it failed, and the passages for the rest.
pub(super) fn broken_off(
    question: &Question,
    evidence: Evidence,
    language: Language,
    written: &Written,
    trouble: say::Trouble,
) -> Draft {
    let worth = quote::worth_quoting(&question.text, &evidence.passages);
    let mut cited = written.cited.clone();
    for at in 0..worth {
        if !cited.contains(&at) {
            cited.push(at);
        }
    }
    let numbered = (1..)
        .zip(&cited)
        .filter(|(_, at)| **at < worth)
        .map(|(n, at)| (n, &evidence.passages[*at]));
    let quotes = quote::quotes(&question.text, numbered, language);
    let text = format!(
        "{} …\n\n{}\n\n{quotes}",
        written.text,
        say::broke_off(language)
    );
    let notices = vec![say::model_broke_off(language, trouble)];
    Draft {
        cited,
        passages: evidence.passages,
        notices,
        own: written.text.len(),
        ..Draft::plain(text, Mode::Llm)
    }
}

/// What a person is told of the failure.
pub(super) fn trouble(error: &LlmError) -> say::Trouble {
    match error {
        LlmError::Unreachable(_) => say::Trouble::Unreachable,
        LlmError::Refused {
            status: 401 | 403, ..
        } => say::Trouble::KeyRefused,
        LlmError::Refused { status, .. } => say::Trouble::Refused(*status),
        LlmError::RateLimited { .. } => say::Trouble::Overloaded,
        LlmError::Stalled { .. } => say::Trouble::Silent,
        LlmError::Cut => say::Trouble::BrokeOff,
        LlmError::NoTools | LlmError::Malformed(_) => say::Trouble::Unusable,
    }
}
