//! Recipes and steps that fit a condition, over all that may be seen.

mod bounded;
mod list;
mod species;

pub(super) use bounded::by_bound;
pub(super) use list::list;
pub(super) use species::by_species;

use super::question::Asked;
use super::reply::Writer;
use crate::recipes::book::{Entry, View};
use list::by_words;
use species::{asks_for_value, negates};

/// Rows of a table at most; further ones are counted.
const MOST_ROWS: usize = 30;

pub(super) fn answer(asked: &Asked<'_>, view: &View<'_>, writer: &mut Writer) -> Option<()> {
    let wants_steps = asked.says(&["step", "steps", "단계", "스텝"])
        && !asked.says(&[
            "which recipe",
            "which recipes",
            "어떤 레시피",
            "어느 레시피",
        ]);
    match asked.bound {
        Some(bound) => by_bound(asked, bound, wants_steps, &view.entries, writer),
        // "TMGa above 30 sccm" and the like are other questions.
        None if !asked.species.is_empty() && asks_for_value(asked) => None,
        None if !asked.species.is_empty() => {
            by_species(&asked.species, negates(asked), &view.entries, writer);
            Some(())
        }
        None => by_words(asked, view, writer),
    }
}

/// Steps of one recipe that fit a bound.
pub(super) fn in_one(asked: &Asked<'_>, entry: &Entry, writer: &mut Writer) -> Option<()> {
    let bound = asked.bound?;
    let is_asked = asked.says(&[
        "step", "steps", "단계", "스텝", "where", "which", "when", "어디", "언제", "구간",
        "go above", "exceed", "넘",
    ]);
    if !is_asked {
        return None;
    }
    by_bound(asked, bound, true, &[entry], writer)
}
