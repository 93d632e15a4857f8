//! Replies with all settings of a step.

use super::lookup::format_value;
use super::question::RecipeQuestion;
use super::reply::{ReplyWriter, code};
use crate::domain::units::format::clock;
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::ask::step_selection;
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

/// Rows of a table; further ones are counted only.
const MAX_ROWS: usize = 60;

/// Replies with what happens in a step that a question names.
pub(super) fn answer(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let is_asked = question.mentions(&[
        "what happens",
        "happens",
        "settings",
        "setpoints",
        "show",
        "what does",
        "describe",
        "무엇을",
        "무엇이",
        "설정",
        "보여",
        "내용",
        "알려",
    ]);
    if !is_asked
        || question.codes.is_empty()
        || question.quantity.is_some()
        || !question.species.is_empty()
    {
        return None;
    }
    let timeline = Timeline::new(entry.recipe());
    let Some(steps) = step_selection::chosen(question, entry, &timeline, writer) else {
        return Some(());
    };
    if steps.is_empty() {
        return None;
    }
    all(&steps, entry, writer);
    Some(())
}

/// Writes a table of the settings of steps, in the order of the file.
pub(super) fn all(steps: &[usize], entry: &RecipeEntry, writer: &mut ReplyWriter) {
    let recipe = entry.recipe();
    let language = writer.language;
    let timeline = Timeline::new(recipe);
    writer.line(&say::step_settings(
        language,
        &code(&recipe.id),
        steps.len(),
    ));
    let mut rows = vec![say::column_names(
        language,
        &[
            TableColumn::Step,
            TableColumn::Setting,
            TableColumn::Value,
            TableColumn::Line,
            TableColumn::Source,
        ],
    )];
    let mut omitted = 0;
    for at in steps {
        let step = &recipe.steps[*at];
        let run = timeline.runs.iter().position(|run| run.step == *at);
        let time = match (step.seconds(), &step.until) {
            (_, Some(until)) => code(&until.raw),
            (Some(seconds), None) => clock(seconds),
            (None, None) => String::new(),
        };
        let mut settings = vec![(
            say::column_name(language, TableColumn::Time).to_owned(),
            time,
            step.lines.0,
        )];
        settings.extend(step.operations.iter().map(|operation| {
            let value = run.and_then(|run| timeline.value(run, operation.channel));
            let value = value.map_or_else(
                || code(&operation.raw),
                |value| {
                    let is_plain = operation.raw.len() <= 1;
                    let shown = format_value(recipe, operation.channel, value, writer);
                    if is_plain {
                        shown
                    } else {
                        format!("{shown} ({})", code(&operation.raw))
                    }
                },
            );
            (
                code(&recipe.channels[operation.channel].name),
                value,
                operation.line,
            )
        }));
        for (setting, value, line) in settings {
            if rows.len() > MAX_ROWS {
                omitted += 1;
                continue;
            }
            let cite = writer.cite(entry, line);
            rows.push(vec![
                code(&step.name()),
                setting,
                value,
                line.to_string(),
                cite.trim().to_owned(),
            ]);
        }
    }
    writer.table(&rows);
    if omitted > 0 {
        writer.paragraph(&say::and_more(language, omitted));
    }
}
