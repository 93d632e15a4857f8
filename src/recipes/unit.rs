//! Units of measure: as they are written, and what one is in another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A unit that recipes use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    Celsius,
    Kelvin,
    Fahrenheit,
    Millibar,
    Torr,
    Pascal,
    Kilopascal,
    Bar,
    Rpm,
    Sccm,
    Slm,
    Seconds,
    Minutes,
    Hours,
    Percent,
    Watt,
    Nanometre,
    Micrometre,
    MolePerMinute,
    MicromolePerMinute,
    Millimetre,
    /// The file does not say, or it is a plain number or a state.
    #[default]
    None,
}

/// What can be measured in several units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    Temperature,
    Pressure,
    Rotation,
    Flow,
    Time,
    Length,
    Molar,
    Power,
    Ratio,
}

impl Unit {
    /// The unit that a text names, in any usual spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase().replace('℃', "°c");
        Some(match text.as_str() {
            "°c" | "degc" | "deg c" | "c" | "도" | "m-0c" | "celsius" => Self::Celsius,
            "k" | "kelvin" => Self::Kelvin,
            "°f" | "degf" | "fahrenheit" => Self::Fahrenheit,
            "mbar" | "hpa" | "밀리바" => Self::Millibar,
            "torr" | "mmhg" | "토르" => Self::Torr,
            "pa" => Self::Pascal,
            "kpa" => Self::Kilopascal,
            "bar" => Self::Bar,
            "rpm" => Self::Rpm,
            "sccm" => Self::Sccm,
            "slm" => Self::Slm,
            "s" | "sec" | "second" | "seconds" | "초" => Self::Seconds,
            "min" | "minute" | "minutes" | "분" => Self::Minutes,
            "h" | "hour" | "hours" | "시간" => Self::Hours,
            "%" => Self::Percent,
            "w" => Self::Watt,
            "nm" => Self::Nanometre,
            "um" | "µm" | "μm" => Self::Micrometre,
            "mm" => Self::Millimetre,
            "mol/min" => Self::MolePerMinute,
            "µmol/min" | "umol/min" => Self::MicromolePerMinute,
            "" | "-" | "on/off" | "sh" | "none" => Self::None,
            _ => return None,
        })
    }

    #[must_use]
    pub fn dimension(self) -> Option<Dimension> {
        Some(match self {
            Self::Celsius | Self::Kelvin | Self::Fahrenheit => Dimension::Temperature,
            Self::Millibar | Self::Torr | Self::Pascal | Self::Kilopascal | Self::Bar => {
                Dimension::Pressure
            }
            Self::Rpm => Dimension::Rotation,
            Self::Sccm | Self::Slm => Dimension::Flow,
            Self::Seconds | Self::Minutes | Self::Hours => Dimension::Time,
            Self::Nanometre | Self::Micrometre | Self::Millimetre => Dimension::Length,
            Self::MolePerMinute | Self::MicromolePerMinute => Dimension::Molar,
            Self::Watt => Dimension::Power,
            Self::Percent => Dimension::Ratio,
            Self::None => return None,
        })
    }

    /// How much a value in this unit is in another; none where they do not measure the same.
    #[must_use]
    pub fn convert(self, value: f64, to: Self) -> Option<f64> {
        if self == to {
            return Some(value);
        }
        if self.dimension()? != to.dimension()? {
            return None;
        }
        let (factor, offset) = self.to_base();
        let base = value.mul_add(factor, offset);
        let (factor, offset) = to.to_base();
        Some((base - offset) / factor)
    }

    /// Factor and offset to the unit that its dimension is reckoned in: °C, mbar, sccm, s, nm, µmol/min.
    fn to_base(self) -> (f64, f64) {
        match self {
            Self::Kelvin => (1.0, -273.15),
            Self::Fahrenheit => (5.0 / 9.0, -160.0 / 9.0),
            // 101325/760 Pa, by definition.
            Self::Torr => (1013.25 / 760.0, 0.0),
            Self::Pascal => (0.01, 0.0),
            Self::Kilopascal => (10.0, 0.0),
            Self::Bar | Self::Slm | Self::Micrometre => (1000.0, 0.0),
            Self::Minutes => (60.0, 0.0),
            Self::Hours => (3600.0, 0.0),
            Self::Millimetre | Self::MolePerMinute => (1e6, 0.0),
            _ => (1.0, 0.0),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Celsius => "°C",
            Self::Kelvin => "K",
            Self::Fahrenheit => "°F",
            Self::Millibar => "mbar",
            Self::Torr => "Torr",
            Self::Pascal => "Pa",
            Self::Kilopascal => "kPa",
            Self::Bar => "bar",
            Self::Rpm => "rpm",
            Self::Sccm => "sccm",
            Self::Slm => "slm",
            Self::Seconds => "s",
            Self::Minutes => "min",
            Self::Hours => "h",
            Self::Percent => "%",
            Self::Watt => "W",
            Self::Nanometre => "nm",
            Self::Micrometre => "µm",
            Self::MolePerMinute => "mol/min",
            Self::MicromolePerMinute => "µmol/min",
            Self::Millimetre => "mm",
            Self::None => "",
        })
    }
}

/// A number as people write it: no needless zeros, at most `digits` after the point.
#[must_use]
pub fn plain(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" { "0" } else { text }.to_owned()
}

/// A number with its unit.
#[must_use]
pub fn with_unit(value: f64, unit: Unit) -> String {
    let number = plain(value, 4);
    match unit {
        Unit::None => number,
        Unit::Percent => format!("{number}%"),
        unit => format!("{number} {unit}"),
    }
}

/// A time as recipes write it: `15 s`, `2:40`, `2:40:00`.
#[must_use]
pub fn clock(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{} s", plain(seconds, 2));
    }
    let rounded = seconds.round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rounded positive time"
    )]
    let whole = rounded as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_size_in_another_unit() {
        let torr = Unit::Torr.convert(200.0, Unit::Millibar).unwrap();
        assert!((torr - 266.644_736).abs() < 1e-5, "{torr}");
        assert_eq!(
            Unit::Kelvin.convert(290.15, Unit::Celsius),
            Some(290.15 - 273.15)
        );
        assert_eq!(Unit::Slm.convert(5.0, Unit::Sccm), Some(5000.0));
        assert_eq!(Unit::Torr.convert(1.0, Unit::Celsius), None);
        assert_eq!(Unit::None.convert(1.0, Unit::Sccm), None);
    }

    #[test]
    fn numbers_are_written_without_needless_zeros() {
        assert_eq!(
            [740.0, 2.1, -0.0, 17.25, 1e6].map(|value| plain(value, 2)),
            ["740", "2.1", "0", "17.25", "1000000"]
        );
        assert_eq!(
            [17.2, 75.0, 9600.0].map(clock),
            ["17.2 s", "1:15", "2:40:00"]
        );
    }
}
