//! The index of passages: what an engine must do, and what it is asked.

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
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// As the person wrote it.
    pub text: &'a str,
    /// Other words to search for, such as the glossary's.
    pub expansions: &'a [QueryExpansion],
    pub access: &'a Access,
    /// How many passages at most.
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
    /// Its weight times its inverse document frequency: how well it discriminates between passages.
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
    /// The score that hits are ordered by: the word score, or that of fusion. Comparable within one search only.
    pub score: f32,
    /// Score by words; none if only its vector was found.
    pub word_score: Option<f32>,
    /// Cosine similarity of question and passage, -1 to 1; none if only its words were found.
    pub vector_score: Option<f32>,
    /// Whether it contains a code that the question names, such as an alarm code, letter for letter.
    pub exact: bool,
}

/// What a search found, and which terms it searched for.
#[derive(Clone, Debug, Default)]
pub struct SearchResults {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Cosine similarity of the question and the passage nearest to it in meaning, -1 to 1; none if the search was by
    /// words only.
    pub similarity: Option<f32>,
    pub terms: Vec<QueryTerm>,
    /// Number of passages in the index, whoever may read them.
    pub total_passages: u64,
}

/// Passages to remove and add, as one step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Changes {
    /// All passages of these documents are removed before anything is added.
    pub remove: Vec<DocumentId>,
    pub add: Vec<Passage>,
}

/// An engine that stores passages and finds them.
#[async_trait]
pub trait Index: Send + Sync {
    async fn search(&self, query: &Query<'_>) -> anyhow::Result<SearchResults>;

    /// One passage, if it exists and may be read.
    async fn passage(&self, id: &PassageId, access: &Access) -> anyhow::Result<Option<Passage>>;

    /// Applies the changes; a search that begins after the return sees all of them. A concurrent one finds a
    /// document as it was or as it will be, never without its passages.
    async fn apply(&self, changes: Changes) -> anyhow::Result<()>;

    /// Begins to fill a second index while the first one is searched.
    ///
    /// # Errors
    /// Another one is being filled already, or there is no room or no permission.
    async fn rebuild(&self) -> anyhow::Result<Box<dyn Rebuild>>;

    /// Rebuilds an index that an older version of epibot made from its own passages; it stays searchable as before
    /// until that is done. Does nothing if there is nothing to do.
    async fn upgrade(&self) -> anyhow::Result<()>;

    /// Removes everything.
    async fn clear(&self) -> anyhow::Result<()>;

    /// Number of passages.
    async fn size(&self) -> anyhow::Result<u64>;
}

/// An index that is being filled, and that no search sees yet. Dropping it before it is finished leaves everything as
/// it was.
#[async_trait]
pub trait Rebuild: Send {
    /// As [`Index::apply`], to the new index.
    async fn apply(&mut self, changes: Changes) -> anyhow::Result<()>;

    /// Replaces the index that is searched by the new one, atomically. What was written to the old one since the
    /// rebuild began is written to the new one first, so that nothing is lost.
    async fn finish(self: Box<Self>) -> anyhow::Result<()>;
}
