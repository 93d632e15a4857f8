//! Known substances of sources: their group in the periodic table and their vapour pressure.

use super::model::{Group, SourceKind};

/// A known substance.
#[derive(Clone, Copy, Debug)]
pub struct Species {
    pub name: &'static str,
    pub kind: SourceKind,
    pub group: Option<Group>,
    /// Constants of the vapour pressure, for a liquid or solid in a bubbler.
    pub vapour: Option<VapourConstants>,
}

/// log10 of the vapour pressure in Torr = a − b/T − c·ln T, with T in K.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VapourConstants {
    pub a: f64,
    pub b: f64,
    /// Factor of −ln T; 0 for most substances.
    pub c: f64,
}

impl VapourConstants {
    /// Returns the vapour pressure in mbar at a temperature in °C.
    #[must_use]
    pub fn pressure(self, celsius: f64) -> f64 {
        let kelvin = celsius + 273.15;
        let torr = 10_f64.powf(self.a - self.b / kelvin - self.c * kelvin.ln());
        torr * 1013.25 / 760.0
    }
}

const fn metal_organic(
    name: &'static str,
    group: Option<Group>,
    a: f64,
    b: f64,
    c: f64,
) -> Species {
    Species {
        name,
        kind: if group.is_some() {
            SourceKind::Mo
        } else {
            SourceKind::Dopant
        },
        group,
        vapour: Some(VapourConstants { a, b, c }),
    }
}

const fn plain(name: &'static str, kind: SourceKind, group: Option<Group>) -> Species {
    Species {
        name,
        kind,
        group,
        vapour: None,
    }
}

/// Constants as published by suppliers of metal-organics (log10 p/Torr = A − B/T); for `Cp2Mg` with the ln T term of its
/// data sheet.
const KNOWN: [Species; 38] = [
    metal_organic("TMGa", Some(Group::III), 8.07, 1703.0, 0.0),
    metal_organic("TEGa", Some(Group::III), 8.083, 2162.0, 0.0),
    metal_organic("TMAl", Some(Group::III), 8.224, 2134.83, 0.0),
    metal_organic("TMIn", Some(Group::III), 10.52, 3014.0, 0.0),
    plain("DTMGa", SourceKind::Mo, Some(Group::III)),
    plain("TEAl", SourceKind::Mo, Some(Group::III)),
    plain("TEIn", SourceKind::Mo, Some(Group::III)),
    plain("TEB", SourceKind::Mo, Some(Group::III)),
    plain("TMB", SourceKind::Mo, Some(Group::III)),
    metal_organic("Cp2Mg", None, 25.14, 4198.0, 2.18),
    metal_organic("DEZn", None, 8.28, 2109.0, 0.0),
    plain("DMZn", SourceKind::Dopant, None),
    plain("Cp2Fe", SourceKind::Dopant, None),
    plain("CBr4", SourceKind::Dopant, None),
    plain("CCl4", SourceKind::Dopant, None),
    plain("DETe", SourceKind::Dopant, None),
    plain("TEOS", SourceKind::Dopant, None),
    plain("SiH4", SourceKind::Dopant, None),
    plain("Si2H6", SourceKind::Dopant, None),
    plain("GeH4", SourceKind::Dopant, None),
    plain("NH3", SourceKind::Hydride, Some(Group::V)),
    plain("AsH3", SourceKind::Hydride, Some(Group::V)),
    plain("PH3", SourceKind::Hydride, Some(Group::V)),
    plain("TBAs", SourceKind::Mo, Some(Group::V)),
    plain("TBP", SourceKind::Mo, Some(Group::V)),
    plain("TMSb", SourceKind::Mo, Some(Group::V)),
    plain("O2", SourceKind::Gas, Some(Group::VI)),
    plain("H2", SourceKind::Gas, None),
    plain("N2", SourceKind::Gas, None),
    plain("Ar", SourceKind::Gas, None),
    plain("Ga", SourceKind::Cell, Some(Group::III)),
    plain("Al", SourceKind::Cell, Some(Group::III)),
    plain("In", SourceKind::Cell, Some(Group::III)),
    plain("N", SourceKind::Cell, Some(Group::V)),
    plain("As", SourceKind::Cell, Some(Group::V)),
    plain("Si", SourceKind::Cell, None),
    plain("Mg", SourceKind::Cell, None),
    plain("Ge", SourceKind::Cell, Some(Group::IV)),
];

/// Finds a species by its name, ignoring case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Species> {
    // One export writes a capital I for the l of aluminium.
    let name = if name == "TMAI" { "TMAl" } else { name };
    KNOWN
        .iter()
        .find(|known| known.name.eq_ignore_ascii_case(name))
}

/// Finds the species of a source by its key: `TMGa` for `TMGa_1`, `Ga` for `Ga-A`.
#[must_use]
pub fn find_by_source_key(key: &str) -> Option<&'static Species> {
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
    fn a_source_is_found_by_its_key() {
        for (key, name) in [
            ("TMGa_1", "TMGa"),
            ("Ga-A", "Ga"),
            ("TMAI", "TMAl"),
            ("nh3_2", "NH3"),
        ] {
            assert_eq!(find_by_source_key(key).unwrap().name, name);
        }
        assert!(find_by_source_key("DummyMO_1").is_none());
    }
}
