//! Units in recipe files and in questions about recipes: a closed set, in any case.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::catalog::{Reader, forms};
use super::{Base, Quantity};

/// A unit of recipes. The variant names are stored with the recipes.
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
    /// Not stated, or a plain number or a state.
    #[default]
    None,
}

const ALL: [Unit; 21] = [
    Unit::Celsius,
    Unit::Kelvin,
    Unit::Fahrenheit,
    Unit::Millibar,
    Unit::Torr,
    Unit::Pascal,
    Unit::Kilopascal,
    Unit::Bar,
    Unit::Rpm,
    Unit::Sccm,
    Unit::Slm,
    Unit::Seconds,
    Unit::Minutes,
    Unit::Hours,
    Unit::Percent,
    Unit::Watt,
    Unit::Nanometre,
    Unit::Micrometre,
    Unit::MolePerMinute,
    Unit::MicromolePerMinute,
    Unit::Millimetre,
];

/// Units of bounds in questions, in lower case; a name precedes its own prefixes.
const IN_QUESTIONS: [&str; 27] = [
    "°c",
    "℃",
    "degc",
    "deg c",
    "도",
    "torr",
    "토르",
    "mbar",
    "밀리바",
    "kpa",
    "pa",
    "bar",
    "rpm",
    "sccm",
    "slm",
    "°f",
    "seconds",
    "sec",
    "minutes",
    "min",
    "hours",
    "초",
    "분",
    "시간",
    "s",
    "h",
    "k",
];

impl Unit {
    /// Parses any usual spelling, in any case; returns [`Unit::None`] for placeholders that files use without a unit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase().replace('℃', "°c");
        if matches!(text.as_str(), "" | "-" | "on/off" | "sh" | "none") {
            return Some(Self::None);
        }
        [false, true].into_iter().find_map(|korean| {
            forms(Reader::Recipe, korean)
                .filter(|form| {
                    let rest = text.strip_prefix(&form.prefix.to_lowercase());
                    rest == Some(form.text.to_lowercase().as_str())
                })
                .find_map(|form| Self::with_size(form.base, form.multiple))
        })
    }

    /// Returns the unit that a lower-case text begins with, and its length in bytes. A letter or digit after a unit of
    /// Latin letters makes it another word.
    #[must_use]
    pub fn at_start(text: &str) -> Option<(Self, usize)> {
        IN_QUESTIONS.iter().find_map(|name| {
            let rest = text.strip_prefix(name)?;
            let is_longer_word =
                name.is_ascii() && rest.starts_with(|letter: char| letter.is_ascii_alphanumeric());
            (!is_longer_word).then_some((Self::parse(name)?, name.len()))
        })
    }

    /// Returns the recipe unit of this size; None for units that only prose uses.
    fn with_size(base: Base, multiple: f64) -> Option<Self> {
        ALL.into_iter().find(|unit| {
            unit.size().is_some_and(|(own, size)| {
                own == base && (size - multiple).abs() <= 1e-9 * multiple
            })
        })
    }

    /// Returns the base, and the multiple of it that the unit is.
    fn size(self) -> Option<(Base, f64)> {
        Some(match self {
            Self::Celsius => (Base::Celsius, 1.0),
            Self::Kelvin => (Base::Kelvin, 1.0),
            Self::Fahrenheit => (Base::Fahrenheit, 1.0),
            Self::Millibar => (Base::Pascal, 1e2),
            Self::Torr => (Base::Torr, 1.0),
            Self::Pascal => (Base::Pascal, 1.0),
            Self::Kilopascal => (Base::Pascal, 1e3),
            Self::Bar => (Base::Pascal, 1e5),
            Self::Rpm => (Base::RevolutionPerMinute, 1.0),
            Self::Sccm => (Base::StandardCubicCentimetrePerMinute, 1.0),
            Self::Slm => (Base::StandardCubicCentimetrePerMinute, 1e3),
            Self::Seconds => (Base::Second, 1.0),
            Self::Minutes => (Base::Second, 60.0),
            Self::Hours => (Base::Second, 3600.0),
            Self::Percent => (Base::Percent, 1.0),
            Self::Watt => (Base::Watt, 1.0),
            Self::Nanometre => (Base::Metre, 1e-9),
            Self::Micrometre => (Base::Metre, 1e-6),
            Self::Millimetre => (Base::Metre, 1e-3),
            Self::MolePerMinute => (Base::MolePerMinute, 1.0),
            Self::MicromolePerMinute => (Base::MolePerMinute, 1e-6),
            Self::None => return None,
        })
    }

    /// Returns what the unit measures.
    #[must_use]
    pub fn quantity(self) -> Option<Quantity> {
        self.size().map(|(base, _)| base.quantity())
    }

    /// Converts a value to another unit; None if the two do not measure the same quantity.
    #[must_use]
    pub fn convert(self, value: f64, to: Self) -> Option<f64> {
        if self == to {
            return Some(value);
        }
        if self.quantity()? != to.quantity()? {
            return None;
        }
        let (factor, offset) = self.to_canonical()?;
        let canonical = value.mul_add(factor, offset);
        let (factor, offset) = to.to_canonical()?;
        Some((canonical - offset) / factor)
    }

    fn to_canonical(self) -> Option<(f64, f64)> {
        let (base, multiple) = self.size()?;
        let (factor, offset) = base.to_canonical();
        Some((multiple * factor, offset))
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
        assert_eq!(Unit::Micrometre.convert(2.1, Unit::Nanometre), Some(2100.0));
        assert_eq!(Unit::Torr.convert(1.0, Unit::Celsius), None);
        assert_eq!(Unit::None.convert(1.0, Unit::Sccm), None);
    }

    #[test]
    fn every_unit_is_read_as_it_is_written() {
        for unit in ALL {
            assert_eq!(Unit::parse(&unit.to_string()), Some(unit), "{unit}");
        }
    }

    #[test]
    fn spellings_are_read_in_any_case() {
        for (text, unit) in [
            (" ℃", Unit::Celsius),
            ("DegC", Unit::Celsius),
            ("deg C", Unit::Celsius),
            ("m-0C", Unit::Celsius),
            ("도", Unit::Celsius),
            ("c", Unit::Celsius),
            ("hPa", Unit::Millibar),
            ("밀리바", Unit::Millibar),
            ("mmHg", Unit::Torr),
            ("토르", Unit::Torr),
            ("KPA", Unit::Kilopascal),
            ("SCCM", Unit::Sccm),
            ("초", Unit::Seconds),
            ("분", Unit::Minutes),
            ("시간", Unit::Hours),
            ("um", Unit::Micrometre),
            ("\u{b5}m", Unit::Micrometre),
            ("\u{3bc}m", Unit::Micrometre),
            ("umol/min", Unit::MicromolePerMinute),
            ("on/off", Unit::None),
        ] {
            assert_eq!(Unit::parse(text), Some(unit), "{text}");
        }
    }

    #[test]
    fn units_of_prose_are_not_recipe_units() {
        for text in [
            "m",
            "cm",
            "ms",
            "MPa",
            "mTorr",
            "kW",
            "mW",
            "hr",
            "hrs",
            "slpm",
            "psi",
            "millibar",
            "barg",
            "micron",
            "g",
            "L",
            "mol",
            "V",
            "day",
            "파스칼",
            "퍼센트",
            "미터",
            "나노미터",
            "frogs",
        ] {
            assert_eq!(Unit::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_unit_ends_where_its_word_ends() {
        assert_eq!(Unit::at_start("torr 이상"), Some((Unit::Torr, 4)));
        assert_eq!(Unit::at_start("도를"), Some((Unit::Celsius, 3)));
        assert_eq!(Unit::at_start("deg c or more"), Some((Unit::Celsius, 5)));
        assert_eq!(Unit::at_start("steps"), None);
        assert_eq!(Unit::at_start("hpa"), None);
    }
}
