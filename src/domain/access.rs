//! Access to collections.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The collections that a question may be answered from. Enforced inside the search engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    Everything,
    Only(BTreeSet<String>),
}

impl Access {
    /// Whether the passages of a collection may be used.
    #[must_use]
    pub fn allows(&self, collection: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(collections) => collections.contains(collection),
        }
    }
}
