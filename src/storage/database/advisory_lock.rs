//! Locks across processes and machines.

use sqlx::{ConnectOptions, PgConnection};

use super::Postgres;

/// A lock that is released when it is dropped, or when the process ends in any way.
#[derive(Debug)]
pub struct AdvisoryLock {
    _session: PgConnection,
}

impl Postgres {
    /// Tries to acquire the lock with this name; `None` if another process has it. Shared locks exclude only exclusive ones.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn try_lock(
        &self,
        name: &str,
        is_shared: bool,
    ) -> anyhow::Result<Option<AdvisoryLock>> {
        let sql = if is_shared {
            "SELECT pg_try_advisory_lock_shared(hashtextextended($1, 1))"
        } else {
            "SELECT pg_try_advisory_lock(hashtextextended($1, 1))"
        };
        let acquired = async {
            let mut session = self.options.connect().await?;
            let is_ours: bool = sqlx::query_scalar(sql)
                .bind(name)
                .fetch_one(&mut session)
                .await?;
            Ok(is_ours.then_some(AdvisoryLock { _session: session }))
        };
        acquired
            .await
            .map_err(|error: sqlx::Error| self.explain(&error))
    }
}
