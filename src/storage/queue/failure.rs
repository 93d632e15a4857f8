//! Why an attempt at a job failed, as it is stored with the job.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an attempt failed, as a kind and a sentence for the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    pub detail: String,
}

/// What failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The documents could not be searched.
    Search,
    /// The chat platform refused a call or could not be reached.
    Platform,
    /// Something could not be stored or read.
    Storage,
    /// Another worker owns the job.
    Lost,
    /// The stored job could not be parsed.
    Unreadable,
    #[default]
    Other,
}

/// The sentence of [`FailureKind::Search`] in earlier versions, which stored no kind.
const SEARCH_SENTENCE: &str = "the documents cannot be searched";

impl Failure {
    #[must_use]
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    /// Serializes to JSON, or to the sentence alone for [`FailureKind::Other`].
    #[must_use]
    pub fn to_text(&self) -> String {
        if self.kind == FailureKind::Other {
            return self.detail.clone();
        }
        serde_json::to_string(self).unwrap_or_else(|_| self.detail.clone())
    }

    /// Parses the text of [`Self::to_text`], or a sentence of an earlier version.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|_| {
            let kind = if text.contains(SEARCH_SENTENCE) {
                FailureKind::Search
            } else {
                FailureKind::Other
            };
            Self::new(kind, text)
        })
    }
}

impl From<String> for Failure {
    fn from(detail: String) -> Self {
        Self::new(FailureKind::Other, detail)
    }
}

impl From<&str> for Failure {
    fn from(detail: &str) -> Self {
        Self::new(FailureKind::Other, detail)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_storage() {
        for kind in [
            FailureKind::Search,
            FailureKind::Platform,
            FailureKind::Storage,
            FailureKind::Lost,
            FailureKind::Unreadable,
            FailureKind::Other,
        ] {
            let failure = Failure::new(kind, "why: \"so\"");
            assert_eq!(Failure::from_text(&failure.to_text()), failure);
        }
    }

    #[test]
    fn sentences_of_earlier_versions_are_read() {
        let search = Failure::from_text("the documents cannot be searched: connection refused");
        assert_eq!(search.kind, FailureKind::Search);
        let other = Failure::from_text("Slack's chat.postMessage: channel_not_found");
        assert_eq!(other.kind, FailureKind::Other);
        assert_eq!(other.detail, "Slack's chat.postMessage: channel_not_found");
    }
}
