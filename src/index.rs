//! Where passages are stored and found.

pub mod tantivy;

mod rank;

use async_trait::async_trait;

use crate::domain::{Access, DocumentId, Passage, PassageId};

/// A search for passages.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// As the person wrote it.
    pub text: &'a str,
    /// Other words for what it asks, such as the glossary's.
    pub also: &'a [Phrase],
    pub access: &'a Access,
    /// How many passages at most.
    pub limit: usize,
}

/// Words to search for beside those of the question.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    pub text: String,
    /// How much they count beside the question's own, 0 to 1.
    pub weight: f32,
    /// Terms of the question that these words say in another way. A passage that holds all of these words holds
    /// those terms, too.
    pub stands_for: Vec<String>,
}

/// A term that was looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    pub term: String,
    /// How much it counts beside the others.
    pub weight: f32,
    /// It stands in the question itself.
    pub own: bool,
    /// How many passages hold it.
    pub holding: u64,
}

impl Weighed {
    /// How much it tells passages apart, where there are so many in all.
    #[must_use]
    pub fn inverse_frequency(&self, of: u64) -> f32 {
        rank::inverse_frequency(of, self.holding)
    }
}

/// A found passage.
#[derive(Clone, Debug)]
pub struct Hit {
    pub passage: Passage,
    /// Comparable within one search only.
    pub score: f32,
    /// It holds a code that the question names, such as an alarm code, letter for letter.
    pub exact: bool,
}

/// What a search found, and how much of the question it could look for.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Share of the question's terms, weighted by how telling they are, that the best hit holds: 0 to 1.
    pub coverage: f32,
    /// What was looked for.
    pub terms: Vec<Weighed>,
    /// How many passages there are in all, whoever may read them.
    pub of: u64,
}

/// Passages to take out and put in, as one step.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// All passages of these documents go, before anything is added.
    pub remove: Vec<DocumentId>,
    pub add: Vec<Passage>,
}

/// An engine that keeps passages and finds them again.
#[async_trait]
pub trait Index: Send + Sync {
    async fn search(&self, query: &Query<'_>) -> anyhow::Result<Found>;

    /// One passage, if it is there and may be read.
    async fn passage(&self, id: &PassageId, access: &Access) -> anyhow::Result<Option<Passage>>;

    /// Applies the changes; a search that begins after the return sees all of them, a concurrent one none or all.
    async fn apply(&self, changes: Changes) -> anyhow::Result<()>;

    /// Takes everything out.
    async fn clear(&self) -> anyhow::Result<()>;

    /// Number of passages held.
    async fn size(&self) -> anyhow::Result<u64>;
}
