//! The table of units with their spellings.

use super::Base;
use super::Prefix::{self, Centi, Giga, Hecto, Kilo, Mega, Micro, Milli, Nano};
use crate::domain::language::is_hangul;

/// A unit with its spellings, as a multiple of a base.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) base: Base,
    /// How many of the base one unit is.
    pub(super) multiple: f64,
    pub(super) spellings: &'static [Spelling],
}

/// A spelling, in the usual case, with the prefixes that it is written with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling {
    pub(super) text: &'static str,
    reader: Option<Reader>,
    prefixes: &'static [Prefix],
}

/// Who accepts a spelling. The two differ: recipe files have spellings of tool vendors, prose has plurals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    Recipe,
    Prose,
}

/// A way to write a unit: with a prefix or without one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) prefix: &'static str,
    pub(super) text: &'static str,
    pub(super) base: Base,
    /// How many of the base one unit is, prefix included.
    pub(super) multiple: f64,
}

impl Spelling {
    const fn prefixed(mut self, prefixes: &'static [Prefix]) -> Self {
        self.prefixes = prefixes;
        self
    }

    pub(super) fn is_korean(&self) -> bool {
        self.text.starts_with(is_hangul)
    }
}

/// Returns every form of a unit that a reader accepts, in the order of the table.
pub(super) fn forms(reader: Reader, korean: bool) -> impl Iterator<Item = Form> {
    CATALOG.iter().flat_map(move |unit| {
        let spellings = unit.spellings.iter().filter(move |spelling| {
            spelling.reader.is_none_or(|only| only == reader) && spelling.is_korean() == korean
        });
        spellings.flat_map(move |spelling| {
            let form = |prefix, factor: f64| Form {
                prefix,
                text: spelling.text,
                base: unit.base,
                multiple: factor * unit.multiple,
            };
            let prefixed = spelling.prefixes.iter().flat_map(move |prefix| {
                let names = if korean {
                    prefix.korean()
                } else {
                    prefix.symbols()
                };
                names.iter().map(move |name| form(name, prefix.factor()))
            });
            std::iter::once(form("", 1.0)).chain(prefixed)
        })
    })
}

/// A spelling that recipe files and prose share.
const fn both(text: &'static str) -> Spelling {
    Spelling {
        text,
        reader: None,
        prefixes: &[],
    }
}

const fn recipe(text: &'static str) -> Spelling {
    Spelling {
        text,
        reader: Some(Reader::Recipe),
        prefixes: &[],
    }
}

const fn prose(text: &'static str) -> Spelling {
    Spelling {
        text,
        reader: Some(Reader::Prose),
        prefixes: &[],
    }
}

const fn unit(base: Base, multiple: f64, spellings: &'static [Spelling]) -> Definition {
    Definition {
        base,
        multiple,
        spellings,
    }
}

/// All units. If two spellings differ only in case (`ml`, `ML`), any other case in prose means the first.
#[rustfmt::skip]
const CATALOG: &[Definition] = &[
    // Time.
    unit(Base::Second, 1.0, &[
        both("s").prefixed(&[Milli, Micro]), both("sec"), prose("secs"), both("second"), both("seconds"),
        both("초").prefixed(&[Milli]),
    ]),
    unit(Base::Second, 60.0, &[both("min"), prose("mins"), both("minute"), both("minutes"), both("분")]),
    unit(Base::Second, 3600.0, &[both("h"), prose("hr"), prose("hrs"), both("hour"), both("hours"), both("시간")]),
    unit(Base::Second, 86_400.0, &[prose("d"), prose("day"), prose("days"), prose("일")]),
    unit(Base::Second, 604_800.0, &[prose("week"), prose("weeks"), prose("주일"), prose("주")]),
    unit(Base::Month, 1.0, &[prose("month"), prose("months"), prose("개월"), prose("달")]),
    unit(Base::Month, 12.0, &[prose("year"), prose("years")]),
    // Length.
    unit(Base::Metre, 1.0, &[
        both("m").prefixed(&[Nano, Micro, Milli, Centi]), prose("미터").prefixed(&[Nano, Micro, Milli, Centi]),
    ]),
    unit(Base::Metre, 1e-6, &[prose("micron"), prose("microns"), prose("마이크론")]),
    unit(Base::Metre, 1e-10, &[prose("Å"), prose("angstrom"), prose("angstroms"), prose("옹스트롬")]),
    unit(Base::Inch, 1.0, &[prose("inch"), prose("inches"), prose("인치")]),
    // Mass, volume, amount.
    unit(Base::Gram, 1.0, &[prose("g").prefixed(&[Milli, Kilo]), prose("그램").prefixed(&[Kilo])]),
    unit(Base::Litre, 1.0, &[
        prose("l").prefixed(&[Milli]), prose("L").prefixed(&[Milli]), prose("liter"), prose("liters"),
        prose("litre"), prose("litres"), prose("리터").prefixed(&[Milli]),
    ]),
    unit(Base::Mole, 1.0, &[prose("mol").prefixed(&[Milli, Micro])]),
    unit(Base::MolePerMinute, 1.0, &[recipe("mol/min").prefixed(&[Micro])]),
    unit(Base::Monolayer, 1.0, &[prose("ML")]),
    unit(Base::PartPerMillion, 1.0, &[prose("ppm")]),
    unit(Base::PartPerMillion, 1e-3, &[prose("ppb")]),
    unit(Base::Percent, 1.0, &[recipe("%"), prose("퍼센트"), prose("프로")]),
    // Pressure. A hectopascal is a millibar.
    unit(Base::Pascal, 1.0, &[both("Pa").prefixed(&[Hecto, Kilo, Mega]), prose("파스칼")]),
    unit(Base::Pascal, 1e5, &[both("bar").prefixed(&[Milli]), prose("barg")]),
    unit(Base::Pascal, 1e2, &[prose("millibar"), both("밀리바")]),
    unit(Base::Torr, 1.0, &[both("Torr").prefixed(&[Milli]), recipe("mmHg"), both("토르")]),
    unit(Base::Psi, 1.0, &[prose("psi"), prose("psig")]),
    unit(Base::Atmosphere, 1.0, &[prose("atm"), prose("기압")]),
    // Flow of gases and rotation.
    unit(Base::StandardCubicCentimetrePerMinute, 1.0, &[both("sccm")]),
    unit(Base::StandardCubicCentimetrePerMinute, 1e3, &[both("slm"), prose("slpm")]),
    unit(Base::RevolutionPerMinute, 1.0, &[both("rpm")]),
    // Temperature. `m-0C` is the unit of a thermocouple in one vendor's tables. Prose parses `°C`, `degrees C` and `도`
    // itself, since they need more context than a word.
    unit(Base::Celsius, 1.0, &[
        both("degC"), both("C"), recipe("°C"), recipe("deg C"), recipe("도"), recipe("m-0C"), recipe("celsius"),
    ]),
    unit(Base::Fahrenheit, 1.0, &[both("degF"), recipe("°F"), recipe("fahrenheit")]),
    unit(Base::Kelvin, 1.0, &[both("K"), both("kelvin")]),
    // Angle.
    unit(Base::ArcSecond, 1.0, &[prose("arcsec")]),
    unit(Base::ArcSecond, 60.0, &[prose("arcmin")]),
    // Electricity and force.
    unit(Base::Volt, 1.0, &[prose("V").prefixed(&[Kilo, Milli]), prose("볼트")]),
    unit(Base::Ampere, 1.0, &[prose("A").prefixed(&[Milli]), prose("암페어")]),
    unit(Base::Watt, 1.0, &[both("W").prefixed(&[Kilo, Milli]), prose("와트").prefixed(&[Kilo])]),
    unit(Base::Hertz, 1.0, &[prose("Hz").prefixed(&[Kilo, Mega, Giga]), prose("헤르츠")]),
    unit(Base::Ohm, 1.0, &[
        prose("Ω").prefixed(&[Milli, Kilo, Mega]), prose("ohm"), prose("ohms"), prose("옴"),
    ]),
    unit(Base::ElectronVolt, 1.0, &[prose("eV").prefixed(&[Milli])]),
    unit(Base::Newton, 1.0, &[prose("N")]),
];
