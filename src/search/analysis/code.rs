//! Codes of a single thing: an alarm, a part, a document, a recipe.

use super::fold::fold;

/// A code in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// In lower case without separators: `e1042` for `E-1042`, `E1042` and `E 1042`.
    pub name: String,
    /// Whether it is first in its line or table row, as in a list that explains codes.
    pub leads: bool,
}

/// Minimum number of digits; fewer name a tool or a compound (`HX-7`, `NH3`).
const MIN_DIGITS: usize = 3;
/// Maximum number of characters; longer ones are data.
const MAX_LENGTH: usize = 40;

/// Returns the codes of a text in order. Quantities and formulas are not codes.
#[must_use]
pub fn codes(text: &str) -> Vec<Code> {
    fold(text)
        .split(|letter| *letter == '\n')
        .flat_map(codes_of_line)
        .collect()
}

fn codes_of_line(line: &[char]) -> Vec<Code> {
    let mut found = Vec::new();
    let mut runs = runs(line).into_iter().peekable();
    let mut leads = true;
    while let Some(run) = runs.next() {
        let mut name = joined(run.text);
        // `E 1042`: the prefix and its number, separated by a space.
        if is_prefix(run.text)
            && let Some(next) = runs.peek()
            && next.start == run.end + 1
            && line[run.end] == ' '
            && is_number_of_code(next.text)
        {
            name.push_str(&joined(next.text));
            runs.next();
        }
        let is_new_column = line[..run.start]
            .iter()
            .all(|letter| letter.is_whitespace() || "|-*#>`•·".contains(*letter));
        leads &= is_new_column;
        if is_code(&name, run.text) {
            found.push(Code { name, leads });
        }
        leads = false;
    }
    found
}

struct Run<'a> {
    start: usize,
    end: usize,
    text: &'a [char],
}

/// Returns the runs of Latin letters and digits, including the hyphens, dots and underscores between them.
fn runs(line: &[char]) -> Vec<Run<'_>> {
    let is_part = |at: usize| line.get(at).is_some_and(char::is_ascii_alphanumeric);
    let mut runs = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let start = at;
        while is_part(at)
            || (at > start
                && matches!(line[at.min(line.len() - 1)], '-' | '_' | '.')
                && is_part(at + 1))
        {
            at += 1;
        }
        if at > start {
            runs.push(Run {
                start,
                end: at,
                text: &line[start..at],
            });
        } else {
            at += 1;
        }
    }
    runs
}

fn joined(run: &[char]) -> String {
    run.iter()
        .filter(|letter| !matches!(letter, '-' | '_'))
        .map(char::to_ascii_lowercase)
        .collect()
}

/// Whether it is one to three capitals, as before a code's number.
fn is_prefix(run: &[char]) -> bool {
    run.len() <= 3 && run.iter().all(char::is_ascii_uppercase)
}

fn is_number_of_code(run: &[char]) -> bool {
    (MIN_DIGITS..=5).contains(&run.len()) && run.iter().all(char::is_ascii_digit)
}

fn is_code(name: &str, run: &[char]) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let starts_with_letter = run[0].is_ascii_alphabetic();
    // `4-1042B` is a part, `1050C` a temperature.
    let is_hyphenated = run.contains(&'-') && run.iter().any(char::is_ascii_alphabetic);
    digits >= MIN_DIGITS
        && (starts_with_letter || is_hyphenated)
        && !run.contains(&'.')
        && name.len() <= MAX_LENGTH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        codes(text).into_iter().map(|code| code.name).collect()
    }

    #[test]
    fn all_spellings_of_a_code_are_one() {
        for text in [
            "alarm E-1042?",
            "E1042",
            "E 1042 떴어요",
            "알람 e1042가",
            "Ｅ－１０４２",
            "E_1042",
            "E‑1042",
        ] {
            assert_eq!(names(text), ["e1042"], "{text}");
        }
    }

    #[test]
    fn parts_documents_and_recipes_are_codes() {
        for (text, name) in [
            ("NV-40-1123", "nv401123"),
            ("SM-EPI-SOP-110 rev D", "smepisop110"),
            ("LED450-MQW-012A를 열어", "led450mqw012a"),
            ("W-204x or W-2041", "w204x"),
        ] {
            assert_eq!(names(text)[0], name);
        }
    }

    #[test]
    fn quantities_formulas_and_tools_are_not_codes() {
        for text in [
            "1050 °C",
            "1050C",
            "200 mbar",
            "450-1150",
            "2.5e17 cm-3",
            "Al0.25Ga0.75N",
            "TMGa_1",
            "2DEG",
            "NH3 500 sccm",
            "HX-7",
            "EPI-03",
            "2025-03-03",
            "v1.234",
            "M12x1.75",
        ] {
            assert_eq!(names(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_code_leads_its_line_or_row() {
        let found = codes("| E-1042 | see E-1043 |\n## E-1044\nAfter E-1045");
        let leads: Vec<bool> = found.iter().map(|code| code.leads).collect();
        assert_eq!(leads, [true, false, true, false]);
    }
}
