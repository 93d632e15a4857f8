//! A question with everything that is determined once, before the search.

use tokio::time::Instant;

use super::attachments::{self, Attachments};
use super::hazard::{Danger, HazardDetector};
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::files as say;
use crate::runtime::clock::Clock;

/// A question with its attachments, language and danger.
pub(super) struct QuestionContext<'a> {
    pub(super) question: &'a Question,
    /// Passages of the files that were attached to it.
    pub(super) attached: &'a [Passage],
    pub(super) attachments: &'a Attachments,
    /// The language of the answer: that of the question, or of the file if nothing was written.
    pub(super) language: Language,
    /// The danger that the question is about, if any.
    pub(super) danger: Option<Danger>,
    /// The date, as `YYYY-MM-DD`.
    pub(super) today: String,
    pub(super) started: Instant,
}

impl<'a> QuestionContext<'a> {
    pub(super) fn new(
        question: &'a Question,
        attachments: &'a Attachments,
        hazards: &HazardDetector,
        clock: &Clock,
    ) -> Self {
        let attached = attachments.passages.as_slice();
        let is_bare = question.text.trim().is_empty();
        let language = match attached {
            [first, ..] if is_bare => Language::detect(&first.text),
            _ => Language::detect(&question.text),
        };
        let in_file = || {
            let text = attachments::short_text(attached).filter(|_| is_bare)?;
            let kind = hazards.kind(text)?;
            Some(Danger {
                kind,
                text: String::new(),
            })
        };
        Self {
            question,
            attached,
            attachments,
            language,
            danger: hazards.in_question(question).or_else(in_file),
            today: clock.now().strftime("%Y-%m-%d").to_string(),
            started: Instant::now(),
        }
    }

    /// Returns true if nothing was written and nothing attached.
    pub(super) fn is_empty(&self) -> bool {
        self.is_bare() && self.attached.is_empty()
    }

    /// Returns true if nothing was written; the attachment is then the question.
    pub(super) fn is_bare(&self) -> bool {
        self.question.text.trim().is_empty()
    }

    /// The text of the question; for files without a text, the question what they are.
    pub(super) fn words(&self) -> String {
        if self.is_bare() {
            say::what_is_it(self.language)
        } else {
            self.question.text.clone()
        }
    }

    /// What is searched for.
    pub(super) fn search_text(&self) -> String {
        let text = match &self.danger {
            Some(danger) => &danger.text,
            None => &self.question.text,
        };
        if self.attached.is_empty() {
            text.clone()
        } else {
            attachments::search_text(text, self.attached)
        }
    }
}
