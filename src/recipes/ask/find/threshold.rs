//! Finds recipes and steps whose setpoints match a threshold.

use super::MAX_ROWS;
use crate::domain::units::format::with_unit;
use crate::domain::units::{Quantity, Unit};
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::ask::question::{Comparison, RecipeQuestion, Threshold};
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::ask::step_selection;
use crate::recipes::model::ChannelKind;
use crate::recipes::snapshot::{RecipeEntry, StepRange};

/// A step that matches.
#[derive(Clone, Copy)]
struct Hit<'v> {
    entry: &'v RecipeEntry,
    step: usize,
    /// Index into the recipe's channels.
    channel: Option<usize>,
    /// Lowest and highest value in the step, in the unit of the threshold.
    range: (f64, f64),
}

/// The number of matches, and those that the table shows.
#[derive(Default)]
struct Hits<'v> {
    steps: usize,
    recipes: usize,
    shown: Vec<Hit<'v>>,
}

/// Finds recipes, or their steps, by a threshold. Returns `None` if no channel kind fits the threshold's unit, or if it
/// is a flow and no source is named.
pub(in crate::recipes::ask) fn by_threshold(
    question: &RecipeQuestion<'_>,
    threshold: Threshold,
    wants_steps: bool,
    entries: &[&RecipeEntry],
    writer: &mut ReplyWriter,
) -> Option<()> {
    let kind = channel_kind(question, threshold)?;
    let language = writer.language;
    let hits = hits(question, threshold, kind, entries, wants_steps);
    let what = describe(question, threshold, kind);
    let all = if wants_steps {
        hits.steps
    } else {
        hits.recipes
    };
    if all == 0 {
        writer.refuse(&say::nothing_found(language, &what));
        return Some(());
    }
    writer.line(&if wants_steps {
        say::found_steps(language, hits.steps, hits.recipes, &what)
    } else {
        say::found(language, hits.recipes, &what)
    });
    let mut rows = vec![say::column_names(
        language,
        &[
            TableColumn::Recipe,
            TableColumn::Step,
            TableColumn::Value,
            TableColumn::Line,
            TableColumn::Source,
        ],
    )];
    for hit in &hits.shown {
        let recipe = hit.entry.recipe();
        let step = &recipe.steps[hit.step];
        let cite = writer.cite(hit.entry, step.lines.0);
        rows.push(vec![
            code(&recipe.id),
            code(&step.name()),
            value(hit, threshold),
            step.lines.0.to_string(),
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
    if all > hits.shown.len() {
        writer.paragraph(&say::and_more(language, all - hits.shown.len()));
    }
    Some(())
}

fn channel_kind(question: &RecipeQuestion<'_>, threshold: Threshold) -> Option<ChannelKind> {
    Some(match threshold.unit.quantity()? {
        Quantity::Temperature => ChannelKind::Temperature,
        Quantity::Pressure => ChannelKind::Pressure,
        Quantity::Rotation => ChannelKind::Rotation,
        Quantity::Flow if !question.species.is_empty() => ChannelKind::SourceFlow,
        _ => return None,
    })
}

/// Describes the threshold: `p ≥ 200 Torr`.
fn describe(question: &RecipeQuestion<'_>, threshold: Threshold, kind: ChannelKind) -> String {
    let sign = match threshold.comparison {
        Comparison::AtLeast => "≥",
        Comparison::Above => ">",
        Comparison::AtMost => "≤",
        Comparison::Below => "<",
        Comparison::Equal => "=",
    };
    let species = question.species.join(" + ");
    let name = match kind {
        ChannelKind::Temperature => "T",
        ChannelKind::Pressure => "p",
        ChannelKind::SourceFlow => &species,
        _ => "rotation",
    };
    let text = format!(
        "{name} {sign} {}",
        with_unit(threshold.value, threshold.unit)
    );
    if kind == ChannelKind::SourceFlow || species.is_empty() {
        text
    } else {
        format!("{text}, {species}")
    }
}

/// Whether a step is further beyond the threshold than another one of its recipe.
fn is_further(next: &Hit<'_>, best: &Hit<'_>, threshold: Threshold) -> bool {
    match threshold.comparison {
        Comparison::AtMost | Comparison::Below => next.range.0 < best.range.0,
        _ => next.range.1 > best.range.1,
    }
}

/// Formats a hit's value or range in the unit of its file, and in the unit of the question.
fn value(hit: &Hit<'_>, threshold: Threshold) -> String {
    let recipe = hit.entry.recipe();
    let own_unit = hit
        .channel
        .map_or(threshold.unit, |channel| recipe.channels[channel].unit);
    let value = |number: f64| {
        let converted = threshold.unit.convert(number, own_unit).unwrap_or(number);
        let text = with_unit(round(converted), own_unit);
        if own_unit == threshold.unit || own_unit == Unit::None {
            text
        } else {
            format!("{text} (= {})", with_unit(round(number), threshold.unit))
        }
    };
    if (hit.range.0 - hit.range.1).abs() < 1e-9 {
        value(hit.range.0)
    } else {
        format!("{} … {}", value(hit.range.0), value(hit.range.1))
    }
}

/// Drops the rounding error of a conversion, beyond the fourth decimal place.
fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Goes through all steps once and keeps only as many hits as the table has room for: every step, or the furthest
/// step of each recipe.
fn hits<'v>(
    question: &RecipeQuestion<'_>,
    threshold: Threshold,
    kind: ChannelKind,
    entries: &[&'v RecipeEntry],
    wants_steps: bool,
) -> Hits<'v> {
    let base = match kind {
        ChannelKind::Temperature => Unit::Celsius,
        ChannelKind::Pressure => Unit::Millibar,
        ChannelKind::SourceFlow => Unit::Sccm,
        _ => threshold.unit,
    };
    let mut hits = Hits::default();
    let Some(value) = threshold.unit.convert(threshold.value, base) else {
        return hits;
    };
    let in_base = Threshold {
        value,
        unit: base,
        ..threshold
    };
    let back = |value: f64| base.convert(value, threshold.unit).unwrap_or(value);
    for entry in entries {
        let uses = |name: &String| entry.summary.species.contains(name);
        if !question.species.iter().all(uses) {
            continue;
        }
        let (mut steps, mut furthest) = (0, None);
        for_each_range(entry, kind, &question.species, |step, channel, range| {
            let is_match = (in_base.holds(range.0) || in_base.holds(range.1))
                && step_selection::is_of_layers(&entry.recipe().steps[step], &question.layers);
            if !is_match {
                return;
            }
            steps += 1;
            let has_room = hits.shown.len() < MAX_ROWS;
            if !has_room {
                return;
            }
            let hit = Hit {
                entry,
                step,
                channel,
                range: (back(range.0), back(range.1)),
            };
            if wants_steps {
                hits.shown.push(hit);
            } else if furthest
                .as_ref()
                .is_none_or(|best| is_further(&hit, best, threshold))
            {
                furthest = Some(hit);
            }
        });
        hits.shown.extend(furthest);
        hits.steps += steps;
        hits.recipes += usize::from(steps > 0);
    }
    hits
}

/// Visits the setpoints of one kind in a recipe: step, channel, lowest and highest value.
fn for_each_range(
    entry: &RecipeEntry,
    kind: ChannelKind,
    species: &[String],
    mut visit: impl FnMut(usize, Option<usize>, (f64, f64)),
) {
    let recipe = entry.recipe();
    if kind == ChannelKind::SourceFlow {
        for flow in &entry.summary.flows {
            let source = recipe.channels[flow.channel].source;
            if source.is_some_and(|source| species.contains(&recipe.sources[source].species)) {
                visit(flow.step, Some(flow.channel), flow.range);
            }
        }
        return;
    }
    let mut channels = recipe.channels_of(kind);
    let channel = channels.next();
    let is_speed = |channel: usize| recipe.channels[channel].unit == Unit::Rpm;
    // Some tools rotate by a gas flow.
    if kind == ChannelKind::Rotation && !channel.into_iter().chain(channels).any(is_speed) {
        return;
    }
    for (step, range) in entry.summary.steps.iter().enumerate() {
        if let Some(range) = range_of(kind, range) {
            visit(step, channel, range);
        }
    }
}

fn range_of(kind: ChannelKind, range: &StepRange) -> Option<(f64, f64)> {
    match kind {
        ChannelKind::Temperature => range.temperature,
        ChannelKind::Pressure => range.pressure,
        _ => range.rotation,
    }
}
