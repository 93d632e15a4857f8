//! Units behind numbers, in every spelling, as products of powers of base units.

use std::collections::BTreeMap;

use super::fold::Folded;

/// A unit by what it measures, and how much of that it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unit {
    /// The base units with their powers, such as `m^1 s^-1`.
    pub measures: String,
    /// How many of the base units it is.
    pub scale: f64,
}

/// A spelling with the base unit and how many of those it is. What differs by more than a power of ten or by the
/// reckoning of time is a base of its own: nobody should read Torr where the document has mbar.
type Spelling = (&'static str, &'static str, f64);

/// Spellings of Latin letters and signs; whole, in this case first and then in any.
const LATIN: &[Spelling] = &[
    ("s", "s", 1.0),
    ("sec", "s", 1.0),
    ("secs", "s", 1.0),
    ("second", "s", 1.0),
    ("seconds", "s", 1.0),
    ("ms", "s", 1e-3),
    ("us", "s", 1e-6),
    ("min", "s", 60.0),
    ("mins", "s", 60.0),
    ("minute", "s", 60.0),
    ("minutes", "s", 60.0),
    ("h", "s", 3600.0),
    ("hr", "s", 3600.0),
    ("hrs", "s", 3600.0),
    ("hour", "s", 3600.0),
    ("hours", "s", 3600.0),
    ("d", "s", 86_400.0),
    ("day", "s", 86_400.0),
    ("days", "s", 86_400.0),
    ("week", "s", 604_800.0),
    ("weeks", "s", 604_800.0),
    ("month", "month", 1.0),
    ("months", "month", 1.0),
    ("year", "month", 12.0),
    ("years", "month", 12.0),
    ("nm", "m", 1e-9),
    ("um", "m", 1e-6),
    ("micron", "m", 1e-6),
    ("microns", "m", 1e-6),
    ("mm", "m", 1e-3),
    ("cm", "m", 1e-2),
    ("m", "m", 1.0),
    ("Å", "m", 1e-10),
    ("angstrom", "m", 1e-10),
    ("angstroms", "m", 1e-10),
    ("inch", "inch", 1.0),
    ("inches", "inch", 1.0),
    ("mg", "g", 1e-3),
    ("g", "g", 1.0),
    ("kg", "g", 1e3),
    ("l", "l", 1.0),
    ("L", "l", 1.0),
    ("liter", "l", 1.0),
    ("liters", "l", 1.0),
    ("litre", "l", 1.0),
    ("litres", "l", 1.0),
    ("ml", "l", 1e-3),
    ("mL", "l", 1e-3),
    ("Pa", "Pa", 1.0),
    ("hPa", "Pa", 1e2),
    ("kPa", "Pa", 1e3),
    ("MPa", "Pa", 1e6),
    ("mbar", "Pa", 1e2),
    ("millibar", "Pa", 1e2),
    ("bar", "Pa", 1e5),
    ("barg", "Pa", 1e5),
    ("Torr", "Torr", 1.0),
    ("mTorr", "Torr", 1e-3),
    ("psi", "psi", 1.0),
    ("psig", "psi", 1.0),
    ("atm", "atm", 1.0),
    ("sccm", "sccm", 1.0),
    ("slm", "sccm", 1e3),
    ("slpm", "sccm", 1e3),
    ("degC", "°C", 1.0),
    ("C", "°C", 1.0),
    ("degF", "°F", 1.0),
    ("K", "K", 1.0),
    ("kelvin", "K", 1.0),
    ("rpm", "rpm", 1.0),
    ("arcsec", "arcsec", 1.0),
    ("arcmin", "arcsec", 60.0),
    ("V", "V", 1.0),
    ("kV", "V", 1e3),
    ("mV", "V", 1e-3),
    ("A", "A", 1.0),
    ("mA", "A", 1e-3),
    ("W", "W", 1.0),
    ("kW", "W", 1e3),
    ("mW", "W", 1e-3),
    ("Hz", "Hz", 1.0),
    ("kHz", "Hz", 1e3),
    ("MHz", "Hz", 1e6),
    ("GHz", "Hz", 1e9),
    ("Ω", "Ω", 1.0),
    ("ohm", "Ω", 1.0),
    ("ohms", "Ω", 1.0),
    ("mΩ", "Ω", 1e-3),
    ("kΩ", "Ω", 1e3),
    ("MΩ", "Ω", 1e6),
    ("eV", "eV", 1.0),
    ("meV", "eV", 1e-3),
    ("N", "N", 1.0),
    ("ppm", "ppm", 1.0),
    ("ppb", "ppm", 1e-3),
    ("mol", "mol", 1.0),
    ("mmol", "mol", 1e-3),
    ("umol", "mol", 1e-6),
    ("ML", "ML", 1.0),
];

/// Korean spellings, which particles cling to; longer ones before those that they begin with.
const KOREAN: &[Spelling] = &[
    ("시간", "s", 3600.0),
    ("밀리초", "s", 1e-3),
    ("초", "s", 1.0),
    ("분", "s", 60.0),
    ("개월", "month", 1.0),
    ("달", "month", 1.0),
    ("주일", "s", 604_800.0),
    ("주", "s", 604_800.0),
    ("일", "s", 86_400.0),
    ("나노미터", "m", 1e-9),
    ("마이크로미터", "m", 1e-6),
    ("마이크론", "m", 1e-6),
    ("밀리미터", "m", 1e-3),
    ("센티미터", "m", 1e-2),
    ("미터", "m", 1.0),
    ("옹스트롬", "m", 1e-10),
    ("인치", "inch", 1.0),
    ("킬로그램", "g", 1e3),
    ("그램", "g", 1.0),
    ("밀리리터", "l", 1e-3),
    ("리터", "l", 1.0),
    ("밀리바", "Pa", 1e2),
    ("파스칼", "Pa", 1.0),
    ("기압", "atm", 1.0),
    ("토르", "Torr", 1.0),
    ("퍼센트", "%", 1.0),
    ("프로", "%", 1.0),
    ("킬로와트", "W", 1e3),
    ("와트", "W", 1.0),
    ("볼트", "V", 1.0),
    ("암페어", "A", 1.0),
    ("헤르츠", "Hz", 1.0),
    ("옴", "Ω", 1.0),
];

/// What may follow `도` that means degrees; `도면` and the like do not.
const AFTER_DEGREES: &str = "가까는도로를에와의이인쯤씩";

/// The unit that follows a number which ends at this place, with at most a space or a hyphen between, and where it
/// ends.
pub(super) fn behind(text: &Folded, at: usize) -> Option<(Unit, usize)> {
    let begin = match text.letter(at) {
        ' ' => at + 1,
        '-' if text.letter(at + 1).is_ascii_alphabetic() => at + 1,
        _ => at,
    };
    expression(text, begin)
}

/// Units that a text names between parentheses or brackets, as heads of tables do.
pub(super) fn named(text: &Folded) -> Vec<Unit> {
    let opens = (0..text.letters.len()).filter(|at| matches!(text.letters[*at], '(' | '['));
    opens
        .filter_map(|at| {
            let (unit, end) = expression(text, at + 1)?;
            matches!(text.letter(end), ')' | ']' | ',').then_some(unit)
        })
        .collect()
}

/// Base units with their powers, multiplied and divided.
fn expression(text: &Folded, begin: usize) -> Option<(Unit, usize)> {
    let mut powers: BTreeMap<&'static str, i32> = BTreeMap::new();
    let mut scale = 1.0;
    let (mut at, mut sign) = (begin, 1);
    let mut end = None;
    while let Some((base, size, after)) = base(text, at) {
        let (power, after) = power(text, after);
        *powers.entry(base).or_default() += sign * power;
        scale *= size.powi(sign * power);
        end = Some(after);
        (at, sign) = match text.letter(after) {
            '/' => (after + 1, -1),
            '·' | '*' => (after + 1, sign),
            _ if text.has(after, " per ") => (after + 5, -1),
            _ => break,
        };
    }
    let measures: Vec<String> = powers
        .iter()
        .filter(|(_, power)| **power != 0)
        .map(|(base, power)| format!("{base}^{power}"))
        .collect();
    let measures = measures.join(" ");
    end.map(|end| (Unit { measures, scale }, end))
}

fn base(text: &Folded, at: usize) -> Option<(&'static str, f64, usize)> {
    if text.letter(at) == '%' {
        return Some(("%", 1.0, at + 1));
    }
    if text.letter(at) == '°' {
        let letter = at + 1 + usize::from(text.letter(at + 1) == ' ');
        let ends = !text.letter(letter + 1).is_ascii_alphanumeric();
        return Some(match text.letter(letter) {
            'C' | 'c' if ends => ("°C", 1.0, letter + 1),
            'F' | 'f' if ends => ("°F", 1.0, letter + 1),
            _ => ("°", 1.0, at + 1),
        });
    }
    for spelling in [
        "degrees Celsius",
        "degrees C",
        "degree C",
        "deg C",
        "deg. C",
    ] {
        let end = at + spelling.len();
        if text.has(at, spelling) && !text.letter(end).is_ascii_alphabetic() {
            return Some(("°C", 1.0, end));
        }
    }
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || matches!(letter, 'Å' | 'Ω');
    let letters = text.letters.iter().skip(at);
    let length = letters.take_while(|letter| is_letter(**letter)).count();
    if length > 0 {
        let word: String = text.letters[at..at + length].iter().collect();
        // "um-3" and "cm2" go on with their power; "m2DEG" does not.
        let known = |fits: &dyn Fn(&str) -> bool| {
            LATIN
                .iter()
                .find(|(spelling, ..)| fits(spelling))
                .map(|(_, base, size)| (*base, *size, at + length))
        };
        return known(&|spelling| spelling == word)
            .or_else(|| {
                known(&|spelling| spelling.len() > 1 && spelling.eq_ignore_ascii_case(&word))
            })
            .or_else(|| (word == "Nm").then_some(("N", 1.0, at + 1)));
    }
    if text.letter(at) == '도' {
        let after = text.letter(at + 1);
        let ends = !crate::domain::language::is_hangul(after) || AFTER_DEGREES.contains(after);
        return ends.then_some(("°C", 1.0, at + 1));
    }
    let (spelling, base, size) = KOREAN
        .iter()
        .find(|(spelling, ..)| text.has(at, spelling))?;
    Some((*base, *size, at + spelling.chars().count()))
}

/// The power that follows a base unit, and where it ends.
fn power(text: &Folded, at: usize) -> (i32, usize) {
    let marked = usize::from(text.letter(at) == '^');
    let minus = usize::from(text.letter(at + marked) == '-');
    let digit = text.letter(at + marked + minus);
    let after = at + marked + minus + 1;
    match digit.to_digit(10) {
        Some(digit @ 1..=4) if !text.letter(after).is_ascii_alphanumeric() => {
            let power = i32::try_from(digit).unwrap_or(1);
            (if minus > 0 { -power } else { power }, after)
        }
        _ => (1, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, f64)> {
        behind(&Folded::of(text), 0).map(|(unit, _)| (unit.measures, unit.scale))
    }

    #[test]
    fn spellings_of_one_unit_are_one() {
        for (one, other) in [
            (" ℃", "°C"),
            ("도까지", " degrees C."),
            (" µm/h", "um/h"),
            ("시간", " hours"),
            (" mbar·l/s", " mbar*l/s"),
            (" cm⁻³", " cm-3"),
            ("분 동안", "-minute"),
            (" °C per minute", " °C/min"),
            (" L", "리터"),
            (" slpm", " slm"),
            (" hPa", " mbar"),
        ] {
            assert!(read(one).is_some(), "{one}");
            assert_eq!(read(one), read(other), "{one} / {other}");
        }
    }

    #[test]
    fn what_measures_something_else_or_nothing_is_told_apart() {
        for (one, other) in [
            (" mbar", " Torr"),
            (" °C", " K"),
            (" nm", " nm/s"),
            (" s", " min"),
        ] {
            assert_ne!(read(one), read(other));
        }
        for word in ["도면", " wafers", " and", "회"] {
            assert_eq!(read(word), None, "{word}");
        }
    }
}
