//! What a question asks for.

use super::Bound;
use crate::domain::units;
use crate::recipes::ask::words::says;
use crate::recipes::model::Kind;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::recipes::ask) enum AskedQuantity {
    Temperature,
    Pressure,
    Rotation,
    Flow(Kind),
    Time,
    Thickness,
    Power,
}

pub(super) fn quantity(text: &str, bound: Option<Bound>) -> Option<AskedQuantity> {
    let named = [
        (
            AskedQuantity::Flow(Kind::BubblerPressure),
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
        (AskedQuantity::Flow(Kind::Push), &["push", "푸시"]),
        (
            AskedQuantity::Flow(Kind::Dilute),
            &["dilute", "dilution", "희석"],
        ),
        (
            AskedQuantity::Flow(Kind::Inject),
            &["inject", "injection", "주입 유량"],
        ),
        (
            AskedQuantity::Flow(Kind::SourceFlow),
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
        .find(|(_, phrases)| says(text, phrases))
        .map(|(quantity, _)| *quantity);
    by_word.or_else(|| {
        Some(match bound?.unit.quantity()? {
            units::Quantity::Temperature => AskedQuantity::Temperature,
            units::Quantity::Pressure => AskedQuantity::Pressure,
            units::Quantity::Rotation => AskedQuantity::Rotation,
            units::Quantity::Flow => AskedQuantity::Flow(Kind::SourceFlow),
            units::Quantity::Time => AskedQuantity::Time,
            _ => return None,
        })
    })
}
