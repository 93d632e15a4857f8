//! Where what is remembered is kept: in files of the data folder, or in the database that replicas share.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow};
use sqlx::SqlitePool;

use super::key;
use crate::config::index::Engine;
use crate::config::settings::Config;
use crate::ingest::catalog::Catalog;
use crate::recipes::shelf::Shelf;
use crate::runtime::clock::Clock;
use crate::runtime::lock::FileLock;
use crate::storage::answer_log::Feedback;
use crate::storage::backup::Stores;
use crate::storage::database::{Claim, Postgres, Tables};
use crate::storage::queue;
use crate::storage::queue::Queue;
use crate::storage::sqlite;

/// How long a running program is waited for that writes.
const BUSY: Duration = Duration::from_secs(10);

/// The stores of one installation. Each opens when it is asked for.
pub struct State<'a> {
    config: &'a Config,
    pub postgres: Option<Postgres>,
}

/// What a backup is put into.
pub struct Restoring {
    pub stores: Stores,
    _alone: Option<FileLock>,
}

impl<'a> State<'a> {
    /// Connects to the database, where one is configured.
    ///
    /// # Errors
    /// It cannot be used; the message says what to do.
    pub async fn open(config: &'a Config) -> anyhow::Result<Self> {
        Ok(Self::of(config, Postgres::configured(&config.state).await?))
    }

    /// Of a database that is connected to, or of files where there is none.
    #[must_use]
    pub fn of(config: &'a Config, postgres: Option<Postgres>) -> Self {
        Self { config, postgres }
    }

    pub async fn catalog(&self) -> anyhow::Result<Catalog> {
        match &self.postgres {
            Some(postgres) => Ok(Catalog::shared(postgres)),
            None => Catalog::open(&self.config.data.dir.join("catalog.sqlite")).await,
        }
    }

    pub async fn shelf(&self) -> anyhow::Result<Shelf> {
        match &self.postgres {
            Some(postgres) => Ok(Shelf::shared(postgres)),
            None => Shelf::open(&self.config.data.dir.join("recipes.sqlite")).await,
        }
    }

    pub async fn feedback(&self, clock: Clock) -> anyhow::Result<Feedback> {
        match &self.postgres {
            Some(postgres) => Ok(Feedback::shared(postgres, clock)),
            None => Feedback::open(&self.config.feedback_file(), clock).await,
        }
    }

    pub async fn queue(&self, clock: Clock) -> anyhow::Result<Queue> {
        match &self.postgres {
            Some(postgres) => Queue::join(postgres, &self.config.queue, clock).await,
            None => Queue::open(&self.config.state_file(), &self.config.queue, clock).await,
        }
    }

    /// Deletes what stored jobs hold of one person, also while the program runs: how many jobs that were, and how many of
    /// theirs are still to be done.
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

    /// Everything that a backup holds, as it is now.
    ///
    /// # Errors
    /// There is nothing yet, or it cannot be opened.
    pub async fn stores(&self) -> anyhow::Result<Stores> {
        let (jobs, answers) = (self.config.state_file(), self.config.feedback_file());
        if self.postgres.is_none() {
            anyhow::ensure!(
                jobs.exists(),
                "there is nothing to back up in {}; check data.dir",
                self.config.data.dir.display()
            );
            // Where Slack has never been on there are no answers yet.
            self.feedback(Clock::system()).await?;
        }
        Ok(Stores {
            jobs: self.tables(&jobs).await?,
            answers: self.tables(&answers).await?,
            link_key: key::kept_one(self.config, self.postgres.as_ref()).await?,
        })
    }

    /// The same, brought up to date and with nobody at work on it for as long as this is held.
    ///
    /// # Errors
    /// The program is running, or the data folder cannot be written.
    pub async fn to_restore(&self) -> anyhow::Result<Restoring> {
        let alone = if let Some(postgres) = &self.postgres {
            let replicas = postgres.replicas().await?;
            anyhow::ensure!(
                replicas == 0,
                "{replicas} replicas work on {postgres}; stop them first"
            );
            None
        } else {
            let queue = self.queue(Clock::system()).await?;
            queue.close().await?;
            let file = self.config.state_file();
            let lock = FileLock::take(&file)?.map_err(|holder| {
                anyhow!(
                    "{holder} has just been started on {}; stop it first",
                    file.display()
                )
            })?;
            Some(lock)
        };
        Ok(Restoring {
            stores: self.stores().await?,
            _alone: alone,
        })
    }

    /// Keeps the key that links are signed with, in the place of the one that is there.
    ///
    /// # Errors
    /// It cannot be written.
    pub async fn keep_link_key(&self, key: Option<&[u8]>) -> anyhow::Result<()> {
        match key {
            Some(key) => key::replace(self.config, self.postgres.as_ref(), key).await,
            None => Ok(()),
        }
    }

    /// A store's rows, past whoever else has it open.
    async fn tables(&self, file: &Path) -> anyhow::Result<Tables> {
        if let Some(postgres) = &self.postgres {
            return Ok(Tables::Postgres(postgres.clone()));
        }
        let options = sqlite::options(file, BUSY).create_if_missing(false);
        let pool = SqlitePool::connect_with(options)
            .await
            .with_context(|| format!("{} cannot be opened", file.display()))?;
        Ok(Tables::Sqlite(pool))
    }

    /// Several replicas need an index that all of them see. The embedded one is seen by one process only, which then has
    /// the database to itself for as long as it holds what this returns.
    ///
    /// # Errors
    /// Another replica is at work that has another index.
    pub async fn index_for_all(&self) -> anyhow::Result<Option<Claim>> {
        let Some(postgres) = &self.postgres else {
            return Ok(None);
        };
        let is_embedded = self.config.index.engine == Engine::Embedded;
        let claim = postgres.claim("index", !is_embedded).await?;
        anyhow::ensure!(
            claim.is_some(),
            "another replica works on {postgres}, and index.engine = \"embedded\" is an index that one process alone \
             can use; set index.engine = \"meilisearch\" for all replicas, or stop the other one"
        );
        Ok(claim)
    }
}
