//! What documents are read with and where they go, as one value for every run.

use std::sync::Arc;

use super::catalog::Catalog;
use crate::config::settings::Config;
use crate::extract::pool::Extractor;
use crate::recipes::store::RecipeStore;
use crate::runtime::clock::Clock;
use crate::search::index::Index;

/// The stores that documents are read into, and what reads them. Cheap to clone.
#[derive(Clone)]
pub struct Stores {
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    /// Recipes and alarms.
    pub recipes: RecipeStore,
    pub extractor: Arc<Extractor>,
}

/// What a sync run works with.
#[derive(Clone, Copy)]
pub struct SyncContext<'a> {
    pub config: &'a Config,
    pub stores: &'a Stores,
    pub clock: &'a Clock,
}
