//! The catalog of documents: the file of each, what was indexed of it, and what was not and why.
//!
//! It can be rebuilt from the documents, so a catalog of another version is replaced by an empty one.

mod rows;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use sqlx::sqlite::{SqlitePoolOptions, SqliteSynchronous};

use crate::domain::document::DocumentId;
use crate::domain::fault::Fault;
use crate::domain::inconsistency::Inconsistency;
use crate::extract::properties::Stated;
use crate::storage::database::{Postgres, Tables};
use crate::storage::sqlite;

/// The version of the tables, incremented with every change of them.
const VERSION: i64 = 2;
/// How long to wait for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

const SCHEMA: &str = include_str!("catalog/schema.sql");

/// The catalog in its file or database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Catalog {
    tables: Tables,
    /// Its file or database, for messages.
    location: String,
}

/// The entry of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogEntry {
    pub id: DocumentId,
    /// Name of its source.
    pub source: String,
    /// Path within the source.
    pub path: String,
    /// Access is granted by collection.
    pub collection: String,
    /// Path of the file.
    pub file: PathBuf,
    /// In bytes.
    pub size: u64,
    /// Time of the file's last change, in nanoseconds since 1970.
    pub modified: i64,
    /// SHA-256 of the file's content, in hexadecimal digits.
    pub sha256: String,
    /// Fingerprint of everything except the content that decides what is indexed of it.
    pub settings: String,
    pub state: DocumentState,
    pub title: String,
    pub number: Option<Stated>,
    pub revision: Option<Stated>,
    /// Date from which it is effective, as `YYYY-MM-DD`.
    pub effective: Option<Stated>,
    /// The document with the later revision in force, if there is one.
    pub superseded_by: Option<DocumentId>,
    pub pages: u32,
    /// Number of its passages in the index.
    pub passages: u32,
    /// Parts of it that were not read.
    pub notes: Vec<Fault>,
    /// Contradictions within it, such as between its name and its title.
    pub inconsistencies: Vec<Inconsistency>,
    /// In milliseconds since 1970.
    pub indexed_at: i64,
}

/// The state of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentState {
    /// It is to be read; some of its passages may be in the index.
    Pending,
    /// It is in the index.
    Read,
    /// It cannot be read, for this reason.
    Failed(Fault),
}

/// Counts over all documents in the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub documents: u64,
    pub pages: u64,
    pub passages: u64,
}

/// What is indexed of a source in a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct SourceSummary {
    pub source: String,
    pub collection: String,
    pub documents: i64,
    pub pages: i64,
    /// Files that cannot be read.
    pub failed: i64,
    /// When a document of it was last indexed, in milliseconds since 1970.
    pub newest: Option<i64>,
}

impl Catalog {
    /// Opens the catalog, which is created if it does not exist.
    ///
    /// # Errors
    /// The file cannot be opened or is damaged; the message says what to do.
    pub async fn open(file: &Path) -> anyhow::Result<Self> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).with_context(|| {
                format!(
                    "the folder {} cannot be created; correct data.dir",
                    folder.display()
                )
            })?;
        }
        let options = sqlite::options(file, BUSY_TIMEOUT).synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePoolOptions::new()
            .max_connections(3)
            .connect_lazy_with(options);
        let created = sqlite::recreate_if_outdated(&pool, VERSION, SCHEMA).await;
        let catalog = Self {
            tables: Tables::Sqlite(pool),
            location: file.display().to_string(),
        };
        catalog.explain(created)?;
        Ok(catalog)
    }

    /// Opens the catalog in a database shared with other processes.
    #[must_use]
    pub fn shared(postgres: &Postgres) -> Self {
        Self {
            tables: Tables::Postgres(postgres.clone()),
            location: postgres.to_string(),
        }
    }

    /// Returns the path of a document's file, if the document is known.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub async fn file(&self, id: &DocumentId) -> anyhow::Result<Option<PathBuf>> {
        self.explain(rows::file(&self.tables, id).await)
    }

    /// Returns all documents, in no order.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub async fn entries(&self) -> anyhow::Result<Vec<CatalogEntry>> {
        self.explain(rows::entries(&self.tables).await)
    }

    /// Counts what is in the index.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub async fn totals(&self) -> anyhow::Result<Totals> {
        self.explain(rows::totals(&self.tables).await)
    }

    /// Returns what is indexed, by source and collection.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub async fn source_summaries(&self) -> anyhow::Result<Vec<SourceSummary>> {
        self.explain(rows::source_summaries(&self.tables).await)
    }

    /// Returns at most `limit` documents in force, the last indexed first.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub async fn newest(&self, limit: u32) -> anyhow::Result<Vec<CatalogEntry>> {
        self.explain(rows::newest(&self.tables, limit).await)
    }

    /// Returns at most `limit` files that cannot be read, each with the reason.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub async fn failures(&self, limit: u32) -> anyhow::Result<Vec<(String, Fault)>> {
        self.explain(rows::failures(&self.tables, limit).await)
    }

    /// Inserts or updates entries.
    ///
    /// # Errors
    /// The catalog cannot be written.
    pub async fn record(&self, entries: &[CatalogEntry]) -> anyhow::Result<()> {
        self.explain(rows::write(&self.tables, entries).await)
    }

    /// Removes documents.
    ///
    /// # Errors
    /// The catalog cannot be written.
    pub async fn forget(&self, ids: &[DocumentId]) -> anyhow::Result<()> {
        self.explain(rows::forget(&self.tables, ids).await)
    }

    /// Turns a database error into a message that says what to do.
    fn explain<T>(&self, result: sqlx::Result<T>) -> anyhow::Result<T> {
        result.map_err(|error| {
            if let Tables::Postgres(postgres) = &self.tables {
                return postgres.explain(&error);
            }
            let file = &self.location;
            // The low byte of SQLite's extended result codes is the primary one: https://sqlite.org/rescode.html
            let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
            match code.and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff) {
                Some(5) => anyhow!("the catalogue {file} is being written by another program; let its reindexing end"),
                Some(8) => anyhow!("the catalogue {file} is read-only; give epibot's user the right to write to it"),
                Some(11 | 26) => anyhow!(
                    "the catalogue {file} is damaged; delete it and run `epibot reindex`, which rebuilds it from the documents"
                ),
                Some(13) => anyhow!("the disk that holds the catalogue {file} is full; make room on it"),
                _ => anyhow!("the catalogue {file} failed: {error}"),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_damaged_catalogue_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("catalog.sqlite");
        std::fs::write(
            &file,
            "this is no database, but it is long enough to be taken for one".repeat(20),
        )
        .unwrap();
        let error = Catalog::open(&file).await.unwrap_err().to_string();
        assert!(
            error.contains("catalog.sqlite is damaged; delete it and run"),
            "{error}"
        );
    }
}
