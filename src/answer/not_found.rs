//! The answer if nothing was found.

use super::draft::Draft;
use super::neutralize::neutralize;
use super::quote;
use crate::domain::access::Access;
use crate::domain::answer::Mode;
use crate::domain::excerpt::one_line;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::answer as say;
use crate::search::index::Index;

/// How many of the nearest passages are named.
const MAX_NEAREST: usize = 3;
/// Length to which the repeated question is cut, in characters.
const QUESTION_CHARS: usize = 200;

/// Drafts an answer that nothing was found, with the nearest passages; with `quoted`, also quotes them.
///
/// # Errors
/// The index cannot be read.
pub(super) async fn draft(
    index: &dyn Index,
    question: &Question,
    mut nearest: Vec<Passage>,
    quoted: bool,
    language: Language,
) -> anyhow::Result<Draft> {
    nearest.truncate(MAX_NEAREST);
    let (passages, collections) = match &question.access {
        Access::Everything => (Some(index.size().await?), None),
        // The number of passages that the person may not read is confidential.
        Access::Only(collections) => (None, Some(collections)),
    };
    let searched = say::Searched {
        question: &neutralize(&one_line(&question.text, QUESTION_CHARS)),
        passages,
        collections,
        nearest: nearest.len(),
    };
    let mut text = say::none_found(language, &searched);
    if quoted {
        let excerpts = quote::quotes(&question.text, (1..).zip(&nearest), language);
        text.push_str("\n\n");
        text.push_str(&excerpts);
    }
    Ok(Draft {
        cited: (0..nearest.len()).collect(),
        passages: nearest,
        ..Draft::plain(text, Mode::NoneFound)
    })
}
