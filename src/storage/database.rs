//! The `PostgreSQL` database that several replicas share; without one, each store has its own `SQLite` file.

mod advisory_lock;
mod kv;
mod replica;
mod secret;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool, SqlitePool};

use crate::config;

pub use advisory_lock::AdvisoryLock;
pub(crate) use replica::LOCK_CLASS;
pub use replica::{LeaseGuard, Replica};

static SCHEMA: Migrator = sqlx::migrate!("src/storage/database/postgres");

/// Timeout of a statement.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a process that hangs in a transaction may block others.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// A `PostgreSQL` database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Postgres {
    pub(crate) pool: PgPool,
    options: Arc<PgConnectOptions>,
    /// Timeout for getting a connection.
    connect_timeout: Duration,
    lease: Duration,
}

impl Postgres {
    /// Connects and migrates the schema.
    ///
    /// # Errors
    /// The URL is invalid, the server is unreachable or refuses, or the schema is from a newer version; the message says
    /// what to do and contains no password.
    pub async fn connect(address: &str, config: &config::storage::State) -> anyhow::Result<Self> {
        let is_address = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| address.starts_with(scheme));
        let options = PgConnectOptions::from_str(address)
            .ok()
            .filter(|_| is_address)
            .ok_or_else(|| {
                anyhow!(
                    "state.database is not the URL of a database; write one such as \
                     \"postgres://epibot:PASSWORD@db.example.com/epibot\""
                )
            })?
            .application_name("epibot")
            .options([
                ("statement_timeout", STATEMENT_TIMEOUT.as_millis()),
                (
                    "idle_in_transaction_session_timeout",
                    IDLE_TIMEOUT.as_millis(),
                ),
            ])
            .disable_statement_logging();
        let connect_timeout = Duration::from_secs(config.connect_timeout_s);
        let pool = PgPoolOptions::new()
            .max_connections(config.connections)
            .acquire_timeout(connect_timeout)
            .connect_lazy_with(options.clone());
        let postgres = Self {
            pool,
            options: Arc::new(options),
            connect_timeout,
            lease: Duration::from_secs(config.lease_s),
        };
        postgres.migrate().await?;
        Ok(postgres)
    }

    /// Connects to the configured database, if there is one.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn configured(config: &config::storage::State) -> anyhow::Result<Option<Self>> {
        match &config.database {
            Some(address) => Box::pin(Self::connect(address.expose(), config))
                .await
                .map(Some),
            None => Ok(None),
        }
    }

    async fn migrate(&self) -> anyhow::Result<()> {
        // Not from the pool, which retries until its timeout and hides the reason.
        let connecting = tokio::time::timeout(STATEMENT_TIMEOUT, self.options.connect()).await;
        let mut connection = connecting
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
            .map_err(|error| self.explain(&error))?;
        match SCHEMA.run_direct(None, &mut connection, false).await {
            Ok(()) => Ok(()),
            Err(MigrateError::VersionMissing(version)) => bail!(
                "{self} has schema {version}, which a newer epibot wrote and this one cannot read; \
                 run that version again, or restore a backup from before the upgrade"
            ),
            Err(error) => Err(anyhow!(error))
                .with_context(|| format!("the schema of {self} cannot be brought up to date")),
        }
    }

    /// Returns an error that says what failed, in which database, and what to do.
    pub(crate) fn explain(&self, error: &sqlx::Error) -> anyhow::Error {
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        match (error, code.as_deref()) {
            (_, Some("28P01" | "28000")) => {
                anyhow!(
                    "{self} refuses the login ({error}); correct user and password in state.database"
                )
            }
            (_, Some("3D000")) => {
                anyhow!("{self} does not exist; create it, or correct state.database")
            }
            (_, Some("42501")) => anyhow!(
                "{self} does not let its user do that ({error}); make the user of state.database the owner of the database"
            ),
            (_, Some("53100")) => anyhow!("the disk of {self} is full ({error}); make room on it"),
            (_, Some("53300")) => anyhow!(
                "{self} has no connection left ({error}); raise its max_connections, or lower state.connections"
            ),
            (_, Some("57014")) => {
                anyhow!("{self} took longer than {STATEMENT_TIMEOUT:?} for a statement")
            }
            (sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_), _) => {
                anyhow!("{self} cannot be reached ({error}); start it, or correct state.database")
            }
            _ => anyhow!("{self} failed: {error}"),
        }
    }

    /// Returns the lease: how long a replica without a heartbeat counts as alive.
    pub(crate) fn lease(&self) -> Duration {
        self.lease
    }
}

impl std::fmt::Display for Postgres {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let options = &self.options;
        let name = options.get_database().unwrap_or(options.get_username());
        let (host, port) = (options.get_host(), options.get_port());
        write!(formatter, "the database {name} at {host}:{port}")
    }
}

/// The database of a store. Statements that both databases understand are written once.
#[derive(Clone, Debug)]
pub(crate) enum Tables {
    Sqlite(SqlitePool),
    Postgres(Postgres),
}

/// Runs the same code with either pool. Statements use parameters `$1`, `$2`, …, which both databases understand, and quote
/// `"user"`.
macro_rules! with_pool {
    ($tables:expr, $pool:ident => $body:expr) => {
        match $tables {
            $crate::storage::database::Tables::Sqlite($pool) => $body,
            $crate::storage::database::Tables::Postgres(postgres) => {
                let $pool = &postgres.pool;
                $body
            }
        }
    };
}

/// As [`with_pool`], in a write transaction.
macro_rules! in_transaction {
    ($tables:expr, $transaction:ident => $body:expr) => {
        match $tables {
            $crate::storage::database::Tables::Sqlite(pool) => {
                let mut $transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                let done = $body;
                $transaction.commit().await?;
                done
            }
            $crate::storage::database::Tables::Postgres(postgres) => {
                let mut $transaction = postgres.pool.begin().await?;
                let done = $body;
                $transaction.commit().await?;
                done
            }
        }
    };
}
pub(crate) use {in_transaction, with_pool};
