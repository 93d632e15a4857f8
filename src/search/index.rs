//! Where passages are stored and found.

pub mod fuse;
pub mod meilisearch;
pub mod tantivy;
pub mod vectors;

mod background;
mod journal;
mod rank;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::access::Access;
use crate::domain::document::DocumentId;
use crate::domain::passage::{Passage, PassageId};

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
    /// Cosine of the angle between the question and the passage that is nearest to it in meaning, -1 to 1; none where
    /// only words were looked for.
    pub similarity: Option<f32>,
    /// What was looked for.
    pub terms: Vec<Weighed>,
    /// How many passages there are in all, whoever may read them.
    pub of: u64,
}

/// Passages to take out and put in, as one step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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

    /// Applies the changes; a search that begins after the return sees all of them. A concurrent one finds a
    /// document as it was or as it will be, never without its passages.
    async fn apply(&self, changes: Changes) -> anyhow::Result<()>;

    /// Begins to fill an index anew beside the one that is searched.
    ///
    /// # Errors
    /// Another one is being filled already, or there is no room or no right to.
    async fn rebuild(&self) -> anyhow::Result<Box<dyn Rebuild>>;

    /// Makes what an older version of epibot has indexed anew from the passages held, searched as before meanwhile.
    /// Does nothing where there is nothing to do.
    async fn upgrade(&self) -> anyhow::Result<()>;

    /// Takes everything out.
    async fn clear(&self) -> anyhow::Result<()>;

    /// Number of passages held.
    async fn size(&self) -> anyhow::Result<u64>;
}

/// An index that is being filled, and that no search sees yet. Dropped before it is finished it leaves everything as
/// it was.
#[async_trait]
pub trait Rebuild: Send {
    /// As [`Index::apply`], to the new index.
    async fn apply(&mut self, changes: Changes) -> anyhow::Result<()>;

    /// Puts the new index in the place of the one that is searched, at once. What was written to that one meanwhile
    /// is written to the new one first, so that nothing is lost.
    async fn finish(self: Box<Self>) -> anyhow::Result<()>;
}
