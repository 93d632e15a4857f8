//! Finds recipes and steps by a condition, among all that the person may see.

mod list;
mod species;
mod threshold;

pub(super) use list::list;
pub(super) use species::by_species;
pub(super) use threshold::by_threshold;

use super::question::RecipeQuestion;
use super::reply::ReplyWriter;
use crate::recipes::snapshot::{RecipeEntry, RecipeView};
use list::by_words;
use species::{asks_for_value, negates};

/// Rows of a table; further ones are counted only.
const MAX_ROWS: usize = 30;

pub(super) fn answer(
    question: &RecipeQuestion<'_>,
    view: &RecipeView<'_>,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let wants_steps = question.mentions(&["step", "steps", "단계", "스텝"])
        && !question.mentions(&[
            "which recipe",
            "which recipes",
            "어떤 레시피",
            "어느 레시피",
        ]);
    match question.threshold {
        Some(threshold) => by_threshold(question, threshold, wants_steps, &view.entries, writer),
        // A question such as "TMGa above 30 sccm" asks for a value, not for recipes.
        None if !question.species.is_empty() && asks_for_value(question) => None,
        None if !question.species.is_empty() => {
            by_species(&question.species, negates(question), &view.entries, writer);
            Some(())
        }
        None => by_words(question, view, writer),
    }
}

/// Finds the steps of one recipe that match a threshold.
pub(super) fn in_one(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let threshold = question.threshold?;
    let is_asked = question.mentions(&[
        "step", "steps", "단계", "스텝", "where", "which", "when", "어디", "언제", "구간",
        "go above", "exceed", "넘",
    ]);
    if !is_asked {
        return None;
    }
    by_threshold(question, threshold, true, &[entry], writer)
}
