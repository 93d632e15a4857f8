//! Summarizes a recipe: header, total time, steps, and lines that could not be read.

use super::header::{based_on, header_field};
use super::question::RecipeQuestion;
use super::reply::{ReplyWriter, code};
use super::schedule;
use crate::domain::units::Unit;
use crate::domain::units::format::{clock, plain};
use crate::i18n::recipe as say;
use crate::i18n::recipe::{Fact, TableColumn};
use crate::recipes::model::ChannelKind;
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

/// Steps in a summary; further ones are counted only.
const MAX_STEPS: usize = 45;

/// Summarizes the recipe if the question asks to see it.
pub(super) fn show(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let is_asked = question.mentions(&[
        "show",
        "summary",
        "summarise",
        "summarize",
        "overview",
        "describe",
        "what does",
        "steps",
        "요약",
        "보여",
        "개요",
        "단계 목록",
        "내용",
        "알려줘",
        "알려 줘",
    ]);
    // Words that no rule understood may ask for something that a summary does not contain.
    let is_bare = question.words.len() <= 2 && question.text.trim().chars().count() <= 20;
    let is_open = question.quantity.is_none()
        && question.layers.is_empty()
        && question.codes.is_empty()
        && question.species.is_empty();
    if !(is_open && is_asked && is_bare) || schedule::wants_difference(question) {
        return None;
    }
    summary(entry, writer);
    Some(())
}

pub(super) fn summary(entry: &RecipeEntry, writer: &mut ReplyWriter) {
    let recipe = entry.recipe();
    let language = writer.language;
    let timeline = Timeline::new(recipe);
    writer.line(&say::summary(
        language,
        &recipe.id,
        recipe.steps.len(),
        timeline.runs.len(),
    ));
    for fact in [
        Fact::Comment,
        Fact::Tool,
        Fact::Author,
        Fact::Substrate,
        Fact::Effective,
    ] {
        if let Some(field) = header_field(recipe, fact) {
            let cite = writer.cite(entry, field.line);
            writer.line(&format!(
                "- {}: {}{cite}",
                say::fact(language, fact),
                code(&field.text)
            ));
        }
    }
    if recipe.header.based_on.is_some() {
        based_on(entry, writer);
    }
    if timeline.is_complete {
        let seconds = timeline.seconds();
        writer.line(&say::total(
            language,
            &code(&recipe.id),
            &plain(seconds / 60.0, 1),
            &clock(seconds),
        ));
    }
    steps(entry, &timeline, writer);
    if !recipe.losses.is_empty() {
        writer.paragraph(&say::losses(
            language,
            &code(&recipe.id),
            recipe.losses.len(),
        ));
        for loss in recipe.losses.iter().take(10) {
            writer.line(&format!(
                "- L{}: {} — {}",
                loss.lines.0,
                code(&loss.raw),
                loss.reason
            ));
        }
    }
}

fn steps(entry: &RecipeEntry, timeline: &Timeline<'_>, writer: &mut ReplyWriter) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let channel = |kind: ChannelKind| recipe.channels_of(kind).next();
    let columns: Vec<usize> = [
        ChannelKind::Temperature,
        ChannelKind::Pressure,
        ChannelKind::Rotation,
    ]
    .into_iter()
    .filter_map(channel)
    .collect();
    let mut head = say::column_names(
        language,
        &[TableColumn::Line, TableColumn::Step, TableColumn::Time],
    );
    head.extend(columns.iter().map(|channel| {
        let channel = &recipe.channels[*channel];
        match channel.unit {
            Unit::None => channel.name.clone(),
            unit => format!("{} ({unit})", channel.name),
        }
    }));
    head.push(say::column_name(language, TableColumn::Source).to_owned());
    let mut rows = vec![head];
    for (at, step) in recipe.steps.iter().enumerate().take(MAX_STEPS) {
        let runs: Vec<usize> = (0..timeline.runs.len())
            .filter(|run| timeline.runs[*run].step == at)
            .collect();
        let Some(last) = runs.last() else {
            continue;
        };
        let mut time = match (step.seconds(), &step.until) {
            (Some(seconds), _) => clock(seconds),
            (None, Some(until)) => code(&until.raw),
            (None, None) => String::new(),
        };
        if runs.len() > 1 {
            time = format!("{time} × {}", runs.len());
        }
        let mut row = vec![step.lines.0.to_string(), code(&step.name()), time];
        row.extend(columns.iter().map(|channel| {
            timeline
                .value(*last, *channel)
                .map_or_else(String::new, |value| plain(value, 2))
        }));
        row.push(writer.cite(entry, step.lines.0).trim().to_owned());
        rows.push(row);
    }
    writer.table(&rows);
    if recipe.steps.len() > MAX_STEPS {
        writer.paragraph(&say::and_more(language, recipe.steps.len() - MAX_STEPS));
    }
}
