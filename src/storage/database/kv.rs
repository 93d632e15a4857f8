//! Key-value pairs and event counters that replicas share.

use super::Postgres;

impl Postgres {
    /// Sets the value of a key.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn kv_set(&self, name: &str, body: &str) -> anyhow::Result<()> {
        sqlx::query(
            "INSERT INTO board VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        )
        .bind(name)
        .bind(body)
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(|error| self.explain(&error))
    }

    /// Returns the value of a key.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn kv_get(&self, name: &str) -> anyhow::Result<Option<String>> {
        sqlx::query_scalar("SELECT body FROM board WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| self.explain(&error))
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn kv_delete(&self, name: &str) -> anyhow::Result<()> {
        sqlx::query("DELETE FROM board WHERE name = $1")
            .bind(name)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(|error| self.explain(&error))
    }

    /// Counts an event under each of these names.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn count_event(&self, names: &[&str]) -> anyhow::Result<()> {
        let stored = async {
            sqlx::query("DELETE FROM asked WHERE at < now() - interval '1 minute'")
                .execute(&self.pool)
                .await?;
            sqlx::query("INSERT INTO asked (name) SELECT unnest($1::text[])")
                .bind(names)
                .execute(&self.pool)
                .await
        };
        stored.await.map(drop).map_err(|error| self.explain(&error))
    }

    /// Returns the number of events under a name within the last minute.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn events_within_minute(&self, name: &str) -> anyhow::Result<usize> {
        let number: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM asked WHERE name = $1 AND at >= now() - interval '1 minute'",
        )
        .bind(name)
        .fetch_one(&self.pool)
        .await
        .map_err(|error| self.explain(&error))?;
        Ok(usize::try_from(number).unwrap_or(usize::MAX))
    }
}
