//! The revision history at the end of many documents.

use super::{Properties, PropertySource, Stated, date, revision};
use crate::domain::revision::compare;

/// Lines of a history after its heading.
const MAX_LINES: usize = 60;

/// Returns the latest revision in the history of a document, with its date.
pub(in super::super) fn in_history<'a>(lines: impl Iterator<Item = &'a str>) -> Properties {
    let mut latest: Option<(String, Option<String>)> = None;
    let mut left = 0;
    let lines: Vec<&str> = lines.collect();
    for (index, line) in lines.iter().enumerate() {
        if is_heading(line) {
            left = MAX_LINES;
            continue;
        }
        if left == 0 {
            continue;
        }
        left -= 1;
        // A superscript `th` is on a line of its own.
        let is_ordinal_suffix = |line: &&&str| ["st", "nd", "rd", "th"].contains(*line);
        let whole = match lines.get(index + 1).filter(is_ordinal_suffix) {
            Some(suffix) => {
                let rest = lines.get(index + 2).copied().unwrap_or_default();
                format!("{line}{suffix} {rest}")
            }
            None => (*line).to_owned(),
        };
        let Some(entry) = entry(&whole) else { continue };
        let is_later = latest
            .as_ref()
            .is_none_or(|(known, _)| compare(&entry.0, known).is_gt());
        if is_later {
            latest = Some(entry);
        }
    }
    let stated = |value| Stated {
        value,
        place: PropertySource::History,
    };
    let (revision, date) = latest.unzip();
    Properties {
        revision: revision.map(stated),
        effective: date.flatten().map(stated),
        ..Properties::default()
    }
}

fn is_heading(line: &str) -> bool {
    let line = line.to_lowercase();
    let words: String = line
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .collect();
    ["revisionhistory", "changehistory", "개정이력", "변경이력"]
        .iter()
        .any(|heading| words.ends_with(heading))
        && !line.contains("....")
}

/// Parses a revision and its date, as in `● Version 1.0 – Revised May 22, 2025`.
fn entry(line: &str) -> Option<(String, Option<String>)> {
    let line = line.trim_start_matches(|letter: char| !letter.is_alphanumeric());
    let lower = line.to_lowercase();
    let label = ["version", "revision", "rev.", "rev", "개정"]
        .iter()
        .find(|label| lower.starts_with(*label))?;
    let rest = line.get(label.len()..)?.trim_start();
    let end = rest
        .find(|letter: char| letter.is_whitespace() || "-–—:|".contains(letter))
        .unwrap_or(rest.len());
    let name = revision(&rest[..end])?;
    let after = rest[end..].trim_start_matches(|letter: char| !letter.is_alphanumeric());
    let dated = date(after).or_else(|| date(after.split_once(' ')?.1));
    Some((name, dated))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_entry_counts() {
        let lines = [
            "Revision History.................... 5",
            "Version 9.0 of the software is needed",
            "Revision History:",
            "● Version 0.0 – Created September 8th, 2017",
            "● Revision 1.10- November 20",
            "th",
            ", 2024 Somebody",
            "● Revision 1.9 – Revised May 22, 2024",
        ];
        let found = in_history(lines.into_iter());
        assert_eq!(found.revision.unwrap().value, "1.10");
        let effective = found.effective.unwrap();
        assert_eq!(
            (effective.value.as_str(), effective.place),
            ("2024-11-20", PropertySource::History)
        );
    }

    #[test]
    fn without_a_history_nothing_is_found() {
        let found = in_history(["Version 9.0 of the software"].into_iter());
        assert_eq!(found, Properties::default());
    }
}
