//! Recipes and steps whose setpoints a bound holds for.

use super::MOST_ROWS;
use crate::recipe::ask::question::{Asked, Bound, Comparison};
use crate::recipe::ask::reply::{Writer, code};
use crate::recipe::ask::select;
use crate::recipe::book::{Entry, StepRange};
use crate::recipe::model::Kind;
use crate::recipe::unit::{Dimension, Unit, with_unit};
use crate::text::recipe::{self as say, Head};

/// A step that fits.
struct Hit<'v> {
    entry: &'v Entry,
    step: usize,
    /// By its place in the recipe's channels.
    channel: Option<usize>,
    /// The least and the most that it comes to, in the unit of the bound.
    range: (f64, f64),
}

/// Recipes, or their steps, that a bound holds for. None where it bounds nothing that steps set, or the flow of no
/// source that is named.
pub(in crate::recipe::ask) fn by_bound(
    asked: &Asked<'_>,
    bound: Bound,
    wants_steps: bool,
    entries: &[&Entry],
    writer: &mut Writer,
) -> Option<()> {
    let kind = kind_of(asked, bound)?;
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
    let shown: Vec<&Hit<'_>> = if wants_steps {
        writer.line(&say::found_steps(language, hits.len(), recipes, &what));
        hits.iter().collect()
    } else {
        writer.line(&say::found(language, recipes, &what));
        by_recipe().filter_map(|own| furthest(own, bound)).collect()
    };
    let mut rows = vec![vec![
        say::head(language, Head::Recipe).to_owned(),
        say::head(language, Head::Step).to_owned(),
        say::head(language, Head::Value).to_owned(),
        say::head(language, Head::Line).to_owned(),
        say::head(language, Head::Source).to_owned(),
    ]];
    for hit in shown.iter().take(MOST_ROWS) {
        let recipe = hit.entry.recipe();
        let step = &recipe.steps[hit.step];
        let cite = writer.cite(hit.entry, step.lines.0);
        rows.push(vec![
            code(&recipe.id),
            code(&step.name()),
            value(hit, bound),
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

fn kind_of(asked: &Asked<'_>, bound: Bound) -> Option<Kind> {
    Some(match bound.unit.dimension()? {
        Dimension::Temperature => Kind::Temperature,
        Dimension::Pressure => Kind::Pressure,
        Dimension::Rotation => Kind::Rotation,
        Dimension::Flow if !asked.species.is_empty() => Kind::SourceFlow,
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
    let species = asked.species.join(" + ");
    let name = match kind {
        Kind::Temperature => "T",
        Kind::Pressure => "p",
        Kind::SourceFlow => &species,
        _ => "rotation",
    };
    let text = format!("{name} {sign} {}", with_unit(bound.value, bound.unit));
    if kind == Kind::SourceFlow || species.is_empty() {
        text
    } else {
        format!("{text}, {species}")
    }
}

/// Of the steps of one recipe the one that goes furthest.
fn furthest<'h, 'v>(own: &'h [Hit<'v>], bound: Bound) -> Option<&'h Hit<'v>> {
    let wants_low = matches!(bound.comparison, Comparison::AtMost | Comparison::Below);
    own.iter().reduce(|best, next| {
        let is_further = if wants_low {
            next.range.0 < best.range.0
        } else {
            next.range.1 > best.range.1
        };
        if is_further { next } else { best }
    })
}

/// A hit's value or range as its file has it, and in the unit that was asked in.
fn value(hit: &Hit<'_>, bound: Bound) -> String {
    let recipe = hit.entry.recipe();
    let own = hit
        .channel
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
    if (hit.range.0 - hit.range.1).abs() < 1e-9 {
        value(hit.range.0)
    } else {
        format!("{} … {}", value(hit.range.0), value(hit.range.1))
    }
}

/// What a conversion leaves behind the fourth place is no part of the value.
fn tidy(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn hits<'v>(asked: &Asked<'_>, bound: Bound, kind: Kind, entries: &[&'v Entry]) -> Vec<Hit<'v>> {
    let base = match kind {
        Kind::Temperature => Unit::Celsius,
        Kind::Pressure => Unit::Millibar,
        Kind::SourceFlow => Unit::Sccm,
        _ => bound.unit,
    };
    let mut hits = Vec::new();
    for entry in entries {
        let recipe = entry.recipe();
        let uses_all = asked
            .species
            .iter()
            .all(|name| entry.summary.species.contains(name));
        if !uses_all {
            continue;
        }
        let mut add = |step: usize, channel: Option<usize>, range: (f64, f64)| {
            let (Some(least), Some(most)) = (
                base.convert(range.0, bound.unit),
                base.convert(range.1, bound.unit),
            ) else {
                return;
            };
            let fits = (bound.holds(least) || bound.holds(most))
                && select::is_of_layers(&recipe.steps[step], &asked.layers);
            if fits {
                hits.push(Hit {
                    entry,
                    step,
                    channel,
                    range: (least, most),
                });
            }
        };
        if kind == Kind::SourceFlow {
            for flow in &entry.summary.flows {
                let source = recipe.channels[flow.channel].source;
                let is_asked = source
                    .is_some_and(|source| asked.species.contains(&recipe.sources[source].species));
                if is_asked {
                    add(flow.step, Some(flow.channel), flow.range);
                }
            }
            continue;
        }
        let channel = recipe.channels_of(kind).next();
        // Some tools rotate by a gas flow.
        let is_speed = || {
            recipe
                .channels_of(kind)
                .any(|at| recipe.channels[at].unit == Unit::Rpm)
        };
        if kind == Kind::Rotation && !is_speed() {
            continue;
        }
        for (step, range) in entry.summary.steps.iter().enumerate() {
            if let Some(range) = wanted(kind, range) {
                add(step, channel, range);
            }
        }
    }
    hits
}

fn wanted(kind: Kind, range: &StepRange) -> Option<(f64, f64)> {
    match kind {
        Kind::Temperature => range.temperature,
        Kind::Pressure => range.pressure,
        _ => range.rotation,
    }
}
