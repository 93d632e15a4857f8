//! Replies about carrier switches and the times at which run valves and shutters are open.

use super::MAX_ROWS;
use crate::domain::units::format::clock;
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::ask::question::RecipeQuestion;
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::ask::{lookup, step_selection};
use crate::recipes::model::{ChannelKind, Recipe};
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

pub(super) fn carrier(entry: &RecipeEntry, timeline: &Timeline<'_>, writer: &mut ReplyWriter) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let mut valves: Vec<usize> = recipe
        .channels_of(ChannelKind::Carrier)
        .filter(|channel| {
            recipe.channels[*channel]
                .name
                .to_lowercase()
                .ends_with(".run")
        })
        .collect();
    if valves.is_empty() {
        valves = recipe.channels_of(ChannelKind::Carrier).collect();
    }
    if valves.is_empty() {
        valves = (0..recipe.channels.len())
            .filter(|channel| {
                let name = recipe.channels[*channel].name.to_lowercase();
                // Carrier valves of single sources have other suffixes.
                name.ends_with("carrierchange") || name.ends_with("gaschange")
            })
            .collect();
    }
    if valves.is_empty() {
        writer.refuse(&say::no_such_channel(
            language,
            &code(&recipe.id),
            &code("carrier"),
        ));
        return;
    }
    // One row for each step in which a valve changes; the initial states are not changes.
    let mut switches: Vec<(usize, Vec<(usize, bool)>)> = Vec::new();
    for run in 1..timeline.runs.len() {
        let changed: Vec<(usize, bool)> = valves
            .iter()
            .filter_map(|valve| {
                let (before, now) = (
                    timeline.value_before(run, *valve),
                    timeline.value(run, *valve)?,
                );
                (before != Some(now)).then_some((*valve, now > 0.5))
            })
            .collect();
        if !changed.is_empty() {
            switches.push((run, changed));
        }
    }
    if timeline.runs.first().is_some_and(|_| {
        valves
            .iter()
            .all(|valve| timeline.value(0, *valve).is_none())
    }) && switches.is_empty()
    {
        writer.refuse(&say::no_such_channel(
            language,
            &code(&recipe.id),
            &code("carrier"),
        ));
        return;
    }
    writer.line(&say::carrier(language, &code(&recipe.id), switches.len()));
    let mut rows = vec![say::column_names(
        language,
        &[
            TableColumn::Step,
            TableColumn::Setting,
            TableColumn::Line,
            TableColumn::Source,
        ],
    )];
    for (run, changed) in switches.iter().take(MAX_ROWS) {
        let step = timeline.step(*run);
        let what: Vec<String> = changed
            .iter()
            .map(|(valve, is_open)| {
                format!(
                    "{} {}",
                    lookup::channel_name(recipe, *valve),
                    say::open(language, *is_open)
                )
            })
            .collect();
        let line = step
            .operations
            .iter()
            .find(|operation| changed.iter().any(|(valve, _)| *valve == operation.channel))
            .map_or(step.lines.0, |operation| operation.line);
        let cite = writer.cite(entry, line);
        rows.push(vec![
            code(&step.name()),
            what.join(", "),
            line.to_string(),
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
}

/// Returns the valves or shutters of the species named in a question about open valves.
pub(super) fn run_valves(question: &RecipeQuestion<'_>, recipe: &Recipe) -> Option<Vec<usize>> {
    let is_asked = question.mentions(&[
        "open", "opens", "opened", "close", "closes", "closed", "열", "닫",
    ]) && question.mentions(&[
        "when", "run", "valve", "valves", "shutter", "steps", "언제", "밸브", "셔터", "런", "단계",
        "구간", "where", "how long",
    ]);
    if !is_asked {
        return None;
    }
    let kind = if question.mentions(&["line", "라인"]) && !question.mentions(&["run", "런"]) {
        ChannelKind::Line
    } else {
        ChannelKind::Run
    };
    let mut valves = step_selection::channels(question, recipe, kind);
    valves.extend(step_selection::channels(
        question,
        recipe,
        ChannelKind::Shutter,
    ));
    valves.retain(|valve| recipe.channels[*valve].source.is_some());
    // Shutters are named after the element of their cell.
    if valves.is_empty() {
        valves = recipe
            .channels_of(ChannelKind::Shutter)
            .filter(|channel| {
                recipe.channels[*channel].source.is_some_and(|source| {
                    let source = &recipe.sources[source];
                    question.words.iter().any(|word| {
                        word.raw == source.key || word.raw == source.species && word.raw.len() == 2
                    })
                })
            })
            .collect();
    }
    (!valves.is_empty()).then_some(valves)
}

pub(super) fn open_times(
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    valves: &[usize],
    writer: &mut ReplyWriter,
) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let name = code(&recipe.id);
    for valve in valves {
        let valve_name = lookup::channel_name(recipe, *valve);
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for run in 0..timeline.runs.len() {
            if !timeline.is_open(run, *valve) {
                continue;
            }
            match spans.last_mut() {
                Some((_, last)) if *last + 1 == run => *last = run,
                _ => spans.push((run, run)),
            }
        }
        if spans.is_empty() {
            let line = recipe
                .steps
                .iter()
                .flat_map(|step| &step.operations)
                .find(|operation| operation.channel == *valve)
                .map_or(1, |operation| operation.line);
            let cite = writer.cite(entry, line);
            writer.paragraph(&format!(
                "{}{cite}",
                say::never_opens(language, &name, &valve_name)
            ));
            continue;
        }
        writer.paragraph(&say::open_times(language, &name, &valve_name, spans.len()));
        let mut rows = vec![say::column_names(
            language,
            &[
                TableColumn::Step,
                TableColumn::Time,
                TableColumn::Line,
                TableColumn::Source,
            ],
        )];
        // Passes of a loop are shown as one row.
        let mut grouped: Vec<((usize, usize), Option<f64>, usize)> = Vec::new();
        for (first, last) in spans {
            let steps = (timeline.runs[first].step, timeline.runs[last].step);
            let seconds = (first..=last)
                .map(|run| timeline.runs[run].seconds)
                .sum::<Option<f64>>();
            match grouped.last_mut() {
                Some((same, time, count)) if *same == steps && *time == seconds => *count += 1,
                _ => grouped.push((steps, seconds, 1)),
            }
        }
        for ((first, last), seconds, count) in grouped.iter().take(MAX_ROWS) {
            let (from, to) = (&recipe.steps[*first], &recipe.steps[*last]);
            let mut steps = code(&from.name());
            if first != last {
                steps = format!("{steps} – {}", code(&to.name()));
            }
            let mut time = seconds.map_or_else(|| say::unknown(language).to_owned(), clock);
            if *count > 1 {
                time = format!("{time} × {count}");
            }
            let mut cite = writer.cite(entry, from.lines.0);
            if first != last {
                cite.push_str(&writer.cite(entry, to.lines.0));
            }
            rows.push(vec![
                steps,
                time,
                from.lines.0.to_string(),
                cite.trim().to_owned(),
            ]);
        }
        writer.table(&rows);
    }
}
