//! Parses titles, numbers, revisions and dates.

/// Returns a title that is worth showing, not a placeholder written by a program.
pub(in crate::extract) fn title(value: Option<&str>) -> Option<String> {
    let title = value?.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = title.to_lowercase();
    let is_file = [
        ".doc", ".docx", ".hwp", ".tex", ".dvi", ".indd", ".pdf", ".ppt", ".pptx", ".xls", ".xlsx",
        ".qxd",
    ]
    .iter()
    .any(|end| lower.ends_with(end));
    let is_default =
        lower.starts_with("microsoft word") || lower.starts_with("untitled") || lower == "no title";
    let letters = title
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .count();
    let garbled = title
        .chars()
        .any(|letter| letter.is_control() || letter == '\u{FFFD}');
    (letters >= 2 && !is_file && !is_default && !garbled && title.chars().count() <= 200)
        .then_some(title)
}

/// Returns the first word if it can be a document number: capitals and digits, joined by hyphens, dots or slashes.
pub(super) fn number(value: &str) -> Option<String> {
    let word = value
        .split_whitespace()
        .next()?
        .trim_matches([',', ';', '(', ')', '[', ']', '.']);
    let shaped = word.chars().all(|letter| {
        letter.is_ascii_uppercase() || letter.is_ascii_digit() || "-_./".contains(letter)
    });
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    (shaped && (4..=40).contains(&word.len()) && digits >= 1 && capitals >= 1)
        .then(|| word.to_owned())
}

/// Returns the first word if it can be a revision: `C`, `3`, `1.1`, `Rev.B`.
pub(super) fn revision(value: &str) -> Option<String> {
    let value = value
        .strip_prefix(['v', 'V'])
        .filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        .unwrap_or(value);
    let word = value
        .split_whitespace()
        .next()?
        .trim_matches([',', ';', '(', ')', '.', '판']);
    let is_letter = matches!(word.as_bytes(), [b'A'..=b'Z'] | [b'A'..=b'Z', b'0'..=b'9']);
    let is_number = word.split('.').all(|part| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    (is_letter || is_number).then(|| word.to_owned())
}

/// Parses a date to `YYYY-MM-DD`, from that form, `2024.3.2`, `2024년 3월 2일` or `2 March 2024`.
pub(super) fn date(value: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let words: Vec<&str> = value
        .split(|letter: char| !letter.is_alphanumeric())
        .flat_map(|word| word.split(['년', '월', '일']))
        .filter(|word| !word.is_empty())
        .take(3)
        .collect();
    let [first, second, third] = words[..] else {
        return None;
    };
    let month = |word: &str| {
        let start = word.to_lowercase();
        let named = MONTHS
            .iter()
            .position(|name| start.starts_with(name))
            .map(|index| index + 1);
        named.or_else(|| word.parse().ok())
    };
    let day_of = |word: &str| {
        let digits = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|ending| word.strip_suffix(ending));
        digits.unwrap_or(word).parse().ok()
    };
    let (year, month, day) = if first.len() == 4 {
        (first.parse().ok()?, month(second)?, day_of(third)?)
    } else if day_of(first).is_some() && second.starts_with(char::is_alphabetic) {
        (third.parse().ok()?, month(second)?, day_of(first)?)
    } else if first.starts_with(char::is_alphabetic) {
        (third.parse().ok()?, month(first)?, day_of(second)?)
    } else {
        return None;
    };
    let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, day).ok()?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_by_programs_are_not_titles() {
        for text in [
            "Microsoft Word - manual.doc",
            "untitled",
            "manual.hwp",
            "  ",
            "1",
        ] {
            assert_eq!(title(Some(text)), None, "{text}");
        }
    }
}
