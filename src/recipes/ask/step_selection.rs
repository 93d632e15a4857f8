//! Selects the steps that a question means.

use std::collections::BTreeSet;

use super::question::RecipeQuestion;
use super::reply::{ReplyWriter, code};
use crate::i18n::recipe as say;
use crate::recipes::ask::vocabulary::layers;
use crate::recipes::model::{ChannelKind, Recipe, Step};
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

/// Step names listed if no step matches.
const MAX_NAMED: usize = 40;

/// Returns the steps that a question names, in the order of the file. Returns `None`, with a reply written, if one of
/// them does not exist.
pub(super) fn chosen(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    writer: &mut ReplyWriter,
) -> Option<Vec<usize>> {
    match steps(question, timeline) {
        Ok(steps) => Some(steps),
        Err(wanted) => {
            refuse(entry, &wanted, writer);
            None
        }
    }
}

/// Replies that no step matches, and lists the steps.
pub(super) fn refuse(entry: &RecipeEntry, wanted: &str, writer: &mut ReplyWriter) {
    let recipe = entry.recipe();
    let mut names: Vec<String> = Vec::new();
    for step in &recipe.steps {
        let name = code(&step.name());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > MAX_NAMED {
        names.truncate(MAX_NAMED);
        names.push("…".to_owned());
    }
    writer.refuse(&say::no_such_step(
        writer.language,
        &code(&recipe.id),
        &code(wanted),
        &names,
    ));
}

/// Returns the steps that a question names, in the order of the file.
///
/// # Errors
/// If one of them does not exist; contains its name in the question.
fn steps(question: &RecipeQuestion<'_>, timeline: &Timeline<'_>) -> Result<Vec<usize>, String> {
    let recipe = timeline.recipe;
    if !question.steps.is_empty() {
        return Ok(question.steps.clone());
    }
    let codes: Vec<&String> = question
        .codes
        .iter()
        .filter(|code| channel_with_code(recipe, code).is_none())
        .collect();
    if !codes.is_empty() {
        let mut found = Vec::new();
        for code in codes {
            let of_code: Vec<usize> = (0..recipe.steps.len())
                .filter(|step| is_numbered(&recipe.steps[*step], code))
                .collect();
            if of_code.is_empty() {
                return Err(code.clone());
            }
            found.extend(of_code);
        }
        found.sort_unstable();
        found.dedup();
        return Ok(found);
    }
    let named = by_whole_name(question, recipe);
    if !named.is_empty() {
        return Ok(named);
    }
    if question.layers.is_empty() {
        return Ok(Vec::new());
    }
    let matching = |with_section: bool| -> Vec<usize> {
        (0..recipe.steps.len())
            .filter(|step| {
                question
                    .layers
                    .is_subset(&names(&recipe.steps[*step], with_section))
            })
            .collect()
    };
    let mut found = matching(false);
    if found.is_empty() {
        found = matching(true);
    }
    if found.is_empty() {
        let wanted: Vec<&str> = question.layers.iter().map(String::as_str).collect();
        return Err(wanted.join(" "));
    }
    let growing: BTreeSet<usize> = (0..timeline.runs.len())
        .filter(|run| timeline.is_growth(*run))
        .map(|run| timeline.runs[run].step)
        .collect();
    if found.iter().any(|step| growing.contains(step)) {
        found.retain(|step| growing.contains(step));
    }
    Ok(found)
}

/// Returns the steps that a description means: by code or full name, else by layer, else by part of the name.
pub(super) fn by_description(
    description: &str,
    question: &RecipeQuestion<'_>,
    timeline: &Timeline<'_>,
) -> Vec<usize> {
    let recipe = timeline.recipe;
    let wanted = collapse_whitespace(description);
    let steps_where = |fits: &dyn Fn(&Step) -> bool| -> Vec<usize> {
        let steps = recipe.steps.iter().enumerate();
        steps
            .filter(|(_, step)| fits(step))
            .map(|(at, _)| at)
            .collect()
    };
    let exact = steps_where(&|step: &Step| {
        let label = step.label.as_deref().unwrap_or_default();
        is_numbered(step, &wanted)
            || collapse_whitespace(&step.name()) == wanted
            || collapse_whitespace(label) == wanted
    });
    if !exact.is_empty() || wanted.is_empty() {
        return exact;
    }
    match steps(question, timeline) {
        Ok(steps) if !steps.is_empty() => steps,
        _ => steps_where(&|step: &Step| collapse_whitespace(&step.name()).contains(&wanted)),
    }
}

/// Whether a step's name or section names all these layers.
pub(super) fn is_of_layers(step: &Step, layers: &BTreeSet<String>) -> bool {
    layers.is_empty() || layers.is_subset(&names(step, true))
}

fn collapse_whitespace(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// Returns the steps whose full names the question contains; the longest name wins.
fn by_whole_name(question: &RecipeQuestion<'_>, recipe: &Recipe) -> Vec<usize> {
    let text = collapse_whitespace(&question.text);
    let mut best = 0;
    let mut found = Vec::new();
    for (at, step) in recipe.steps.iter().enumerate() {
        let label = collapse_whitespace(step.label.as_deref().unwrap_or_default());
        // A name with such a word may be the quantity that is asked for.
        let is_quantity = [
            "온도",
            "압력",
            "유량",
            "시간",
            "temperature",
            "pressure",
            "flow",
        ]
        .iter()
        .any(|word| label.contains(word));
        let is_name = label.chars().count() >= 6 && label.contains(' ');
        if !is_name || is_quantity || !crate::recipes::ask::vocabulary::mentions(&text, &[&label]) {
            continue;
        }
        if label.len() > best {
            best = label.len();
            found.clear();
        }
        if label.len() == best {
            found.push(at);
        }
    }
    found
}

/// Whether a step has this code or number.
fn is_numbered(step: &Step, code: &str) -> bool {
    let plain = |text: &str| text.trim_start_matches('0').to_lowercase();
    step.number
        .as_deref()
        .is_some_and(|number| plain(number) == plain(code))
}

/// Returns the layers that a step's name mentions, and optionally those of its section.
fn names(step: &Step, with_section: bool) -> BTreeSet<String> {
    let mut names = layers(step.label.as_deref().unwrap_or_default());
    if with_section {
        names.extend(layers(step.section.as_deref().unwrap_or_default()));
    }
    names
}

/// Returns the channel whose column has this code, such as `M05`.
pub(super) fn channel_with_code(recipe: &Recipe, code: &str) -> Option<usize> {
    recipe.channels.iter().position(|channel| {
        channel.name.eq_ignore_ascii_case(code)
            || channel
                .label
                .as_deref()
                .and_then(|label| label.split_whitespace().next())
                .is_some_and(|first| first.eq_ignore_ascii_case(code))
    })
}

/// Returns the channels of a kind for the species that a question names, or all channels of the kind.
pub(super) fn channels(
    question: &RecipeQuestion<'_>,
    recipe: &Recipe,
    kind: ChannelKind,
) -> Vec<usize> {
    recipe
        .channels_of(kind)
        .filter(|channel| {
            let Some(source) = recipe.channels[*channel].source else {
                return true;
            };
            let source = &recipe.sources[source];
            let key = source.key.to_lowercase();
            let is_named = question.text.contains(&key) && key.contains(['_', '-']);
            let named_exactly = recipe.sources.iter().any(|other| {
                let key = other.key.to_lowercase();
                key.contains(['_', '-']) && question.text.contains(&key)
            });
            if named_exactly {
                is_named
            } else {
                question.species.contains(&source.species)
            }
        })
        .collect()
}
