//! Numbers in digits, dates, times and versions.

use super::normalized_text::NormalizedText;

/// Parses `2025-01-22` or `2025년 1월 22일`; returns the date as `YYYYMMDD` and its end.
pub(super) fn date(text: &NormalizedText, begin: usize, whole: usize) -> Option<(String, usize)> {
    let year = (whole - begin == 4).then(|| text.slice(begin..whole))?;
    let part = |at: usize| {
        let end = text.run_end(at, |letter| letter.is_ascii_digit());
        let value: u32 = text.slice(at..end).parse().ok()?;
        (1..=2).contains(&(end - at)).then_some((value, end))
    };
    let skip = |at: usize, sign: char| {
        let is_there = text.letter(at) == sign;
        is_there.then(|| at + 1 + usize::from(text.letter(at + 1) == ' '))
    };
    let sign = text.letter(whole);
    let (month, after) = part(skip(whole, if sign == '년' { '년' } else { '-' })?)?;
    let (day, end) = part(skip(after, if sign == '년' { '월' } else { '-' })?)?;
    let end = if sign == '년' {
        skip(end, '일')?
    } else {
        end
    };
    (month <= 12 && day <= 31).then(|| (format!("{year}{month:02}{day:02}"), end))
}

/// Parses `13:30`, `5:1:1`, `4.2.1` or `1/8`; returns it as written and its end.
pub(super) fn clock_or_version(
    text: &NormalizedText,
    begin: usize,
    whole: usize,
) -> Option<(String, usize)> {
    let sign = text.letter(whole);
    let mut at = whole;
    let mut parts = 1;
    while text.letter(at) == sign && text.letter(at + 1).is_ascii_digit() {
        at = text.run_end(at + 1, |letter| letter.is_ascii_digit());
        parts += 1;
    }
    let is_valid = match sign {
        ':' => parts > 1,
        '.' => parts > 2,
        '/' => parts == 2 && !text.letter(at).is_ascii_alphabetic(),
        _ => false,
    };
    is_valid.then(|| (text.slice(begin..at), at))
}

/// Parses a number with thousands separators, a decimal point or comma, a power of ten or `3만`; returns its end, too.
pub(super) fn value(text: &NormalizedText, begin: usize) -> (f64, usize) {
    let digits = |at: usize| text.run_end(at, |letter| letter.is_ascii_digit());
    let mut end = digits(begin);
    let mut written = text.slice(begin..end);
    let is_group = |at: usize| digits(at) == at + 3;
    if end - begin <= 3 {
        while (text.letter(end) == ',' || text.letter(end) == ' ' && written != "0")
            && is_group(end + 1)
        {
            written.push_str(&text.slice(end + 1..end + 4));
            end += 4;
        }
    }
    let point = text.letter(end);
    if (point == '.' || point == ',' && end - begin <= 3 && digits(end + 1) <= end + 3)
        && text.letter(end + 1).is_ascii_digit()
    {
        let after = digits(end + 1);
        written.push('.');
        written.push_str(&text.slice(end + 1..after));
        end = after;
    }
    let mut value: f64 = written.parse().unwrap_or(f64::NAN);
    if let Some((power, after)) = power_of_ten(text, end, &written) {
        value = if after.1 { power } else { value * power };
        end = after.0;
    }
    while let Some(size) = myriad(text.letter(end)) {
        value *= size;
        end += 1;
    }
    (value, end)
}

/// Parses `e-9`, `E+17`, ` × 10^-9`, or the `^-9` after a bare ten; returns the power, its end, and whether the power is
/// the whole number.
fn power_of_ten(text: &NormalizedText, at: usize, before: &str) -> Option<(f64, (usize, bool))> {
    let exponent = |at: usize| {
        let sign = usize::from(matches!(text.letter(at), '-' | '+'));
        let end = text.run_end(at + sign, |letter| letter.is_ascii_digit());
        let is_valid =
            (1..=3).contains(&(end - at - sign)) && !text.letter(end).is_ascii_alphabetic();
        let power: i32 = text.slice(at..end).parse().ok().filter(|_| is_valid)?;
        Some((10_f64.powi(power), end))
    };
    if matches!(text.letter(at), 'e' | 'E') {
        let (power, end) = exponent(at + 1)?;
        return Some((power, (end, false)));
    }
    if before == "10" && text.letter(at) == '^' {
        let (power, end) = exponent(at + 1)?;
        return Some((power, (end, true)));
    }
    let space = usize::from(text.letter(at) == ' ');
    if !matches!(text.letter(at + space), '×' | 'x' | '·' | '*') {
        return None;
    }
    let ten = at + space + 1;
    let ten = ten + usize::from(text.letter(ten) == ' ');
    if !text.has(ten, "10^") {
        return None;
    }
    let (power, end) = exponent(ten + 3)?;
    Some((power, (end, false)))
}

fn myriad(letter: char) -> Option<f64> {
    match letter {
        '만' => Some(10_000.0),
        '천' => Some(1000.0),
        '백' => Some(100.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The number with a thousands separator.
    fn grouped(number: u32, sign: char) -> String {
        let digits = number.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(sign);
            }
            text.push(digit);
        }
        text
    }

    proptest! {
        #[test]
        fn however_a_number_is_written_its_value_is_the_same(
            whole in 1_u32..10_000_000,
            fraction in 0_u32..1_000,
            power in -12_i32..13,
        ) {
            let plain = format!("{whole}.{fraction:03}");
            let number: f64 = plain.parse().unwrap();
            for text in [plain.clone(), format!("{}.{fraction:03}", grouped(whole, ',')), format!("{}.{fraction:03}", grouped(whole, ' '))] {
                let read = value(&NormalizedText::new(&text), 0);
                prop_assert_eq!(read, (number, text.len()), "{}", text);
            }
            for text in [format!("{plain}e{power}"), format!("{plain} × 10^{power}"), format!("{plain}E{power:+}")] {
                let (read, end) = value(&NormalizedText::new(&text), 0);
                let wanted = number * 10_f64.powi(power);
                prop_assert!((read - wanted).abs() <= wanted * 1e-12, "{}: {}", text, read);
                prop_assert_eq!(end, text.chars().count());
            }
        }
    }
}
