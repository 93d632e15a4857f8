//! SQL statements of the catalog.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use super::{CatalogEntry, DocumentState, SourceSummary, Totals};
use crate::domain::document::DocumentId;
use crate::domain::fault::Fault;
use crate::domain::inconsistency::{Inconsistency, PropertySource};
use crate::extract::properties::Stated;
use crate::storage::database::{Tables, in_transaction, with_pool};

/// A stored document, with the columns in their order.
#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    source: String,
    path: String,
    collection: String,
    file: Vec<u8>,
    size: i64,
    modified: i64,
    sha256: String,
    settings: String,
    state: String,
    reason: Option<String>,
    title: String,
    number: Option<String>,
    number_place: Option<String>,
    revision: Option<String>,
    revision_place: Option<String>,
    effective: Option<String>,
    effective_place: Option<String>,
    superseded_by: Option<String>,
    pages: i64,
    passages: i64,
    notes: String,
    doubts: String,
    indexed_at: i64,
}

pub(super) async fn file(tables: &Tables, id: &DocumentId) -> sqlx::Result<Option<PathBuf>> {
    const SQL: &str = "SELECT file FROM document WHERE id = $1";
    let file: Option<Vec<u8>> = with_pool!(tables, pool => {
        sqlx::query_scalar(SQL).bind(&id.0).fetch_optional(pool).await?
    });
    Ok(file.map(path))
}

pub(super) async fn entries(tables: &Tables) -> sqlx::Result<Vec<CatalogEntry>> {
    const SQL: &str = "SELECT * FROM document";
    let rows: Vec<Row> = with_pool!(tables, pool => sqlx::query_as(SQL).fetch_all(pool).await?);
    Ok(rows.into_iter().map(CatalogEntry::from).collect())
}

pub(super) async fn totals(tables: &Tables) -> sqlx::Result<Totals> {
    const SQL: &str = "SELECT count(*), cast(coalesce(sum(pages), 0) AS BIGINT),
            cast(coalesce(sum(passages), 0) AS BIGINT)
        FROM document WHERE state = 'read'";
    let (documents, pages, passages): (i64, i64, i64) = with_pool!(tables, pool => {
        sqlx::query_as(SQL).fetch_one(pool).await?
    });
    Ok(Totals {
        documents: unsigned(documents),
        pages: unsigned(pages),
        passages: unsigned(passages),
    })
}

pub(super) async fn source_summaries(tables: &Tables) -> sqlx::Result<Vec<SourceSummary>> {
    const SQL: &str =
        "SELECT source, collection, count(*) FILTER (WHERE state = 'read') AS documents,
            cast(coalesce(sum(pages) FILTER (WHERE state = 'read'), 0) AS BIGINT) AS pages,
            count(*) FILTER (WHERE state = 'failed') AS failed,
            max(indexed_at) FILTER (WHERE state = 'read') AS newest
        FROM document GROUP BY source, collection ORDER BY source, collection";
    with_pool!(tables, pool => sqlx::query_as(SQL).fetch_all(pool).await)
}

pub(super) async fn newest(tables: &Tables, limit: u32) -> sqlx::Result<Vec<CatalogEntry>> {
    const SQL: &str = "SELECT * FROM document WHERE state = 'read' AND superseded_by IS NULL
        ORDER BY indexed_at DESC, id LIMIT $1";
    let rows: Vec<Row> = with_pool!(tables, pool => {
        sqlx::query_as(SQL).bind(i64::from(limit)).fetch_all(pool).await?
    });
    Ok(rows.into_iter().map(CatalogEntry::from).collect())
}

pub(super) async fn failures(tables: &Tables, limit: u32) -> sqlx::Result<Vec<(String, Fault)>> {
    const SQL: &str = "SELECT path, coalesce(reason, '') FROM document WHERE state = 'failed'
        ORDER BY indexed_at DESC, path LIMIT $1";
    let rows: Vec<(String, String)> = with_pool!(tables, pool => {
        sqlx::query_as(SQL).bind(i64::from(limit)).fetch_all(pool).await?
    });
    let faults = rows.into_iter();
    Ok(faults
        .map(|(path, reason)| (path, Fault::from_line(&reason)))
        .collect())
}

pub(super) async fn write(tables: &Tables, entries: &[CatalogEntry]) -> sqlx::Result<()> {
    in_transaction!(tables, transaction => {
        for entry in entries {
            let row = Row::from(entry);
            sqlx::query(DELETE)
                .bind(&row.id)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(INSERT)
                .bind(row.id)
                .bind(row.source)
                .bind(row.path)
                .bind(row.collection)
                .bind(row.file)
                .bind(row.size)
                .bind(row.modified)
                .bind(row.sha256)
                .bind(row.settings)
                .bind(row.state)
                .bind(row.reason)
                .bind(row.title)
                .bind(row.number)
                .bind(row.number_place)
                .bind(row.revision)
                .bind(row.revision_place)
                .bind(row.effective)
                .bind(row.effective_place)
                .bind(row.superseded_by)
                .bind(row.pages)
                .bind(row.passages)
                .bind(row.notes)
                .bind(row.doubts)
                .bind(row.indexed_at)
                .execute(&mut *transaction)
                .await?;
        }
    });
    Ok(())
}

const DELETE: &str = "DELETE FROM document WHERE id = $1";
const INSERT: &str = "INSERT INTO document VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
    $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)";

pub(super) async fn forget(tables: &Tables, ids: &[DocumentId]) -> sqlx::Result<()> {
    in_transaction!(tables, transaction => {
        for id in ids {
            sqlx::query(DELETE).bind(&id.0).execute(&mut *transaction).await?;
        }
    });
    Ok(())
}

impl From<&CatalogEntry> for Row {
    fn from(entry: &CatalogEntry) -> Self {
        let (state, reason) = match &entry.state {
            DocumentState::Pending => ("pending", None),
            DocumentState::Read => ("read", None),
            DocumentState::Failed(fault) => ("failed", Some(storable(&fault.to_line()))),
        };
        let [number, revision, effective] =
            [&entry.number, &entry.revision, &entry.effective].map(|stated| split(stated.as_ref()));
        Self {
            id: entry.id.0.clone(),
            source: entry.source.clone(),
            path: entry.path.clone(),
            collection: entry.collection.clone(),
            file: entry.file.as_os_str().as_bytes().to_vec(),
            size: i64::try_from(entry.size).unwrap_or(i64::MAX),
            modified: entry.modified,
            sha256: entry.sha256.clone(),
            settings: entry.settings.clone(),
            state: state.to_owned(),
            reason,
            title: storable(&entry.title),
            number: number.0,
            number_place: number.1,
            revision: revision.0,
            revision_place: revision.1,
            effective: effective.0,
            effective_place: effective.1,
            superseded_by: entry.superseded_by.as_ref().map(|id| id.0.clone()),
            pages: i64::from(entry.pages),
            passages: i64::from(entry.passages),
            notes: storable(&lines(&entry.notes, Fault::to_line)),
            doubts: storable(&lines(&entry.inconsistencies, Inconsistency::to_line)),
            indexed_at: entry.indexed_at,
        }
    }
}

impl From<Row> for CatalogEntry {
    fn from(row: Row) -> Self {
        Self {
            id: DocumentId(row.id),
            source: row.source,
            path: row.path,
            collection: row.collection,
            file: path(row.file),
            size: unsigned(row.size),
            modified: row.modified,
            sha256: row.sha256,
            settings: row.settings,
            state: match row.state.as_str() {
                "read" => DocumentState::Read,
                "failed" => {
                    DocumentState::Failed(Fault::from_line(&row.reason.unwrap_or_default()))
                }
                _ => DocumentState::Pending,
            },
            title: row.title,
            number: stated(row.number, row.number_place.as_deref()),
            revision: stated(row.revision, row.revision_place.as_deref()),
            effective: stated(row.effective, row.effective_place.as_deref()),
            superseded_by: row.superseded_by.map(DocumentId),
            pages: u32::try_from(row.pages).unwrap_or_default(),
            passages: u32::try_from(row.passages).unwrap_or_default(),
            notes: row.notes.lines().map(Fault::from_line).collect(),
            inconsistencies: row.doubts.lines().map(Inconsistency::from_line).collect(),
            indexed_at: row.indexed_at,
        }
    }
}

/// Removes NUL, which documents may contain and PostgreSQL rejects.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}

fn split(stated: Option<&Stated>) -> (Option<String>, Option<String>) {
    stated
        .map(|stated| (storable(&stated.value), stated.place.name().to_owned()))
        .unzip()
}

fn stated(value: Option<String>, place: Option<&str>) -> Option<Stated> {
    let place = place
        .and_then(PropertySource::from_name)
        .unwrap_or(PropertySource::Body);
    value.map(|value| Stated { value, place })
}

fn lines<T>(all: &[T], line: impl Fn(&T) -> String) -> String {
    let lines: Vec<String> = all.iter().map(line).collect();
    lines.join("\n")
}

fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
