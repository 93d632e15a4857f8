//! Derives what a channel does from its name, and assigns sources to channels.

use std::collections::HashMap;

use crate::domain::units::Unit;
use crate::recipes::model::{Channel, ChannelKind, Group, Recipe, Source, SourceKind};
use crate::recipes::species;

/// What a channel's name says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ChannelMeaning {
    pub(super) kind: ChannelKind,
    /// Key of the source, if the channel belongs to one.
    pub(super) source: Option<String>,
    pub(super) unit: Unit,
}

impl ChannelMeaning {
    fn plain(kind: ChannelKind, unit: Unit) -> Self {
        Self {
            kind,
            source: None,
            unit,
        }
    }

    fn source(kind: ChannelKind, key: &str, unit: Unit) -> Self {
        Self {
            kind,
            source: Some(key.to_owned()),
            unit,
        }
    }
}

/// Returns the meaning of a channel name from an Aixtron script or a legend.
pub(super) fn meaning(name: &str) -> ChannelMeaning {
    if let Some((key, part)) = name.rsplit_once('.')
        && let Some(meaning) = part_of_source(key, &part.to_lowercase())
    {
        return meaning;
    }
    let lower: String = name
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    match lower.as_str() {
        "reactortemp" | "temperature" | "susceptortemperature" | "tsub" => {
            return ChannelMeaning::plain(ChannelKind::Temperature, Unit::Celsius);
        }
        "reactorpress" | "reactorpressure" | "pressure" => {
            return ChannelMeaning::plain(ChannelKind::Pressure, Unit::Millibar);
        }
        "rotation" | "mainrotation" | "susrotation" => {
            return ChannelMeaning::plain(ChannelKind::Rotation, Unit::Rpm);
        }
        "power" | "heaterpower" => return ChannelMeaning::plain(ChannelKind::Power, Unit::Percent),
        _ => {}
    }
    if let Some(meaning) = legend_meaning(name) {
        return meaning;
    }
    let is_flow = ["run", "push", "vent"]
        .iter()
        .any(|begin| lower.starts_with(begin))
        && ["mo", "hydride", "dopant", "hyd"]
            .iter()
            .any(|end| lower.ends_with(end))
        || lower.ends_with("purge")
        || matches!(
            lower.as_str(),
            "morun" | "hydrun" | "movent" | "hydvent" | "runmo" | "runhydride"
        );
    if is_flow {
        ChannelMeaning::plain(ChannelKind::Flow, Unit::Sccm)
    } else {
        ChannelMeaning::plain(ChannelKind::Other, Unit::None)
    }
}

fn part_of_source(key: &str, part: &str) -> Option<ChannelMeaning> {
    let is_carrier = matches!(key, "N2" | "H2" | "Ar");
    Some(match part {
        "line" | "run" if is_carrier => {
            ChannelMeaning::source(ChannelKind::Carrier, key, Unit::None)
        }
        "line" => ChannelMeaning::source(ChannelKind::Line, key, Unit::None),
        "run" => ChannelMeaning::source(ChannelKind::Run, key, Unit::None),
        "source" => ChannelMeaning::source(ChannelKind::SourceFlow, key, Unit::Sccm),
        "push" => ChannelMeaning::source(ChannelKind::Push, key, Unit::Sccm),
        "dilute" => ChannelMeaning::source(ChannelKind::Dilute, key, Unit::Sccm),
        "inject" => ChannelMeaning::source(ChannelKind::Inject, key, Unit::Sccm),
        "press" | "pressure" => {
            ChannelMeaning::source(ChannelKind::BubblerPressure, key, Unit::Millibar)
        }
        "shutter" => ChannelMeaning::source(ChannelKind::Shutter, key, Unit::None),
        "cell" => ChannelMeaning::source(ChannelKind::CellTemperature, key, Unit::Celsius),
        _ => return None,
    })
}

/// Parses names as legends of reactors write them: `TMGa Bubbling`, `NH3 Large IN`, `TMGa ManifoldRUN`.
fn legend_meaning(name: &str) -> Option<ChannelMeaning> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let (first, rest) = words.split_first()?;
    let lower = rest.join(" ").to_lowercase();
    let glued = first
        .strip_suffix("ManifoldRUN")
        .map(|key| (key, "manifoldrun".to_owned()));
    let (key, part) = match glued {
        Some(glued) => glued,
        None if rest.is_empty() => return None,
        None => (*first, lower),
    };
    species::find_by_source_key(key)?;
    let kind = match part.as_str() {
        "bubbling" | "in" | "large in" | "small in" => ChannelKind::SourceFlow,
        "dilution" => ChannelKind::Dilute,
        "diluted" => ChannelKind::Inject,
        "pressure" => ChannelKind::BubblerPressure,
        "manifoldrun" => ChannelKind::Run,
        _ => return None,
    };
    // Two controllers of one gas count as two sources.
    let key = match part.strip_suffix(" in") {
        Some(size) => format!("{key} {size}"),
        None => key.to_owned(),
    };
    let unit = if kind == ChannelKind::BubblerPressure || kind == ChannelKind::Run {
        Unit::None
    } else {
        Unit::Sccm
    };
    Some(ChannelMeaning::source(kind, &key, unit))
}

/// Collects the channels and sources of a recipe during the import.
#[derive(Debug, Default)]
pub(super) struct ChannelTable {
    by_name: HashMap<String, usize>,
    by_key: HashMap<String, usize>,
    pub(super) all: Vec<Channel>,
    pub(super) sources: Vec<Source>,
}

impl ChannelTable {
    /// Takes over the channels and sources of a recipe.
    pub(super) fn from_recipe(recipe: &mut Recipe) -> Self {
        let channels = std::mem::take(&mut recipe.channels);
        let sources = std::mem::take(&mut recipe.sources);
        let key = |name: &str| name.to_lowercase();
        Self {
            by_name: (channels.iter().enumerate())
                .map(|(at, channel)| (key(&channel.name), at))
                .collect(),
            by_key: (sources.iter().enumerate())
                .map(|(at, source)| (key(&source.key), at))
                .collect(),
            all: channels,
            sources,
        }
    }

    /// Returns the index of the channel with this name, and adds it if it is new.
    pub(super) fn index_of(&mut self, name: &str) -> usize {
        if let Some(at) = self.by_name.get(&name.to_lowercase()) {
            return *at;
        }
        self.add(name, None, meaning(name))
    }

    /// Adds a channel with a known meaning.
    pub(super) fn add(
        &mut self,
        name: &str,
        label: Option<String>,
        meaning: ChannelMeaning,
    ) -> usize {
        let source = meaning.source.map(|key| self.source(&key));
        let at = self.all.len();
        self.all.push(Channel {
            name: name.to_owned(),
            label,
            kind: meaning.kind,
            source,
            unit: meaning.unit,
            range: None,
        });
        self.by_name.insert(name.to_lowercase(), at);
        at
    }

    /// Marks a channel as a valve or switch.
    pub(super) fn mark_switch(&mut self, at: usize) {
        let channel = &mut self.all[at];
        if matches!(channel.kind, ChannelKind::Other | ChannelKind::Flow) {
            channel.kind = ChannelKind::Switch;
            channel.unit = Unit::None;
        }
    }

    /// Returns the index of the source with this key, and adds it if it is new.
    pub(super) fn source(&mut self, key: &str) -> usize {
        if let Some(at) = self.by_key.get(&key.to_lowercase()) {
            return *at;
        }
        let known = species::find_by_source_key(key);
        let stem = key.split(['_', ' ']).next().unwrap_or(key);
        let at = self.sources.len();
        self.sources.push(Source {
            key: key.to_owned(),
            species: known.map_or(stem, |known| known.name).to_owned(),
            kind: known.map_or(SourceKind::Gas, |known| known.kind),
            group: known.and_then(|known| known.group).filter(is_of_layer),
            bubbler: None,
        });
        self.by_key.insert(key.to_lowercase(), at);
        at
    }

    pub(super) fn put_into(self, recipe: &mut Recipe) {
        recipe.channels = self.all;
        recipe.sources = self.sources;
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "it is a filter")]
fn is_of_layer(group: &Group) -> bool {
    matches!(group, Group::III | Group::IV | Group::V | Group::VI)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_channel_does() {
        for (name, kind, source) in [
            ("TMGa_1.source", ChannelKind::SourceFlow, Some("TMGa_1")),
            ("H2.run", ChannelKind::Carrier, Some("H2")),
            ("DummyMO_1.run", ChannelKind::Run, Some("DummyMO_1")),
            ("ReactorTemp", ChannelKind::Temperature, None),
            ("MainRotation", ChannelKind::Rotation, None),
            ("RunHydride", ChannelKind::Flow, None),
            ("ShaftPurge", ChannelKind::Flow, None),
            ("TMGa Bubbling", ChannelKind::SourceFlow, Some("TMGa")),
            ("NH3 Large IN", ChannelKind::SourceFlow, Some("NH3 large")),
            ("TMAl Pressure", ChannelKind::BubblerPressure, Some("TMAl")),
            ("TMGaManifoldRUN", ChannelKind::Run, Some("TMGa")),
            ("HydCarrierChange", ChannelKind::Other, None),
            ("LaudaTemp1", ChannelKind::Other, None),
        ] {
            let found = meaning(name);
            assert_eq!(
                (found.kind, found.source.as_deref()),
                (kind, source),
                "{name}"
            );
        }
    }
}
