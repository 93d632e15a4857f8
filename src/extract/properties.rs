//! Properties that a document states: title, number, revision, date, and where it states them.

mod history;
mod lines;
mod name;
mod value;

use serde::{Deserialize, Serialize};

use crate::domain::inconsistency::PropertySource;

use value::{date, number, revision};

pub(super) use history::in_history;
pub(super) use lines::{in_header, in_lines, in_repeated};
pub(crate) use name::in_name;
pub(super) use value::title;

/// A property that a document states, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    pub value: String,
    pub place: PropertySource,
}

/// The properties found; none is guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    pub(crate) title: Option<String>,
    pub(crate) number: Option<Stated>,
    pub(crate) revision: Option<Stated>,
    pub(crate) effective: Option<Stated>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Property {
    Title,
    Number,
    Revision,
    Effective,
}

/// Labels of properties in documents; of labels with a common prefix, the longest comes first.
const LABELS: &[(&str, Property)] = &[
    ("title", Property::Title),
    ("제목", Property::Title),
    ("문서명", Property::Title),
    ("document number", Property::Number),
    ("document no", Property::Number),
    ("document id", Property::Number),
    ("document", Property::Number),
    ("doc number", Property::Number),
    ("doc. no", Property::Number),
    ("doc no", Property::Number),
    ("문서 번호", Property::Number),
    ("문서번호", Property::Number),
    ("revision", Property::Revision),
    ("rev", Property::Revision),
    ("version", Property::Revision),
    ("개정일자", Property::Effective),
    ("개정일", Property::Effective),
    ("개정 번호", Property::Revision),
    ("개정번호", Property::Revision),
    ("개정판", Property::Revision),
    ("개정", Property::Revision),
    ("effective date", Property::Effective),
    ("revision date", Property::Effective),
    ("revised on", Property::Effective),
    ("revised", Property::Effective),
    ("effective from", Property::Effective),
    ("effective", Property::Effective),
    ("valid from", Property::Effective),
    ("시행일자", Property::Effective),
    ("시행일", Property::Effective),
    ("발효일", Property::Effective),
];

impl Properties {
    /// Sets a property by its key in a front matter, a `<meta>` or a header line; returns whether the key is known.
    pub(super) fn set(&mut self, key: &str, value: &str) -> bool {
        let key = key.trim().to_lowercase();
        let Some((_, property)) = LABELS
            .iter()
            .find(|(label, _)| *label == key.trim_end_matches('.'))
        else {
            return false;
        };
        self.put(*property, value, PropertySource::FrontMatter)
    }

    /// Fills in missing properties from `other`.
    pub(crate) fn or(mut self, other: Self) -> Self {
        self.title = self.title.or(other.title);
        self.number = self.number.or(other.number);
        self.revision = self.revision.or(other.revision);
        self.effective = self.effective.or(other.effective);
        self
    }

    fn put(&mut self, property: Property, value: &str, place: PropertySource) -> bool {
        let value = value.trim().trim_matches(['"', '\'']).trim();
        let (slot, found) = match property {
            Property::Title => {
                let found = title(Some(value));
                let is_valid = found.is_some();
                self.title = self.title.take().or(found);
                return is_valid;
            }
            Property::Number => (&mut self.number, number(value)),
            Property::Revision => (&mut self.revision, revision(value)),
            Property::Effective => (&mut self.effective, date(value)),
        };
        let is_valid = found.is_some();
        if slot.is_none() {
            *slot = found.map(|value| Stated { value, place });
        }
        is_valid
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_line_gives_properties_or_none(
            lines in proptest::collection::vec("[ -~|·:년월일개정판번호문서시행]{0,60}", 0..6),
        ) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            for found in [
                in_lines(&lines, PropertySource::Body),
                in_header(&lines).0,
                in_history(lines.iter().copied()),
                in_name(lines.first().unwrap_or(&"")),
            ] {
                if let Some(date) = found.effective {
                    prop_assert!(date.value.parse::<jiff::civil::Date>().is_ok(), "{}", date.value);
                }
                for stated in [found.number, found.revision].into_iter().flatten() {
                    prop_assert!(!stated.value.is_empty() && !stated.value.contains(' '));
                }
            }
        }
    }
}
