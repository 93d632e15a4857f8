//! Quantities that questions ask for, with the terms that name them and the units of their values.
//!
//! Terms are as text analysis produces them: lower case, English stems (`temperatur`), `µ` as `u`.

use super::Quantity;

/// A quantity as questions name it.
#[derive(Debug)]
pub struct QuantityTerms {
    pub quantity: Quantity,
    /// Terms of a question that name the quantity.
    pub names: &'static [&'static str],
    /// Terms of the units of its values. Passages contain a value more often than the name.
    pub units: &'static [&'static str],
}

/// All quantities. They have fewer units than prose, since units that are rare in manuals only add noise.
pub const QUANTITIES: &[QuantityTerms] = &[
    QuantityTerms {
        quantity: Quantity::Temperature,
        names: &["temperatur", "hot", "cold", "degre", "온도", "도"],
        units: &["°c"],
    },
    QuantityTerms {
        quantity: Quantity::Pressure,
        names: &["pressur", "압력", "파스칼"],
        units: &["mbar", "bar", "pa", "torr"],
    },
    QuantityTerms {
        quantity: Quantity::Flow,
        names: &["flow", "유량"],
        units: &["sccm", "slm"],
    },
    QuantityTerms {
        quantity: Quantity::Time,
        names: &["long", "time", "soon", "시간", "분", "초", "기간", "동안"],
        units: &[
            "minut", "hour", "second", "h", "min", "s", "시간", "분", "초",
        ],
    },
    // Intervals of maintenance.
    QuantityTerms {
        quantity: Quantity::CalendarTime,
        names: &["often", "interv", "자주", "주기", "주", "일", "달"],
        units: &[
            "run", "week", "month", "day", "hour", "h", "year", "런", "개월", "매주", "마다",
            "주기",
        ],
    },
    QuantityTerms {
        quantity: Quantity::Mass,
        names: &["weight", "heavi", "무게", "중량", "그램", "킬로"],
        units: &["g", "kg"],
    },
    QuantityTerms {
        quantity: Quantity::Length,
        names: &["thick", "length", "두께", "길이", "미터", "마이크"],
        units: &["nm", "um", "mm", "cm"],
    },
    QuantityTerms {
        quantity: Quantity::Length,
        names: &["wavelength", "파장"],
        units: &["nm"],
    },
    QuantityTerms {
        quantity: Quantity::Power,
        names: &["power", "watt", "출력"],
        units: &["w", "kw"],
    },
    QuantityTerms {
        quantity: Quantity::Voltage,
        names: &["voltag", "volt", "전압"],
        units: &["v", "kv"],
    },
    QuantityTerms {
        quantity: Quantity::Resistance,
        names: &["resist", "저항"],
        units: &["ohm", "ω"],
    },
    // Newton metres, which text analysis splits.
    QuantityTerms {
        quantity: Quantity::Torque,
        names: &["torqu", "토크"],
        units: &["n"],
    },
    QuantityTerms {
        quantity: Quantity::Rotation,
        names: &["rotat", "speed", "회전"],
        units: &["rpm"],
    },
    QuantityTerms {
        quantity: Quantity::Concentration,
        names: &["concentr", "농도"],
        units: &["ppm", "ppb"],
    },
];

#[cfg(test)]
mod tests {
    use super::super::prose;
    use super::*;

    /// Words such as `run` or stems such as `minut` are no units; what is a unit in prose measures the same here.
    #[test]
    fn units_of_a_quantity_measure_it() {
        let is_interval = |quantity| quantity == Quantity::CalendarTime;
        for terms in QUANTITIES {
            assert!(!terms.names.is_empty() && !terms.units.is_empty());
            for unit in terms.units {
                let known = if unit.is_ascii() {
                    prose::word(&unit.to_uppercase()).or_else(|| prose::word(unit))
                } else {
                    let letters: Vec<char> = unit.chars().collect();
                    prose::korean(&letters).map(|(base, multiple, _)| (base, multiple))
                };
                let Some((base, _)) = known else { continue };
                let measured = base.quantity();
                let fits = measured == terms.quantity
                    || is_interval(terms.quantity) && matches!(measured, Quantity::Time)
                    || (terms.quantity, measured) == (Quantity::Torque, Quantity::Force);
                assert!(
                    fits,
                    "{unit} measures {measured:?}, not {:?}",
                    terms.quantity
                );
            }
        }
    }
}
