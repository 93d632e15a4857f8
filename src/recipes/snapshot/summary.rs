//! Summarizes which species a recipe uses and which values its setpoints reach.

use crate::domain::units::{Quantity, Unit};
use crate::recipes::model::{ChannelKind, Recipe};
use crate::recipes::timeline::Timeline;

/// A summary of a recipe, computed once, for searches over many recipes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecipeSummary {
    /// Species that reach the reactor: a run valve or shutter opens, or there is a flow and no valve is known.
    pub species: Vec<String>,
    /// For each step, the range of its setpoints in the course of the recipe.
    pub steps: Vec<StepRange>,
    /// Flows of sources in the steps in which they reach the reactor, ordered by step.
    pub flows: Vec<FlowRange>,
}

/// Lowest and highest setpoints of a step over all its passes; in °C, in mbar, and in the recipe's unit of rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepRange {
    pub temperature: Option<(f64, f64)>,
    pub pressure: Option<(f64, f64)>,
    pub rotation: Option<(f64, f64)>,
}

/// Lowest and highest flow of a source in a step, over the passes in which it reaches the reactor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowRange {
    pub step: usize,
    /// Index into [`Recipe::channels`].
    pub channel: usize,
    /// Lowest and highest flow, in sccm.
    pub range: (f64, f64),
}

/// The valves between a source and the reactor.
struct SourceRoute {
    source: usize,
    /// Valves and shutters, one of which has to be open; empty if none is known.
    valves: Vec<usize>,
    flow: Option<usize>,
}

impl RecipeSummary {
    /// Summarizes a recipe.
    #[must_use]
    pub fn new(recipe: &Recipe) -> Self {
        let timeline = Timeline::new(recipe);
        let routes: Vec<SourceRoute> = (0..recipe.sources.len())
            .map(|source| SourceRoute::new(recipe, source))
            .collect();
        Self {
            species: species(recipe, &timeline, &routes),
            steps: steps(recipe, &timeline),
            flows: flows(recipe, &timeline, &routes),
        }
    }
}

impl SourceRoute {
    fn new(recipe: &Recipe, source: usize) -> Self {
        let valves = [ChannelKind::Run, ChannelKind::Shutter, ChannelKind::Carrier]
            .iter()
            .flat_map(|kind| recipe.channels_of(*kind))
            .filter(|channel| recipe.channels[*channel].source == Some(source))
            .collect();
        Self {
            source,
            valves,
            flow: recipe.channel_of(source, ChannelKind::SourceFlow),
        }
    }

    fn is_open(&self, timeline: &Timeline<'_>, run: usize) -> bool {
        if self.valves.is_empty() {
            self.flow(timeline, run).is_some_and(|flow| flow > 0.0)
        } else {
            self.valves
                .iter()
                .any(|valve| timeline.is_open(run, *valve))
        }
    }

    fn flow(&self, timeline: &Timeline<'_>, run: usize) -> Option<f64> {
        timeline.value(run, self.flow?)
    }
}

fn species(recipe: &Recipe, timeline: &Timeline<'_>, routes: &[SourceRoute]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for route in routes {
        let name = &recipe.sources[route.source].species;
        let reaches = (0..timeline.runs.len()).any(|run| route.is_open(timeline, run));
        if reaches && !found.contains(name) {
            found.push(name.clone());
        }
    }
    found
}

fn steps(recipe: &Recipe, timeline: &Timeline<'_>) -> Vec<StepRange> {
    let mut steps = vec![StepRange::default(); recipe.steps.len()];
    let channel = |kind| recipe.channels_of(kind).next();
    let (temperature, pressure, rotation) = (
        channel(ChannelKind::Temperature),
        channel(ChannelKind::Pressure),
        channel(ChannelKind::Rotation),
    );
    for (run, at) in timeline.runs.iter().enumerate() {
        let step = &mut steps[at.step];
        for (channel, slot) in [
            (temperature, &mut step.temperature),
            (pressure, &mut step.pressure),
            (rotation, &mut step.rotation),
        ] {
            if let Some(channel) = channel
                && let Some(value) = timeline.value(run, channel)
                && let Some(value) = to_common_unit(value, recipe.channels[channel].unit)
            {
                *slot = Some(extend_range(*slot, value));
            }
        }
    }
    steps
}

fn flows(recipe: &Recipe, timeline: &Timeline<'_>, routes: &[SourceRoute]) -> Vec<FlowRange> {
    let mut flows = Vec::new();
    for route in routes {
        let Some(channel) = route.flow else { continue };
        let unit = recipe.channels[channel].unit;
        let mut steps: Vec<Option<(f64, f64)>> = vec![None; recipe.steps.len()];
        for (run, at) in timeline.runs.iter().enumerate() {
            if route.is_open(timeline, run)
                && let Some(value) = timeline.value(run, channel)
                && let Some(value) = unit.convert(value, Unit::Sccm)
            {
                steps[at.step] = Some(extend_range(steps[at.step], value));
            }
        }
        let found = steps.into_iter().enumerate();
        flows.extend(found.filter_map(|(step, range)| {
            Some(FlowRange {
                step,
                channel,
                range: range?,
            })
        }));
    }
    flows.sort_by_key(|flow| flow.step);
    flows.shrink_to_fit();
    flows
}

fn extend_range(range: Option<(f64, f64)>, value: f64) -> (f64, f64) {
    range.map_or((value, value), |(least, most)| {
        (least.min(value), most.max(value))
    })
}

/// Converts a value to the unit in which its quantity is compared.
fn to_common_unit(value: f64, unit: Unit) -> Option<f64> {
    match unit.quantity() {
        Some(Quantity::Temperature) => unit.convert(value, Unit::Celsius),
        Some(Quantity::Pressure) => unit.convert(value, Unit::Millibar),
        _ => Some(value),
    }
}
