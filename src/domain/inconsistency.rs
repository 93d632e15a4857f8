//! Contradictions between documents, or within one of them.

use serde::{Deserialize, Serialize};

/// Where a property was read. If two differ, the earlier variant wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PropertySource {
    /// The front matter of Markdown, the `<meta>` of HTML, the header lines of a text, or the properties of an
    /// office file.
    FrontMatter,
    /// At the top of every page.
    Header,
    /// At the bottom of every page.
    Footer,
    /// On the first pages.
    Body,
    /// The last entry of the revision history.
    History,
    /// The name of the file.
    Name,
}

impl PropertySource {
    /// Returns its name in storage and JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FrontMatter => "front_matter",
            Self::Header => "header",
            Self::Footer => "footer",
            Self::Body => "body",
            Self::History => "history",
            Self::Name => "name",
        }
    }

    /// Parses a [name](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::FrontMatter,
            Self::Header,
            Self::Footer,
            Self::Body,
            Self::History,
            Self::Name,
        ]
        .into_iter()
        .find(|source| source.name() == name)
    }
}

/// A contradiction. The sentences are in [`i18n::reading`](crate::i18n::reading).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inconsistency {
    /// The file's name has another revision than the document; the document's is used.
    RevisionInName {
        named: String,
        place: PropertySource,
        stated: String,
    },
    /// The file's name has a word that the document does not contain.
    ForeignWord { word: String, title: String },
    /// The revision with the later date has the lower number.
    Dates { later: String, higher: String },
    /// Different files claim to be the same revision; None if only their dates are the same.
    SameRevision {
        revision: Option<String>,
        title: String,
    },
    /// Files that are copies of one another.
    SameContent { title: String },
    /// A message that is shown verbatim.
    #[serde(untagged)]
    Other(String),
}

impl Inconsistency {
    /// Serializes to one line, which [`Self::from_line`] parses.
    #[must_use]
    pub fn to_line(&self) -> String {
        match self {
            Self::Other(message) => message.replace('\n', " "),
            inconsistency => serde_json::to_string(inconsistency).unwrap_or_default(),
        }
    }

    /// Parses a line of [`Self::to_line`]; any other text is kept verbatim.
    #[must_use]
    pub fn from_line(line: &str) -> Self {
        serde_json::from_str(line).unwrap_or_else(|_| Self::Other(line.to_owned()))
    }
}
