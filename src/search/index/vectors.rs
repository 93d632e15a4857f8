//! Search by meaning: vectors stored with the passages.

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::Index;
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};

/// A vector space: the vectors of one model with the same dimensions, which are comparable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// The model, and all settings that affect its vectors.
    pub model: String,
    pub dimensions: usize,
}

impl Space {
    /// Returns a short stable name of 16 letters and digits.
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
    /// Cosine similarity, -1 to 1; an engine may round it.
    pub similarity: f32,
}

/// An engine that stores a vector of unit length with each passage.
///
/// A passage is found by its words as soon as it is indexed; its vector may be stored later. A vector is removed with its
/// passage, and one of another space counts as missing.
#[async_trait]
pub trait Vectors: Index {
    /// Returns the nearest readable passages, nearest first.
    async fn nearest(
        &self,
        space: &Space,
        vector: &[f32],
        access: &Access,
        limit: usize,
    ) -> anyhow::Result<Vec<Near>>;

    /// Returns at most `limit` passages without a vector of this space.
    async fn without_vector(&self, space: &Space, limit: usize) -> anyhow::Result<Vec<Passage>>;

    /// Stores vectors of passages in the index, replacing their previous ones.
    ///
    /// # Errors
    /// If they cannot be written, or have the wrong number of dimensions.
    async fn store_vectors(
        &self,
        space: &Space,
        vectors: Vec<(PassageId, Vec<f32>)>,
    ) -> anyhow::Result<()>;

    /// Deletes the vectors of other spaces and of removed passages.
    async fn tidy_vectors(&self, space: &Space) -> anyhow::Result<()>;
}
