//! What contradicts itself: documents among one another, or one of them within itself.

use serde::{Deserialize, Serialize};

/// Where a property was read. The earlier ones count where two differ.
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
    /// As it is stored and shown to machines.
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

    /// The place of this [name](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [
            Self::FrontMatter,
            Self::Header,
            Self::Footer,
            Self::Body,
            Self::History,
            Self::Name,
        ]
        .into_iter()
        .find(|place| place.name() == name)
    }
}

/// A contradiction. The sentences are in [`text::reading`](crate::i18n::reading).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inconsistency {
    /// The file's name says another revision than the document, whose word was taken.
    RevisionInName {
        named: String,
        place: PropertySource,
        stated: String,
    },
    /// The file's name has a word that the document does not have.
    ForeignWord { word: String, title: String },
    /// The later revision has the lower name.
    Dates { later: String, higher: String },
    /// Files that differ claim to be the same revision; None where only their dates are the same.
    SameRevision {
        revision: Option<String>,
        title: String,
    },
    /// Files that are copies of one another.
    SameContent { title: String },
    /// In words that are shown as they are.
    #[serde(untagged)]
    Told(String),
}

impl Inconsistency {
    /// One line, from which [`Self::from_line`] makes the same again.
    #[must_use]
    pub fn to_line(&self) -> String {
        match self {
            Self::Told(told) => told.replace('\n', " "),
            doubt => serde_json::to_string(doubt).unwrap_or_default(),
        }
    }

    /// Takes what [`Self::to_line`] gave; other words are kept as they are.
    #[must_use]
    pub fn from_line(line: &str) -> Self {
        serde_json::from_str(line).unwrap_or_else(|_| Self::Told(line.to_owned()))
    }
}
