//! What a recipe uses and reaches, found once by running through it.

use crate::domain::units::{Quantity, Unit};
use crate::recipes::model::{ChannelKind, Recipe};
use crate::recipes::timeline::Timeline;

/// What is asked of many recipes at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecipeSummary {
    /// Species that reach the reactor: a run valve or shutter opens, or there is flow where no valve is known.
    pub species: Vec<String>,
    /// For each step the setpoints that it has in the course of the recipe.
    pub steps: Vec<StepRange>,
    /// The flows of sources in the steps in which they reach the reactor, by their steps.
    pub flows: Vec<FlowRange>,
}

/// The least and the most that a step's setpoints come to, over all its passes; in °C, mbar and as rotation is set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepRange {
    pub temperature: Option<(f64, f64)>,
    pub pressure: Option<(f64, f64)>,
    pub rotation: Option<(f64, f64)>,
}

/// The least and the most that the flow of a source comes to in a step, over the passes in which it reaches the reactor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowRange {
    pub step: usize,
    /// By its place in [`Recipe::channels`].
    pub channel: usize,
    /// In sccm.
    pub range: (f64, f64),
}

/// How a source gets to the reactor.
struct SourceRoute {
    source: usize,
    /// Valves and shutters, of which one has to be open. None where none is known.
    gates: Vec<usize>,
    flow: Option<usize>,
}

impl RecipeSummary {
    /// Runs through a recipe.
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
        let gates = [ChannelKind::Run, ChannelKind::Shutter, ChannelKind::Carrier]
            .iter()
            .flat_map(|kind| recipe.channels_of(*kind))
            .filter(|channel| recipe.channels[*channel].source == Some(source))
            .collect();
        Self {
            source,
            gates,
            flow: recipe.channel_of(source, ChannelKind::SourceFlow),
        }
    }

    fn is_open(&self, timeline: &Timeline<'_>, run: usize) -> bool {
        if self.gates.is_empty() {
            self.flow(timeline, run).is_some_and(|flow| flow > 0.0)
        } else {
            self.gates.iter().any(|gate| timeline.is_open(run, *gate))
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
                && let Some(value) = common(value, recipe.channels[channel].unit)
            {
                *slot = Some(wider(*slot, value));
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
                steps[at.step] = Some(wider(steps[at.step], value));
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

fn wider(range: Option<(f64, f64)>, value: f64) -> (f64, f64) {
    range.map_or((value, value), |(least, most)| {
        (least.min(value), most.max(value))
    })
}

/// A value in the unit that its kind is compared in.
fn common(value: f64, unit: Unit) -> Option<f64> {
    match unit.quantity() {
        Some(Quantity::Temperature) => unit.convert(value, Unit::Celsius),
        Some(Quantity::Pressure) => unit.convert(value, Unit::Millibar),
        _ => Some(value),
    }
}
