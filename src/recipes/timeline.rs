//! A recipe run step by step, loops repeated, with the state of the tool in each run of a step.

use super::expression::Expression;
use super::model::{Action, ChannelKind, Group, LineText, Node, Recipe, Step, Technique};

/// Number of runs of steps; longer recipes are cut off and marked incomplete.
const MAX_RUNS: usize = 10_000;
/// Number of values in the table of states; the same applies.
const MAX_VALUES: usize = 8_000_000;

/// The steps of a recipe in the order in which the tool runs them.
#[derive(Clone, Debug)]
pub struct Timeline<'a> {
    pub recipe: &'a Recipe,
    pub runs: Vec<StepRun>,
    /// Calls of undefined subroutines, each with the index of the run before which it happens. What they set is unknown,
    /// and so is every value after them until a step sets it.
    pub calls: Vec<(usize, &'a LineText)>,
    /// Whether every loop count is known and nothing was cut off.
    pub is_complete: bool,
    /// Setpoints after the beginning of each run, row by row; NaN if unknown.
    values: Vec<f64>,
    growing: Vec<bool>,
}

/// One run of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRun {
    /// Index into [`Recipe::steps`].
    pub step: usize,
    /// Pass number and number of passes of every enclosing loop, outermost first.
    pub passes: Vec<(u32, u32)>,
    /// Seconds since the beginning, excluding waits.
    pub begin: f64,
    /// `None` if the step waits for a condition.
    pub seconds: Option<f64>,
}

/// A ramp of a setpoint within one run; `seconds` is its duration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    pub run: usize,
    pub from: f64,
    pub to: f64,
    pub seconds: f64,
}

impl Ramp {
    /// Returns the change per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        (self.to - self.from) / self.seconds
    }
}

impl<'a> Timeline<'a> {
    /// Runs through a recipe.
    #[must_use]
    pub fn new(recipe: &'a Recipe) -> Self {
        let width = recipe.channels.len().max(1);
        let mut timeline = Self {
            recipe,
            runs: Vec::new(),
            calls: Vec::new(),
            is_complete: true,
            values: Vec::new(),
            growing: Vec::new(),
        };
        let max_runs = MAX_RUNS.min(MAX_VALUES / width);
        timeline.unroll(&recipe.body, &mut Vec::new(), max_runs);
        timeline.clock();
        timeline.compute_values(width);
        timeline.growing = timeline.find_growth();
        timeline
    }

    fn unroll(&mut self, nodes: &'a [Node], passes: &mut Vec<(u32, u32)>, max_runs: usize) {
        for node in nodes {
            if self.runs.len() >= max_runs {
                self.is_complete = false;
                return;
            }
            match node {
                Node::Step(step) if *step < self.recipe.steps.len() => self.runs.push(StepRun {
                    step: *step,
                    passes: passes.clone(),
                    begin: 0.0,
                    seconds: self.recipe.steps[*step].seconds(),
                }),
                Node::Step(_) => {}
                Node::Call(call) => self.calls.push((self.runs.len(), call)),
                Node::Loop(inner) => {
                    self.is_complete &= inner.count.is_some();
                    let count = inner.count.unwrap_or(1);
                    for pass in 1..=count {
                        let before = self.runs.len();
                        passes.push((pass, count));
                        self.unroll(&inner.body, passes, max_runs);
                        passes.pop();
                        if self.runs.len() == before {
                            // The loop contains no step, so further passes change nothing.
                            break;
                        }
                    }
                }
            }
        }
    }

    fn clock(&mut self) {
        let mut now = 0.0;
        for run in &mut self.runs {
            run.begin = now;
            now += run.seconds.unwrap_or(0.0);
        }
    }

    /// Computes the setpoints of every run.
    fn compute_values(&mut self, width: usize) {
        let recipe = self.recipe;
        let mut state = vec![f64::NAN; width];
        let mut follows: Vec<Option<&Expression>> = vec![None; width];
        let mut calls = self.calls.iter().map(|(at, _)| *at).peekable();
        self.values.reserve(self.runs.len() * width);
        for (at, run) in self.runs.iter().enumerate() {
            while calls.next_if(|call| *call <= at).is_some() {
                state.fill(f64::NAN);
                follows.fill(None);
            }
            for operation in &recipe.steps[run.step].operations {
                let channel = operation.channel;
                if channel >= width {
                    continue;
                }
                follows[channel] = None;
                state[channel] = match &operation.action {
                    Action::Set(value)
                    | Action::Ramp { to: value, .. }
                    | Action::Sweep { to: value, .. } => value
                        .number
                        .or_else(|| {
                            let expression = value.expression.as_ref()?;
                            expression.evaluate(&|name| value_of(recipe, &state, name))
                        })
                        .unwrap_or(f64::NAN),
                    Action::Switch(is_open) => f64::from(u8::from(*is_open)),
                    Action::Follow(expression) => {
                        follows[channel] = Some(expression);
                        f64::NAN
                    }
                };
            }
            for channel in 0..width {
                if let Some(expression) = follows[channel] {
                    let value = expression.evaluate(&|name| value_of(recipe, &state, name));
                    state[channel] = value.unwrap_or(f64::NAN);
                }
            }
            self.values.extend_from_slice(&state);
        }
    }

    /// Returns the step of a run.
    #[must_use]
    pub fn step(&self, run: usize) -> &'a Step {
        &self.recipe.steps[self.runs[run].step]
    }

    /// Returns the setpoint of a channel in a run: what it was set or is ramped to, in this step or an earlier one.
    #[must_use]
    pub fn value(&self, run: usize, channel: usize) -> Option<f64> {
        let width = self.recipe.channels.len().max(1);
        let value = *self.values.get(run * width + channel)?;
        (!value.is_nan()).then_some(value)
    }

    /// Returns the setpoint of a channel at the beginning of a run.
    #[must_use]
    pub fn value_before(&self, run: usize, channel: usize) -> Option<f64> {
        let called = self.calls.iter().any(|(at, _)| *at == run);
        if called {
            return None;
        }
        self.value(run.checked_sub(1)?, channel)
    }

    /// Returns the index of the step that set the value that a channel has in a run.
    #[must_use]
    pub fn set_by(&self, run: usize, channel: usize) -> Option<usize> {
        self.value(run, channel)?;
        (0..=run).rev().map(|run| self.runs[run].step).find(|step| {
            self.recipe.steps[*step]
                .operations
                .iter()
                .any(|operation| operation.channel == channel)
        })
    }

    /// Whether a valve is known to be open in a run.
    #[must_use]
    pub fn is_open(&self, run: usize, channel: usize) -> bool {
        self.value(run, channel).is_some_and(|value| value > 0.5)
    }

    /// Whether a layer grows in a run: the run valve of a group III source is open; in MBE, the shutter of a group III or
    /// IV cell, and that of nitrogen if there is one. A table without either counts as growing where it states a
    /// thickness.
    #[must_use]
    pub fn is_growth(&self, run: usize) -> bool {
        self.growing.get(run).copied().unwrap_or(false)
    }

    fn find_growth(&self) -> Vec<bool> {
        let recipe = self.recipe;
        let valves_of = |groups: &[Group]| -> Vec<usize> {
            (0..recipe.channels.len())
                .filter(|channel| {
                    let channel = &recipe.channels[*channel];
                    matches!(channel.kind, ChannelKind::Run | ChannelKind::Shutter)
                        && channel
                            .source
                            .and_then(|source| recipe.sources[source].group)
                            .is_some_and(|group| groups.contains(&group))
                })
                .collect()
        };
        let metals = valves_of(&[Group::III, Group::IV]);
        let nitrogen = if recipe.technique == Some(Technique::Mbe) {
            valves_of(&[Group::V])
        } else {
            Vec::new()
        };
        let thickness: Vec<usize> = recipe.channels_of(ChannelKind::Thickness).collect();
        (0..self.runs.len())
            .map(|run| {
                let open = |valves: &[usize]| valves.iter().any(|valve| self.is_open(run, *valve));
                if metals.is_empty() {
                    let step = self.step(run);
                    return step.operations.iter().any(|operation| {
                        thickness.contains(&operation.channel)
                            && self
                                .value(run, operation.channel)
                                .is_some_and(|nm| nm > 0.0)
                    });
                }
                open(&metals) && (nitrogen.is_empty() || open(&nitrogen))
            })
            .collect()
    }

    /// Returns the total duration of all steps that have one, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.runs.iter().filter_map(|run| run.seconds).sum()
    }

    /// Returns the total duration of the growth steps, in seconds.
    #[must_use]
    pub fn growth_seconds(&self) -> f64 {
        (0..self.runs.len())
            .filter(|run| self.is_growth(*run))
            .filter_map(|run| self.runs[run].seconds)
            .sum()
    }

    /// Returns the ramps of a channel whose start, end and duration are known.
    #[must_use]
    pub fn ramps(&self, channel: usize) -> Vec<Ramp> {
        let mut ramps = Vec::new();
        for run in 0..self.runs.len() {
            let step = self.step(run);
            for operation in &step.operations {
                if operation.channel != channel {
                    continue;
                }
                let (from, seconds) = match &operation.action {
                    Action::Ramp { seconds, .. } => (
                        self.value_before(run, channel),
                        seconds.or_else(|| {
                            step.ramp
                                .as_ref()
                                .map(|ramp| ramp.seconds)
                                .or(self.runs[run].seconds)
                        }),
                    ),
                    Action::Sweep { from, .. } => (from.number, self.runs[run].seconds),
                    _ => continue,
                };
                if let (Some(from), Some(to), Some(seconds)) =
                    (from, self.value(run, channel), seconds)
                    && seconds > 0.0
                    && (to - from).abs() > f64::EPSILON
                {
                    ramps.push(Ramp {
                        run,
                        from,
                        to,
                        seconds,
                    });
                }
            }
        }
        ramps
    }
}

fn value_of(recipe: &Recipe, state: &[f64], name: &str) -> Option<f64> {
    let channel = recipe.channel(name)?;
    let value = *state.get(channel)?;
    (!value.is_nan()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipes::import::aixtron;

    const SCRIPT: &str = r#"layer {
	1:00 "a", ReactorTemp = 800, TMGa_1.source = 20, TMGa_1.push follow 500 - TMGa_1.source;
	loop 3 {
		0:30 "up", ReactorTemp to 900, TMGa_1.run open;
		2:00 "grow", TMGa_1.source to 40;
		"wait", ReactorTemp to 800, TMGa_1.run close, until ReactorTemp << 801;
	}
	Cool;
	10 "end";
}"#;

    #[test]
    fn loops_are_run_through_and_states_follow() {
        let recipe = aixtron::read("x.epi", SCRIPT);
        let timeline = Timeline::new(&recipe);
        assert_eq!(timeline.runs.len(), 11);
        assert_eq!(timeline.runs[4].passes, [(2, 3)]);
        let (temperature, push) = (
            recipe.channel("ReactorTemp").unwrap(),
            recipe.channel("TMGa_1.push").unwrap(),
        );
        assert_eq!(timeline.value(1, temperature), Some(900.0));
        assert_eq!(timeline.value(0, push), Some(480.0));
        assert_eq!(timeline.value(2, push), Some(460.0));
        assert_eq!(timeline.set_by(2, temperature), Some(1));
        assert!((timeline.seconds() - 520.0).abs() < 1e-9);
        assert!((timeline.growth_seconds() - 450.0).abs() < 1e-9);
        let ramps = timeline.ramps(temperature);
        assert!((ramps[0].rate() - 100.0 / 30.0).abs() < 1e-9);
        assert_eq!(ramps.len(), 3, "what waits has no rate");
    }

    #[test]
    fn after_an_unknown_subroutine_nothing_is_known() {
        let recipe = aixtron::read("x.epi", SCRIPT);
        let timeline = Timeline::new(&recipe);
        let temperature = recipe.channel("ReactorTemp").unwrap();
        assert_eq!(timeline.value(10, temperature), None);
        assert!(timeline.is_complete);
    }

    #[test]
    fn endless_loops_are_cut_off_and_marked_incomplete() {
        let text = "layer { loop 4000000000 { loop 4000000000 { 1 \"a\"; } loop 4000000000 { } } }";
        let recipe = aixtron::read("x.epi", text);
        let timeline = Timeline::new(&recipe);
        assert!(!timeline.is_complete);
        assert!(timeline.runs.len() <= MAX_RUNS);
    }
}
