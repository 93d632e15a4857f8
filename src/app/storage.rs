//! Opens the stores: files in the data folder, or tables in the database that replicas share.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow};
use sqlx::SqlitePool;

use crate::app::link_key;
use crate::config::index::Engine;
use crate::config::settings::Config;
use crate::ingest::catalog::Catalog;
use crate::recipes::store::RecipeStore;
use crate::runtime::clock::Clock;
use crate::runtime::lock::FileLock;
use crate::storage::answer_log::AnswerLog;
use crate::storage::backup::BackupStores;
use crate::storage::database::{AdvisoryLock, Postgres, Tables};
use crate::storage::queue;
use crate::storage::queue::Queue;
use crate::storage::sqlite;

/// How long to wait for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The stores of one installation; each is opened on request.
pub struct Storage<'a> {
    config: &'a Config,
    pub postgres: Option<Postgres>,
}

/// The stores to restore a backup into, locked against other processes.
pub struct RestoreTarget {
    pub stores: BackupStores,
    _lock: Option<FileLock>,
}

impl<'a> Storage<'a> {
    /// Connects to the database, if one is configured.
    ///
    /// # Errors
    /// The database cannot be used; the message says what to do.
    pub async fn open(config: &'a Config) -> anyhow::Result<Self> {
        Ok(Self::new(
            config,
            Postgres::configured(&config.state).await?,
        ))
    }

    /// Returns the stores in a connected database, or in files without one.
    #[must_use]
    pub fn new(config: &'a Config, postgres: Option<Postgres>) -> Self {
        Self { config, postgres }
    }

    pub async fn catalog(&self) -> anyhow::Result<Catalog> {
        match &self.postgres {
            Some(postgres) => Ok(Catalog::shared(postgres)),
            None => Catalog::open(&self.config.data.dir.join("catalog.sqlite")).await,
        }
    }

    pub async fn recipe_store(&self) -> anyhow::Result<RecipeStore> {
        match &self.postgres {
            Some(postgres) => Ok(RecipeStore::shared(postgres)),
            None => RecipeStore::open(&self.config.data.dir.join("recipes.sqlite")).await,
        }
    }

    pub async fn feedback(&self, clock: Clock) -> anyhow::Result<AnswerLog> {
        match &self.postgres {
            Some(postgres) => Ok(AnswerLog::shared(postgres, clock)),
            None => AnswerLog::open(&self.config.feedback_file(), clock).await,
        }
    }

    pub async fn queue(&self, clock: Clock) -> anyhow::Result<Queue> {
        match &self.postgres {
            Some(postgres) => Queue::join(postgres, &self.config.queue, clock).await,
            None => Queue::open(&self.config.state_file(), &self.config.queue, clock).await,
        }
    }

    /// Deletes the personal data of one person from stored jobs, also while the program runs. Returns the number of cleared
    /// jobs and of the person's jobs that are still open.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn forget_person(&self, user: &str) -> anyhow::Result<(u64, u64)> {
        if self.postgres.is_none() && !self.config.state_file().exists() {
            return Ok((0, 0));
        }
        queue::forget_person(&self.tables(&self.config.state_file()).await?, user)
            .await
            .context("the stored questions of that person could not be deleted; run it again")
    }

    /// Opens everything that a backup contains.
    ///
    /// # Errors
    /// There is no data yet, or it cannot be opened.
    pub async fn stores(&self) -> anyhow::Result<BackupStores> {
        let (jobs, answers) = (self.config.state_file(), self.config.feedback_file());
        if self.postgres.is_none() {
            anyhow::ensure!(
                jobs.exists(),
                "there is nothing to back up in {}; check data.dir",
                self.config.data.dir.display()
            );
            // Creates the answer log, which does not exist if Slack was never on.
            self.feedback(Clock::system()).await?;
        }
        Ok(BackupStores {
            jobs: self.tables(&jobs).await?,
            answers: self.tables(&answers).await?,
            link_key: link_key::load_stored(self.config, self.postgres.as_ref()).await?,
        })
    }

    /// Opens and migrates the stores, locked against other processes until the result is dropped.
    ///
    /// # Errors
    /// The program is running, or the data folder cannot be written.
    pub async fn restore_target(&self) -> anyhow::Result<RestoreTarget> {
        let lock = if let Some(postgres) = &self.postgres {
            let replicas = postgres.replicas().await?;
            anyhow::ensure!(
                replicas == 0,
                "{replicas} replicas are running on {postgres}; stop them first"
            );
            None
        } else {
            let queue = self.queue(Clock::system()).await?;
            queue.close().await?;
            let file = self.config.state_file();
            let lock = FileLock::acquire(&file)?.map_err(|holder| {
                anyhow!("{holder} is running on {}; stop it first", file.display())
            })?;
            Some(lock)
        };
        Ok(RestoreTarget {
            stores: self.stores().await?,
            _lock: lock,
        })
    }

    /// Replaces the key that signs links.
    ///
    /// # Errors
    /// The key cannot be written.
    pub async fn replace_link_key(&self, key: Option<&[u8]>) -> anyhow::Result<()> {
        match key {
            Some(key) => link_key::replace(self.config, self.postgres.as_ref(), key).await,
            None => Ok(()),
        }
    }

    /// Opens the tables of a store without its lock.
    async fn tables(&self, file: &Path) -> anyhow::Result<Tables> {
        if let Some(postgres) = &self.postgres {
            return Ok(Tables::Postgres(postgres.clone()));
        }
        let options = sqlite::options(file, BUSY_TIMEOUT).create_if_missing(false);
        let pool = SqlitePool::connect_with(options)
            .await
            .with_context(|| format!("{} cannot be opened", file.display()))?;
        Ok(Tables::Sqlite(pool))
    }

    /// Claims the use of the index. Replicas can share a search server, but the embedded index belongs to one process, which
    /// then uses the database alone until it drops the claim.
    ///
    /// # Errors
    /// Another replica is running with an incompatible index.
    pub async fn claim_index(&self) -> anyhow::Result<Option<AdvisoryLock>> {
        let Some(postgres) = &self.postgres else {
            return Ok(None);
        };
        let is_embedded = self.config.index.engine == Engine::Embedded;
        let claim = postgres.try_lock("index", !is_embedded).await?;
        anyhow::ensure!(
            claim.is_some(),
            "another replica is running on {postgres}, and index.engine = \"embedded\" is an index that only one process \
             can use; set index.engine = \"meilisearch\" for all replicas, or stop the other one"
        );
        Ok(claim)
    }
}
