//! The canonical form of a recipe, for any tool.
//!
//! It contains what the file says, with line numbers. What follows from that (repeated loops, the state of the tool in
//! a step) is computed by [`Timeline`](super::timeline::Timeline).

use serde::{Deserialize, Serialize};

use super::expression::Expression;
use crate::domain::units::Unit;

/// A recipe: what a tool does, step by step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Its name as the file states it, else the file's name.
    pub id: String,
    /// Name of the file.
    pub file: String,
    /// SHA-256 of the file's content, in hexadecimal digits.
    pub sha256: String,
    /// The importer that read it, or the column map.
    pub format: String,
    pub technique: Option<Technique>,
    pub header: Header,
    pub variables: Vec<Variable>,
    /// Files that it includes at its beginning. If they exist, their definitions count as if written here.
    pub includes: Vec<LineText>,
    pub sources: Vec<Source>,
    pub channels: Vec<Channel>,
    /// As written, each once, in the order of the file.
    pub steps: Vec<Step>,
    /// Order of the steps, with loops and calls.
    pub body: Vec<Node>,
    /// Lines that could not be read.
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

/// What a recipe states about itself.
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

/// A text and its line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineText {
    pub text: String,
    pub line: u32,
}

/// A named number that expressions use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    pub name: String,
    /// `None` if its expression cannot be evaluated.
    pub value: Option<f64>,
    pub raw: String,
    pub line: u32,
    /// Where it is defined, if in an included file; `line` is then that of the include.
    #[serde(default)]
    pub origin: Option<LineText>,
}

/// A source of material: a bubbler, a gas, a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// As the recipe names it, such as `TMGa_1`.
    pub key: String,
    /// The substance, such as `TMGa`.
    pub species: String,
    pub kind: SourceKind,
    /// Group of the periodic table of its element; `None` for dopants and unknown substances.
    pub group: Option<Group>,
    /// Temperature of the bubbler in °C, as the header states it.
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

/// Something that a step can set: a controller, a valve or a switch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// As the file names it, such as `TMGa_1.source` or `M05`.
    pub name: String,
    /// Its label in the legend, if there is one.
    pub label: Option<String>,
    pub kind: ChannelKind,
    /// Index of its source in [`Recipe::sources`].
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
    /// Flow that makes up the total in a source's line.
    Push,
    /// Flow that dilutes a source.
    Dilute,
    /// Flow taken from a diluted source into the reactor.
    Inject,
    /// Pressure in the bubbler.
    BubblerPressure,
    /// Temperature of an effusion cell.
    CellTemperature,
    /// Valve between source and line; the flow goes to the vent.
    Line,
    /// Valve between line and reactor.
    Run,
    /// Shutter of a cell.
    Shutter,
    /// Valve that admits a carrier gas to the reactor.
    Carrier,
    /// Total flows, purges and vents.
    Flow,
    /// Power of heater or plasma.
    Power,
    /// Thickness that a table states for a step; a statement, not a setpoint.
    Thickness,
    /// Any other switch or valve.
    Switch,
    /// Anything else with a number.
    Other,
}

impl ChannelKind {
    /// Whether its values are open or closed, on or off.
    #[must_use]
    pub fn is_digital(self) -> bool {
        matches!(
            self,
            Self::Line | Self::Run | Self::Shutter | Self::Carrier | Self::Switch
        )
    }
}

/// A step as written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its number or code, such as `e08` or `13a`.
    pub number: Option<String>,
    /// Its name as written, including the number. A thickness or doping in it is part of the name, not a setpoint.
    pub label: Option<String>,
    /// First and last line.
    pub lines: (u32, u32),
    /// Where it is defined, if in an included file; `lines` are then that of the include.
    #[serde(default)]
    pub origin: Option<LineText>,
    /// Heading in the comments above it, naming a part of the structure.
    pub section: Option<String>,
    /// Its duration; `None` if it waits for a condition or takes no time.
    pub duration: Option<Duration>,
    /// Duration of its ramps, if a table states it separately.
    pub ramp: Option<Duration>,
    /// Hold time after its ramps, if a table states it separately.
    pub hold: Option<Duration>,
    /// The condition that ends it.
    pub until: Option<WaitCondition>,
    pub operations: Vec<Operation>,
}

/// A duration as written.
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
    /// Index in [`Recipe::channels`] of the compared channel.
    pub channel: Option<usize>,
    pub passes: ConditionKind,
    pub value: Option<Value>,
}

/// The comparison of a condition.
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

/// A setting that a step changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Index into [`Recipe::channels`].
    pub channel: usize,
    pub action: Action,
    /// As written.
    pub raw: String,
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Sets the value at the beginning of the step.
    Set(Value),
    /// Ramps to the value over the step, or over its own time in seconds.
    Ramp { to: Value, seconds: Option<f64> },
    /// Ramps from one value to another within the step.
    Sweep { from: Value, to: Value },
    /// Makes the channel follow an expression from now on.
    Follow(Expression),
    /// Opens a valve (or turns a switch on), or closes it.
    Switch(bool),
}

/// A number as written and as evaluated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// `None` if it cannot be evaluated from this file.
    pub number: Option<f64>,
    /// The expression, unless it is a plain number.
    pub expression: Option<Expression>,
    pub raw: String,
}

impl Value {
    /// Returns a plain number.
    #[must_use]
    pub fn number(number: f64, raw: &str) -> Self {
        Self {
            number: Some(number),
            expression: None,
            raw: raw.to_owned(),
        }
    }
}

/// A node of the recipe's program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// Index into [`Recipe::steps`].
    Step(usize),
    Loop(Loop),
    /// A subroutine that this file does not define.
    Call(LineText),
}

/// A loop over steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loop {
    /// `None` if it cannot be evaluated from this file.
    pub count: Option<u32>,
    pub raw: String,
    pub line: u32,
    pub body: Vec<Node>,
}

/// A part of the file that was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLoss {
    /// First and last line.
    pub lines: (u32, u32),
    /// The text, shorten.
    pub raw: String,
    pub reason: String,
}

impl Variable {
    /// Returns its name, with the place of its definition if that is in another file.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.origin {
            Some(origin) => format!("{} ({}:{})", self.name, origin.text, origin.line),
            None => self.name.clone(),
        }
    }
}

impl Recipe {
    /// Returns the index of the channel with this name.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<usize> {
        self.channels
            .iter()
            .position(|channel| channel.name.eq_ignore_ascii_case(name))
    }

    /// Returns the indices of the channels of a kind.
    pub fn channels_of(&self, kind: ChannelKind) -> impl Iterator<Item = usize> {
        self.channels
            .iter()
            .enumerate()
            .filter(move |(_, channel)| channel.kind == kind)
            .map(|(at, _)| at)
    }

    /// Returns the index of a source's channel of a kind.
    #[must_use]
    pub fn channel_of(&self, source: usize, kind: ChannelKind) -> Option<usize> {
        self.channels
            .iter()
            .position(|channel| channel.kind == kind && channel.source == Some(source))
    }

    /// Returns the subroutines that are called but not defined, in the order of their calls.
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
    /// Returns its label, else its number, else its first line, as a name.
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

    /// Returns the operation that determines a channel's value at the end of the step; `None` if it does not set the channel.
    #[must_use]
    pub fn last_of(&self, channel: usize) -> Option<&Operation> {
        let mut operations = self.operations.iter().rev();
        operations.find(|operation| operation.channel == channel)
    }

    /// Returns its duration in seconds; `None` if it waits for a condition.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        if self.until.is_some() {
            return None;
        }
        Some(self.duration.as_ref().map_or(0.0, |time| time.seconds))
    }
}
