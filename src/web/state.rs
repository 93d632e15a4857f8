//! The state of the web server's handlers.

use std::sync::Arc;

use crate::answer::links::Links;
use crate::extract::pool::Extractor;
use crate::ingest::catalog::Catalog;
use crate::search::index::Index;
use crate::web::read_access::ReadAccess;

/// The stores and services that source pages are rendered from. Cheap to clone.
#[derive(Clone)]
pub struct WebState {
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    pub extractor: Arc<Extractor>,
    pub links: Links,
    pub read_access: ReadAccess,
}
