//! The embedded engine: Tantivy, in a folder, with terms of our own making.
//!
//! Any number of processes may search a folder; those that write take turns. What one of them commits, the others
//! find within a second.

mod fields;
mod open;
mod search;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use async_trait::async_trait;
use tantivy::directory::error::LockError;
use tantivy::{IndexReader, IndexWriter, TantivyDocument, TantivyError, Term};
use tokio::sync::Mutex;

use self::fields::Fields;
use super::rank::Sought;
use super::{Changes, Found, Index, Query};
use crate::domain::{Access, Passage, PassageId};

/// Bytes that wait in memory while passages are added; the least that Tantivy works with is 15 MB.
const WRITER_MEMORY: usize = 30_000_000;
/// How long a writer waits for another process to finish.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at whether it has.
const PAUSE: Duration = Duration::from_millis(50);

/// The index in a folder. Cloning gives another handle to it.
#[derive(Clone)]
pub struct Embedded {
    folder: PathBuf,
    fields: Fields,
    index: tantivy::Index,
    reader: IndexReader,
    /// One change at a time within this process.
    writing: Arc<Mutex<()>>,
}

impl Embedded {
    /// Opens the index in a folder, and begins an empty one where there is none or where an older program has left
    /// one whose terms are not ours.
    ///
    /// # Errors
    /// The folder cannot be used, or what is in it is damaged; says what to do.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let fields = Fields::default();
        let index = open::open(folder, &fields)?;
        let reader = open::reader(&index).with_context(|| open::damaged(folder))?;
        Ok(Self {
            folder: folder.to_owned(),
            fields,
            index,
            reader,
            writing: Arc::default(),
        })
    }

    /// Changes the index in a thread of its own: all of it, or nothing where `change` fails.
    async fn write<F>(&self, change: F) -> anyhow::Result<()>
    where
        F: FnOnce(&Fields, &IndexWriter) -> anyhow::Result<()> + Send + 'static,
    {
        let _turn = self.writing.lock().await;
        let mut writer = self.writer().await?;
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            change(&this.fields, &writer)?;
            writer.commit()?;
            // Until the merges are done the writer's memory and its lock are not given back.
            writer.wait_merging_threads()?;
            this.reader.reload()?;
            anyhow::Ok(())
        })
        .await?
        .with_context(|| format!("the index in {} cannot be written", self.folder.display()))
    }

    async fn writer(&self) -> anyhow::Result<IndexWriter> {
        let begin = Instant::now();
        loop {
            match self.index.writer_with_num_threads(1, WRITER_MEMORY) {
                Ok(writer) => return Ok(writer),
                Err(TantivyError::LockFailure(LockError::LockBusy, _))
                    if begin.elapsed() < PATIENCE =>
                {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(TantivyError::LockFailure(LockError::LockBusy, _)) => {
                    return Err(anyhow!(
                        "another epibot is writing to the index in {}; wait for it to finish",
                        self.folder.display()
                    ));
                }
                Err(error) => {
                    return Err(error).with_context(|| {
                        format!("the index in {} cannot be written", self.folder.display())
                    });
                }
            }
        }
    }

    /// Runs a search in a thread where it may take its time.
    async fn read<T: Send + 'static>(
        &self,
        search: impl FnOnce(&Fields, &tantivy::Searcher) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || search(&this.fields, &this.reader.searcher()))
            .await?
            .with_context(|| open::damaged(&self.folder))
    }
}

#[async_trait]
impl Index for Embedded {
    async fn search(&self, query: &Query<'_>) -> anyhow::Result<Found> {
        let (sought, access, limit) = (Sought::of(query), query.access.clone(), query.limit);
        self.read(move |fields, searcher| search::search(fields, searcher, sought, &access, limit))
            .await
    }

    async fn passage(&self, id: &PassageId, access: &Access) -> anyhow::Result<Option<Passage>> {
        let id = id.clone();
        let passage = self
            .read(move |fields, searcher| search::passage(fields, searcher, &id))
            .await?;
        Ok(passage.filter(|passage| access.allows(&passage.document.collection)))
    }

    async fn apply(&self, changes: Changes) -> anyhow::Result<()> {
        self.write(move |fields, writer| {
            for document in &changes.remove {
                writer.delete_term(Term::from_field_text(fields.document, &document.0));
            }
            for passage in &changes.add {
                let document: TantivyDocument = fields.document_of(passage)?;
                writer.add_document(document)?;
            }
            Ok(())
        })
        .await
    }

    async fn clear(&self) -> anyhow::Result<()> {
        self.write(|_, writer| {
            writer.delete_all_documents()?;
            Ok(())
        })
        .await
    }

    async fn size(&self) -> anyhow::Result<u64> {
        Ok(self.reader.searcher().num_docs())
    }
}
