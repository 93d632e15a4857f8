//! Values derived from setpoints.

use super::phrases;
use super::question::RecipeQuestion;
use super::reply::{ReplyWriter, code};
use crate::domain::units::Unit;
use crate::domain::units::format::{plain, with_unit};
use crate::i18n::recipe as say;
use crate::recipes::ask::step_selection;
use crate::recipes::derivation;
use crate::recipes::derivation::{DerivedValue, FormulaInput, MissingInput};
use crate::recipes::model::{ChannelKind, Group, SourceKind};
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::species;
use crate::recipes::timeline::Timeline;

/// The value to compute.
enum DerivedKind {
    Ratio,
    Molar(usize),
    Dopant(usize),
}

pub(super) fn answer(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let recipe = entry.recipe();
    let wants_ratio = question.mentions_one_of(phrases::RATIO);
    let wants_molar = question.mentions_one_of(phrases::MOLAR);
    let wants_dopant = question.mentions_one_of(phrases::DOPANT);
    let wants_use = question.mentions_one_of(phrases::CONSUMPTION)
        && !question.mentions(&["temperature", "온도", "pressure", "압력"]);
    if !(wants_ratio || wants_molar || wants_dopant || wants_use) {
        return None;
    }
    let timeline = Timeline::new(recipe);
    let language = writer.language;
    let name = code(&recipe.id);
    let sources: Vec<usize> = named_sources(question, entry);
    if !wants_ratio && sources.is_empty() {
        if question.species.is_empty() {
            return None;
        }
        let species = code(&question.species.join(", "));
        writer.refuse(&say::no_such_channel(language, &name, &species));
        return Some(());
    }
    if wants_use && !wants_ratio && !wants_molar && !wants_dopant {
        for source in sources {
            write_consumption(entry, &timeline, source, writer);
        }
        return Some(());
    }
    let Some(mut steps) = step_selection::chosen(question, entry, &timeline, writer) else {
        return Some(());
    };
    if steps.is_empty() {
        steps = growth_steps(&timeline);
        steps.truncate(8);
    }
    for step in steps.into_iter().take(8) {
        let Some(run) = last_run(&timeline, step) else {
            continue;
        };
        if wants_ratio {
            write_value(entry, &timeline, run, &DerivedKind::Ratio, writer);
            continue;
        }
        for source in &sources {
            let wanted = if wants_dopant {
                DerivedKind::Dopant(*source)
            } else {
                DerivedKind::Molar(*source)
            };
            write_value(entry, &timeline, run, &wanted, writer);
        }
    }
    Some(())
}

/// Returns the sources whose keys a question names, else those of its species.
fn named_sources(question: &RecipeQuestion<'_>, entry: &RecipeEntry) -> Vec<usize> {
    let recipe = entry.recipe();
    let by_key: Vec<usize> = (0..recipe.sources.len())
        .filter(|at| {
            let key = recipe.sources[*at].key.to_lowercase();
            key.contains('_') && question.text.contains(&key)
        })
        .collect();
    if !by_key.is_empty() {
        return by_key;
    }
    (0..recipe.sources.len())
        .filter(|at| question.species.contains(&recipe.sources[*at].species))
        .filter(|at| recipe.channel_of(*at, ChannelKind::SourceFlow).is_some())
        .collect()
}

fn growth_steps(timeline: &Timeline<'_>) -> Vec<usize> {
    let mut steps: Vec<usize> = (0..timeline.runs.len())
        .filter(|run| timeline.is_growth(*run))
        .map(|run| timeline.runs[run].step)
        .collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// A loop's first pass may still start from other conditions; its last pass shows the steady state.
fn last_run(timeline: &Timeline<'_>, step: usize) -> Option<usize> {
    (0..timeline.runs.len())
        .rev()
        .find(|run| timeline.runs[*run].step == step)
}

fn write_value(
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    run: usize,
    wanted: &DerivedKind,
    writer: &mut ReplyWriter,
) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let (what, result, formula, assumption) = match wanted {
        DerivedKind::Ratio => (
            "V/III".to_owned(),
            derivation::v_iii_ratio(timeline, run),
            "Σ n(V) / Σ n(III), n = F/22414·10⁶·Pv/(Pb−Pv), log₁₀Pv = A − B/T".to_owned(),
            say::assume_bubbler(language),
        ),
        DerivedKind::Molar(source) => {
            let is_gas = species::find(&recipe.sources[*source].species)
                .is_some_and(|known| matches!(known.kind, SourceKind::Hydride | SourceKind::Gas));
            let (formula, assumption) = if is_gas {
                ("n = F/22414·10⁶", say::assume_gas(language))
            } else {
                (
                    "n = F/22414·10⁶·Pv/(Pb−Pv), log₁₀Pv = A − B/T",
                    say::assume_bubbler(language),
                )
            };
            (
                code(&recipe.sources[*source].key),
                derivation::molar_flow(timeline, run, *source),
                formula.to_owned(),
                assumption,
            )
        }
        DerivedKind::Dopant(source) => (
            code(&recipe.sources[*source].key),
            derivation::dopant_flow(timeline, run, *source),
            "source·inject/(source+dilute)".to_owned(),
            String::new(),
        ),
    };
    let step = timeline.step(run);
    let name = code(&recipe.id);
    let step_name = code(&step.name());
    match result {
        Ok(derived) => {
            let cite = writer.cite(entry, step.lines.0);
            let value = format_value(&derived);
            writer.paragraph(&format!(
                "{}{cite}",
                say::derived(language, &what, &value, &step_name, &name)
            ));
            writer.line(&say::formula(language, &formula));
            let inputs = format_inputs(entry, &derived.inputs, writer);
            writer.line(&say::inputs(language, &inputs));
            if !assumption.is_empty() {
                writer.line(&say::assumptions(language, &assumption));
            }
        }
        Err(missing) => {
            let cite = writer.cite(entry, step.lines.0);
            let missing = describe(&missing, writer);
            writer.refuse(&format!(
                "{}{cite}",
                say::cannot_derive(language, &what, &name, &step_name, &missing)
            ));
        }
    }
}

fn write_consumption(
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    source: usize,
    writer: &mut ReplyWriter,
) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let name = code(&recipe.id);
    let what = code(&recipe.sources[source].key);
    if !timeline.is_complete {
        writer.refuse(&say::incomplete(language, &name));
        return;
    }
    match derivation::gas_use(timeline, source) {
        Ok(derived) => {
            let line = recipe
                .channel_of(source, ChannelKind::SourceFlow)
                .and_then(|channel| {
                    let mut operations = recipe.steps.iter().flat_map(|step| &step.operations);
                    operations.find(|operation| operation.channel == channel)
                })
                .map_or(1, |operation| operation.line);
            let cite = writer.cite(entry, line);
            let litres = format!("{} l", plain(derived.value, 2));
            writer.paragraph(&format!(
                "{}{cite}",
                say::derived_total(language, &what, &litres, &name)
            ));
            writer.line(&say::formula(language, "Σ F·t"));
            writer.line(&say::assumptions(
                language,
                &format!(
                    "{}; {}",
                    say::assume_use(language),
                    say::assume_gas(language)
                ),
            ));
            let waits = timeline
                .runs
                .iter()
                .filter(|run| run.seconds.is_none())
                .count();
            writer.line(&say::not_counted(language, waits, timeline.calls.len()));
        }
        Err(missing) => {
            let missing = describe(&missing, writer);
            writer.refuse(&say::cannot_derive(language, &what, &name, "–", &missing));
        }
    }
}

/// The constants are not accurate to more than four digits.
fn format_value(derived: &DerivedValue) -> String {
    let digits = match derived.value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        size if size >= 1.0 => 3,
        size if size >= 0.1 => 4,
        _ => 5,
    };
    let number = plain(derived.value, digits);
    match derived.unit {
        Unit::None => number,
        unit => format!("{number} {unit}"),
    }
}

fn format_inputs(entry: &RecipeEntry, inputs: &[FormulaInput], writer: &mut ReplyWriter) -> String {
    let mut parts = Vec::new();
    for input in inputs {
        let value = with_unit((input.value * 1e4).round() / 1e4, input.unit);
        let cite = input.line.map(|line| {
            let cite = writer.cite(entry, line);
            format!(" (L{line}){cite}")
        });
        parts.push(format!(
            "{} = {value}{}",
            code(&input.name),
            cite.unwrap_or_default()
        ));
    }
    parts.join(", ")
}

fn describe(missing: &MissingInput, writer: &ReplyWriter) -> String {
    let language = writer.language;
    match missing {
        MissingInput::Setpoint(name) => say::missing_setpoint(language, &code(name)),
        MissingInput::BubblerTemperature(name) => say::missing_bubbler(language, &code(name)),
        MissingInput::VapourPressure(name) => say::missing_vapour(language, &code(name)),
        MissingInput::Boils(name) => say::bubbler_boils(language, &code(name)),
        MissingInput::Unit(name) => say::missing_unit(language, &code(name)),
        MissingInput::NoSource(group) => {
            let group = match group {
                Group::III => "III",
                Group::IV => "IV",
                Group::V => "V",
                Group::VI => "VI",
            };
            say::no_source_open(language, group)
        }
    }
}
