//! Compares two recipes, or two revisions of one: aligns their steps and finds changed setpoints.

use std::collections::BTreeSet;

use serde::Serialize;

use super::model::{Node, Recipe, Step};
use super::timeline::Timeline;
use crate::domain::units::Unit;

/// The differences between two recipes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RecipeDiff {
    /// In the order of the steps.
    pub changes: Vec<StepChange>,
    /// Variables whose values differ.
    pub variables: Vec<ValueChange<f64>>,
    /// Loops whose counts differ.
    pub loops: Vec<ValueChange<u32>>,
    /// Bubbler temperatures that differ, in °C.
    pub bubblers: Vec<ValueChange<f64>>,
}

/// A value before and after, with the lines that state it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueChange<T> {
    pub name: String,
    pub before: Option<(T, u32)>,
    pub after: Option<(T, u32)>,
}

/// A difference in the steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepChange {
    /// The step is in the second recipe only.
    Added { after: usize },
    /// The step is in the first recipe only.
    Removed { before: usize },
    /// The step is in both recipes with different settings.
    Changed {
        before: usize,
        after: usize,
        what: Vec<SettingChange>,
    },
}

/// A setting that differs between two aligned steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingChange {
    /// The channel's name; `None` for the step's duration.
    pub channel: Option<String>,
    pub unit: Unit,
    /// `None` if unknown or not set.
    pub before: Option<f64>,
    pub after: Option<f64>,
    /// Whether the channel is a valve or switch.
    pub is_digital: bool,
    /// The lines on which the two steps set it; `None` if the value is inherited from an earlier step.
    pub lines: (Option<u32>, Option<u32>),
}

impl RecipeDiff {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.variables.is_empty()
            && self.loops.is_empty()
            && self.bubblers.is_empty()
    }
}

/// Compares two recipes.
#[must_use]
pub fn compare(one: &Recipe, other: &Recipe) -> RecipeDiff {
    let pairs = align(one, other);
    let (first, second) = (StepStates::new(one), StepStates::new(other));
    let mut changes = Vec::new();
    for pair in &pairs {
        match *pair {
            (Some(before), None) => changes.push(StepChange::Removed { before }),
            (None, Some(after)) => changes.push(StepChange::Added { after }),
            (Some(before), Some(after)) => {
                let what = settings(&first, before, &second, after);
                if !what.is_empty() {
                    changes.push(StepChange::Changed {
                        before,
                        after,
                        what,
                    });
                }
            }
            (None, None) => {}
        }
    }
    RecipeDiff {
        changes,
        variables: pairs_of(
            one.variables.iter().filter_map(|variable| {
                Some((variable.name.clone(), variable.value?, variable.line))
            }),
            other.variables.iter().filter_map(|variable| {
                Some((variable.name.clone(), variable.value?, variable.line))
            }),
        ),
        loops: loops(one, other, &pairs),
        bubblers: pairs_of(bubblers(one), bubblers(other)),
    }
}

fn bubblers(recipe: &Recipe) -> impl Iterator<Item = (String, f64, u32)> {
    recipe.sources.iter().filter_map(|source| {
        let bubbler = source.bubbler.as_ref()?;
        Some((source.key.clone(), bubbler.value, bubbler.line))
    })
}

/// Number of step pairs to align by content; longer recipes are paired by position.
const MAX_PAIRS: usize = 4_000_000;

/// Aligns the steps of both recipes in order; a step of only one recipe has no partner.
fn align(one: &Recipe, other: &Recipe) -> Vec<(Option<usize>, Option<usize>)> {
    let (rows, columns) = (one.steps.len(), other.steps.len());
    if rows.saturating_mul(columns) > MAX_PAIRS {
        let place = |at: usize, of: usize| (at < of).then_some(at);
        return (0..rows.max(columns))
            .map(|at| (place(at, rows), place(at, columns)))
            .collect();
    }
    let (first, second) = (traits(one), traits(other));
    let similarity = |row: usize, column: usize| first[row].likeness(&second[column]);
    // `best[row][column]` is the maximum sum of similarities of the steps from there on.
    let mut best = vec![vec![0.0_f64; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let paired = similarity(row, column);
            let pair = if paired > 0.0 {
                paired + best[row + 1][column + 1]
            } else {
                f64::NEG_INFINITY
            };
            best[row][column] = pair.max(best[row + 1][column]).max(best[row][column + 1]);
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut pairs = Vec::new();
    while row < rows || column < columns {
        if row < rows && column < columns {
            let paired = similarity(row, column);
            let reached = paired + best[row + 1][column + 1];
            if paired > 0.0 && (reached - best[row][column]).abs() < 1e-9 {
                pairs.push((Some(row), Some(column)));
                row += 1;
                column += 1;
                continue;
            }
        }
        if column >= columns || row < rows && best[row + 1][column] >= best[row][column + 1] {
            pairs.push((Some(row), None));
            row += 1;
        } else {
            pairs.push((None, Some(column)));
            column += 1;
        }
    }
    pairs
}

/// The properties by which steps are matched.
struct StepTraits<'a> {
    number: Option<&'a str>,
    is_named: bool,
    words: BTreeSet<String>,
    channels: BTreeSet<String>,
}

fn traits(recipe: &Recipe) -> Vec<StepTraits<'_>> {
    let steps = recipe.steps.iter();
    steps
        .map(|step| StepTraits {
            number: step.number.as_deref(),
            is_named: step.label.is_some(),
            words: words(step),
            channels: channels(recipe, step),
        })
        .collect()
}

impl StepTraits<'_> {
    /// Similarity of two steps by number, label words and the channels that they set; 0 for different steps.
    fn likeness(&self, other: &Self) -> f64 {
        let words = overlap(&self.words, &other.words);
        let same_number = self.number.is_some() && self.number == other.number;
        let channels = overlap(&self.channels, &other.channels);
        let score = if same_number { 1.0 } else { 0.0 } + 1.5 * words + 0.5 * channels;
        // Steps that share only a habit of the tool, such as closing a valve, are different steps.
        if same_number && words + channels > 0.0 || words >= 0.5 {
            score
        } else if !self.is_named && !other.is_named && channels >= 0.5 {
            channels
        } else {
            0.0
        }
    }
}

fn words(step: &Step) -> BTreeSet<String> {
    let label = step.label.clone().unwrap_or_default();
    let number = step.number.clone().unwrap_or_default().to_lowercase();
    label
        .to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric() && letter != '.')
        .filter(|word| !word.is_empty() && *word != number)
        .map(str::to_owned)
        .collect()
}

fn channels(recipe: &Recipe, step: &Step) -> BTreeSet<String> {
    step.operations
        .iter()
        .map(|operation| recipe.channels[operation.channel].name.to_lowercase())
        .collect()
}

/// Jaccard similarity: shared members over all members; 1 for two empty sets.
fn overlap(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    let all = one.union(other).count();
    if all == 0 {
        return 1.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few words")]
    let share = one.intersection(other).count() as f64 / all as f64;
    share
}

/// A recipe with the first run of each step.
struct StepStates<'a> {
    timeline: Timeline<'a>,
    first_run: Vec<Option<usize>>,
}

impl<'a> StepStates<'a> {
    fn new(recipe: &'a Recipe) -> Self {
        let timeline = Timeline::new(recipe);
        let mut first_run = vec![None; recipe.steps.len()];
        for (run, at) in timeline.runs.iter().enumerate() {
            first_run[at.step].get_or_insert(run);
        }
        Self {
            timeline,
            first_run,
        }
    }

    fn recipe(&self) -> &'a Recipe {
        self.timeline.recipe
    }

    fn value(&self, step: usize, name: &str) -> Option<f64> {
        self.timeline
            .value(self.first_run[step]?, self.recipe().channel(name)?)
    }

    fn line(&self, step: usize, name: &str) -> Option<u32> {
        let channel = self.recipe().channel(name)?;
        self.recipe().steps[step]
            .last_of(channel)
            .map(|operation| operation.line)
    }
}

/// Returns the settings that differ between two aligned steps: the duration, and every channel that either sets.
fn settings(
    one: &StepStates<'_>,
    before: usize,
    other: &StepStates<'_>,
    after: usize,
) -> Vec<SettingChange> {
    let (first, second) = (&one.recipe().steps[before], &other.recipe().steps[after]);
    let mut found = Vec::new();
    if differ(first.seconds(), second.seconds()) {
        found.push(SettingChange {
            channel: None,
            unit: Unit::Seconds,
            before: first.seconds(),
            after: second.seconds(),
            is_digital: false,
            lines: (
                Some(
                    first
                        .duration
                        .as_ref()
                        .map_or(first.lines.0, |time| time.line),
                ),
                Some(
                    second
                        .duration
                        .as_ref()
                        .map_or(second.lines.0, |time| time.line),
                ),
            ),
        });
    }
    let mut names: Vec<&str> = Vec::new();
    for (recipe, step) in [(one.recipe(), first), (other.recipe(), second)] {
        for operation in &step.operations {
            let name = recipe.channels[operation.channel].name.as_str();
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name);
            }
        }
    }
    for name in names {
        let (value, new) = (one.value(before, name), other.value(after, name));
        let lines = (one.line(before, name), other.line(after, name));
        if !differ(value, new) {
            continue;
        }
        let channel = [one.recipe(), other.recipe()]
            .into_iter()
            .find_map(|recipe| Some(&recipe.channels[recipe.channel(name)?]));
        found.push(SettingChange {
            channel: Some(name.to_owned()),
            unit: channel.map_or(Unit::None, |channel| channel.unit),
            before: value,
            after: new,
            is_digital: channel.is_some_and(|channel| channel.kind.is_digital()),
            lines,
        });
    }
    found
}

fn differ(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (None, None) => false,
        (Some(one), Some(other)) => {
            (one - other).abs() > 1e-9 * one.abs().max(other.abs()).max(1.0)
        }
        _ => true,
    }
}

fn pairs_of(
    one: impl Iterator<Item = (String, f64, u32)>,
    other: impl Iterator<Item = (String, f64, u32)>,
) -> Vec<ValueChange<f64>> {
    let mut pairs: Vec<ValueChange<f64>> = one
        .map(|(name, value, line)| ValueChange {
            name,
            before: Some((value, line)),
            after: None,
        })
        .collect();
    for (name, value, line) in other {
        match pairs.iter_mut().find(|pair| pair.name == name) {
            Some(pair) => pair.after = Some((value, line)),
            None => pairs.push(ValueChange {
                name,
                before: None,
                after: Some((value, line)),
            }),
        }
    }
    pairs.retain(|pair| {
        differ(
            pair.before.as_ref().map(|(value, _)| *value),
            pair.after.as_ref().map(|(value, _)| *value),
        )
    });
    pairs
}

/// Returns the loops whose counts differ. Two loops are the same if their first steps are aligned.
fn loops(
    one: &Recipe,
    other: &Recipe,
    pairs: &[(Option<usize>, Option<usize>)],
) -> Vec<ValueChange<u32>> {
    let mut before = Vec::new();
    collect(&one.body, &mut before);
    let mut after = Vec::new();
    collect(&other.body, &mut after);
    let mut found = Vec::new();
    let partner = |step: usize| {
        pairs
            .iter()
            .find(|(first, _)| *first == Some(step))
            .and_then(|(_, second)| *second)
    };
    let mut used = BTreeSet::new();
    for (step, depth, count, line) in &before {
        let same = partner(*step).and_then(|partner| {
            after
                .iter()
                .position(|(first, level, _, _)| *first == partner && level == depth)
        });
        let new = same.map(|at| {
            used.insert(at);
            (after[at].2, after[at].3)
        });
        if new.map(|(count, _)| count) != Some(*count) {
            found.push(ValueChange {
                name: one.steps[*step].name(),
                before: Some((*count, *line)),
                after: new,
            });
        }
    }
    for (at, (step, _, count, line)) in after.iter().enumerate() {
        if !used.contains(&at) {
            found.push(ValueChange {
                name: other.steps[*step].name(),
                before: None,
                after: Some((*count, *line)),
            });
        }
    }
    found
}

/// Collects each loop: its first step, depth, count and line.
fn collect(nodes: &[Node], found: &mut Vec<(usize, usize, u32, u32)>) {
    fn inner(nodes: &[Node], depth: usize, found: &mut Vec<(usize, usize, u32, u32)>) {
        for node in nodes {
            if let Node::Loop(inner_loop) = node {
                if let (Some(step), Some(count)) = (first(&inner_loop.body), inner_loop.count) {
                    found.push((step, depth, count, inner_loop.line));
                }
                inner(&inner_loop.body, depth + 1, found);
            }
        }
    }
    inner(nodes, 0, found);
}

fn first(nodes: &[Node]) -> Option<usize> {
    nodes.iter().find_map(|node| match node {
        Node::Step(step) => Some(*step),
        Node::Loop(inner) => first(&inner.body),
        Node::Call(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipes::import::aixtron;

    fn diff(one: &str, other: &str) -> RecipeDiff {
        compare(&aixtron::read("a.epi", one), &aixtron::read("b.epi", other))
    }

    #[test]
    fn a_recipe_does_not_differ_from_itself() {
        let text = "variable T = 5; layer { 1:00 \"a\", X = T; loop 3 { 2 \"b\", Y = 2; } }";
        assert!(diff(text, text).is_empty());
    }

    #[test]
    fn changed_steps_are_distinguished_from_new_ones() {
        let found = diff(
            "variable T = 745; layer { 1:00 \"w1 heat\", ReactorTemp to T; loop 6 { 1:20 \"w2 well 3 nm\", TMIn_1.source = 300; } }",
            "variable T = 742; layer { 1:00 \"w1 heat\", ReactorTemp to T; 5 \"w1b settle\"; loop 8 { 1:23 \"w2 well 3.1 nm\", TMIn_1.source = 300; } }",
        );
        assert_eq!(found.variables[0].name, "T");
        assert_eq!(
            (found.loops[0].before, found.loops[0].after),
            (Some((6, 1)), Some((8, 1)))
        );
        assert_eq!(found.changes.len(), 3, "{found:#?}");
        let StepChange::Changed { what, .. } = &found.changes[0] else {
            panic!("{found:?}");
        };
        assert_eq!((what[0].before, what[0].after), (Some(745.0), Some(742.0)));
        assert_eq!(found.changes[1], StepChange::Added { after: 1 });
        let StepChange::Changed { what, .. } = &found.changes[2] else {
            panic!("{found:?}");
        };
        assert_eq!((what[0].before, what[0].after), (Some(80.0), Some(83.0)));
    }
}
