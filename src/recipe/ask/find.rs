//! Recipes and steps that fit a condition, over all that may be seen.

mod list;
mod species;

pub(super) use list::list;
pub(super) use species::by_species;

use super::question::{Asked, Bound, Comparison};
use super::reply::{Writer, code};
use super::select;
use crate::recipe::book::{Entry, StepRange, View};
use crate::recipe::model::Kind;
use crate::recipe::unit::{Dimension, Unit, with_unit};
use crate::text::recipe::{self as say, Head};
use list::by_words;
use species::{asks_for_value, negates};

/// Rows of a table at most; further ones are counted.
const MOST_ROWS: usize = 30;

/// A step that fits.
struct Hit<'v> {
    entry: &'v Entry,
    step: usize,
    /// The least and the most that it comes to, in the unit of the bound.
    range: (f64, f64),
}

pub(super) fn answer(asked: &Asked<'_>, view: &View<'_>, writer: &mut Writer) -> Option<()> {
    let wants_steps = asked.says(&["step", "steps", "단계", "스텝"])
        && !asked.says(&[
            "which recipe",
            "which recipes",
            "어떤 레시피",
            "어느 레시피",
        ]);
    match asked.bound {
        Some(bound) if kind_of(bound).is_some() => {
            by_bound(asked, bound, wants_steps, &view.entries, writer)
        }
        Some(_) => None,
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
    kind_of(bound)?;
    let is_asked = asked.says(&[
        "step", "steps", "단계", "스텝", "where", "which", "when", "어디", "언제", "구간",
        "go above", "exceed", "넘",
    ]);
    if !is_asked {
        return None;
    }
    by_bound(asked, bound, true, &[entry], writer)
}

fn kind_of(bound: Bound) -> Option<Kind> {
    Some(match bound.unit.dimension()? {
        Dimension::Temperature => Kind::Temperature,
        Dimension::Pressure => Kind::Pressure,
        Dimension::Rotation => Kind::Rotation,
        _ => return None,
    })
}

/// The bound in words: `pressure ≥ 200 Torr`.
fn described(asked: &Asked<'_>, bound: Bound, kind: Kind) -> String {
    let sign = match bound.comparison {
        Comparison::AtLeast => "≥",
        Comparison::Above => ">",
        Comparison::AtMost => "≤",
        Comparison::Below => "<",
        Comparison::Equal => "=",
    };
    let name = match kind {
        Kind::Temperature => "T",
        Kind::Pressure => "p",
        _ => "rotation",
    };
    let mut text = format!("{name} {sign} {}", with_unit(bound.value, bound.unit));
    if !asked.species.is_empty() {
        text = format!("{text}, {}", asked.species.join(" + "));
    }
    text
}

/// Recipes, or their steps, that a bound holds for.
pub(super) fn by_bound(
    asked: &Asked<'_>,
    bound: Bound,
    wants_steps: bool,
    entries: &[&Entry],
    writer: &mut Writer,
) -> Option<()> {
    let kind = kind_of(bound)?;
    let language = writer.language;
    let hits = hits(asked, bound, kind, entries);
    let what = described(asked, bound, kind);
    if hits.is_empty() {
        writer.refuse(&say::nothing_found(language, &what));
        return Some(());
    }
    // Those of one recipe stand together.
    let by_recipe = || hits.chunk_by(|one, other| std::ptr::eq(one.entry, other.entry));
    let recipes = by_recipe().count();
    let mut rows = vec![vec![
        say::head(language, Head::Recipe).to_owned(),
        say::head(language, Head::Step).to_owned(),
        say::head(language, Head::Value).to_owned(),
        say::head(language, Head::Line).to_owned(),
        say::head(language, Head::Source).to_owned(),
    ]];
    let shown: Vec<&Hit<'_>> = if wants_steps {
        writer.line(&say::found_steps(language, hits.len(), recipes, &what));
        hits.iter().collect()
    } else {
        writer.line(&say::found(language, recipes, &what));
        // One row a recipe: the step that goes furthest.
        let wants_low = matches!(bound.comparison, Comparison::AtMost | Comparison::Below);
        by_recipe()
            .filter_map(|own| {
                own.iter().reduce(|best, next| {
                    let is_further = if wants_low {
                        next.range.0 < best.range.0
                    } else {
                        next.range.1 > best.range.1
                    };
                    if is_further { next } else { best }
                })
            })
            .collect()
    };
    for hit in shown.iter().take(MOST_ROWS) {
        let recipe = hit.entry.recipe();
        let step = &recipe.steps[hit.step];
        let own = recipe
            .channels_of(kind)
            .next()
            .map_or(bound.unit, |channel| recipe.channels[channel].unit);
        let value = |number: f64| {
            let given = bound.unit.convert(number, own).unwrap_or(number);
            let text = with_unit(tidy(given), own);
            if own == bound.unit || own == Unit::None {
                text
            } else {
                format!("{text} (= {})", with_unit(tidy(number), bound.unit))
            }
        };
        let text = if (hit.range.0 - hit.range.1).abs() < 1e-9 {
            value(hit.range.0)
        } else {
            format!("{} … {}", value(hit.range.0), value(hit.range.1))
        };
        let cite = writer.cite(hit.entry, step.lines.0);
        rows.push(vec![
            code(&recipe.id),
            code(&step.name()),
            text,
            step.lines.0.to_string(),
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
    if shown.len() > MOST_ROWS {
        writer.paragraph(&say::and_more(language, shown.len() - MOST_ROWS));
    }
    Some(())
}

/// What a conversion leaves behind the fourth place is no part of the value.
fn tidy(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn hits<'v>(asked: &Asked<'_>, bound: Bound, kind: Kind, entries: &[&'v Entry]) -> Vec<Hit<'v>> {
    let base = match kind {
        Kind::Temperature => Unit::Celsius,
        Kind::Pressure => Unit::Millibar,
        _ => bound.unit,
    };
    let wanted = |range: &StepRange| match kind {
        Kind::Temperature => range.temperature,
        Kind::Pressure => range.pressure,
        _ => range.rotation,
    };
    let mut hits = Vec::new();
    for entry in entries {
        let uses_all = asked
            .species
            .iter()
            .all(|name| entry.summary.species.contains(name));
        if !uses_all {
            continue;
        }
        if kind == Kind::Rotation {
            let has_speed = entry
                .recipe()
                .channels_of(kind)
                .any(|channel| entry.recipe().channels[channel].unit == Unit::Rpm);
            if !has_speed {
                continue;
            }
        }
        for (step, range) in entry.summary.steps.iter().enumerate() {
            if !select::is_of_layers(&entry.recipe().steps[step], &asked.layers) {
                continue;
            }
            let Some((least, most)) = wanted(range) else {
                continue;
            };
            let (Some(least), Some(most)) = (
                base.convert(least, bound.unit),
                base.convert(most, bound.unit),
            ) else {
                continue;
            };
            if bound.holds(least) || bound.holds(most) {
                hits.push(Hit {
                    entry,
                    step,
                    range: (least, most),
                });
            }
        }
    }
    hits
}
