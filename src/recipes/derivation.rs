//! Values derived from setpoints: molar flows, V/III ratio, dopant flow, gas use. Each result lists its inputs; a
//! missing input is an error that names it.

use super::model::{ChannelKind, Group, Recipe, SourceKind};
use super::timeline::Timeline;
use crate::domain::units::Unit;
use crate::recipes::species;

/// Volume of a mole of gas at 0 °C and 1013 mbar, in cm³: sccm over this is mol/min.
pub const MOLAR_VOLUME: f64 = 22_414.0;

/// A derived value with its inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct DerivedValue {
    pub value: f64,
    pub unit: Unit,
    pub inputs: Vec<FormulaInput>,
}

/// An input of a formula.
#[derive(Clone, Debug, PartialEq)]
pub struct FormulaInput {
    pub name: String,
    pub value: f64,
    pub unit: Unit,
    /// The line that states it; `None` for constants of substances.
    pub line: Option<u32>,
}

/// Why a value cannot be derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingInput {
    /// The file does not state this setpoint up to the step.
    Setpoint(String),
    /// The header does not state the temperature of this bubbler.
    BubblerTemperature(String),
    /// The vapour pressure constants of this substance are unknown.
    VapourPressure(String),
    /// The pressure in this bubbler is not above the vapour pressure.
    Boils(String),
    /// The unit of this setpoint is not stated.
    Unit(String),
    /// No source of this group reaches the reactor in the step.
    NoSource(Group),
}

/// Returns the molar flow of a source in a run, in µmol/min: F/22414·10⁶·Pv/(Pb−Pv) for a bubbler, F/22414·10⁶ for a gas.
///
/// # Errors
/// If the file does not state an input.
pub fn molar_flow(
    timeline: &Timeline<'_>,
    run: usize,
    source: usize,
) -> Result<DerivedValue, MissingInput> {
    let recipe = timeline.recipe;
    let key = recipe.sources[source].key.clone();
    let flow = input(timeline, run, source, ChannelKind::SourceFlow, Unit::Sccm)
        .unwrap_or_else(|| Err(MissingInput::Setpoint(format!("{key}.source"))))?;
    let mut inputs = vec![flow];
    let known = species::find_by_source_key(&key)
        .or_else(|| species::find(&recipe.sources[source].species));
    let is_gas = matches!(
        known.map(|known| known.kind),
        Some(SourceKind::Hydride | SourceKind::Gas)
    );
    let moles = inputs[0].value / MOLAR_VOLUME * 1e6;
    if is_gas {
        return Ok(DerivedValue {
            value: moles,
            unit: Unit::MicromolePerMinute,
            inputs,
        });
    }
    let vapour = known
        .and_then(|known| known.vapour)
        .ok_or_else(|| MissingInput::VapourPressure(recipe.sources[source].species.clone()))?;
    let bubbler = recipe.sources[source]
        .bubbler
        .as_ref()
        .ok_or_else(|| MissingInput::BubblerTemperature(key.clone()))?;
    let pressure = input(
        timeline,
        run,
        source,
        ChannelKind::BubblerPressure,
        Unit::Millibar,
    )
    .unwrap_or_else(|| Err(MissingInput::Setpoint(format!("{key}.press"))))?;
    let saturated = vapour.pressure(bubbler.value);
    if pressure.value <= saturated {
        return Err(MissingInput::Boils(key));
    }
    let value = moles * saturated / (pressure.value - saturated);
    inputs.push(pressure);
    inputs.push(FormulaInput {
        name: format!("T({key})"),
        value: bubbler.value,
        unit: Unit::Celsius,
        line: Some(bubbler.line),
    });
    inputs.push(FormulaInput {
        name: format!("Pv({})", recipe.sources[source].species),
        value: saturated,
        unit: Unit::Millibar,
        line: None,
    });
    Ok(DerivedValue {
        value,
        unit: Unit::MicromolePerMinute,
        inputs,
    })
}

/// Returns the V/III ratio in a run, over the sources whose run valves are open.
///
/// # Errors
/// If the file does not state an input.
pub fn v_iii_ratio(timeline: &Timeline<'_>, run: usize) -> Result<DerivedValue, MissingInput> {
    let mut inputs = Vec::new();
    let mut sum = |group: Group| -> Result<f64, MissingInput> {
        let mut total = 0.0;
        let open = open_sources(timeline, run, group);
        if open.is_empty() {
            return Err(MissingInput::NoSource(group));
        }
        for source in open {
            let flow = molar_flow(timeline, run, source)?;
            total += flow.value;
            inputs.push(FormulaInput {
                name: timeline.recipe.sources[source].key.clone(),
                value: flow.value,
                unit: flow.unit,
                line: None,
            });
            inputs.extend(flow.inputs);
        }
        Ok(total)
    };
    let (metals, hydrides) = (sum(Group::III)?, sum(Group::V)?);
    if metals <= 0.0 {
        return Err(MissingInput::NoSource(Group::III));
    }
    Ok(DerivedValue {
        value: hydrides / metals,
        unit: Unit::None,
        inputs,
    })
}

/// Returns the flow of a diluted source into the reactor: source·inject/(source+dilute), in sccm.
///
/// # Errors
/// If the file does not state an input.
pub fn dopant_flow(
    timeline: &Timeline<'_>,
    run: usize,
    source: usize,
) -> Result<DerivedValue, MissingInput> {
    let key = &timeline.recipe.sources[source].key;
    let part = |kind: ChannelKind, name: &str| {
        input(timeline, run, source, kind, Unit::Sccm)
            .unwrap_or_else(|| Err(MissingInput::Setpoint(format!("{key}.{name}"))))
    };
    let (flow, inject, dilute) = (
        part(ChannelKind::SourceFlow, "source")?,
        part(ChannelKind::Inject, "inject")?,
        part(ChannelKind::Dilute, "dilute")?,
    );
    let sum = flow.value + dilute.value;
    if sum <= 0.0 {
        return Err(MissingInput::Setpoint(format!("{key}.source")));
    }
    Ok(DerivedValue {
        value: flow.value * inject.value / sum,
        unit: Unit::Sccm,
        inputs: vec![flow, inject, dilute],
    })
}

/// Returns the total amount of a gas that flows into the reactor, in standard litres: flow times time over the steps
/// in which its run valve is open. Steps that wait for a condition have no fixed time and do not count.
///
/// # Errors
/// If the file does not state an input.
pub fn gas_use(timeline: &Timeline<'_>, source: usize) -> Result<DerivedValue, MissingInput> {
    let recipe = timeline.recipe;
    let key = &recipe.sources[source].key;
    let missing = || MissingInput::Setpoint(format!("{key}.source"));
    let channel = recipe
        .channel_of(source, ChannelKind::SourceFlow)
        .ok_or_else(missing)?;
    let run_valve = recipe.channel_of(source, ChannelKind::Run);
    let unit = recipe.channels[channel].unit;
    let mut litres = 0.0;
    for run in 0..timeline.runs.len() {
        if run_valve.is_some_and(|valve| !timeline.is_open(run, valve)) {
            continue;
        }
        let Some(seconds) = timeline.runs[run].seconds.filter(|seconds| *seconds > 0.0) else {
            continue;
        };
        let flow = timeline
            .value(run, channel)
            .and_then(|flow| unit.convert(flow, Unit::Sccm))
            .ok_or_else(missing)?;
        litres += mean_of_ramp(timeline, run, channel, flow, seconds) * seconds / 60.0 / 1000.0;
    }
    Ok(DerivedValue {
        value: litres,
        unit: Unit::None,
        inputs: Vec::new(),
    })
}

/// Returns the mean flow over a step with a linear ramp from the previous value, which may end before the step does.
fn mean_of_ramp(timeline: &Timeline<'_>, run: usize, channel: usize, to: f64, seconds: f64) -> f64 {
    use super::model::Action;
    let step = timeline.step(run);
    let ramp = step
        .last_of(channel)
        .and_then(|operation| match &operation.action {
            Action::Ramp { seconds: own, .. } => Some(own.unwrap_or(seconds).min(seconds)),
            _ => None,
        });
    match (ramp, timeline.value_before(run, channel)) {
        (Some(ramp), Some(from)) => to + (from - to) * ramp / 2.0 / seconds,
        _ => to,
    }
}

/// Returns the sources of a group whose run valves are open in a run.
#[must_use]
pub fn open_sources(timeline: &Timeline<'_>, run: usize, group: Group) -> Vec<usize> {
    let recipe = timeline.recipe;
    (0..recipe.sources.len())
        .filter(|source| recipe.sources[*source].group == Some(group))
        .filter(|source| {
            let valve = recipe
                .channel_of(*source, ChannelKind::Run)
                .or(recipe.channel_of(*source, ChannelKind::Shutter));
            match valve {
                Some(valve) => timeline.is_open(run, valve),
                None => recipe
                    .channel_of(*source, ChannelKind::SourceFlow)
                    .and_then(|flow| timeline.value(run, flow))
                    .is_some_and(|flow| flow > 0.0),
            }
        })
        .collect()
}

/// Returns a source's setpoint in a run, converted to `unit`; `None` if it has no such channel or no value.
fn input(
    timeline: &Timeline<'_>,
    run: usize,
    source: usize,
    kind: ChannelKind,
    unit: Unit,
) -> Option<Result<FormulaInput, MissingInput>> {
    let recipe: &Recipe = timeline.recipe;
    let channel = recipe.channel_of(source, kind)?;
    let value = timeline.value(run, channel)?;
    let name = recipe.channels[channel].name.clone();
    let Some(value) = recipe.channels[channel].unit.convert(value, unit) else {
        return Some(Err(MissingInput::Unit(name)));
    };
    let line = timeline.set_by(run, channel).and_then(|step| {
        let mut operations = recipe.steps[step].operations.iter().rev();
        operations
            .find(|operation| operation.channel == channel)
            .map(|operation| operation.line)
    });
    Some(Ok(FormulaInput {
        name,
        value,
        unit,
        line,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipes::import::aixtron;

    const SCRIPT: &str = "# TEGa_1: 20\nlayer { 1:00 \"a\", TEGa_1.source = 30, TEGa_1.press = 1000, NH3_1.source = 5000, \
        TEGa_1.run open, NH3_1.run open, SiH4_1.source = 10, SiH4_1.dilute = 1000, SiH4_1.inject = 5; 2:00 \"b\", NH3_1.source to 1000; }";

    #[test]
    fn molar_flows_come_from_the_bubblers_vapour_pressure() {
        let recipe = aixtron::read("x.epi", SCRIPT);
        let timeline = Timeline::new(&recipe);
        let source = |key: &str| {
            recipe
                .sources
                .iter()
                .position(|source| source.key == key)
                .unwrap()
        };
        // 30/22414·10⁶·6.804/(1000−6.804)
        let flow = molar_flow(&timeline, 0, source("TEGa_1")).unwrap();
        assert!((flow.value - 9.169).abs() < 0.002, "{flow:?}");
        let ratio = v_iii_ratio(&timeline, 0).unwrap();
        assert!((ratio.value - 5000.0 / MOLAR_VOLUME * 1e6 / flow.value).abs() < 1e-6);
        let dopant = dopant_flow(&timeline, 0, source("SiH4_1")).unwrap();
        assert!((dopant.value - 50.0 / 1010.0).abs() < 1e-12);
        // One minute at 5 slm, two minutes of ramping from 5 to 1.
        let used = gas_use(&timeline, source("NH3_1")).unwrap();
        assert!((used.value - (5.0 + 6.0)).abs() < 1e-9, "{used:?}");
    }

    #[test]
    fn a_missing_input_is_named() {
        let recipe = aixtron::read(
            "x.epi",
            "# TMGa_1: 0\nlayer { 1:00 \"a\", TMGa_1.source = 30, TMGa_1.run open, NH3_1.source = 1, NH3_1.run open; }",
        );
        let timeline = Timeline::new(&recipe);
        assert_eq!(
            v_iii_ratio(&timeline, 0),
            Err(MissingInput::Setpoint("TMGa_1.press".to_owned()))
        );
        let recipe = aixtron::read(
            "x.epi",
            "layer { 1:00 \"a\", TMGa_1.source = 30, TMGa_1.press = 500; }",
        );
        assert_eq!(
            molar_flow(&Timeline::new(&recipe), 0, 0),
            Err(MissingInput::BubblerTemperature("TMGa_1".to_owned()))
        );
    }
}
