//! The catalogue's statements.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};

use super::{Entry, Holding, State, Totals};
use crate::corpus::extract::Stated;
use crate::domain::{DocumentId, Doubt, Fault, Place};

const REPLACE: &str = "REPLACE INTO document VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
    ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)";

pub(super) async fn file(pool: &SqlitePool, id: &DocumentId) -> sqlx::Result<Option<PathBuf>> {
    let file: Option<Vec<u8>> = sqlx::query_scalar("SELECT file FROM document WHERE id = ?1")
        .bind(&id.0)
        .fetch_optional(pool)
        .await?;
    Ok(file.map(path))
}

pub(super) async fn entries(pool: &SqlitePool) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as("SELECT * FROM document")
        .fetch_all(pool)
        .await
}

pub(super) async fn totals(pool: &SqlitePool) -> sqlx::Result<Totals> {
    let (documents, pages, passages): (i64, i64, i64) = sqlx::query_as(
        "SELECT count(*), coalesce(sum(pages), 0), coalesce(sum(passages), 0) FROM document WHERE state = 'read'",
    )
    .fetch_one(pool)
    .await?;
    Ok(Totals {
        documents: unsigned(documents),
        pages: unsigned(pages),
        passages: unsigned(passages),
    })
}

pub(super) async fn holdings(pool: &SqlitePool) -> sqlx::Result<Vec<Holding>> {
    sqlx::query_as(
        "SELECT source, collection, count(*) FILTER (WHERE state = 'read') AS documents,
             coalesce(sum(pages) FILTER (WHERE state = 'read'), 0) AS pages,
             count(*) FILTER (WHERE state = 'failed') AS failed,
             max(indexed_at) FILTER (WHERE state = 'read') AS newest
         FROM document GROUP BY source, collection ORDER BY source, collection",
    )
    .fetch_all(pool)
    .await
}

pub(super) async fn newest(pool: &SqlitePool, most: u32) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as(
        "SELECT * FROM document WHERE state = 'read' AND superseded_by IS NULL
         ORDER BY indexed_at DESC, id LIMIT ?1",
    )
    .bind(most)
    .fetch_all(pool)
    .await
}

pub(super) async fn failures(pool: &SqlitePool, most: u32) -> sqlx::Result<Vec<(String, Fault)>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT path, coalesce(reason, '') FROM document WHERE state = 'failed'
         ORDER BY indexed_at DESC, path LIMIT ?1",
    )
    .bind(most)
    .fetch_all(pool)
    .await?;
    let faults = rows.into_iter();
    Ok(faults
        .map(|(path, reason)| (path, Fault::from_line(&reason)))
        .collect())
}

pub(super) async fn write(pool: &SqlitePool, entries: &[Entry]) -> sqlx::Result<()> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    for entry in entries {
        let (state, reason) = match &entry.state {
            State::Pending => ("pending", None),
            State::Read => ("read", None),
            State::Failed(fault) => ("failed", Some(fault.to_line())),
        };
        let [number, revision, effective] =
            [&entry.number, &entry.revision, &entry.effective].map(|stated| split(stated.as_ref()));
        sqlx::query(REPLACE)
            .bind(&entry.id.0)
            .bind(&entry.source)
            .bind(&entry.path)
            .bind(&entry.collection)
            .bind(entry.file.as_os_str().as_bytes())
            .bind(i64::try_from(entry.size).unwrap_or(i64::MAX))
            .bind(entry.modified)
            .bind(&entry.sha256)
            .bind(&entry.settings)
            .bind(state)
            .bind(reason)
            .bind(&entry.title)
            .bind(number.0)
            .bind(number.1)
            .bind(revision.0)
            .bind(revision.1)
            .bind(effective.0)
            .bind(effective.1)
            .bind(entry.superseded_by.as_ref().map(|id| &id.0))
            .bind(entry.pages)
            .bind(entry.passages)
            .bind(lines(&entry.notes, Fault::to_line))
            .bind(lines(&entry.doubts, Doubt::to_line))
            .bind(entry.indexed_at)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}

pub(super) async fn forget(pool: &SqlitePool, ids: &[DocumentId]) -> sqlx::Result<()> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    for id in ids {
        sqlx::query("DELETE FROM document WHERE id = ?1")
            .bind(&id.0)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}

impl FromRow<'_, SqliteRow> for Entry {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let state: String = row.try_get("state")?;
        let reason: Option<String> = row.try_get("reason")?;
        let [notes, doubts] = [row.try_get::<String, _>("notes")?, row.try_get("doubts")?];
        let superseded_by: Option<String> = row.try_get("superseded_by")?;
        Ok(Self {
            id: DocumentId(row.try_get("id")?),
            source: row.try_get("source")?,
            path: row.try_get("path")?,
            collection: row.try_get("collection")?,
            file: path(row.try_get("file")?),
            size: unsigned(row.try_get("size")?),
            modified: row.try_get("modified")?,
            sha256: row.try_get("sha256")?,
            settings: row.try_get("settings")?,
            state: match state.as_str() {
                "read" => State::Read,
                "failed" => State::Failed(Fault::from_line(&reason.unwrap_or_default())),
                _ => State::Pending,
            },
            title: row.try_get("title")?,
            number: stated(row, "number", "number_place")?,
            revision: stated(row, "revision", "revision_place")?,
            effective: stated(row, "effective", "effective_place")?,
            superseded_by: superseded_by.map(DocumentId),
            pages: row.try_get("pages")?,
            passages: row.try_get("passages")?,
            notes: notes.lines().map(Fault::from_line).collect(),
            doubts: doubts.lines().map(Doubt::from_line).collect(),
            indexed_at: row.try_get("indexed_at")?,
        })
    }
}

fn lines<T>(all: &[T], line: impl Fn(&T) -> String) -> String {
    let lines: Vec<String> = all.iter().map(line).collect();
    lines.join("\n")
}

fn split(stated: Option<&Stated>) -> (Option<&str>, Option<&str>) {
    stated
        .map(|stated| (stated.value.as_str(), stated.place.name()))
        .unzip()
}

fn stated(row: &SqliteRow, value: &str, place: &str) -> sqlx::Result<Option<Stated>> {
    let value: Option<String> = row.try_get(value)?;
    let place: Option<String> = row.try_get(place)?;
    let place = place.and_then(|place| Place::named(&place));
    Ok(value.map(|value| Stated {
        value,
        place: place.unwrap_or(Place::Body),
    }))
}

fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
