//! Backups: one file with jobs, answers, votes, remarks and the key of the links.
//!
//! The format does not depend on the database, so a backup also moves an installation from one to the other. Documents are
//! not included, since they can be read again. Each line is a JSON object: a header, one row each, and a footer with the
//! number of rows.

use std::io::{BufRead, Write};

use anyhow::{Context, anyhow, bail, ensure};
use futures::TryStreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::AssertSqlSafe;

use crate::storage::database::{Tables, in_transaction, with_pool};

/// Incremented when earlier versions cannot read the format any more.
const FORMAT: u32 = 2;

/// The stores of a backup.
#[derive(Debug)]
pub struct BackupStores {
    pub(crate) jobs: Tables,
    pub(crate) answers: Tables,
    /// The generated key that signs links; None if one is configured.
    pub link_key: Option<Vec<u8>>,
}

/// Numbers of rows by table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub jobs: u64,
    pub answers: u64,
    pub votes: u64,
    pub remarks: u64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    epibot_backup: u32,
    /// The version of the program that wrote it.
    program: String,
    at: Timestamp,
    /// In hexadecimal digits.
    link_key: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Footer {
    end: u64,
}

/// A table of the backup.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    order: &'static str,
}

/// In the order in which they are written. Ids of jobs are not included: new ones are assigned in the same order.
const TABLES: [Table; 4] = [
    Table {
        name: "job",
        columns: &[
            "key",
            "lane",
            "state",
            "payload",
            "progress",
            "attempt",
            "fence",
            "reason",
            "given_up",
            "farewells",
            "stored",
            "due",
            "finished",
        ],
        order: "id",
    },
    Table {
        name: "answer",
        columns: &[
            "key",
            "asked",
            "team",
            "channel",
            "thread",
            "user",
            "question",
            "question_sha256",
            "answer",
            "mode",
            "model",
            "prompt_tokens",
            "completion_tokens",
            "reason",
            "language",
            "passages",
            "has_words",
        ],
        order: "asked, key",
    },
    Table {
        name: "vote",
        columns: &["key", "user", "helpful", "comment", "voted"],
        order: "key, \"user\"",
    },
    Table {
        name: "remark",
        columns: &["key", "said", "channel", "user", "remark"],
        order: "said, key",
    },
];

impl Table {
    fn names(&self) -> String {
        let quoted: Vec<String> = self
            .columns
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect();
        quoted.join(", ")
    }

    /// Returns SQL that selects each row as a JSON object.
    fn select(&self, object: &str) -> String {
        let pairs: Vec<String> = self
            .columns
            .iter()
            .map(|name| format!("'{name}', \"{name}\""))
            .collect();
        format!(
            "SELECT cast({object}({}) AS TEXT) FROM {} ORDER BY {}",
            pairs.join(", "),
            self.name,
            self.order
        )
    }

    /// Returns SQL that inserts one such object.
    fn insert(&self, tables: &Tables) -> String {
        let (name, names) = (self.name, self.names());
        match tables {
            Tables::Sqlite(_) => {
                let values: Vec<String> = self
                    .columns
                    .iter()
                    .map(|name| format!("json_extract($1, '$.{name}')"))
                    .collect();
                format!("INSERT INTO {name} ({names}) SELECT {}", values.join(", "))
            }
            Tables::Postgres(_) => format!(
                "INSERT INTO {name} ({names}) SELECT {names} FROM json_populate_record(NULL::{name}, $1::json)"
            ),
        }
    }
}

impl Counts {
    fn of(&mut self, table: &str) -> Option<&mut u64> {
        match table {
            "job" => Some(&mut self.jobs),
            "answer" => Some(&mut self.answers),
            "vote" => Some(&mut self.votes),
            "remark" => Some(&mut self.remarks),
            _ => None,
        }
    }

    fn all(self) -> u64 {
        self.jobs + self.answers + self.votes + self.remarks
    }
}

impl BackupStores {
    fn tables(&self, table: &str) -> &Tables {
        if table == "job" {
            &self.jobs
        } else {
            &self.answers
        }
    }

    /// Writes a consistent snapshot, also while the program runs.
    ///
    /// # Errors
    /// The database cannot be read, or the file cannot be written.
    pub async fn write(
        &self,
        at: Timestamp,
        out: &mut (dyn Write + Send),
    ) -> anyhow::Result<Counts> {
        let head = Header {
            epibot_backup: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            at,
            link_key: self.link_key.as_deref().map(hex::encode),
        };
        writeln!(out, "{}", serde_json::to_string(&head)?)?;
        let mut counts = Counts::default();
        // One transaction per database gives a consistent snapshot.
        match &self.jobs {
            Tables::Postgres(postgres) => {
                let mut snapshot = postgres.pool.begin().await?;
                sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .execute(&mut *snapshot)
                    .await?;
                for table in &TABLES {
                    let sql = AssertSqlSafe(table.select("json_build_object"));
                    let mut rows = sqlx::query_scalar::<_, String>(sql).fetch(&mut *snapshot);
                    while let Some(row) = rows.try_next().await? {
                        write_row(out, table.name, &row, &mut counts)?;
                    }
                }
            }
            Tables::Sqlite(_) => {
                for (tables, is_job) in [(&self.jobs, true), (&self.answers, false)] {
                    let Tables::Sqlite(pool) = tables else {
                        bail!("the state is in two databases of different kinds");
                    };
                    let mut snapshot = pool.begin().await?;
                    for table in TABLES
                        .iter()
                        .filter(|table| (table.name == "job") == is_job)
                    {
                        let sql = AssertSqlSafe(table.select("json_object"));
                        let mut rows = sqlx::query_scalar::<_, String>(sql).fetch(&mut *snapshot);
                        while let Some(row) = rows.try_next().await? {
                            write_row(out, table.name, &row, &mut counts)?;
                        }
                    }
                }
            }
        }
        writeln!(
            out,
            "{}",
            serde_json::to_string(&Footer { end: counts.all() })?
        )?;
        out.flush()?;
        Ok(counts)
    }

    /// Whether there are no rows that a restore would replace.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn is_empty(&self) -> anyhow::Result<bool> {
        for table in &TABLES {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
            let found: bool = with_pool!(self.tables(table.name), pool => {
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await?
            });
            if found {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Replaces everything with a backup; the program must not be running. Sets `link_key` to the key in the backup.
    ///
    /// Jobs that were open may have been finished since, so their threads are checked before anything is posted.
    ///
    /// # Errors
    /// The file is not a backup, incomplete or from a newer version, or the database cannot be written; nothing is changed
    /// then.
    pub async fn read(&mut self, file: &mut (dyn BufRead + Send)) -> anyhow::Result<Counts> {
        let (head, rows) = parse(file)?;
        let mut counts = Counts::default();
        // With two files, answers are written first, since they are of use without the jobs.
        for is_job in [false, true] {
            let tables = if is_job { &self.jobs } else { &self.answers };
            let selected = || {
                TABLES
                    .iter()
                    .filter(|table| (table.name == "job") == is_job)
            };
            in_transaction!(tables, transaction => {
                for table in selected() {
                    let sql = format!("DELETE FROM {}", table.name);
                    sqlx::query(AssertSqlSafe(sql)).execute(&mut *transaction).await?;
                    for (_, row) in rows.iter().filter(|(name, _)| name == table.name) {
                        let sql = AssertSqlSafe(table.insert(tables));
                        sqlx::query(sql).bind(row).execute(&mut *transaction).await?;
                        if let Some(count) = counts.of(table.name) {
                            *count += 1;
                        }
                    }
                }
            });
        }
        self.link_key = match head.link_key {
            Some(key) => {
                Some(hex::decode(key).context("the link key in the backup cannot be read")?)
            }
            None => None,
        };
        Ok(counts)
    }
}

fn write_row(
    out: &mut (dyn Write + Send),
    table: &str,
    row: &str,
    counts: &mut Counts,
) -> anyhow::Result<()> {
    writeln!(out, "{{\"{table}\":{row}}}")?;
    if let Some(count) = counts.of(table) {
        *count += 1;
    }
    Ok(())
}

/// Returns all rows, each with its table. All are checked before any is written.
fn parse(file: &mut (dyn BufRead + Send)) -> anyhow::Result<(Header, Vec<(String, String)>)> {
    let mut lines = file.lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let head: Header = serde_json::from_str(&first).map_err(|_| {
        anyhow!("it is no backup of epibot; name a file that `epibot backup` wrote")
    })?;
    ensure!(
        head.epibot_backup <= FORMAT,
        "epibot {} wrote it, which is newer than this one, {}; restore it with that version or a later one",
        head.program,
        env!("CARGO_PKG_VERSION")
    );
    let mut rows = Vec::new();
    for line in lines {
        let line = line?;
        if let Ok(Footer { end }) = serde_json::from_str(&line) {
            ensure!(
                end == rows.len() as u64,
                "it is damaged: {end} rows were written, {} are there; take another backup",
                rows.len()
            );
            return Ok((head, rows));
        }
        rows.push(row(&line).with_context(|| format!("line {} cannot be read", rows.len() + 2))?);
    }
    bail!("it is not whole: its end is missing; take another backup")
}

fn row(line: &str) -> anyhow::Result<(String, String)> {
    let tables: std::collections::BTreeMap<String, Box<RawValue>> = serde_json::from_str(line)?;
    let (name, row) = tables.into_iter().next().context("it is empty")?;
    let table = TABLES
        .iter()
        .find(|table| table.name == name)
        .with_context(|| format!("\"{name}\" is unknown to this version"))?;
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(row.get())?;
    if let Some(unknown) = fields
        .keys()
        .find(|key| !table.columns.contains(&key.as_str()))
    {
        bail!("\"{unknown}\" of \"{name}\" is unknown to this version");
    }
    if name == "job" && fields["finished"].is_null() {
        fields["state"] = "waiting".into();
        // An additional claim, so that the thread is checked.
        let fence = fields["fence"].as_i64().unwrap_or_default();
        fields["fence"] = (fence + 1).into();
    }
    Ok((name, Value::Object(fields).to_string()))
}

#[cfg(test)]
mod tests {
    use sqlx::SqlitePool;

    use super::*;

    /// Columns that are assigned on insert.
    const ASSIGNED: [&str; 1] = ["id"];

    async fn columns(pool: &SqlitePool, table: &str) -> Vec<String> {
        sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
            .bind(table)
            .fetch_all(pool)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn every_column_that_there_is_is_kept() {
        let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
        for schema in ["src/storage/queue/sqlite", "src/storage/answer_log"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(schema);
            let mut files: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|file| file.extension().is_some_and(|kind| kind == "sql"))
                .collect();
            files.sort();
            for file in files {
                let schema = std::fs::read_to_string(file).unwrap();
                sqlx::raw_sql(AssertSqlSafe(schema))
                    .execute(&pool)
                    .await
                    .unwrap();
            }
        }
        for table in &TABLES {
            let mut actual = columns(&pool, table.name).await;
            actual.retain(|name| !ASSIGNED.contains(&name.as_str()));
            actual.sort();
            let mut backed_up = table.columns.to_vec();
            backed_up.sort_unstable();
            assert_eq!(backed_up, actual, "{}", table.name);
        }
        let tables: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
                .fetch_all(&pool)
                .await
                .unwrap();
        let mut backed_up = TABLES.map(|table| table.name);
        backed_up.sort_unstable();
        let ours = tables
            .iter()
            .filter(|name| !name.starts_with("sqlite_"))
            .collect::<Vec<_>>();
        assert_eq!(ours, backed_up);
    }
}
