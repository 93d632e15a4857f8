//! The index of passages: the interface of an engine, and its queries and results.

pub mod fusion;
pub mod meilisearch;
pub mod tantivy;
pub mod vectors;

mod journal;
mod low_priority;
mod rank;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::access::Access;
use crate::domain::document::DocumentId;
use crate::domain::passage::{Passage, PassageId};
use crate::domain::search_params::SearchParams;

/// A search for passages.
/// A query for passages.
pub struct Query<'a> {
    /// As the person wrote it.
    pub text: &'a str,
    /// Additional words to search for, such as synonyms.
    pub expansions: &'a [QueryExpansion],
    pub access: &'a Access,
    /// Maximum number of passages.
    pub limit: usize,
    pub params: &'a SearchParams,
}

/// Words to search for in addition to those of the question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueryExpansion {
    pub text: String,
    /// Weight relative to the question's own words, 0 to 1.
    pub weight: f32,
    /// Terms of the question that these words replace: a passage that contains all of these words counts as containing
    /// those terms.
    pub replaces: Vec<String>,
}

/// A term that was searched for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueryTerm {
    pub term: String,
    /// Weight relative to the other terms.
    pub weight: f32,
    /// Whether it occurs in the question itself.
    pub in_question: bool,
    /// Number of passages that contain it.
    pub doc_freq: u64,
}

impl QueryTerm {
    /// Returns its weight times its inverse document frequency.
    #[must_use]
    pub fn discrimination(&self, total_passages: u64) -> f32 {
        self.weight * rank::inverse_document_frequency(total_passages, self.doc_freq)
    }
}

/// BM25's inverse document frequency of a term in `doc_freq` of `total_passages` passages.
pub(super) fn inverse_document_frequency(total_passages: u64, doc_freq: u64) -> f32 {
    rank::inverse_document_frequency(total_passages, doc_freq)
}

/// A found passage.
#[derive(Clone, Debug)]
pub struct Hit {
    pub passage: Passage,
    /// The score by which hits are ordered: the word score, or that of fusion. Comparable within one search only.
    pub score: f32,
    /// Score by words; `None` if only its vector was found.
    pub word_score: Option<f32>,
    /// Cosine similarity of question and passage, -1 to 1; `None` if only its words were found.
    pub vector_score: Option<f32>,
    /// Whether it contains a code that the question names, such as an alarm code, letter for letter.
    pub exact: bool,
}

/// The results of a search, and the terms that were searched for.
#[derive(Clone, Debug, Default)]
pub struct SearchResults {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Cosine similarity of the question and the nearest passage, -1 to 1; `None` if the search was by words only.
    pub similarity: Option<f32>,
    pub terms: Vec<QueryTerm>,
    /// Number of passages in the index, regardless of access.
    pub total_passages: u64,
}

/// Passages to remove and add in one step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Changes {
    /// All passages of these documents are removed before anything is added.
    pub remove: Vec<DocumentId>,
    pub add: Vec<Passage>,
}

/// An engine that stores and searches passages.
#[async_trait]
pub trait Index: Send + Sync {
    async fn search(&self, query: &Query<'_>) -> anyhow::Result<SearchResults>;

    /// Returns a passage, if it exists and may be read.
    async fn passage(&self, id: &PassageId, access: &Access) -> anyhow::Result<Option<Passage>>;

    /// Applies changes. A search that begins after this returns sees all of them; a concurrent one sees a document either
    /// before or after the change, never without its passages.
    async fn apply(&self, changes: Changes) -> anyhow::Result<()>;

    /// Begins to fill a second index while the first one is searched.
    ///
    /// # Errors
    /// If another one is being filled already, or space or permission is missing.
    async fn rebuild(&self) -> anyhow::Result<Box<dyn Rebuild>>;

    /// Rebuilds an index made by an older version of epibot from its own passages; it stays searchable meanwhile. Does
    /// nothing if the index is current.
    async fn upgrade(&self) -> anyhow::Result<()>;

    /// Removes everything.
    async fn clear(&self) -> anyhow::Result<()>;

    /// Returns the number of passages.
    async fn size(&self) -> anyhow::Result<u64>;
}

/// An index that is being filled and is not searched yet. Dropping it unfinished leaves everything unchanged.
#[async_trait]
pub trait Rebuild: Send {
    /// As [`Index::apply`], to the new index.
    async fn apply(&mut self, changes: Changes) -> anyhow::Result<()>;

    /// Replaces the searched index by the new one, atomically. Changes made to the old one since the rebuild began are
    /// applied to the new one first.
    async fn finish(self: Box<Self>) -> anyhow::Result<()>;
}
