//! Replies with the total time, and the steps without a fixed time.

use crate::domain::units::format::{clock, plain};
use crate::i18n::recipe as say;
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::model::{ChannelKind, Group};
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

pub(super) fn total(entry: &RecipeEntry, timeline: &Timeline<'_>, writer: &mut ReplyWriter) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let name = code(&recipe.id);
    if !timeline.is_complete {
        writer.refuse(&say::incomplete(language, &name));
        return;
    }
    let minutes = |seconds: f64| plain(seconds / 60.0, 1);
    let seconds = timeline.seconds();
    let first = recipe.steps.first().map_or(1, |step| step.lines.0);
    let last = recipe.steps.last().map_or(1, |step| step.lines.0);
    let cites = format!(
        "{}{}",
        writer.cite(entry, first),
        if last == first {
            String::new()
        } else {
            writer.cite(entry, last)
        }
    );
    writer.line(&format!(
        "{}{cites}",
        say::total(language, &name, &minutes(seconds), &clock(seconds))
    ));
    let sources: Vec<String> = growth_sources(timeline);
    let growth = timeline.growth_seconds();
    if growth > 0.0 {
        writer.line(&say::growth(
            language,
            &minutes(growth),
            &clock(growth),
            &sources.join(", "),
        ));
    }
    let waiting: Vec<usize> = (0..timeline.runs.len())
        .filter(|run| timeline.runs[*run].seconds.is_none())
        .collect();
    writer.line(&say::not_counted(
        language,
        waiting.len(),
        timeline.calls.len(),
    ));
    let mut waiting_steps = Vec::new();
    for run in &waiting {
        let step = timeline.runs[*run].step;
        if !waiting_steps.contains(&step) {
            waiting_steps.push(step);
        }
    }
    for step in waiting_steps.into_iter().take(12) {
        let step = &recipe.steps[step];
        let cite = writer.cite(entry, step.lines.0);
        let condition = step.until.as_ref().map_or("", |until| until.raw.as_str());
        writer.line(&format!(
            "- {}: {}{cite}",
            code(&step.name()),
            code(condition)
        ));
    }
    for (_, call) in timeline.calls.iter().take(12) {
        let cite = writer.cite(entry, call.line);
        writer.line(&format!("- {}{cite}", code(&call.text)));
    }
}

/// Returns the sources whose open valves mark growth steps.
fn growth_sources(timeline: &Timeline<'_>) -> Vec<String> {
    let recipe = timeline.recipe;
    let mut names = Vec::new();
    for (at, channel) in recipe.channels.iter().enumerate() {
        let Some(source) = channel.source else {
            continue;
        };
        let is_valve = matches!(channel.kind, ChannelKind::Run | ChannelKind::Shutter);
        let opens = (0..timeline.runs.len())
            .any(|run| timeline.is_growth(run) && timeline.is_open(run, at));
        let is_metal = matches!(recipe.sources[source].group, Some(Group::III | Group::IV));
        if is_valve && opens && is_metal {
            names.push(recipe.sources[source].key.clone());
        }
    }
    names
}

pub(super) fn unresolved(entry: &RecipeEntry, writer: &mut ReplyWriter) {
    let recipe = entry.recipe();
    let language = writer.language;
    let name = code(&recipe.id);
    let calls = recipe.unresolved();
    if calls.is_empty() {
        writer.line(&say::no_unresolved(language, &name));
    } else {
        writer.line(&say::unresolved(language, &name, calls.len()));
        for call in calls {
            let cite = writer.cite(entry, call.line);
            writer.line(&format!("- {} (L{}){cite}", code(&call.text), call.line));
        }
    }
    if !recipe.includes.is_empty() {
        let mut names = Vec::new();
        for include in &recipe.includes {
            let cite = writer.cite(entry, include.line);
            names.push(format!("{} (L{}){cite}", code(&include.text), include.line));
        }
        writer.paragraph(&say::includes(language, &names.join(", ")));
    }
}
