//! What a question asks for.

use super::Bound;
use crate::recipes::ask::words::says;
use crate::recipes::model::Kind;
use crate::recipes::unit::Dimension;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::recipes::ask) enum Quantity {
    Temperature,
    Pressure,
    Rotation,
    Flow(Kind),
    Time,
    Thickness,
    Power,
}

pub(super) fn quantity(text: &str, bound: Option<Bound>) -> Option<Quantity> {
    let named = [
        (
            Quantity::Flow(Kind::BubblerPressure),
            &["bubbler pressure", "버블러 압력", "source pressure"][..],
        ),
        (Quantity::Thickness, &["thickness", "how thick", "두께"]),
        (
            Quantity::Temperature,
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
            Quantity::Pressure,
            &[
                "pressure",
                "pressures",
                "압력",
                "reactorpress",
                "torr",
                "mbar",
            ],
        ),
        (Quantity::Rotation, &["rotation", "rpm", "회전"]),
        (Quantity::Power, &["power", "파워", "출력"]),
        (Quantity::Flow(Kind::Push), &["push", "푸시"]),
        (
            Quantity::Flow(Kind::Dilute),
            &["dilute", "dilution", "희석"],
        ),
        (
            Quantity::Flow(Kind::Inject),
            &["inject", "injection", "주입 유량"],
        ),
        (
            Quantity::Flow(Kind::SourceFlow),
            &["flow", "flows", "flow rate", "sccm", "slm", "유량", "흐름"],
        ),
        (
            Quantity::Time,
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
        Some(match bound?.unit.dimension()? {
            Dimension::Temperature => Quantity::Temperature,
            Dimension::Pressure => Quantity::Pressure,
            Dimension::Rotation => Quantity::Rotation,
            Dimension::Flow => Quantity::Flow(Kind::SourceFlow),
            Dimension::Time => Quantity::Time,
            _ => return None,
        })
    })
}
