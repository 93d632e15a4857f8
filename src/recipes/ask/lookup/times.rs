//! How long steps take, and the thicknesses that their names state.

use super::{StepSetpoint, single, table};
use crate::domain::units::format::clock;
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::ask::question::RecipeQuestion;
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::ask::step_selection;
use crate::recipes::model::ChannelKind;
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

/// Replies with the durations of steps.
pub(super) fn times(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let recipe = entry.recipe();
    let language = writer.language;
    let Some(steps) = step_selection::chosen(question, entry, timeline, writer) else {
        return Some(());
    };
    if steps.is_empty() {
        return None;
    }
    let mut rows = vec![say::column_names(
        language,
        &[
            TableColumn::Step,
            TableColumn::Time,
            TableColumn::Total,
            TableColumn::Line,
            TableColumn::Source,
        ],
    )];
    for at in &steps {
        let step = &recipe.steps[*at];
        let runs: Vec<usize> = (0..timeline.runs.len())
            .filter(|run| timeline.runs[*run].step == *at)
            .collect();
        let line = step
            .duration
            .as_ref()
            .map_or(step.lines.0, |time| time.line);
        let cite = writer.cite(entry, line);
        let count = u32::try_from(runs.len()).unwrap_or(u32::MAX);
        let name = code(&step.name());
        let Some(seconds) = step.seconds() else {
            let condition = step.until.as_ref().map_or("", |until| until.raw.as_str());
            let sentence = say::step_waits(language, &name, &code(condition));
            if steps.len() == 1 {
                writer.line(&format!("{sentence}{cite}."));
                return Some(());
            }
            rows.push(vec![
                name,
                code(condition),
                String::new(),
                line.to_string(),
                cite.trim().to_owned(),
            ]);
            continue;
        };
        let total = clock(seconds * f64::from(count));
        if steps.len() == 1 {
            let sentence = say::step_time(language, &code(&recipe.id), &name, &clock(seconds));
            let repeated = if count > 1 && timeline.is_complete {
                format!(" ({})", say::repeated(language, count, &total))
            } else {
                String::new()
            };
            writer.line(&format!("{sentence}{repeated}{cite}."));
            return Some(());
        }
        let shown = if count > 1 {
            format!("{} × {count}", clock(seconds))
        } else {
            clock(seconds)
        };
        rows.push(vec![
            name,
            shown,
            total,
            line.to_string(),
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
    Some(())
}

/// Replies with the thicknesses that a table or the names of steps state.
pub(super) fn thickness(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let recipe = entry.recipe();
    let language = writer.language;
    let Some(steps) = step_selection::chosen(question, entry, timeline, writer) else {
        return Some(());
    };
    if steps.is_empty() {
        return None;
    }
    let thickness: Vec<usize> = recipe.channels_of(ChannelKind::Thickness).collect();
    if !thickness.is_empty() {
        let found: Vec<StepSetpoint> = steps
            .iter()
            .filter_map(|step| {
                let own = recipe.steps[*step]
                    .operations
                    .iter()
                    .find(|operation| thickness.contains(&operation.channel))?;
                let run = timeline.runs.iter().position(|run| run.step == *step)?;
                Some(StepSetpoint {
                    step: *step,
                    channel: own.channel,
                    run,
                    value: timeline.value(run, own.channel),
                })
            })
            .collect();
        match found.as_slice() {
            [] => writer.refuse(&say::no_such_channel(
                language,
                &code(&recipe.id),
                &code("thickness"),
            )),
            [one] => single(question, entry, timeline, one, writer),
            several => table(question, entry, timeline, several, writer),
        }
        return Some(());
    }
    let with_thickness: Vec<usize> = steps
        .iter()
        .copied()
        .filter(|step| {
            recipe.steps[*step].label.as_deref().is_some_and(|label| {
                let label = label.to_lowercase();
                ["nm", "um", "µm", "micr", "å"]
                    .iter()
                    .any(|unit| label.contains(unit))
            })
        })
        .collect();
    if with_thickness.is_empty() {
        writer.refuse(&say::no_such_channel(
            language,
            &code(&recipe.id),
            &code("thickness"),
        ));
        return Some(());
    }
    writer.line(&say::claim(language, &code(&recipe.id)));
    for step in with_thickness {
        let step = &recipe.steps[step];
        let cite = writer.cite(entry, step.lines.0);
        writer.line(&format!("- {}{cite}", code(&step.name())));
    }
    Some(())
}
