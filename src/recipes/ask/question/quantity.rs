//! The quantity that a question asks for.

use super::Threshold;
use crate::domain::units;
use crate::recipes::ask::vocabulary::mentions;
use crate::recipes::model::ChannelKind;

/// The quantity that a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::recipes::ask) enum AskedQuantity {
    Temperature,
    Pressure,
    Rotation,
    Flow(ChannelKind),
    Time,
    Thickness,
    Power,
}

pub(super) fn quantity(text: &str, threshold: Option<Threshold>) -> Option<AskedQuantity> {
    let named = [
        (
            AskedQuantity::Flow(ChannelKind::BubblerPressure),
            &["bubbler pressure", "버블러 압력", "source pressure"][..],
        ),
        (
            AskedQuantity::Thickness,
            &["thickness", "how thick", "두께"],
        ),
        (
            AskedQuantity::Temperature,
            &[
                "temperature",
                "temperatures",
                "temp",
                "how hot",
                "온도",
                "몇 도",
                "몇도",
                "reactortemp",
            ],
        ),
        (
            AskedQuantity::Pressure,
            &[
                "pressure",
                "pressures",
                "압력",
                "reactorpress",
                "torr",
                "mbar",
            ],
        ),
        (AskedQuantity::Rotation, &["rotation", "rpm", "회전"]),
        (AskedQuantity::Power, &["power", "파워", "출력"]),
        (AskedQuantity::Flow(ChannelKind::Push), &["push", "푸시"]),
        (
            AskedQuantity::Flow(ChannelKind::Dilute),
            &["dilute", "dilution", "희석"],
        ),
        (
            AskedQuantity::Flow(ChannelKind::Inject),
            &["inject", "injection", "주입 유량"],
        ),
        (
            AskedQuantity::Flow(ChannelKind::SourceFlow),
            &["flow", "flows", "flow rate", "sccm", "slm", "유량", "흐름"],
        ),
        (
            AskedQuantity::Time,
            &[
                "how long",
                "duration",
                "time",
                "minutes",
                "seconds",
                "시간",
                "몇 분",
                "몇 초",
                "얼마나 오래",
                "얼마 동안",
            ],
        ),
    ];
    let by_word = named
        .iter()
        .find(|(_, phrases)| mentions(text, phrases))
        .map(|(quantity, _)| *quantity);
    by_word.or_else(|| {
        Some(match threshold?.unit.quantity()? {
            units::Quantity::Temperature => AskedQuantity::Temperature,
            units::Quantity::Pressure => AskedQuantity::Pressure,
            units::Quantity::Rotation => AskedQuantity::Rotation,
            units::Quantity::Flow => AskedQuantity::Flow(ChannelKind::SourceFlow),
            units::Quantity::Time => AskedQuantity::Time,
            _ => return None,
        })
    })
}
