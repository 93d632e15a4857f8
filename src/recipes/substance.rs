//! What sources hold: which element they bring, and how much of it a carrier gas takes along.

use super::model::{Group, SourceKind};

/// What is known of a species.
#[derive(Clone, Copy, Debug)]
pub struct Substance {
    pub name: &'static str,
    pub kind: SourceKind,
    pub group: Option<Group>,
    /// Vapour pressure, where it is a liquid or solid in a bubbler.
    pub vapour: Option<Vapour>,
}

/// log10 of the vapour pressure in Torr = a − b/T, or a − b/T − c·ln T over 1; T in K.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vapour {
    pub a: f64,
    pub b: f64,
    /// Factor of −ln T; 0 for most.
    pub c: f64,
}

impl Vapour {
    /// Vapour pressure in mbar at a temperature in °C.
    #[must_use]
    pub fn pressure(self, celsius: f64) -> f64 {
        let kelvin = celsius + 273.15;
        let torr = 10_f64.powf(self.a - self.b / kelvin - self.c * kelvin.ln());
        torr * 1013.25 / 760.0
    }
}

const fn mo(name: &'static str, group: Option<Group>, a: f64, b: f64, c: f64) -> Substance {
    Substance {
        name,
        kind: if group.is_some() {
            SourceKind::Mo
        } else {
            SourceKind::Dopant
        },
        group,
        vapour: Some(Vapour { a, b, c }),
    }
}

const fn of(name: &'static str, kind: SourceKind, group: Option<Group>) -> Substance {
    Substance {
        name,
        kind,
        group,
        vapour: None,
    }
}

/// The constants are those that suppliers of metal-organics publish (log10 p/Torr = A − B/T); for `Cp2Mg` with the
/// ln T term of its data sheet.
const KNOWN: [Substance; 38] = [
    mo("TMGa", Some(Group::III), 8.07, 1703.0, 0.0),
    mo("TEGa", Some(Group::III), 8.083, 2162.0, 0.0),
    mo("TMAl", Some(Group::III), 8.224, 2134.83, 0.0),
    mo("TMIn", Some(Group::III), 10.52, 3014.0, 0.0),
    of("DTMGa", SourceKind::Mo, Some(Group::III)),
    of("TEAl", SourceKind::Mo, Some(Group::III)),
    of("TEIn", SourceKind::Mo, Some(Group::III)),
    of("TEB", SourceKind::Mo, Some(Group::III)),
    of("TMB", SourceKind::Mo, Some(Group::III)),
    mo("Cp2Mg", None, 25.14, 4198.0, 2.18),
    mo("DEZn", None, 8.28, 2109.0, 0.0),
    of("DMZn", SourceKind::Dopant, None),
    of("Cp2Fe", SourceKind::Dopant, None),
    of("CBr4", SourceKind::Dopant, None),
    of("CCl4", SourceKind::Dopant, None),
    of("DETe", SourceKind::Dopant, None),
    of("TEOS", SourceKind::Dopant, None),
    of("SiH4", SourceKind::Dopant, None),
    of("Si2H6", SourceKind::Dopant, None),
    of("GeH4", SourceKind::Dopant, None),
    of("NH3", SourceKind::Hydride, Some(Group::V)),
    of("AsH3", SourceKind::Hydride, Some(Group::V)),
    of("PH3", SourceKind::Hydride, Some(Group::V)),
    of("TBAs", SourceKind::Mo, Some(Group::V)),
    of("TBP", SourceKind::Mo, Some(Group::V)),
    of("TMSb", SourceKind::Mo, Some(Group::V)),
    of("O2", SourceKind::Gas, Some(Group::VI)),
    of("H2", SourceKind::Gas, None),
    of("N2", SourceKind::Gas, None),
    of("Ar", SourceKind::Gas, None),
    of("Ga", SourceKind::Cell, Some(Group::III)),
    of("Al", SourceKind::Cell, Some(Group::III)),
    of("In", SourceKind::Cell, Some(Group::III)),
    of("N", SourceKind::Cell, Some(Group::V)),
    of("As", SourceKind::Cell, Some(Group::V)),
    of("Si", SourceKind::Cell, None),
    of("Mg", SourceKind::Cell, None),
    of("Ge", SourceKind::Cell, Some(Group::IV)),
];

/// Finds a species by its name, in any case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Substance> {
    // One export writes a capital I for the l of aluminium.
    let name = if name == "TMAI" { "TMAl" } else { name };
    KNOWN
        .iter()
        .find(|known| known.name.eq_ignore_ascii_case(name))
}

/// The species of a source by its key: `TMGa` of `TMGa_1`, `Ga` of `Ga-A`.
#[must_use]
pub fn species(key: &str) -> Option<&'static Substance> {
    find(key).or_else(|| {
        let stem = key.split(['_', '-', ' ', '#']).next()?;
        find(stem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vapour_pressures_are_those_of_the_data_sheets() {
        for (name, celsius, torr, within) in [
            ("TMGa", 0.0, 68.5, 1.0),
            ("TEGa", 20.0, 5.1, 0.1),
            ("TMAl", 20.0, 8.7, 0.2),
            ("TMIn", 20.0, 1.7, 0.1),
            ("DEZn", 20.0, 12.2, 0.3),
        ] {
            let pressure = find(name).unwrap().vapour.unwrap().pressure(celsius) * 760.0 / 1013.25;
            assert!((pressure - torr).abs() < within, "{name}: {pressure} Torr");
        }
    }

    #[test]
    fn a_source_is_known_by_its_key() {
        for (key, name) in [
            ("TMGa_1", "TMGa"),
            ("Ga-A", "Ga"),
            ("TMAI", "TMAl"),
            ("nh3_2", "NH3"),
        ] {
            assert_eq!(species(key).unwrap().name, name);
        }
        assert!(species("DummyMO_1").is_none());
    }
}
