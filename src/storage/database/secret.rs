//! Keys that every replica needs alike.

use super::Postgres;

impl Postgres {
    /// The secret that is kept under a name; where there is none, this one is kept from now on.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn secret(&self, name: &str, new: &[u8]) -> anyhow::Result<Vec<u8>> {
        sqlx::query("INSERT INTO secret VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(new)
            .execute(&self.pool)
            .await
            .map_err(|error| self.explain(&error))?;
        let kept = self.kept_secret(name).await?;
        Ok(kept.unwrap_or_else(|| new.to_vec()))
    }

    /// The secret that is kept under a name.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn kept_secret(&self, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
        sqlx::query_scalar("SELECT value FROM secret WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| self.explain(&error))
    }

    /// Keeps a secret in the place of the one that is kept.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn replace_secret(&self, name: &str, new: &[u8]) -> anyhow::Result<()> {
        sqlx::query("INSERT INTO secret VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
            .bind(name)
            .bind(new)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(|error| self.explain(&error))
    }
}
