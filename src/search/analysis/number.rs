//! Normalizes numbers and the units after them. Values are not converted.

/// Reads a number at the start of `text`; returns its spelling and its length in characters. Thousands separators are
/// dropped, scientific notation is spelled like `1e-6`; a version such as `4.2.1` counts as one number.
pub(super) fn number(text: &[char]) -> Option<(String, usize)> {
    let length = mantissa(text);
    if length == 0 {
        return None;
    }
    let digits: String = text[..length]
        .iter()
        .filter(|letter| **letter != ',')
        .collect();
    match exponent(&text[length..]) {
        Some((exponent, taken)) => {
            Some((format!("{}e{exponent}", shortest(&digits)), length + taken))
        }
        None => Some((digits, length)),
    }
}

fn mantissa(text: &[char]) -> usize {
    let mut at = 0;
    while let Some(letter) = text.get(at) {
        let inside = matches!(letter, '.' | ',')
            && at > 0
            && text[at - 1].is_ascii_digit()
            && text.get(at + 1).is_some_and(char::is_ascii_digit);
        if !letter.is_ascii_digit() && !inside {
            break;
        }
        at += 1;
    }
    at
}

/// Reads an exponent such as `E-06`; returns its value and its length in characters.
fn exponent(text: &[char]) -> Option<(i32, usize)> {
    let (mark, rest) = text.split_first()?;
    if !matches!(mark, 'e' | 'E') {
        return None;
    }
    let signed = rest.first().is_some_and(|sign| matches!(sign, '-' | '+'));
    let digits = &rest[usize::from(signed)..];
    let count = digits
        .iter()
        .take_while(|letter| letter.is_ascii_digit())
        .count();
    if count == 0 || count > 3 || digits.get(count).is_some_and(|next| next.is_alphanumeric()) {
        return None;
    }
    let value: i32 = digits[..count].iter().collect::<String>().parse().ok()?;
    let value = if rest.first() == Some(&'-') {
        -value
    } else {
        value
    };
    Some((value, 1 + usize::from(signed) + count))
}

/// Shortens `1.0` and `1.` to `1`.
fn shortest(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

/// Returns the normalized spelling of a unit after a number, given in lower case; `None` for other words.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    let spelling = match word {
        "s" | "sec" | "secs" | "second" | "seconds" => "second",
        "min" | "mins" | "minute" | "minutes" => "minut",
        "h" | "hr" | "hrs" | "hour" | "hours" => "hour",
        "c" | "degc" => "°c",
        "f" | "degf" => "°f",
        "sccm" => "sccm",
        "slm" | "slpm" => "slm",
        "mbar" | "millibar" | "millibars" => "mbar",
        "torr" => "torr",
        "mtorr" => "mtorr",
        "pa" => "pa",
        "hpa" => "hpa",
        "kpa" => "kpa",
        "mpa" => "mpa",
        "bar" => "bar",
        "psi" => "psi",
        "psig" => "psig",
        "nm" => "nm",
        "um" | "micron" | "microns" => "um",
        "mm" => "mm",
        "cm" => "cm",
        "m" => "m",
        "å" | "angstrom" | "angstroms" => "angstrom",
        "inch" | "inches" => "inch",
        "rpm" => "rpm",
        "w" => "w",
        "kw" => "kw",
        "v" => "v",
        "kv" => "kv",
        "mv" => "mv",
        "ma" => "ma",
        "hz" => "hz",
        "khz" => "khz",
        "mhz" => "mhz",
        "ghz" => "ghz",
        "ppm" => "ppm",
        "ppb" => "ppb",
        "g" => "g",
        "kg" => "kg",
        "mg" => "mg",
        "l" => "l",
        "ml" => "ml",
        "ev" => "ev",
        "mev" => "mev",
        "ω" | "ohm" | "ohms" => "ohm",
        _ => return None,
    };
    Some(spelling)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, usize)> {
        number(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn numbers_have_one_spelling() {
        for (text, spelling, length) in [
            ("1050", "1050", 4),
            ("1,050 mbar", "1050", 5),
            ("0.25Ga", "0.25", 4),
            ("1E-06", "1e-6", 5),
            ("1.0e-06mbar", "1.0", 3),
            ("2.50e+17 cm", "2.5e17", 8),
            ("4.2.1", "4.2.1", 5),
            ("5. Next", "5", 1),
            ("2e", "2", 1),
        ] {
            assert_eq!(read(text), Some((spelling.to_owned(), length)), "{text}");
        }
        assert_eq!(read("e5"), None);
    }
}
