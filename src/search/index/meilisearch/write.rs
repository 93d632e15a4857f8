//! Writes passages to the server.

pub(super) mod rebuild;
pub(super) mod vectors;

use std::sync::Arc;

use anyhow::Context;
use futures::io::Cursor;
use meilisearch_sdk::documents::{DocumentDeletionQuery, DocumentsQuery};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OnceCell};
use tokio::task::spawn_blocking;

use super::error::MeilisearchError;
use super::record::Record;
use super::schema::{PRIMARY_KEY, live_index, next_index, of_documents};
use super::server::Server;
use super::tasks::{Accepted, done};
use super::wire::{Purpose, Wire};
use crate::config;
use crate::domain::passage::PassageId;
use crate::search::index::Changes;
use crate::search::index::journal::Journal;
use crate::search::index::low_priority;
use crate::search::index::vectors::Space;

/// Documents in one filter; the server accepts longer filters, but is slow with them.
const DOCUMENTS_PER_FILTER: usize = 500;

/// Writes with a key that may write.
pub(super) struct Writer {
    server: Server,
    live: String,
    next: String,
    batch_bytes: usize,
    journal: Journal,
    /// Serializes changes within this process.
    writing: Mutex<()>,
    version: OnceCell<Option<String>>,
}

impl Writer {
    pub(super) fn new(
        config: &config::index::Meilisearch,
        journal: Journal,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            server: Server::new(Wire::new(config, Purpose::Write)?),
            live: live_index(&config.prefix),
            next: next_index(&config.prefix),
            batch_bytes: config.batch_mb * 1_000_000,
            journal,
            writing: Mutex::default(),
            version: OnceCell::new(),
        })
    }

    /// Returns the server's version, after checking that it is new enough.
    pub(super) async fn version(&self) -> Result<Option<String>, MeilisearchError> {
        let check = || self.server.check_version();
        self.version.get_or_try_init(check).await.cloned()
    }

    /// Creates the index if it does not exist. The server would create it itself, but with other settings.
    async fn prepare(&self) -> Result<(), MeilisearchError> {
        self.version().await?;
        if !self.server.exists(&self.live).await? {
            self.server.create(&self.live).await?;
        }
        Ok(())
    }

    pub(super) async fn apply(&self, changes: Changes) -> anyhow::Result<()> {
        self.prepare().await?;
        let _one_at_a_time = self.writing.lock().await;
        let _lock = self.journal.lock_for_writing().await?;
        let changes = Arc::new(changes);
        self.write(&self.live, &changes).await?;
        self.journal.record(&changes)
    }

    pub(super) async fn clear(&self) -> anyhow::Result<()> {
        self.prepare().await?;
        let _one_at_a_time = self.writing.lock().await;
        let _lock = self.journal.lock_for_writing().await?;
        let index = self.server.client().index(&self.live);
        let deleted = index.delete_all_documents().await;
        let task_uid = deleted.map_err(MeilisearchError::from)?.task_uid;
        done(&self.server.wire, Accepted { task_uid }).await?;
        Ok(self.server.describe(&self.live).await?)
    }

    pub(super) async fn store_vectors(
        &self,
        space: &Space,
        vectors: Vec<(PassageId, Vec<f32>)>,
    ) -> anyhow::Result<()> {
        self.prepare().await?;
        let _one_at_a_time = self.writing.lock().await;
        let _lock = self.journal.lock_for_writing().await?;
        vectors::keep(self, space, vectors).await
    }

    /// Returns a page of the records of an index that pass the filter, with some of their fields.
    async fn page<R>(
        &self,
        index: &str,
        filter: &str,
        (offset, limit): (usize, usize),
        fields: &[&str],
    ) -> Result<Vec<R>, MeilisearchError>
    where
        R: DeserializeOwned + Send + Sync + 'static,
    {
        let index = self.server.client().index(index);
        let mut query = DocumentsQuery::new(&index);
        query
            .with_filter(filter)
            .with_offset(offset)
            .with_limit(limit)
            .with_fields(fields.iter().copied());
        Ok(index.get_documents_with(&query).await?.results)
    }

    /// Updates fields of existing records.
    pub(super) async fn update(&self, records: &[impl Serialize]) -> anyhow::Result<()> {
        let batches = batches(records.iter().map(Ok), self.batch_bytes)?;
        let tasks = self
            .send_all(&self.live, batches, WriteMode::Update)
            .await?;
        self.all_done(&self.live, tasks).await
    }

    /// Adds the new passages, then removes the documents' old ones, so that a search in between finds both rather than
    /// nothing.
    async fn write(&self, index: &str, changes: &Arc<Changes>) -> anyhow::Result<()> {
        let (taken, batch_bytes) = (Arc::clone(changes), self.batch_bytes);
        // Analysing thousands of texts takes a while and must not block the searches.
        let prepared = spawn_blocking(move || low_priority::run(|| prepare(&taken, batch_bytes)));
        let (write_id, batches) = prepared.await??;
        let tasks = self.send_all(index, batches, WriteMode::Replace).await?;
        self.all_done(index, tasks).await?;
        // Removed last, so that the old passages remain if there is no room for the new ones.
        let index_handle = self.server.client().index(index);
        let mut tasks = Vec::new();
        for documents in changes.remove.chunks(DOCUMENTS_PER_FILTER) {
            let filter = format!(
                "{} AND NOT writing = \"{write_id}\"",
                of_documents(documents)
            );
            let mut query = DocumentDeletionQuery::new(&index_handle);
            query.with_filter(&filter);
            let deleted = index_handle.delete_documents_with(&query).await;
            let task_uid = deleted.map_err(MeilisearchError::from)?.task_uid;
            tasks.push(Accepted { task_uid });
        }
        self.all_done(index, tasks).await
    }

    async fn all_done(&self, index: &str, tasks: Vec<Accepted>) -> anyhow::Result<()> {
        for task in tasks {
            done(&self.server.wire, task).await.with_context(|| {
                format!("the index {index} on the Meilisearch server cannot be written")
            })?;
        }
        Ok(())
    }

    async fn send_all(
        &self,
        index: &str,
        batches: Vec<Vec<u8>>,
        mode: WriteMode,
    ) -> anyhow::Result<Vec<Accepted>> {
        let mut tasks = Vec::new();
        for batch in batches {
            tasks.push(self.send(index, batch, mode).await?);
        }
        Ok(tasks)
    }

    async fn send(
        &self,
        index: &str,
        lines: Vec<u8>,
        mode: WriteMode,
    ) -> Result<Accepted, MeilisearchError> {
        let index = self.server.client().index(index);
        let (lines, kind) = (Cursor::new(lines), "application/x-ndjson");
        let key = Some(PRIMARY_KEY);
        let sent = match mode {
            WriteMode::Replace => {
                index
                    .add_or_replace_unchecked_payload(lines, kind, key)
                    .await
            }
            WriteMode::Update => {
                index
                    .add_or_update_unchecked_payload(lines, kind, key)
                    .await
            }
        };
        let task_uid = sent?.task_uid;
        Ok(Accepted { task_uid })
    }
}

/// What happens to the fields of a record that are not sent.
#[derive(Clone, Copy, Debug)]
enum WriteMode {
    /// They are removed.
    Replace,
    /// They are kept.
    Update,
}

/// Returns the id of a write, and its records as batches to send.
fn prepare(changes: &Changes, max_bytes: usize) -> anyhow::Result<(String, Vec<Vec<u8>>)> {
    let write_id = write_id(changes)?;
    let passages = changes.add.iter();
    let records = passages.map(|passage| Record::new(passage, &write_id));
    let batches = batches(records, max_bytes)?;
    Ok((write_id, batches))
}

/// Splits records, one per line, into batches of at most `max_bytes`, unless a single record is larger.
fn batches<R: Serialize>(
    records: impl Iterator<Item = anyhow::Result<R>>,
    max_bytes: usize,
) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut batches = Vec::new();
    let mut batch = Vec::new();
    for record in records {
        let begin = batch.len();
        serde_json::to_writer(&mut batch, &record?)?;
        batch.push(b'\n');
        if batch.len() > max_bytes && begin > 0 {
            let last = batch.split_off(begin);
            batches.push(std::mem::replace(&mut batch, last));
        }
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    Ok(batches)
}

/// Returns an id of these changes. The same changes have the same id, so that a retried write replaces itself.
fn write_id(changes: &Changes) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    digest.update(serde_json::to_vec(changes)?);
    Ok(hex::encode(&digest.finalize()[..8]))
}
