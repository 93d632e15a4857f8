//! Properties in the name of a file.

use super::{Properties, PropertySource, Stated, number, revision};

/// Labels before a revision in a name, longest first.
const LABELS: [&str; 7] = ["revision", "version", "개정", "rev", "ver", "v", "r"];

/// Returns number, revision and date in the name of a file, as in `SOP-GAS-014_rev1.0_2024-11-20.pdf`.
pub(crate) fn in_name(name: &str) -> Properties {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words: Vec<&str> = stem
        .split(|letter: char| letter.is_whitespace() || "_-()[],".contains(letter))
        .filter(|word| !word.is_empty())
        .collect();
    let stated = |value: String| Stated {
        value,
        place: PropertySource::Name,
    };
    let labelled = words
        .iter()
        .enumerate()
        .find_map(|(index, word)| revision_of_word(word, words.get(index + 1).copied()));
    let numbered = stem
        .split(|letter: char| letter.is_whitespace() || "_()[],".contains(letter))
        .find_map(|word| number(word).filter(|number| number.matches('-').count() >= 2));
    Properties {
        title: None,
        number: numbered.map(stated),
        revision: labelled.map(stated),
        effective: date(&words).map(stated),
    }
}

fn revision_of_word(word: &str, next: Option<&str>) -> Option<String> {
    let lower = word.to_lowercase();
    let label = LABELS.iter().find(|label| lower.starts_with(*label))?;
    let rest = word.get(label.len()..)?.trim_start_matches('.');
    let is_long = label.chars().count() > 1;
    if rest.is_empty() {
        // `V 2` may be anything, `rev 2` may not.
        return next.filter(|_| is_long).and_then(capital_revision);
    }
    if is_long || rest.starts_with(|first: char| first.is_ascii_digit()) {
        return capital_revision(rest);
    }
    None
}

/// File names are often in lower case although the revision is a capital.
fn capital_revision(text: &str) -> Option<String> {
    if text.len() == 1 {
        return revision(&text.to_uppercase());
    }
    revision(text)
}

fn date(words: &[&str]) -> Option<String> {
    let is_compact =
        |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
    let parts = |year: &str, month: &str, day: &str| {
        let year = year
            .parse()
            .ok()
            .filter(|year| (1970..2100).contains(year))?;
        let date = jiff::civil::Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()?;
        Some(date.to_string())
    };
    words
        .iter()
        .find(|word| is_compact(word))
        .and_then(|word| parts(&word[..4], &word[4..6], &word[6..]))
        .or_else(|| {
            let mut three = words.windows(3);
            three.find_map(|words| parts(words[0], words[1], words[2]))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> [Option<String>; 3] {
        let found = in_name(name);
        [found.number, found.revision, found.effective]
            .map(|stated| stated.map(|stated| stated.value))
    }

    #[test]
    fn names_give_number_revision_and_date() {
        let some = |text: &str| Some(text.to_owned());
        for (name, number, revision, date) in [
            ("Acid_SOP_rev1.0_2024-11.pdf", None, some("1.0"), None),
            ("RCA_Clean_SOP_v1.0_2025-05.pdf", None, some("1.0"), None),
            ("gas-cabinet-sop-rev-c.pdf", None, some("C"), None),
            (
                "SOP-GAS-014 Rev B 20240502.docx",
                some("SOP-GAS-014"),
                some("B"),
                some("2024-05-02"),
            ),
            (
                "절차서_개정3_2024-05-02.hwp",
                None,
                some("3"),
                some("2024-05-02"),
            ),
            ("review-of-valves.pdf", None, None, None),
            ("V 2 valve.md", None, None, None),
            ("R-410A-handling.md", None, None, None),
            ("version.txt", None, None, None),
        ] {
            assert_eq!(found(name), [number, revision, date], "{name}");
        }
    }
}
