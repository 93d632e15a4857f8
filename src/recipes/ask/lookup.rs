//! Setpoints or times of one step, or of the few that match.

mod times;

use super::question::{AskedQuantity, RecipeQuestion};
use super::reply::{ReplyWriter, code};
use crate::domain::units::Unit;
use crate::domain::units::format::{clock, with_unit};
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::ask::step_selection;
use crate::recipes::model::{Action, ChannelKind, Operation, Recipe, Value};
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;
use times::{thickness, times};

/// Rows of a table; further ones are counted only.
const MAX_ROWS: usize = 40;

/// A setpoint in effect in a step.
struct StepSetpoint {
    step: usize,
    channel: usize,
    run: usize,
    /// `None` if unknown.
    value: Option<f64>,
}

pub(super) fn answer(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let recipe = entry.recipe();
    let timeline = Timeline::new(recipe);
    let named = named_channels(question, recipe);
    let quantity = question.quantity;
    if quantity == Some(AskedQuantity::Time) && named.is_empty() {
        return times(question, entry, &timeline, writer);
    }
    if quantity == Some(AskedQuantity::Thickness) {
        return thickness(question, entry, &timeline, writer);
    }
    let channels = if named.is_empty() {
        channels_for(question, recipe, quantity?)
    } else {
        named
    };
    let name = code(&recipe.id);
    if channels.is_empty() {
        let missing = describe(question, quantity);
        writer.refuse(&say::no_such_channel(writer.language, &name, &missing));
        return Some(());
    }
    let Some(mut steps) = step_selection::chosen(question, entry, &timeline, writer) else {
        return Some(());
    };
    if steps.is_empty() {
        steps = default_steps(question, &timeline, &channels);
    }
    let found = setpoints(&timeline, &steps, &channels);
    match found.as_slice() {
        [] => {
            let channel = code(&recipe.channels[channels[0]].name);
            writer.refuse(&say::no_such_channel(writer.language, &name, &channel));
        }
        [one] => single(question, entry, &timeline, one, writer),
        several => table(question, entry, &timeline, several, writer),
    }
    Some(())
}

/// Returns the channels that the question names as the file does: `RunMO`, `TMGa_1.push`, `M05`.
fn named_channels(question: &RecipeQuestion<'_>, recipe: &Recipe) -> Vec<usize> {
    let mut found: Vec<usize> = question
        .codes
        .iter()
        .filter_map(|code| step_selection::channel_with_code(recipe, code))
        .collect();
    for (at, channel) in recipe.channels.iter().enumerate() {
        let name = channel.name.to_lowercase();
        let is_word = question.words.iter().any(|word| word.lower == name);
        let is_part = name.contains(['.', '_'])
            && crate::recipes::ask::vocabulary::mentions(&question.text, &[&name]);
        if (is_word || is_part)
            && name.len() >= 3
            && channel.kind != ChannelKind::Temperature
            && !found.contains(&at)
        {
            found.push(at);
        }
    }
    found
}

fn channels_for(
    question: &RecipeQuestion<'_>,
    recipe: &Recipe,
    quantity: AskedQuantity,
) -> Vec<usize> {
    match quantity {
        AskedQuantity::Temperature => recipe.channels_of(ChannelKind::Temperature).collect(),
        // The pressure of a source is that of its bubbler.
        AskedQuantity::Pressure if !question.species.is_empty() => {
            step_selection::channels(question, recipe, ChannelKind::BubblerPressure)
        }
        AskedQuantity::Pressure => recipe.channels_of(ChannelKind::Pressure).collect(),
        AskedQuantity::Rotation => recipe.channels_of(ChannelKind::Rotation).collect(),
        AskedQuantity::Power => recipe.channels_of(ChannelKind::Power).collect(),
        AskedQuantity::Flow(kind) => step_selection::channels(question, recipe, kind),
        AskedQuantity::Time | AskedQuantity::Thickness => Vec::new(),
    }
}

/// Describes what the question asked for if the recipe lacks it.
fn describe(question: &RecipeQuestion<'_>, quantity: Option<AskedQuantity>) -> String {
    let species = question.species.join(", ");
    let what = match quantity {
        Some(AskedQuantity::Flow(ChannelKind::Push)) => "push",
        Some(AskedQuantity::Flow(ChannelKind::Dilute)) => "dilute",
        Some(AskedQuantity::Flow(ChannelKind::Inject)) => "inject",
        Some(AskedQuantity::Flow(ChannelKind::BubblerPressure) | AskedQuantity::Pressure) => {
            "press"
        }
        Some(AskedQuantity::Flow(_)) => "flow",
        Some(AskedQuantity::Rotation) => "rotation",
        Some(AskedQuantity::Power) => "power",
        _ => "temperature",
    };
    code(format!("{species} {what}").trim())
}

/// Returns the steps to show if the question names none: the growth steps, or all that change the channels.
fn default_steps(
    question: &RecipeQuestion<'_>,
    timeline: &Timeline<'_>,
    channels: &[usize],
) -> Vec<usize> {
    let wants_growth = question.mentions(&["growth", "grown", "growing", "성장"]);
    let mut steps: Vec<usize> = if wants_growth {
        (0..timeline.runs.len())
            .filter(|run| timeline.is_growth(*run))
            .map(|run| timeline.runs[run].step)
            .collect()
    } else {
        (0..timeline.runs.len())
            .filter(|run| {
                channels.iter().any(|channel| {
                    let value = timeline.value(*run, *channel);
                    value.is_some() && value != timeline.value_before(*run, *channel)
                })
            })
            .map(|run| timeline.runs[run].step)
            .collect()
    };
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// Returns the setpoints of channels in steps, each distinct value once. Sources that are not in use are left out.
fn setpoints(timeline: &Timeline<'_>, steps: &[usize], channels: &[usize]) -> Vec<StepSetpoint> {
    let mut all = Vec::new();
    for step in steps {
        for channel in channels {
            let mut values: Vec<(usize, Option<f64>)> = Vec::new();
            for run in 0..timeline.runs.len() {
                if timeline.runs[run].step == *step {
                    let value = timeline.value(run, *channel);
                    if !values.iter().any(|(_, known)| *known == value) {
                        values.push((run, value));
                    }
                }
            }
            all.extend(values.into_iter().map(|(run, value)| StepSetpoint {
                step: *step,
                channel: *channel,
                run,
                value,
            }));
        }
    }
    if channels.len() > 1 && all.iter().any(|found| found.value.is_some()) {
        all.retain(|found| found.value.is_some());
    }
    all
}

/// Formats a value with its unit, or as open or closed.
pub(super) fn format_value(
    recipe: &Recipe,
    channel: usize,
    value: f64,
    writer: &ReplyWriter,
) -> String {
    let channel = &recipe.channels[channel];
    if channel.kind.is_digital() {
        return say::open(writer.language, value > 0.5).to_owned();
    }
    with_unit(value, channel.unit)
}

fn single(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    found: &StepSetpoint,
    writer: &mut ReplyWriter,
) {
    let recipe = entry.recipe();
    let language = writer.language;
    let step = &recipe.steps[found.step];
    let channel = &recipe.channels[found.channel];
    let Some(value) = found.value else {
        let calls: Vec<String> = timeline
            .calls
            .iter()
            .filter(|(at, _)| *at <= found.run)
            .map(|(_, call)| code(&call.text))
            .collect();
        let cite = writer.cite(entry, step.lines.0);
        writer.refuse(&say::not_stated(
            language,
            &code(&channel.name),
            &code(&step.name()),
            &calls,
        ));
        writer.line(cite.trim());
        return;
    };
    let mut text = format_value(recipe, found.channel, value, writer);
    if let Some(unit) = question.unit.filter(|unit| *unit != channel.unit)
        && let Some(converted) = channel.unit.convert(value, unit)
    {
        text = format!("{text} (= {})", with_unit(converted, unit));
    }
    let name = channel_name(recipe, found.channel);
    let cite = writer.cite(entry, step.lines.0);
    let sentence = say::setpoint(
        language,
        &text,
        &name,
        &code(&step.name()),
        &code(&recipe.id),
    );
    writer.line(&format!("{sentence}{cite}."));
    write_origin(entry, timeline, found, writer);
}

/// Writes where the value comes from: another step, an expression, variables.
fn write_origin(
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    found: &StepSetpoint,
    writer: &mut ReplyWriter,
) {
    let recipe = entry.recipe();
    let language = writer.language;
    let Some(setting_step) = timeline.set_by(found.run, found.channel) else {
        return;
    };
    let operation = recipe.steps[setting_step].last_of(found.channel);
    let Some(operation) = operation else {
        return;
    };
    let variables = variables(recipe, operation);
    if setting_step != found.step || !variables.is_empty() || is_expression(operation) {
        let cite = writer.cite(entry, operation.line);
        let sentence = say::given_in(
            language,
            &code(&recipe.steps[setting_step].name()),
            &code(&operation.raw),
            operation.line,
        );
        let mut line = format!("{sentence}{cite}");
        for (name, value, at) in variables {
            let cite = writer.cite(entry, at);
            let variable_text =
                say::with_variable(language, &code(&name), &with_unit(value, Unit::None), at);
            line = format!("{line}; {variable_text}{cite}");
        }
        line.push('.');
        writer.line(&line);
    }
    if setting_step == found.step
        && let Action::Ramp {
            seconds: Some(ramp),
            ..
        } = &operation.action
        && let Some(step) = timeline.runs[found.run].seconds
        && *ramp > step
    {
        let sentence = say::ramp_outlasts(language, &clock(*ramp), &clock(step));
        writer.line(&format!("{sentence}."));
    }
}

fn is_expression(operation: &Operation) -> bool {
    matches!(
        &operation.action,
        Action::Follow(_)
            | Action::Set(Value {
                expression: Some(_),
                ..
            })
            | Action::Ramp {
                to: Value {
                    expression: Some(_),
                    ..
                },
                ..
            }
    )
}

/// Returns the variables in an operation's value, with their values and lines.
fn variables(recipe: &Recipe, operation: &Operation) -> Vec<(String, f64, u32)> {
    let expression = match &operation.action {
        Action::Set(value) | Action::Ramp { to: value, .. } => value.expression.as_ref(),
        Action::Follow(expression) => Some(expression),
        _ => None,
    };
    expression
        .map(|expression| {
            expression
                .names()
                .into_iter()
                .filter_map(|name| {
                    let variable = recipe
                        .variables
                        .iter()
                        .find(|variable| variable.name == name)?;
                    Some((variable.shown(), variable.value?, variable.line))
                })
                .collect()
        })
        .unwrap_or_default()
}

/// Returns a channel's name with its label from the legend.
pub(super) fn channel_name(recipe: &Recipe, channel: usize) -> String {
    let channel = &recipe.channels[channel];
    match &channel.label {
        Some(label) => format!("{} ({})", code(&channel.name), label),
        None => code(&channel.name),
    }
}

fn table(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    all: &[StepSetpoint],
    writer: &mut ReplyWriter,
) {
    let recipe = entry.recipe();
    let language = writer.language;
    let mut channels: Vec<usize> = all.iter().map(|found| found.channel).collect();
    channels.sort_unstable();
    channels.dedup();
    let names: Vec<String> = channels
        .iter()
        .map(|channel| channel_name(recipe, *channel))
        .collect();
    let mut steps: Vec<usize> = all.iter().map(|found| found.step).collect();
    steps.dedup();
    writer.line(&say::setpoints(
        language,
        &code(&recipe.id),
        &names.join(", "),
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
    for found in all.iter().take(MAX_ROWS) {
        let step = &recipe.steps[found.step];
        let mut value = found.value.map_or_else(
            || say::unknown(language).to_owned(),
            |value| format_value(recipe, found.channel, value, writer),
        );
        let channel = &recipe.channels[found.channel];
        if let Some(unit) = question.unit.filter(|unit| *unit != channel.unit)
            && let Some(converted) = found
                .value
                .and_then(|value| channel.unit.convert(value, unit))
        {
            value = format!("{value} (= {})", with_unit(converted, unit));
        }
        let line = timeline
            .set_by(found.run, found.channel)
            .and_then(|by| {
                let mut operations = recipe.steps[by].operations.iter().rev();
                operations.find(|operation| operation.channel == found.channel)
            })
            .map_or(step.lines.0, |operation| operation.line);
        let mut cite = writer.cite(entry, step.lines.0);
        let other = writer.cite(entry, line);
        if other != cite {
            cite.push_str(&other);
        }
        rows.push(vec![
            code(&step.name()),
            code(&channel.name),
            value,
            line.to_string(),
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
    if all.len() > MAX_ROWS {
        writer.paragraph(&say::and_more(language, all.len() - MAX_ROWS));
    }
}
