//! What is remembered beside the queue: one story of each store, told in files and in a database that replicas share.

mod answers;
mod backup;
mod documents;
mod earlier_version;
mod shared;

use async_trait::async_trait;
use epibot::ingest::catalog::Catalog;
use epibot::recipes::store::RecipeStore;
use epibot::runtime::clock::Clock;
use epibot::storage::answer_log::AnswerLog;
use tempfile::TempDir;

use crate::support::postgres::Database;

/// Where stores are kept. Whatever opens one twice gets the same.
#[async_trait]
trait Place: Sized + Send + Sync {
    /// None where there is no such database on this machine; that it is skipped has been said then.
    async fn new() -> Option<Self>;
    async fn feedback(&self, clock: Clock) -> AnswerLog;
    async fn catalog(&self) -> Catalog;
    async fn recipe_store(&self) -> RecipeStore;
}

#[async_trait]
impl Place for TempDir {
    async fn new() -> Option<Self> {
        Some(tempfile::tempdir().unwrap())
    }

    async fn feedback(&self, clock: Clock) -> AnswerLog {
        AnswerLog::open(&self.path().join("feedback.sqlite"), clock)
            .await
            .unwrap()
    }

    async fn catalog(&self) -> Catalog {
        Catalog::open(&self.path().join("data/catalog.sqlite"))
            .await
            .unwrap()
    }

    async fn recipe_store(&self) -> RecipeStore {
        RecipeStore::open(&self.path().join("recipes.sqlite"))
            .await
            .unwrap()
    }
}

#[async_trait]
impl Place for Database {
    async fn new() -> Option<Self> {
        Self::new()
    }

    async fn feedback(&self, clock: Clock) -> AnswerLog {
        AnswerLog::shared(&self.open().await, clock)
    }

    async fn catalog(&self) -> Catalog {
        Catalog::shared(&self.open().await)
    }

    async fn recipe_store(&self) -> RecipeStore {
        RecipeStore::shared(&self.open().await)
    }
}

/// Makes a test of each part of a story for each kind of place.
macro_rules! tell {
    ($($part:ident),* $(,)?) => {
        mod file { $crate::state::tell!(tempfile::TempDir: $($part),*); }
        mod postgres { $crate::state::tell!($crate::support::postgres::Database: $($part),*); }
    };
    ($place:ty: $($part:ident),*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $part() {
                if let Some(place) = <$place as $crate::state::Place>::new().await {
                    super::$part(&place).await;
                }
            }
        )*
    };
}
use tell;
