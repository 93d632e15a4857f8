//! Replies about the fastest ramp, and the highest and lowest setpoints.

use crate::domain::units::format::{clock, plain, with_unit};
use crate::i18n::recipe as say;
use crate::recipes::ask::lookup;
use crate::recipes::ask::question::{AskedQuantity, RecipeQuestion};
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::model::{Action, ChannelKind};
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::{Ramp, Timeline};

pub(super) fn fastest(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    writer: &mut ReplyWriter,
) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let kind = match question.quantity {
        Some(AskedQuantity::Pressure) => ChannelKind::Pressure,
        Some(AskedQuantity::Rotation) => ChannelKind::Rotation,
        _ => ChannelKind::Temperature,
    };
    let name = code(&recipe.id);
    let Some(channel) = recipe.channels_of(kind).next() else {
        writer.refuse(&say::no_such_channel(language, &name, &code("temperature")));
        return;
    };
    let channel_name = code(&recipe.channels[channel].name);
    let mut ramps = timeline.ramps(channel);
    let total = ramp_count(timeline, channel);
    let with_start = ramps.len();
    if question.mentions(&["heating", "heat-up", "heat up", "승온"]) {
        ramps.retain(|ramp| ramp.to > ramp.from);
    }
    if question.mentions(&["cooling", "cool-down", "cool down", "강온", "냉각"]) {
        ramps.retain(|ramp| ramp.to < ramp.from);
    }
    let best = ramps
        .iter()
        .fold(None, |best: Option<&Ramp>, ramp| match best {
            Some(best) if best.rate().abs() >= ramp.rate().abs() - 1e-12 => Some(best),
            _ => Some(ramp),
        });
    let Some(best) = best else {
        writer.refuse(&say::no_ramp(language, &name, &channel_name));
        return;
    };
    let unit = recipe.channels[channel].unit;
    let step = timeline.step(best.run);
    let rate = format!(
        "{} {unit}/s ({} {unit}/min)",
        plain(best.rate(), 3),
        plain(best.rate() * 60.0, 1)
    );
    let from_to = format!(
        "{} → {}",
        with_unit(best.from, unit),
        with_unit(best.to, unit)
    );
    let line = step
        .last_of(channel)
        .map_or(step.lines.0, |operation| operation.line);
    let cite = writer.cite(entry, line);
    let sentence = say::fastest(
        language,
        &name,
        &channel_name,
        &rate,
        &from_to,
        &clock(best.seconds),
        &code(&step.name()),
    );
    writer.line(&format!("{sentence} (L{line}){cite}."));
    if total > with_start {
        writer.line(&say::unknown_ramps(language, total - with_start));
    }
}

/// Counts the ramps of a channel, whether their start is known or not; ramps that change nothing do not count.
fn ramp_count(timeline: &Timeline<'_>, channel: usize) -> usize {
    (0..timeline.runs.len())
        .filter(|run| {
            timeline.step(*run).operations.iter().any(|operation| {
                let is_ramp =
                    matches!(operation.action, Action::Ramp { .. } | Action::Sweep { .. });
                let before = timeline.value_before(*run, channel);
                let stays = before.is_some() && before == timeline.value(*run, channel);
                operation.channel == channel && is_ramp && !stays
            })
        })
        .count()
}

/// Replies with the highest or lowest setpoint of temperature, pressure or rotation.
pub(super) fn extreme(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let wants_highest = question.mentions(&[
        "highest",
        "maximum",
        "max",
        "peak",
        "hottest",
        "최고",
        "최대",
        "가장 높은",
        "제일 높은",
    ]);
    let wants_lowest = question.mentions(&[
        "lowest",
        "minimum",
        "min",
        "coldest",
        "최저",
        "최소",
        "가장 낮은",
        "제일 낮은",
    ]);
    let has_steps = !question.layers.is_empty() || !question.codes.is_empty();
    if !wants_highest && !wants_lowest || has_steps {
        return None;
    }
    let recipe = timeline.recipe;
    let kind = match question.quantity? {
        AskedQuantity::Temperature => ChannelKind::Temperature,
        AskedQuantity::Pressure => ChannelKind::Pressure,
        AskedQuantity::Rotation => ChannelKind::Rotation,
        _ => return None,
    };
    let language = writer.language;
    let name = code(&recipe.id);
    let Some(channel) = recipe.channels_of(kind).next() else {
        writer.refuse(&say::no_such_channel(
            language,
            &name,
            &code(&question.species.join(" ")),
        ));
        return Some(());
    };
    let best = (0..timeline.runs.len())
        .filter_map(|run| Some((run, timeline.value(run, channel)?)))
        .reduce(|best, next| {
            let is_better = if wants_highest {
                next.1 > best.1
            } else {
                next.1 < best.1
            };
            if is_better { next } else { best }
        });
    let Some((run, value)) = best else {
        writer.refuse(&say::no_such_channel(
            language,
            &name,
            &code(&recipe.channels[channel].name),
        ));
        return Some(());
    };
    let step = timeline.step(run);
    let shown = lookup::format_value(recipe, channel, value, writer);
    let cite = writer.cite(entry, step.lines.0);
    let sentence = say::extreme(
        language,
        &name,
        &lookup::channel_name(recipe, channel),
        &shown,
        &code(&step.name()),
        wants_highest,
    );
    writer.line(&format!("{sentence} (L{}){cite}.", step.lines.0));
    if !timeline.calls.is_empty() {
        writer.line(&say::not_counted(language, 0, timeline.calls.len()));
    }
    Some(())
}
