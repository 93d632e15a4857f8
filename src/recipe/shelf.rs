//! Where the recipes are kept that questions are answered from: in a file beside the index, and in memory.
//!
//! What is in the file can be read again from the documents, so one of another version is begun anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Mutex;

use super::book::Book;
use super::record::Record;
use crate::domain::DocumentId;
use crate::sqlite;

/// Counts up when records would be kept in another way; then everything is read again.
const VERSION: i64 = 1;
/// How long one waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

const SCHEMA: &str = "DROP TABLE IF EXISTS record; DROP TABLE IF EXISTS change;
    CREATE TABLE record (document TEXT PRIMARY KEY, body TEXT NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE change (latest INTEGER NOT NULL);
    INSERT INTO change VALUES (0);
    PRAGMA user_version = 1;";

/// The shelf in its file. Cloning gives another handle to it.
#[derive(Clone, Debug)]
pub struct Shelf {
    pool: SqlitePool,
    file: PathBuf,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    latest: i64,
    records: BTreeMap<String, Arc<Record>>,
    book: Arc<Book>,
}

impl Shelf {
    /// Opens the shelf, and begins a new one where there is none. Tells whether it is new, so that everything has to
    /// be read again.
    ///
    /// # Errors
    /// The file cannot be opened or is damaged; the message says what to do.
    pub async fn open(file: &Path) -> anyhow::Result<Self> {
        let options = sqlite::options(file, BUSY).synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_lazy_with(options);
        let shelf = Self {
            pool,
            file: file.to_owned(),
            held: Arc::default(),
        };
        sqlite::lay_out(&shelf.pool, VERSION, SCHEMA)
            .await
            .with_context(|| shelf.damaged())?;
        Ok(shelf)
    }

    fn damaged(&self) -> String {
        format!(
            "the recipes in {} cannot be used; delete that file and run `epibot reindex --full`",
            self.file.display()
        )
    }

    /// Takes out what these documents gave, then puts in the new records, as one step.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn apply(&self, remove: &[DocumentId], add: &[Record]) -> anyhow::Result<()> {
        if remove.is_empty() && add.is_empty() {
            return Ok(());
        }
        self.write(remove, add)
            .await
            .with_context(|| self.damaged())
    }

    async fn write(&self, remove: &[DocumentId], add: &[Record]) -> anyhow::Result<()> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut touched = 0;
        for document in remove {
            let gone = sqlx::query("DELETE FROM record WHERE document = ?1")
                .bind(&document.0)
                .execute(&mut *transaction)
                .await?;
            touched += gone.rows_affected();
        }
        if touched == 0 && add.is_empty() {
            return Ok(());
        }
        let latest: i64 =
            sqlx::query_scalar("UPDATE change SET latest = latest + 1 RETURNING latest")
                .fetch_one(&mut *transaction)
                .await?;
        for record in add {
            sqlx::query("REPLACE INTO record VALUES (?1, ?2, ?3)")
                .bind(&record.document.id.0)
                .bind(serde_json::to_string(record)?)
                .bind(latest)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Takes everything out.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn clear(&self) -> anyhow::Result<()> {
        sqlx::raw_sql("DELETE FROM record; UPDATE change SET latest = latest + 1")
            .execute(&self.pool)
            .await
            .map(drop)
            .with_context(|| self.damaged())
    }

    /// Whether a whole run over the documents has put its records here.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_filled(&self) -> anyhow::Result<bool> {
        let latest: i64 = sqlx::query_scalar("SELECT latest FROM change")
            .fetch_one(&self.pool)
            .await
            .with_context(|| self.damaged())?;
        Ok(latest > 0)
    }

    /// Remembers that a run over the documents came to its end.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn mark_filled(&self) -> anyhow::Result<()> {
        sqlx::query("UPDATE change SET latest = 1 WHERE latest = 0")
            .execute(&self.pool)
            .await
            .map(drop)
            .with_context(|| self.damaged())
    }

    /// Everything on the shelf as it is now, whichever process put it there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn book(&self) -> anyhow::Result<Arc<Book>> {
        let mut held = self.held.lock().await;
        let latest: i64 = sqlx::query_scalar("SELECT latest FROM change")
            .fetch_one(&self.pool)
            .await
            .with_context(|| self.damaged())?;
        if latest != held.latest {
            self.catch_up(&mut held)
                .await
                .with_context(|| self.damaged())?;
        }
        Ok(Arc::clone(&held.book))
    }

    async fn catch_up(&self, held: &mut Held) -> anyhow::Result<()> {
        let mut transaction = self.pool.begin().await?;
        let latest: i64 = sqlx::query_scalar("SELECT latest FROM change")
            .fetch_one(&mut *transaction)
            .await?;
        let there: Vec<String> = sqlx::query_scalar("SELECT document FROM record")
            .fetch_all(&mut *transaction)
            .await?;
        let changed: Vec<String> = sqlx::query_scalar("SELECT body FROM record WHERE changed > ?1")
            .bind(held.latest)
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let mut records = std::mem::take(&mut held.records);
        let (records, book) = tokio::task::spawn_blocking(move || {
            let there: std::collections::BTreeSet<String> = there.into_iter().collect();
            records.retain(|document, _| there.contains(document));
            for body in changed {
                let record: Record = serde_json::from_str(&body)?;
                records.insert(record.document.id.0.clone(), Arc::new(record));
            }
            let book = Book::new(records.values().cloned());
            anyhow::Ok((records, book))
        })
        .await??;
        *held = Held {
            latest,
            records,
            book: Arc::new(book),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Access, Document, Format};
    use crate::recipe::model::Recipe;

    fn record(document: &str, recipe: &str) -> Record {
        Record {
            document: Document {
                id: DocumentId(document.to_owned()),
                title: recipe.to_owned(),
                number: None,
                revision: None,
                effective: None,
                superseded: false,
                source: "recipes".to_owned(),
                path: format!("{recipe}.epi"),
                collection: "recipes".to_owned(),
                url: None,
                format: Format::Text,
            },
            recipes: vec![Recipe {
                id: recipe.to_owned(),
                ..Recipe::default()
            }],
            alarms: Vec::new(),
            limits: Vec::new(),
            spans: Vec::new(),
        }
    }

    async fn ids(shelf: &Shelf) -> Vec<String> {
        let book = shelf.book().await.unwrap();
        let view = book.view(&Access::Everything);
        view.entries
            .iter()
            .map(|entry| entry.recipe().id.clone())
            .collect()
    }

    #[tokio::test]
    async fn every_process_sees_what_another_put_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recipes.sqlite");
        let (one, other) = (
            Shelf::open(&file).await.unwrap(),
            Shelf::open(&file).await.unwrap(),
        );
        one.apply(&[], &[record("a", "R1"), record("b", "R2")])
            .await
            .unwrap();
        assert_eq!(ids(&other).await, ["R1", "R2"]);
        other
            .apply(&[DocumentId("a".to_owned())], &[record("b", "R3")])
            .await
            .unwrap();
        assert_eq!(ids(&one).await, ["R3"]);
        drop((one, other));
        assert_eq!(ids(&Shelf::open(&file).await.unwrap()).await, ["R3"]);
    }
}
