//! Mutual exclusion of programs that reindex the same documents.

use super::LANE;
use crate::config::settings::Config;
use crate::runtime::lock::FileLock;
use crate::storage::database::{AdvisoryLock, Postgres};

/// Held while documents are reindexed, on this machine and, with a shared database, among all replicas.
pub struct ReindexLock {
    _on_this_machine: FileLock,
    _among_replicas: Option<AdvisoryLock>,
}

impl ReindexLock {
    /// Acquires the lock, or returns a description of its holder.
    ///
    /// # Errors
    /// The data folder cannot be written, or the database cannot be used.
    pub async fn acquire(
        config: &Config,
        postgres: Option<&Postgres>,
    ) -> anyhow::Result<Result<Self, String>> {
        let file_lock = match FileLock::acquire(&config.data.dir.join(LANE))? {
            Ok(lock) => lock,
            Err(holder) => return Ok(Err(holder)),
        };
        let advisory_lock = match postgres {
            Some(postgres) => match postgres.try_lock(LANE, false).await? {
                Some(lock) => Some(lock),
                None => return Ok(Err("another replica".to_owned())),
            },
            None => None,
        };
        Ok(Ok(Self {
            _on_this_machine: file_lock,
            _among_replicas: advisory_lock,
        }))
    }
}
