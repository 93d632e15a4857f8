//! Returns the channel that a column sets.

use super::column::Column;
use super::step::Draft;
use crate::domain::units::Unit;
use crate::recipes::import::channel_name::{ChannelMeaning, meaning};
use crate::recipes::model::ChannelKind;

impl Draft {
    /// Returns the index of the channel that a column sets, and adds it if it is new.
    pub(super) fn channel(&mut self, column: &Column, species: Option<&str>) -> usize {
        let name = match &column.entry {
            Some(entry) if entry.name.is_empty() => column.name.clone(),
            Some(entry) => entry.name.clone(),
            None => match column.field.name.as_str() {
                "temperature" | "pressure" | "rotation" | "thickness" | "other" | "flow"
                | "switch" | "note" | "power" => column.name.clone(),
                field => field.replace("{species}", species.unwrap_or("unnamed")),
            },
        };
        if let Some(at) = self
            .channels
            .all
            .iter()
            .position(|channel| channel.name == name)
        {
            return at;
        }
        let mut channel_meaning = match column.field.name.as_str() {
            "temperature" => plain(ChannelKind::Temperature, Unit::Celsius),
            "pressure" => plain(ChannelKind::Pressure, Unit::Millibar),
            "rotation" => plain(ChannelKind::Rotation, Unit::Rpm),
            "thickness" => plain(ChannelKind::Thickness, Unit::Nanometre),
            "flow" => plain(ChannelKind::Flow, Unit::Sccm),
            "power" => plain(ChannelKind::Power, Unit::None),
            "switch" => plain(ChannelKind::Switch, Unit::None),
            "other" | "note" => plain(ChannelKind::Other, Unit::None),
            _ => meaning(&name),
        };
        if column.field.name == "legend_switch" && !channel_meaning.kind.is_digital() {
            channel_meaning.kind = ChannelKind::Switch;
        }
        if let Some(unit) = column.unit {
            channel_meaning.unit = unit;
        }
        let label = column.entry.as_ref().and_then(|entry| {
            let own_label = entry.label.as_deref().filter(|label| *label != name);
            let code = Some(column.name.as_str()).filter(|code| *code != name);
            let parts: Vec<&str> = code.into_iter().chain(own_label).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        });
        let at = self.channels.add(&name, label, channel_meaning);
        if let Some(entry) = &column.entry
            && (entry.min.is_some() || entry.max.is_some())
        {
            self.channels.all[at].range = Some((entry.min, entry.max));
        }
        at
    }
}

fn plain(kind: ChannelKind, unit: Unit) -> ChannelMeaning {
    ChannelMeaning {
        kind,
        source: None,
        unit,
    }
}
