//! A cache of embeddings, so that unchanged texts are not embedded again.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use half::f16;
use sha2::{Digest, Sha256};
use sqlx::SqlitePool;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqlitePoolOptions;

use crate::runtime::clock::Clock;
use crate::search::index::vectors::Space;
use crate::storage::sqlite;

static SCHEMA: Migrator = sqlx::migrate!("src/search/embed/cache");

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// Days after which an unused text is dropped.
const KEEP_DAYS: i64 = 60;
const SECONDS_A_DAY: i64 = 24 * 60 * 60;
/// Number of texts in one query.
const BATCH_SIZE: usize = 500;

pub(super) struct Cache {
    pool: SqlitePool,
    clock: Clock,
}

impl Cache {
    pub(super) async fn open(file: &Path, clock: Clock) -> anyhow::Result<Self> {
        let unusable = || {
            format!(
                "the embeddings in {} cannot be used; delete the file, and texts are embedded again",
                file.display()
            )
        };
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_with(sqlite::options(file, BUSY_TIMEOUT))
            .await
            .with_context(unusable)?;
        SCHEMA.run(&pool).await.with_context(unusable)?;
        Ok(Self { pool, clock })
    }

    /// Returns the cached vector of each text, in order.
    pub(super) async fn get(
        &self,
        space: &Space,
        texts: &[String],
    ) -> anyhow::Result<Vec<Option<Vec<f32>>>> {
        let (name, today) = (space.name(), self.today());
        let keys: Vec<Vec<u8>> = texts.iter().map(|text| key(text)).collect();
        let mut cached: HashMap<Vec<u8>, Vec<f32>> = HashMap::new();
        for keys in keys.chunks(BATCH_SIZE) {
            let marks = vec!["?"; keys.len()].join(", ");
            // The statement contains no text, only as many placeholders as there are texts.
            let statement = format!(
                "UPDATE vector SET used = ? WHERE space = ? AND text IN ({marks}) RETURNING text, vector"
            );
            let mut query = sqlx::query_as(sqlx::AssertSqlSafe(statement))
                .bind(today)
                .bind(&name);
            for key in keys {
                query = query.bind(key);
            }
            let rows: Vec<(Vec<u8>, Vec<u8>)> = query.fetch_all(&self.pool).await?;
            cached.extend(rows.into_iter().map(|(key, bytes)| (key, numbers(&bytes))));
        }
        let vector = |key| cached.get(key).cloned();
        Ok(keys.iter().map(vector).collect())
    }

    pub(super) async fn keep<'a>(
        &self,
        space: &Space,
        vectors: impl Iterator<Item = (&'a str, &'a Vec<f32>)>,
    ) -> anyhow::Result<()> {
        let (name, today) = (space.name(), self.today());
        let mut transaction = self.pool.begin().await?;
        for (text, vector) in vectors {
            sqlx::query(
                "INSERT OR REPLACE INTO vector (space, text, vector, used) VALUES (?, ?, ?, ?)",
            )
            .bind(&name)
            .bind(key(text))
            .bind(bytes(vector))
            .bind(today)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Drops vectors of other spaces and of texts that have not been used for long.
    pub(super) async fn tidy(&self, space: &Space) -> anyhow::Result<()> {
        sqlx::query("DELETE FROM vector WHERE space <> ? OR used < ?")
            .bind(space.name())
            .bind(self.today() - KEEP_DAYS)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    fn today(&self) -> i64 {
        self.clock.now().as_second() / SECONDS_A_DAY
    }
}

fn key(text: &str) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

fn bytes(vector: &[f32]) -> Vec<u8> {
    let halves = vector.iter().map(|number| f16::from_f32(*number));
    halves.flat_map(f16::to_le_bytes).collect()
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    let halves = bytes.chunks_exact(2);
    halves
        .map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32())
        .collect()
}
