//! Units of measure: one table of quantities, sizes and spellings.
//!
//! The table has three users, each with its own rules: recipe files (`recipe`), the prose of documents and
//! answers (`prose`), and questions that ask for a quantity (`question`).

mod catalog;
pub mod format;
pub mod prose;
pub mod question;
mod recipe;

pub use recipe::Unit;

/// What a unit measures. Units of one quantity can be converted into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    Temperature,
    Pressure,
    Rotation,
    /// Flow of a gas, as a volume at standard conditions.
    Flow,
    Time,
    /// Time in months, which differ in length.
    CalendarTime,
    Length,
    Mass,
    Volume,
    Amount,
    /// Flow of a precursor, as an amount of substance.
    MolarFlow,
    /// Coverage in monolayers.
    Coverage,
    /// Share in parts per million.
    Concentration,
    Ratio,
    Power,
    Energy,
    Voltage,
    Current,
    Resistance,
    Frequency,
    Force,
    Torque,
    Angle,
}

/// A base unit, of which other units are decimal or time multiples.
///
/// Prose converts only within one base: an answer must not show Torr if the document has mbar. Recipes convert between
/// all bases of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    Celsius,
    Kelvin,
    Fahrenheit,
    Pascal,
    Torr,
    Psi,
    Atmosphere,
    RevolutionPerMinute,
    StandardCubicCentimetrePerMinute,
    Second,
    Month,
    Metre,
    Inch,
    Gram,
    Litre,
    Mole,
    MolePerMinute,
    Monolayer,
    PartPerMillion,
    Percent,
    Watt,
    ElectronVolt,
    Volt,
    Ampere,
    Ohm,
    Hertz,
    Newton,
    /// Degree of an angle.
    Degree,
    ArcSecond,
}

impl Base {
    /// Returns the symbol, such as `m` or `°C`.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Celsius => "°C",
            Self::Kelvin => "K",
            Self::Fahrenheit => "°F",
            Self::Pascal => "Pa",
            Self::Torr => "Torr",
            Self::Psi => "psi",
            Self::Atmosphere => "atm",
            Self::RevolutionPerMinute => "rpm",
            Self::StandardCubicCentimetrePerMinute => "sccm",
            Self::Second => "s",
            Self::Month => "month",
            Self::Metre => "m",
            Self::Inch => "inch",
            Self::Gram => "g",
            Self::Litre => "l",
            Self::Mole => "mol",
            Self::MolePerMinute => "mol/min",
            Self::Monolayer => "ML",
            Self::PartPerMillion => "ppm",
            Self::Percent => "%",
            Self::Watt => "W",
            Self::ElectronVolt => "eV",
            Self::Volt => "V",
            Self::Ampere => "A",
            Self::Ohm => "Ω",
            Self::Hertz => "Hz",
            Self::Newton => "N",
            Self::Degree => "°",
            Self::ArcSecond => "arcsec",
        }
    }

    #[must_use]
    pub fn quantity(self) -> Quantity {
        match self {
            Self::Celsius | Self::Kelvin | Self::Fahrenheit => Quantity::Temperature,
            Self::Pascal | Self::Torr | Self::Psi | Self::Atmosphere => Quantity::Pressure,
            Self::RevolutionPerMinute => Quantity::Rotation,
            Self::StandardCubicCentimetrePerMinute => Quantity::Flow,
            Self::Second => Quantity::Time,
            Self::Month => Quantity::CalendarTime,
            Self::Metre | Self::Inch => Quantity::Length,
            Self::Gram => Quantity::Mass,
            Self::Litre => Quantity::Volume,
            Self::Mole => Quantity::Amount,
            Self::MolePerMinute => Quantity::MolarFlow,
            Self::Monolayer => Quantity::Coverage,
            Self::PartPerMillion => Quantity::Concentration,
            Self::Percent => Quantity::Ratio,
            Self::Watt => Quantity::Power,
            Self::ElectronVolt => Quantity::Energy,
            Self::Volt => Quantity::Voltage,
            Self::Ampere => Quantity::Current,
            Self::Ohm => Quantity::Resistance,
            Self::Hertz => Quantity::Frequency,
            Self::Newton => Quantity::Force,
            Self::Degree | Self::ArcSecond => Quantity::Angle,
        }
    }

    /// Returns factor and offset to the canonical unit of the quantity: `canonical = value × factor + offset`.
    ///
    /// Canonical are the units that recipes are written in, so that their usual values convert without rounding:
    /// °C, mbar, rpm, sccm, s, nm, µmol/min; otherwise the base itself. Factors are exact by definition (NIST SP 811,
    /// appendix B, and the SI brochure): 1 atm = 101 325 Pa, 1 Torr = 1/760 atm, 1 inch = 25.4 mm,
    /// 1 psi = 4.448 221 615 260 5 N / (25.4 mm)², 0 °C = 273.15 K.
    #[must_use]
    pub fn to_canonical(self) -> (f64, f64) {
        match self {
            Self::Kelvin => (1.0, -273.15),
            Self::Fahrenheit => (5.0 / 9.0, -160.0 / 9.0),
            Self::Pascal => (0.01, 0.0),
            Self::Torr => (1013.25 / 760.0, 0.0),
            Self::Psi => (4.448_221_615_260_5 / 0.064_516, 0.0),
            Self::Atmosphere => (1013.25, 0.0),
            Self::Metre => (1e9, 0.0),
            Self::Inch => (25.4e6, 0.0),
            Self::MolePerMinute => (1e6, 0.0),
            Self::ArcSecond => (1.0 / 3600.0, 0.0),
            _ => (1.0, 0.0),
        }
    }
}

/// A decimal prefix (SI brochure, table 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Nano,
    Micro,
    Milli,
    Centi,
    Hecto,
    Kilo,
    Mega,
    Giga,
}

impl Prefix {
    fn factor(self) -> f64 {
        match self {
            Self::Nano => 1e-9,
            Self::Micro => 1e-6,
            Self::Milli => 1e-3,
            Self::Centi => 1e-2,
            Self::Hecto => 1e2,
            Self::Kilo => 1e3,
            Self::Mega => 1e6,
            Self::Giga => 1e9,
        }
    }

    /// Returns the symbols; micro also as `u` and with either of its two code points.
    fn symbols(self) -> &'static [&'static str] {
        match self {
            Self::Nano => &["n"],
            Self::Micro => &["u", "\u{b5}", "\u{3bc}"],
            Self::Milli => &["m"],
            Self::Centi => &["c"],
            Self::Hecto => &["h"],
            Self::Kilo => &["k"],
            Self::Mega => &["M"],
            Self::Giga => &["G"],
        }
    }

    /// Returns the names before a unit that is written in Korean.
    fn korean(self) -> &'static [&'static str] {
        match self {
            Self::Nano => &["나노"],
            Self::Micro => &["마이크로"],
            Self::Milli => &["밀리"],
            Self::Centi => &["센티"],
            Self::Hecto => &["헥토"],
            Self::Kilo => &["킬로"],
            Self::Mega => &["메가"],
            Self::Giga => &["기가"],
        }
    }
}
