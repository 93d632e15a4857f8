//! Programs that reindex the same documents take turns.

use super::LANE;
use crate::config::settings::Config;
use crate::runtime::lock::FileLock;
use crate::storage::database::{Claim, Postgres};

/// What programs that reindex the same documents keep each other away with.
pub struct Alone {
    _on_this_machine: FileLock,
    _on_all: Option<Claim>,
}

impl Alone {
    /// Takes it, or tells who has it.
    ///
    /// # Errors
    /// The data folder cannot be written, or the database cannot be used.
    pub async fn take(
        config: &Config,
        postgres: Option<&Postgres>,
    ) -> anyhow::Result<Result<Self, String>> {
        let on_this_machine = match FileLock::take(&config.data.dir.join(LANE))? {
            Ok(lock) => lock,
            Err(holder) => return Ok(Err(holder)),
        };
        let on_all = match postgres {
            Some(postgres) => match postgres.claim(LANE, false).await? {
                Some(claim) => Some(claim),
                None => return Ok(Err("another replica".to_owned())),
            },
            None => None,
        };
        Ok(Ok(Self {
            _on_this_machine: on_this_machine,
            _on_all: on_all,
        }))
    }
}
