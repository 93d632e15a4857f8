//! Secrets that all replicas share.

use super::Postgres;

impl Postgres {
    /// Returns the secret with this name; if there is none, stores `new`.
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
        let stored = self.stored_secret(name).await?;
        Ok(stored.unwrap_or_else(|| new.to_vec()))
    }

    /// Returns the stored secret with this name.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn stored_secret(&self, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
        sqlx::query_scalar("SELECT value FROM secret WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| self.explain(&error))
    }

    /// Replaces the stored secret.
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
