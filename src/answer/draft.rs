//! An answer before it is verified and recorded, and the ways to draft one from evidence.

use tokio::time::Instant;

use super::citation_markers::renumbered;
use super::stream::Written;
use super::{hazard, quote};
use crate::domain::answer::{Mode, Usage};
use crate::domain::document::Origin;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::answer as say;
use crate::llm::error::LlmError;
use crate::llm::reply::Ending;
use crate::recipes::ask::Reply;
use crate::recipes::snapshot::PlottedRecipe;

/// Passages of attachments that are quoted if no model words the answer.
const MAX_ATTACHED_QUOTES: usize = 2;

/// An answer before it is verified and recorded.
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) mode: Mode,
    /// Positions of the cited passages among `passages`, in the order of their numbers.
    pub(super) cited: Vec<usize>,
    pub(super) passages: Vec<Passage>,
    /// The results of lookups, which support the answer in addition to the passages.
    pub(super) looked_up: Vec<String>,
    /// The recipe to draw.
    pub(super) plot: Option<PlottedRecipe>,
    pub(super) notices: Vec<String>,
    /// Length of the text up to which the model wrote it, in bytes.
    pub(super) model_bytes: usize,
    /// Claims that no cited passage supports.
    pub(super) unsupported: Vec<String>,
    pub(super) first_token: Option<Instant>,
    pub(super) usage: Usage,
}

impl Draft {
    /// A text that cites nothing.
    pub(super) fn plain(text: String, mode: Mode) -> Self {
        Self {
            model_bytes: text.len(),
            text,
            mode,
            cited: Vec::new(),
            passages: Vec::new(),
            looked_up: Vec::new(),
            plot: None,
            notices: Vec::new(),
            unsupported: Vec::new(),
            first_token: None,
            usage: Usage::default(),
        }
    }

    /// What can be asked, in both languages, because an empty question has no language.
    pub(super) fn help() -> Self {
        let (korean, english) = (say::help(Language::Korean), say::help(Language::English));
        Self::plain(format!("{korean}\n\n{english}"), Mode::NoneFound)
    }

    /// The reply of a lookup.
    pub(super) fn from_reply(reply: Reply) -> Self {
        let mode = if reply.is_refusal && reply.cited.is_empty() {
            Mode::NoneFound
        } else {
            Mode::Extractive
        };
        Self {
            cited: (0..reply.cited.len()).collect(),
            passages: reply.cited,
            plot: reply.plot,
            ..Self::plain(reply.text, mode)
        }
    }

    /// The cited passages in the order of their numbers.
    pub(super) fn cited_passages(&self) -> Vec<&Passage> {
        let positions = self.cited.iter();
        positions.filter_map(|at| self.passages.get(*at)).collect()
    }

    /// Appends another draft, whose citations are numbered after those of this one.
    pub(super) fn followed_by(mut self, next: Self) -> Self {
        let numbers: Vec<Option<usize>> = (1..=next.cited.len())
            .map(|number| Some(self.cited.len() + number))
            .collect();
        self.text = format!("{}\n\n{}", self.text, renumbered(&next.text, &numbers));
        let before = self.passages.len();
        self.cited.extend(next.cited.iter().map(|at| before + at));
        self.passages.extend(next.passages);
        self.notices.extend(next.notices);
        self.model_bytes = self.text.len();
        self
    }
}

/// The model's answer with citations of the passages.
pub(super) fn from_model(passages: Vec<Passage>, language: Language, written: Written) -> Draft {
    let notice = written
        .ending
        .and_then(|ending| ending_notice(ending, language));
    Draft {
        cited: written.cited,
        passages,
        notices: notice.into_iter().collect(),
        ..Draft::plain(written.text, Mode::Llm)
    }
}

/// Notice why a model's answer is incomplete.
pub(super) fn ending_notice(ending: Ending, language: Language) -> Option<String> {
    match ending {
        Ending::TooLong => Some(say::too_long(language)),
        Ending::Filtered => Some(say::filtered(language)),
        Ending::Complete => None,
    }
}

/// Quotes the best passages, with the reason why no model answers as notice. Passages of attachments, which come first,
/// are quoted in addition to those of documents.
pub(super) fn quoting(
    question: &Question,
    passages: Vec<Passage>,
    language: Language,
    notice: String,
) -> Draft {
    let attached = passages
        .iter()
        .take_while(|passage| passage.document.origin == Origin::Attachment)
        .count();
    let count = quote::quote_count(&question.text, &passages[attached..]);
    let cited: Vec<usize> = (0..attached.min(MAX_ATTACHED_QUOTES))
        .chain(attached..attached + count)
        .collect();
    let numbered = (1..).zip(cited.iter().map(|at| &passages[*at]));
    let quotes = quote::quotes(&question.text, numbered, language);
    let text = format!("{}\n\n{quotes}", say::quotes_follow(language));
    Draft {
        cited,
        passages,
        notices: vec![notice],
        ..Draft::plain(text, Mode::Extractive)
    }
}

/// The best passages quoted whole, below the warning, for a question about danger.
pub(super) fn quoting_whole(mut passages: Vec<Passage>, language: Language) -> Draft {
    let count = hazard::quote_count(&passages);
    // In danger nobody should have to translate.
    passages[..count].sort_by_key(|passage| Language::detect(&passage.text) != language);
    let text = hazard::text(&passages[..count], language);
    Draft {
        cited: (0..count).collect(),
        passages,
        ..Draft::plain(text, Mode::Extractive)
    }
}

/// The text that the model had written when it failed, followed by quoted passages.
pub(super) fn broken_off(
    question: &Question,
    passages: Vec<Passage>,
    language: Language,
    written: &Written,
    failure: say::ModelFailure,
) -> Draft {
    let count = quote::quote_count(&question.text, &passages);
    let mut cited = written.cited.clone();
    for at in 0..count {
        if !cited.contains(&at) {
            cited.push(at);
        }
    }
    let numbered = (1..)
        .zip(&cited)
        .filter(|(_, at)| **at < count)
        .map(|(n, at)| (n, &passages[*at]));
    let quotes = quote::quotes(&question.text, numbered, language);
    let text = format!(
        "{} …\n\n{}\n\n{quotes}",
        written.text,
        say::broken_off(language)
    );
    Draft {
        cited,
        passages,
        notices: vec![say::model_broke_off(language, failure)],
        model_bytes: written.text.len(),
        ..Draft::plain(text, Mode::Llm)
    }
}

/// The model's failure as it is shown to users.
pub(super) fn model_failure(error: &LlmError) -> say::ModelFailure {
    match error {
        LlmError::Unreachable(_) => say::ModelFailure::Unreachable,
        LlmError::Refused {
            status: 401 | 403, ..
        } => say::ModelFailure::KeyRefused,
        LlmError::Refused { status, .. } => say::ModelFailure::Refused(*status),
        LlmError::RateLimited { .. } => say::ModelFailure::Overloaded,
        LlmError::Stalled { .. } => say::ModelFailure::Silent,
        LlmError::Interrupted => say::ModelFailure::BrokeOff,
        LlmError::NoTools | LlmError::Malformed(_) => say::ModelFailure::Unusable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn the_citations_of_an_appended_draft_are_numbered_after_the_first() {
        let first = Draft {
            cited: vec![0],
            passages: vec![sample::passage("A", "one")],
            ..Draft::plain("745 °C [1]".to_owned(), Mode::Extractive)
        };
        let next = Draft {
            cited: vec![1, 0],
            passages: vec![sample::passage("B", "two"), sample::passage("C", "three")],
            ..Draft::plain("three [1], two [2]".to_owned(), Mode::Extractive)
        };
        let both = first.followed_by(next);
        assert_eq!(both.text, "745 °C [1]\n\nthree [2], two [3]");
        let cited: Vec<&str> = both
            .cited_passages()
            .iter()
            .map(|passage| passage.text.as_str())
            .collect();
        assert_eq!(cited, ["one", "three", "two"]);
    }

    #[test]
    fn attachments_are_quoted_in_addition_to_documents() {
        let mut log = sample::passage("log", "10:02 E-1042");
        log.document.origin = Origin::Attachment;
        let passages = vec![log.clone(), log.clone(), log, sample::bake()];
        let question = Question {
            text: "How hot is the susceptor baked?".to_owned(),
            conversation: Vec::new(),
            access: crate::domain::access::Access::Everything,
        };
        let draft = quoting(&question, passages, Language::English, String::new());
        assert_eq!(draft.cited, [0, 1, 3]);
    }
}
