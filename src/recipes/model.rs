//! The canonical form of a recipe, whatever tool it was written for.
//!
//! What the file says is kept as it stands there, with its line; what follows from it (loops run through, the state
//! of the tool in a step) is computed by [`Timeline`](super::timeline::Timeline).

use serde::{Deserialize, Serialize};

use super::expression::Expression;
use crate::domain::units::Unit;

/// A recipe: what a tool is to do, step by step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Its name: as the file gives it, else the file's name.
    pub id: String,
    /// Name of the file.
    pub file: String,
    /// Of the file's content, in hexadecimal digits.
    pub sha256: String,
    /// The importer that read it, or the column map.
    pub format: String,
    pub technique: Option<Technique>,
    pub header: Header,
    pub variables: Vec<Variable>,
    /// Files that it reads before it begins. Where they are there, what they define counts as if it stood here.
    pub includes: Vec<LineText>,
    pub sources: Vec<Source>,
    pub channels: Vec<Channel>,
    /// As written, each once, in the order of the file.
    pub steps: Vec<Step>,
    /// How the steps follow each other.
    pub body: Vec<Node>,
    /// What could not be read.
    pub losses: Vec<ImportLoss>,
    /// Number of lines (rows of a spreadsheet) of the file.
    pub lines: u32,
}

/// How layers are grown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Technique {
    Mocvd,
    Mbe,
}

/// What a recipe says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub title: Option<LineText>,
    /// Vendor, model and number of the tool, as written.
    pub tool: Option<LineText>,
    pub author: Option<LineText>,
    /// The recipe that it was made from.
    pub based_on: Option<LineText>,
    pub revision: Option<LineText>,
    /// Draft, approved, obsolete, as written.
    pub status: Option<LineText>,
    pub effective: Option<LineText>,
    pub customer: Option<LineText>,
    pub substrate: Option<LineText>,
}

/// A text and the line that it stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineText {
    pub text: String,
    pub line: u32,
}

/// A named number that expressions use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    pub name: String,
    /// None where its expression cannot be computed.
    pub value: Option<f64>,
    pub raw: String,
    pub line: u32,
    /// Where it is defined, if that is in a file that this one reads; `line` is then the one that reads it.
    #[serde(default)]
    pub origin: Option<LineText>,
}

/// A source of material: a bubbler, a gas, a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// As the recipe names it, such as `TMGa_1`.
    pub key: String,
    /// What it holds, such as `TMGa`.
    pub species: String,
    pub kind: SourceKind,
    /// Group of the periodic table of the element that it brings; none for dopants and unknown ones.
    pub group: Option<Group>,
    /// Temperature of the bubbler in °C, as the header gives it.
    pub bubbler: Option<StatedValue>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// A metal-organic compound in a bubbler.
    Mo,
    Hydride,
    Dopant,
    Cell,
    Gas,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Group {
    III,
    IV,
    V,
    VI,
}

/// A number that a file states outside its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatedValue {
    pub value: f64,
    pub unit: Unit,
    pub raw: String,
    pub line: u32,
}

/// Something that a step can set: a controller, a valve, a switch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// As the file names it, such as `TMGa_1.source` or `M05`.
    pub name: String,
    /// What the legend calls it, where there is one.
    pub label: Option<String>,
    pub kind: ChannelKind,
    /// Its source by its place in [`Recipe::sources`].
    pub source: Option<usize>,
    pub unit: Unit,
    /// The range that the legend allows.
    pub range: Option<(Option<f64>, Option<f64>)>,
}

/// What a channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Temperature setpoint of the susceptor or substrate.
    Temperature,
    /// Pressure of the reactor.
    Pressure,
    /// Rotation of the susceptor: a speed, or a gas flow where the tool rotates by gas.
    Rotation,
    /// Flow of a source: through the bubbler, or of the gas itself.
    SourceFlow,
    /// Flow that fills up a source's line.
    Push,
    /// Flow that dilutes a source.
    Dilute,
    /// Flow that is taken from a diluted source.
    Inject,
    /// Pressure in the bubbler.
    BubblerPressure,
    /// Temperature of an effusion cell.
    CellTemperature,
    /// Valve between source and line: what flows, flows to the vent.
    Line,
    /// Valve between line and reactor.
    Run,
    /// Shutter of a cell.
    Shutter,
    /// Valve that brings a carrier gas to the reactor.
    Carrier,
    /// Total flows, purges and vents.
    Flow,
    /// Power of heater or plasma.
    Power,
    /// Thickness that a table states for a step; a claim, not a setpoint.
    Thickness,
    /// A switch or valve that is none of the above.
    Switch,
    /// Anything else with a number.
    Other,
}

impl ChannelKind {
    /// Whether it is open or closed, on or off.
    #[must_use]
    pub fn is_digital(self) -> bool {
        matches!(
            self,
            Self::Line | Self::Run | Self::Shutter | Self::Carrier | Self::Switch
        )
    }
}

/// A step as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its number or code, such as `e08` or `13a`.
    pub number: Option<String>,
    /// Its name as written, number and all. What it claims of thickness or doping is a name, not a setpoint.
    pub label: Option<String>,
    /// First and last line.
    pub lines: (u32, u32),
    /// Where it stands, if that is in a file that this one reads; `lines` are then the one that reads it.
    #[serde(default)]
    pub origin: Option<LineText>,
    /// Comment lines above it that name a part of the structure.
    pub section: Option<String>,
    /// Time that it takes; none where it waits, or takes none.
    pub duration: Option<Duration>,
    /// Time of its ramps, where a table gives that apart.
    pub ramp: Option<Duration>,
    /// Time that it holds after its ramps, where a table gives that apart.
    pub hold: Option<Duration>,
    /// It lasts until this holds.
    pub until: Option<WaitCondition>,
    pub operations: Vec<Operation>,
}

/// A time as written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duration {
    pub seconds: f64,
    pub raw: String,
    pub line: u32,
}

/// A condition that a step waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitCondition {
    /// As written.
    pub raw: String,
    pub line: u32,
    /// What has to pass the value, by its place in [`Recipe::channels`].
    pub channel: Option<usize>,
    pub passes: ConditionKind,
    pub value: Option<Value>,
}

/// How a condition is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConditionKind {
    Above,
    Below,
    /// A valve or switch reports this state.
    Open,
    Closed,
    /// Anything else, as written.
    Other,
}

/// One thing that a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// By its place in [`Recipe::channels`].
    pub channel: usize,
    pub action: Action,
    /// As written.
    pub raw: String,
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// At once, at the beginning of the step.
    Set(Value),
    /// Over the step, or over a time of its own in seconds.
    Ramp { to: Value, seconds: Option<f64> },
    /// From one value to another within the step.
    Sweep { from: Value, to: Value },
    /// The channel keeps to an expression from now on.
    Follow(Expression),
    /// A valve opens (a switch goes on), or closes.
    Switch(bool),
}

/// A number as written, and what it comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// None where it cannot be computed from this file.
    pub number: Option<f64>,
    /// Where it is more than a number.
    pub expression: Option<Expression>,
    pub raw: String,
}

impl Value {
    /// A plain number.
    #[must_use]
    pub fn number(number: f64, raw: &str) -> Self {
        Self {
            number: Some(number),
            expression: None,
            raw: raw.to_owned(),
        }
    }
}

/// What a recipe does next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// A step by its place in [`Recipe::steps`].
    Step(usize),
    Loop(Loop),
    /// A subroutine that this file does not define.
    Call(LineText),
}

/// Steps that are repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loop {
    /// None where it cannot be computed from this file.
    pub count: Option<u32>,
    pub raw: String,
    pub line: u32,
    pub body: Vec<Node>,
}

/// Something in the file that was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLoss {
    /// First and last line.
    pub lines: (u32, u32),
    /// What stands there, shortened.
    pub raw: String,
    pub reason: String,
}

impl Variable {
    /// Its name, with the place of its definition where that is in another file.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.origin {
            Some(origin) => format!("{} ({}:{})", self.name, origin.text, origin.line),
            None => self.name.clone(),
        }
    }
}

impl Recipe {
    /// The place of the channel with this name.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<usize> {
        self.channels
            .iter()
            .position(|channel| channel.name.eq_ignore_ascii_case(name))
    }

    /// The places of the channels of a kind.
    pub fn channels_of(&self, kind: ChannelKind) -> impl Iterator<Item = usize> {
        self.channels
            .iter()
            .enumerate()
            .filter(move |(_, channel)| channel.kind == kind)
            .map(|(at, _)| at)
    }

    /// The place of a source's channel of a kind.
    #[must_use]
    pub fn channel_of(&self, source: usize, kind: ChannelKind) -> Option<usize> {
        self.channels
            .iter()
            .position(|channel| channel.kind == kind && channel.source == Some(source))
    }

    /// Subroutines that are called but not defined, in the order of their calls.
    #[must_use]
    pub fn unresolved(&self) -> Vec<&LineText> {
        fn collect<'a>(nodes: &'a [Node], found: &mut Vec<&'a LineText>) {
            for node in nodes {
                match node {
                    Node::Call(call) => found.push(call),
                    Node::Loop(inner) => collect(&inner.body, found),
                    Node::Step(_) => {}
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.body, &mut found);
        found
    }
}

impl Step {
    /// What it is called: its label, else its number, else its first line.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.own_name();
        match &self.origin {
            Some(origin) => format!("{name} ({}:{})", origin.text, origin.line),
            None => name,
        }
    }

    fn own_name(&self) -> String {
        match (&self.label, &self.number) {
            (Some(label), Some(number))
                if !label.trim_start_matches('(').starts_with(number.as_str()) =>
            {
                format!("{number} {label}")
            }
            (Some(label), _) => label.clone(),
            (None, Some(number)) => number.clone(),
            (None, None) => format!("L{}", self.lines.0),
        }
    }

    /// The operation that decides where a channel is at its end; none where it leaves the channel alone.
    #[must_use]
    pub fn last_of(&self, channel: usize) -> Option<&Operation> {
        let mut operations = self.operations.iter().rev();
        operations.find(|operation| operation.channel == channel)
    }

    /// The time that it takes in seconds; none where it waits on a condition.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        if self.until.is_some() {
            return None;
        }
        Some(self.duration.as_ref().map_or(0.0, |time| time.seconds))
    }
}
