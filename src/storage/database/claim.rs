//! What one process at a time may do, whichever machine it runs on.

use sqlx::{ConnectOptions, PgConnection};

use super::Postgres;

/// Held until it is dropped, or until the process ends, however it ends.
#[derive(Debug)]
pub struct Claim {
    _session: PgConnection,
}

impl Postgres {
    /// Claims something by its name; none if another has it. Where it `is_shared`, others may share it.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn claim(&self, name: &str, is_shared: bool) -> anyhow::Result<Option<Claim>> {
        let sql = if is_shared {
            "SELECT pg_try_advisory_lock_shared(hashtextextended($1, 1))"
        } else {
            "SELECT pg_try_advisory_lock(hashtextextended($1, 1))"
        };
        let claimed = async {
            let mut session = self.options.connect().await?;
            let is_ours: bool = sqlx::query_scalar(sql)
                .bind(name)
                .fetch_one(&mut session)
                .await?;
            Ok(is_ours.then_some(Claim { _session: session }))
        };
        claimed
            .await
            .map_err(|error: sqlx::Error| self.explain(&error))
    }
}
