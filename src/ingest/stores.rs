//! The stores that ingestion writes, and the context of a run.

use std::sync::Arc;

use super::catalog::Catalog;
use crate::config::settings::Config;
use crate::extract::pool::Extractor;
use crate::recipes::store::RecipeStore;
use crate::runtime::clock::Clock;
use crate::search::index::Index;

/// The stores that documents are indexed into, and the extractor. Cheap to clone.
#[derive(Clone)]
pub struct Stores {
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    /// Recipes and alarms.
    pub recipes: RecipeStore,
    pub extractor: Arc<Extractor>,
}

/// The context of a sync run.
#[derive(Clone, Copy)]
pub struct SyncContext<'a> {
    pub config: &'a Config,
    pub stores: &'a Stores,
    pub clock: &'a Clock,
}
