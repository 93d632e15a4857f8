//! Search by meaning: vectors that an engine stores with the passages.

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::Index;
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};

/// A vector space: the vectors of one model with one length, which are comparable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// The model, and whatever else determines its vectors.
    pub model: String,
    pub dimensions: usize,
}

impl Space {
    /// A short name, the same for the same space: 16 letters and digits.
    #[must_use]
    pub fn name(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(self.dimensions.to_le_bytes());
        digest.update(&self.model);
        hex::encode(&digest.finalize()[..8])
    }
}

/// A passage whose vector is near the query's.
#[derive(Clone, Debug)]
pub struct Near {
    pub passage: Passage,
    /// Cosine of the angle between the two, -1 to 1; an engine may round it.
    pub similarity: f32,
}

/// An engine that stores a vector of unit length with each passage.
///
/// A passage is found by its words as soon as it is indexed; its vector may come later. A vector is removed with
/// its passage, and one of another space counts as missing.
#[async_trait]
pub trait Vectors: Index {
    /// The nearest passages that may be read, nearest first.
    async fn nearest(
        &self,
        space: &Space,
        vector: &[f32],
        access: &Access,
        limit: usize,
    ) -> anyhow::Result<Vec<Near>>;

    /// Passages that have no vector of this space, at most `limit`.
    async fn without_vector(&self, space: &Space, limit: usize) -> anyhow::Result<Vec<Passage>>;

    /// Stores vectors of passages that are in the index, replacing those that they had.
    ///
    /// # Errors
    /// They cannot be written, or are not as long as the space says.
    async fn keep_vectors(
        &self,
        space: &Space,
        vectors: Vec<(PassageId, Vec<f32>)>,
    ) -> anyhow::Result<()>;

    /// Drops the vectors of other spaces, and of passages that are gone.
    async fn tidy_vectors(&self, space: &Space) -> anyhow::Result<()>;
}
