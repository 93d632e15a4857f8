//! Finds recipes by the sources that they use.

use super::MAX_ROWS;
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::ask::question::{AskedQuantity, RecipeQuestion};
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::model::ChannelKind;
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

pub(super) fn asks_for_value(question: &RecipeQuestion<'_>) -> bool {
    matches!(
        question.quantity,
        Some(
            AskedQuantity::Flow(_)
                | AskedQuantity::Temperature
                | AskedQuantity::Pressure
                | AskedQuantity::Time
        )
    )
}

pub(super) fn negates(question: &RecipeQuestion<'_>) -> bool {
    question.mentions(&[
        "not use",
        "don't use",
        "do not use",
        "without",
        "쓰지 않",
        "사용하지 않",
        "안 쓰",
        "없이",
    ])
}

/// Finds the recipes that use all of these species, or none of them.
pub(in crate::recipes::ask) fn by_species(
    species: &[String],
    negated: bool,
    entries: &[&RecipeEntry],
    writer: &mut ReplyWriter,
) {
    let language = writer.language;
    let what = if negated {
        format!("¬ {}", species.join(" + "))
    } else {
        species.join(" + ")
    };
    let found: Vec<&&RecipeEntry> = entries
        .iter()
        .filter(|entry| {
            let uses = |name: &String| entry.summary.species.contains(name);
            if negated {
                !species.iter().any(uses)
            } else {
                species.iter().all(uses)
            }
        })
        .collect();
    if found.is_empty() {
        writer.refuse(&say::nothing_found(language, &what));
        return;
    }
    writer.line(&say::found(language, found.len(), &what));
    let mut rows = vec![say::column_names(
        language,
        &[
            TableColumn::Recipe,
            TableColumn::Step,
            TableColumn::Line,
            TableColumn::Source,
        ],
    )];
    for entry in found.iter().take(MAX_ROWS) {
        let recipe = entry.recipe();
        let first = (!negated).then(|| first_use(entry, &species[0])).flatten();
        let (step, line) = match first {
            Some((step, line)) => (code(&recipe.steps[step].name()), line),
            None => (
                String::new(),
                recipe.steps.first().map_or(1, |step| step.lines.0),
            ),
        };
        let cite = writer.cite(entry, line);
        rows.push(vec![
            code(&recipe.id),
            step,
            line.to_string(),
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
    if found.len() > MAX_ROWS {
        writer.paragraph(&say::and_more(language, found.len() - MAX_ROWS));
    }
}

/// Returns the step in which a species first reaches the reactor, and the line that opens its valve.
fn first_use(entry: &RecipeEntry, species: &str) -> Option<(usize, u32)> {
    let recipe = entry.recipe();
    let timeline = Timeline::new(recipe);
    let valves: Vec<usize> = (0..recipe.channels.len())
        .filter(|channel| {
            let channel = &recipe.channels[*channel];
            let is_of = channel
                .source
                .is_some_and(|source| recipe.sources[source].species == species);
            is_of
                && matches!(
                    channel.kind,
                    ChannelKind::Run | ChannelKind::Shutter | ChannelKind::Carrier
                )
        })
        .collect();
    let flows: Vec<usize> = (0..recipe.channels.len())
        .filter(|channel| {
            let channel = &recipe.channels[*channel];
            channel.kind == ChannelKind::SourceFlow
                && channel
                    .source
                    .is_some_and(|source| recipe.sources[source].species == species)
        })
        .collect();
    let (run, channel) = (0..timeline.runs.len()).find_map(|run| {
        let opened = valves.iter().find(|valve| timeline.is_open(run, **valve));
        let flowing = || {
            flows.iter().find(|flow| {
                valves.is_empty() && timeline.value(run, **flow).is_some_and(|flow| flow > 0.0)
            })
        };
        opened.or_else(flowing).map(|channel| (run, *channel))
    })?;
    let step = timeline.runs[run].step;
    let line = recipe.steps[step]
        .operations
        .iter()
        .find(|operation| operation.channel == channel)
        .map_or(recipe.steps[step].lines.0, |operation| operation.line);
    Some((step, line))
}
