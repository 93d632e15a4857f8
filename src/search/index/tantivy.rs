//! The embedded engine: Tantivy, in a folder, with the terms of our analysis.
//!
//! Any number of processes may search a folder; writers wait for each other. A commit is visible to the other processes
//! within a second.

mod fields;
mod open;
mod rebuild;
mod search;
mod term_hashes;
mod tokens;
mod vectors;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use parking_lot::RwLock;
use tantivy::{IndexWriter, Searcher, Term};
use tokio::sync::Mutex;

use self::fields::Fields;
use self::open::Generation;
use super::journal::Journal;
use super::low_priority;
use super::rank::ScoringQuery;
use super::vectors::{Near, Space, Vectors};
use super::{Changes, Index, Query, Rebuild, SearchResults};
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};

/// The index in a folder. Cheap to clone.
#[derive(Clone)]
pub struct Embedded {
    root: PathBuf,
    fields: Fields,
    current: Arc<RwLock<Arc<Generation>>>,
    journal: Journal,
    vectors: Arc<vectors::Store>,
    /// Serializes changes within this process.
    writing: Arc<Mutex<()>>,
}

impl Embedded {
    /// Opens the index in a folder, or creates an empty one if there is none.
    ///
    /// # Errors
    /// If the folder cannot be used or is damaged; the message says what to do.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let fields = Fields::default();
        let generation = open::open(folder, &fields)?;
        Ok(Self {
            root: folder.to_owned(),
            fields,
            current: Arc::new(RwLock::new(Arc::new(generation))),
            journal: Journal::new(folder),
            vectors: Arc::new(vectors::Store::new(folder)),
            writing: Arc::default(),
        })
    }

    /// Returns the current generation, which another process may have replaced.
    fn generation(&self) -> anyhow::Result<Arc<Generation>> {
        let known = Arc::clone(&self.current.read());
        let number = open::current(&self.root)?;
        if number == known.number {
            return Ok(known);
        }
        let newer = Arc::new(open::generation(&self.root, number, &self.fields)?);
        *self.current.write() = Arc::clone(&newer);
        Ok(newer)
    }

    /// Changes the index in a separate thread: completely, or not at all if `change` fails.
    async fn write<F>(&self, change: F) -> anyhow::Result<()>
    where
        F: FnOnce(&Fields, &IndexWriter) -> anyhow::Result<()> + Send + 'static,
    {
        let this = self.clone();
        let write = move || {
            let generation = this.generation()?;
            anyhow::ensure!(
                generation.is_known,
                "it was made by another version of epibot; run `epibot reindex`"
            );
            let mut writer = generation.writer()?;
            change(&this.fields, &writer)?;
            writer.commit()?;
            // The writer's memory and lock are released only after the merges.
            writer.wait_merging_threads()?;
            generation.reader.reload()?;
            anyhow::Ok(())
        };
        tokio::task::spawn_blocking(move || low_priority::run(write))
            .await?
            .with_context(|| format!("the index in {} cannot be written", self.root.display()))
    }

    /// Runs a search in a blocking thread; finds nothing in an index of another version.
    async fn read<T: Send + 'static>(
        &self,
        search: impl FnOnce(&Fields, &Searcher) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<Option<T>> {
        let this = self.clone();
        let read = move || {
            let generation = this.generation()?;
            if !generation.is_known {
                return Ok(None);
            }
            search(&this.fields, &generation.reader.searcher())
                .map(Some)
                .with_context(|| open::damaged(&this.root))
        };
        tokio::task::spawn_blocking(read).await?
    }
}

/// Removes and adds passages; searches see the changes after the commit.
fn change(fields: &Fields, writer: &IndexWriter, changes: &Changes) -> anyhow::Result<()> {
    for document in &changes.remove {
        writer.delete_term(Term::from_field_text(fields.document, &document.0));
    }
    for passage in &changes.add {
        writer.add_document(fields.document_of(passage)?)?;
    }
    Ok(())
}

#[async_trait]
impl Index for Embedded {
    async fn search(&self, query: &Query<'_>) -> anyhow::Result<SearchResults> {
        let scoring = ScoringQuery::new(query);
        let (access, limit) = (query.access.clone(), query.limit);
        let found = self
            .read(move |fields, searcher| search::search(fields, searcher, scoring, &access, limit))
            .await?;
        Ok(found.unwrap_or_default())
    }

    async fn passage(&self, id: &PassageId, access: &Access) -> anyhow::Result<Option<Passage>> {
        let id = id.clone();
        let passage = self
            .read(move |fields, searcher| search::passage(fields, searcher, &id))
            .await?;
        Ok(passage
            .flatten()
            .filter(|passage| access.allows(&passage.document.collection)))
    }

    async fn apply(&self, changes: Changes) -> anyhow::Result<()> {
        let _one_at_a_time = self.writing.lock().await;
        let _lock = self.journal.lock_for_writing().await?;
        let changes = Arc::new(changes);
        let applied = Arc::clone(&changes);
        self.write(move |fields, writer| change(fields, writer, &applied))
            .await?;
        self.journal.record(&changes)
    }

    async fn rebuild(&self) -> anyhow::Result<Box<dyn Rebuild>> {
        Ok(Box::new(rebuild::begin(self.clone()).await?))
    }

    async fn upgrade(&self) -> anyhow::Result<()> {
        rebuild::upgrade(self).await
    }

    async fn clear(&self) -> anyhow::Result<()> {
        let _one_at_a_time = self.writing.lock().await;
        let _lock = self.journal.lock_for_writing().await?;
        self.write(|_, writer| {
            writer.delete_all_documents()?;
            Ok(())
        })
        .await
    }

    async fn size(&self) -> anyhow::Result<u64> {
        let size = self.read(|_, searcher| Ok(searcher.num_docs())).await?;
        Ok(size.unwrap_or_default())
    }
}

#[async_trait]
impl Vectors for Embedded {
    async fn nearest(
        &self,
        space: &Space,
        vector: &[f32],
        access: &Access,
        limit: usize,
    ) -> anyhow::Result<Vec<Near>> {
        let (vectors, space, vector) = (Arc::clone(&self.vectors), space.clone(), vector.to_vec());
        let access = access.clone();
        let near = self
            .read(move |fields, searcher| {
                vectors.nearest(fields, searcher, &space, &vector, &access, limit)
            })
            .await?;
        Ok(near.unwrap_or_default())
    }

    async fn without_vector(&self, space: &Space, limit: usize) -> anyhow::Result<Vec<Passage>> {
        let (vectors, space) = (Arc::clone(&self.vectors), space.clone());
        let missing = self
            .read(move |fields, searcher| vectors.missing(fields, searcher, &space, limit))
            .await?;
        Ok(missing.unwrap_or_default())
    }

    async fn store_vectors(
        &self,
        space: &Space,
        vectors: Vec<(PassageId, Vec<f32>)>,
    ) -> anyhow::Result<()> {
        let _one_at_a_time = self.writing.lock().await;
        let _lock = self.journal.lock_for_writing().await?;
        let (store, space) = (Arc::clone(&self.vectors), space.clone());
        tokio::task::spawn_blocking(move || store.keep(&space, vectors)).await?
    }

    async fn tidy_vectors(&self, space: &Space) -> anyhow::Result<()> {
        let _one_at_a_time = self.writing.lock().await;
        let _lock = self.journal.lock_for_writing().await?;
        let (vectors, space) = (Arc::clone(&self.vectors), space.clone());
        self.read(move |fields, searcher| vectors.tidy(fields, searcher, &space))
            .await?;
        Ok(())
    }
}
