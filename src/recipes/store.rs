//! Stores recipe records in a file next to the index, and keeps a snapshot in memory.
//!
//! The file can be rebuilt from the documents, so a file of another version is discarded.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sqlx::sqlite::{SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Mutex;

use super::record::RecipeRecord;
use crate::domain::document::DocumentId;
use crate::recipes::snapshot::RecipeSnapshot;
use crate::storage::database::{Postgres, Tables, in_transaction, with_pool};
use crate::storage::sqlite;

/// Incremented when the format of records changes; all documents are then read again.
const VERSION: i64 = 1;
/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

const SCHEMA: &str = "DROP TABLE IF EXISTS record; DROP TABLE IF EXISTS change;
    CREATE TABLE record (document TEXT PRIMARY KEY, body TEXT NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE change (latest INTEGER NOT NULL);
    INSERT INTO change VALUES (0);
    PRAGMA user_version = 1;";

/// The store of recipe records. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RecipeStore {
    tables: Tables,
    /// Error message if the store cannot be used: what is wrong and what to do.
    damaged: String,
    cache: Arc<Mutex<Cache>>,
}

#[derive(Debug, Default)]
struct Cache {
    latest: i64,
    records: BTreeMap<String, Arc<RecipeRecord>>,
    snapshot: Arc<RecipeSnapshot>,
}

impl RecipeStore {
    /// Opens the store, and creates it if it does not exist. A new store is not yet [filled](Self::is_filled), so all
    /// documents have to be read again.
    ///
    /// # Errors
    /// If the file cannot be opened or is damaged; the message says what to do.
    pub async fn open(file: &Path) -> anyhow::Result<Self> {
        let options = sqlite::options(file, BUSY_TIMEOUT).synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_lazy_with(options);
        let store = Self {
            tables: Tables::Sqlite(pool.clone()),
            damaged: format!(
                "the recipes in {} cannot be used; delete that file and run `epibot reindex --full`",
                file.display()
            ),
            cache: Arc::default(),
        };
        sqlite::recreate_if_outdated(&pool, VERSION, SCHEMA)
            .await
            .with_context(|| store.damaged.clone())?;
        Ok(store)
    }

    /// Uses a database that other processes use too.
    #[must_use]
    pub fn shared(postgres: &Postgres) -> Self {
        Self {
            tables: Tables::Postgres(postgres.clone()),
            damaged: format!("the recipes in {postgres} cannot be used"),
            cache: Arc::default(),
        }
    }

    /// Removes the records of some documents and adds new ones, in one transaction.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn apply(&self, remove: &[DocumentId], add: &[RecipeRecord]) -> anyhow::Result<()> {
        if remove.is_empty() && add.is_empty() {
            return Ok(());
        }
        self.write(remove, add)
            .await
            .with_context(|| self.damaged.clone())
    }

    async fn write(&self, remove: &[DocumentId], add: &[RecipeRecord]) -> anyhow::Result<()> {
        const REMOVE: &str = "DELETE FROM record WHERE document = $1";
        const COUNT_UP: &str = "UPDATE change SET latest = latest + 1 RETURNING latest";
        const INSERT: &str = "INSERT INTO record VALUES ($1, $2, $3)
            ON CONFLICT (document) DO UPDATE SET body = excluded.body, changed = excluded.changed";
        in_transaction!(&self.tables, transaction => {
            let mut removed = 0;
            for document in remove {
                let deleted = sqlx::query(REMOVE).bind(&document.0).execute(&mut *transaction).await?;
                removed += deleted.rows_affected();
            }
            if removed == 0 && add.is_empty() {
                return Ok(());
            }
            let latest: i64 = sqlx::query_scalar(COUNT_UP).fetch_one(&mut *transaction).await?;
            for record in add {
                sqlx::query(INSERT)
                    .bind(&record.document.id.0)
                    .bind(serde_json::to_string(record)?)
                    .bind(latest)
                    .execute(&mut *transaction)
                    .await?;
            }
        });
        Ok(())
    }

    async fn latest(&self) -> sqlx::Result<i64> {
        const SQL: &str = "SELECT latest FROM change";
        with_pool!(&self.tables, pool => sqlx::query_scalar(SQL).fetch_one(pool).await)
    }

    /// Removes all records.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn clear(&self) -> anyhow::Result<()> {
        let cleared = async {
            in_transaction!(&self.tables, transaction => {
                for sql in ["DELETE FROM record", "UPDATE change SET latest = latest + 1"] {
                    sqlx::query(sql).execute(&mut *transaction).await?;
                }
            });
            sqlx::Result::Ok(())
        };
        let cleared: sqlx::Result<()> = cleared.await;
        cleared.with_context(|| self.damaged.clone())
    }

    /// Whether a full run over the documents has stored its records here.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn is_filled(&self) -> anyhow::Result<bool> {
        let latest = self.latest().await.with_context(|| self.damaged.clone())?;
        Ok(latest > 0)
    }

    /// Marks a full run over the documents as finished.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn mark_filled(&self) -> anyhow::Result<()> {
        const SQL: &str = "UPDATE change SET latest = 1 WHERE latest = 0";
        with_pool!(&self.tables, pool => sqlx::query(SQL).execute(pool).await.map(drop))
            .with_context(|| self.damaged.clone())
    }

    /// Returns the current state of the store, including writes of other processes.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn snapshot(&self) -> anyhow::Result<Arc<RecipeSnapshot>> {
        let mut cache = self.cache.lock().await;
        let latest = self.latest().await.with_context(|| self.damaged.clone())?;
        if latest != cache.latest {
            self.catch_up(&mut cache)
                .await
                .with_context(|| self.damaged.clone())?;
        }
        Ok(Arc::clone(&cache.snapshot))
    }

    async fn catch_up(&self, cache: &mut Cache) -> anyhow::Result<()> {
        const THERE: &str = "SELECT document FROM record";
        const CHANGED: &str = "SELECT body FROM record WHERE changed > $1";
        // In one transaction; later changes also change the number and are read the next time.
        let (latest, there, changed): (i64, Vec<String>, Vec<String>) = with_pool!(&self.tables, pool => {
            let mut transaction = pool.begin().await?;
            let read = (
                sqlx::query_scalar("SELECT latest FROM change").fetch_one(&mut *transaction).await?,
                sqlx::query_scalar(THERE).fetch_all(&mut *transaction).await?,
                sqlx::query_scalar(CHANGED).bind(cache.latest).fetch_all(&mut *transaction).await?,
            );
            transaction.commit().await?;
            read
        });
        let mut records = std::mem::take(&mut cache.records);
        let (records, snapshot) = tokio::task::spawn_blocking(move || {
            let there: std::collections::BTreeSet<String> = there.into_iter().collect();
            records.retain(|document, _| there.contains(document));
            for body in changed {
                let record: RecipeRecord = serde_json::from_str(&body)?;
                records.insert(record.document.id.0.clone(), Arc::new(record));
            }
            let snapshot = RecipeSnapshot::new(records.values().cloned());
            anyhow::Ok((records, snapshot))
        })
        .await??;
        *cache = Cache {
            latest,
            records,
            snapshot: Arc::new(snapshot),
        };
        Ok(())
    }
}
