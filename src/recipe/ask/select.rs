//! Which steps a question means.

use std::collections::BTreeSet;

use super::question::Asked;
use super::words::layers;
use crate::recipe::model::{Kind, Recipe, Step};
use crate::recipe::timeline::Timeline;

/// The steps that a question names, in their order.
///
/// # Errors
/// It names some that are not there: how it names them.
pub(super) fn steps(asked: &Asked<'_>, timeline: &Timeline<'_>) -> Result<Vec<usize>, String> {
    let recipe = timeline.recipe;
    let codes: Vec<&String> = asked
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
    let called = by_whole_name(asked, recipe);
    if !called.is_empty() {
        return Ok(called);
    }
    if asked.layers.is_empty() {
        return Ok(Vec::new());
    }
    let fits = |with_section: bool| -> Vec<usize> {
        (0..recipe.steps.len())
            .filter(|step| {
                let names = names(&recipe.steps[*step], with_section);
                asked.layers.is_subset(&names)
            })
            .collect()
    };
    let mut found = fits(false);
    if found.is_empty() {
        found = fits(true);
    }
    if found.is_empty() {
        let wanted: Vec<&str> = asked.layers.iter().map(String::as_str).collect();
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

/// The steps whose whole names stand in the question; the longest name counts.
fn by_whole_name(asked: &Asked<'_>, recipe: &Recipe) -> Vec<usize> {
    let squeezed = |text: &str| {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    let text = squeezed(&asked.text);
    let mut best = 0;
    let mut found = Vec::new();
    for (at, step) in recipe.steps.iter().enumerate() {
        let label = squeezed(step.label.as_deref().unwrap_or_default());
        // A name with such a word in it may be what is asked for instead.
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
        if !is_name || is_quantity || !super::words::says(&text, &[&label]) {
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

/// Whether a step bears this code or number.
fn is_numbered(step: &Step, code: &str) -> bool {
    let plain = |text: &str| text.trim_start_matches('0').to_lowercase();
    step.number
        .as_deref()
        .is_some_and(|number| plain(number) == plain(code))
}

/// The layers that a step's name tells of, and those of the heading above it.
fn names(step: &Step, with_section: bool) -> BTreeSet<String> {
    let mut names = layers(step.label.as_deref().unwrap_or_default());
    if with_section {
        names.extend(layers(step.section.as_deref().unwrap_or_default()));
    }
    names
}

/// The channel whose column has this code, such as `M05`.
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

/// The channels of a kind that a question means: of the species that it names, or all.
pub(super) fn channels(asked: &Asked<'_>, recipe: &Recipe, kind: Kind) -> Vec<usize> {
    recipe
        .channels_of(kind)
        .filter(|channel| {
            let Some(source) = recipe.channels[*channel].source else {
                return true;
            };
            let source = &recipe.sources[source];
            let key = source.key.to_lowercase();
            let is_named = asked.text.contains(&key) && key.contains(['_', '-']);
            let named_exactly = recipe.sources.iter().any(|other| {
                let key = other.key.to_lowercase();
                key.contains(['_', '-']) && asked.text.contains(&key)
            });
            if named_exactly {
                is_named
            } else {
                asked.species.contains(&source.species)
            }
        })
        .collect()
}
