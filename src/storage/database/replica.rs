//! A replica: one of the processes that share a database, alive while its session and its lease are.
//!
//! A session holds the advisory lock of its id, so that its end is visible at once. A process that hangs keeps its session;
//! so there is also a lease, renewed by heartbeats, and by its own clock a process abandons its jobs before others may take
//! them over.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::anyhow;
use backon::{BackoffBuilder, ExponentialBuilder};
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Postgres;

/// First half of the keys of advisory locks of replicas; the second half is the id. "epib" in ASCII.
pub(crate) const LOCK_CLASS: i32 = 0x6570_6962;
/// Key of the lock of the leader.
const LEADER_LOCK: i64 = 0x6570_6962_6b65_6570;
/// Timeout of a graceful shutdown of the session.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);
/// Notification channel for new jobs.
pub(crate) const CHANNEL: &str = "epibot_job";

/// Handle of this process's session. Cheap to clone; the session ends when the last handle is dropped, or by `leave`.
#[derive(Clone, Debug)]
pub struct Replica {
    state: watch::Receiver<SessionState>,
    leaving: CancellationToken,
    ended: CancellationToken,
    _leave_on_drop: Arc<DropGuard>,
}

/// State of the session with the database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionState {
    /// Id of the replica; `None` without a session.
    pub(crate) id: Option<i32>,
    /// The id of the session before this one.
    pub(crate) previous: Option<i32>,
    /// When jobs are abandoned unless the lease is renewed before.
    valid_until: Instant,
    is_leader: bool,
}

impl Replica {
    /// Starts a session, which reconnects after outages; `wake` is notified when other replicas may have stored jobs.
    ///
    /// # Errors
    /// The database cannot be used.
    #[expect(
        clippy::disallowed_methods,
        reason = "it must outlive the tasks that a stop cancels, since recording their end needs the session"
    )]
    pub async fn join(postgres: &Postgres, wake: Arc<Notify>) -> anyhow::Result<Self> {
        let mut session = Session::start(postgres, None)
            .await
            .map_err(|error| postgres.explain(&error))?;
        let (sender, state) = watch::channel(session.state);
        let (leaving, ended) = (CancellationToken::new(), CancellationToken::new());
        let (to_leave, at_end) = (leaving.clone(), ended.clone().drop_guard());
        let postgres = postgres.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = session.run(&postgres, &sender, &wake) => {}
                    () = to_leave.cancelled() => break,
                }
                let previous = session.state.id;
                sender.send_modify(|state| state.id = None);
                drop(session);
                tracing::warn!("the database session has ended; reconnecting");
                tokio::select! {
                    new = Session::reconnect(&postgres, previous) => session = new,
                    () = to_leave.cancelled() => {
                        drop(at_end);
                        return;
                    }
                }
                tracing::info!("the database session is restored");
                sender.send_replace(session.state);
                wake.notify_one();
            }
            sender.send_modify(|state| state.id = None);
            session.end().await;
            drop(at_end);
        });
        Ok(Self {
            state,
            leaving: leaving.clone(),
            ended,
            _leave_on_drop: Arc::new(leaving.drop_guard()),
        })
    }

    /// Returns the id of this replica and a guard for work under the current lease.
    ///
    /// # Errors
    /// There is no session.
    pub(crate) fn lease(&self) -> anyhow::Result<(i32, LeaseGuard)> {
        let state = *self.state.borrow();
        let valid = state.id.filter(|_| Instant::now() < state.valid_until);
        let id = valid.ok_or_else(|| anyhow!("there is no session with the database"))?;
        Ok((id, LeaseGuard(Some((id, self.state.clone())))))
    }

    /// Returns a receiver of session changes.
    pub(crate) fn session_state(&self) -> watch::Receiver<SessionState> {
        self.state.clone()
    }

    /// Whether this replica is the leader.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        let state = *self.state.borrow();
        state.id.is_some() && state.is_leader && Instant::now() < state.valid_until
    }

    /// Whether the session task has ended without `leave`.
    pub(crate) fn has_crashed(&self) -> bool {
        self.ended.is_cancelled() && !self.leaving.is_cancelled()
    }

    /// Ends the session.
    pub(crate) async fn leave(&self) {
        self.leaving.cancel();
        self.ended.cancelled().await;
    }
}

impl Postgres {
    /// Returns the number of replicas with a session.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn replicas(&self) -> anyhow::Result<i64> {
        sqlx::query_scalar(
            "SELECT count(*) FROM pg_locks
             WHERE locktype = 'advisory' AND classid::bigint = $1 AND objsubid = 2
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .bind(i64::from(LOCK_CLASS))
        .fetch_one(&self.pool)
        .await
        .map_err(|error| self.explain(&error))
    }
}

/// Cancels work when the lease that it was started under ends. With a single process it never ends.
#[derive(Clone, Debug, Default)]
pub struct LeaseGuard(Option<(i32, watch::Receiver<SessionState>)>);

impl LeaseGuard {
    /// Runs the work; `None` if the lease ends before. The lease is checked before each poll, so that a process that was
    /// suspended does nothing more.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let (mut work, mut expired) = (pin!(work), pin!(self.expired()));
        std::future::poll_fn(|context| {
            if !self.is_valid() || expired.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            work.as_mut().poll(context).map(Some)
        })
        .await
    }

    fn is_valid(&self) -> bool {
        self.0.as_ref().is_none_or(|(id, state)| {
            let state = state.borrow();
            state.id == Some(*id) && Instant::now() < state.valid_until
        })
    }

    async fn expired(&self) {
        let Some((_, state)) = &self.0 else {
            return std::future::pending().await;
        };
        let mut state = state.clone();
        while self.is_valid() {
            let valid_until = state.borrow_and_update().valid_until;
            tokio::select! {
                changed = state.changed() => if changed.is_err() { return },
                () = tokio::time::sleep_until(valid_until) => {}
            }
        }
    }
}

/// A session with the database.
struct Session {
    listener: PgListener,
    state: SessionState,
}

impl Session {
    async fn start(postgres: &Postgres, previous: Option<i32>) -> sqlx::Result<Self> {
        // A pool of its own, so that the connection is not shared and ends with the session.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(postgres.connect_timeout)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(postgres.options.as_ref().clone());
        let start = Instant::now();
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        let id: i32 = sqlx::query_scalar("SELECT nextval('replica_id')::integer")
            .fetch_one(&mut listener)
            .await?;
        sqlx::query("SELECT pg_advisory_lock($1, $2)")
            .bind(LOCK_CLASS)
            .bind(id)
            .execute(&mut listener)
            .await?;
        sqlx::query("INSERT INTO replica VALUES ($1, clock_timestamp())")
            .bind(id)
            .execute(&mut listener)
            .await?;
        let mut session = Self {
            listener,
            state: SessionState {
                id: Some(id),
                previous,
                valid_until: start + own_lease(postgres.lease),
                is_leader: false,
            },
        };
        session.try_become_leader().await?;
        Ok(session)
    }

    async fn reconnect(postgres: &Postgres, previous: Option<i32>) -> Self {
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(2))
            .without_max_times()
            .with_jitter()
            .build();
        loop {
            let started = tokio::time::timeout(postgres.lease, Self::start(postgres, previous));
            if let Ok(Ok(session)) = started.await {
                return session;
            }
            tokio::time::sleep(pauses.next().unwrap_or_default()).await;
        }
    }

    /// Sends heartbeats and forwards notifications until the session ends.
    async fn run(
        &mut self,
        postgres: &Postgres,
        published: &watch::Sender<SessionState>,
        wake: &Notify,
    ) {
        let mut heartbeats = tokio::time::interval(postgres.lease / 6);
        heartbeats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = heartbeats.tick() => {
                    let start = Instant::now();
                    let renewed = tokio::time::timeout_at(self.state.valid_until, self.renew()).await;
                    if !matches!(renewed, Ok(Ok(true))) {
                        return;
                    }
                    let next = SessionState {
                        valid_until: start + own_lease(postgres.lease),
                        ..self.state
                    };
                    // After expiry, jobs have been abandoned, and only a new session releases them.
                    let is_in_time = published.send_if_modified(|state| {
                        let is_in_time = Instant::now() < state.valid_until;
                        if is_in_time {
                            *state = next;
                        }
                        is_in_time
                    });
                    if !is_in_time {
                        return;
                    }
                    self.state = next;
                }
                notification = self.listener.try_recv() => match notification {
                    Ok(Some(_)) => wake.notify_one(),
                    Ok(None) | Err(_) => return,
                },
            }
        }
    }

    /// Renews the lease. Returns false if others have evicted this replica.
    async fn renew(&mut self) -> sqlx::Result<bool> {
        let renewed = sqlx::query("UPDATE replica SET seen = clock_timestamp() WHERE id = $1")
            .bind(self.state.id)
            .execute(&mut self.listener)
            .await?;
        self.try_become_leader().await?;
        Ok(renewed.rows_affected() == 1)
    }

    async fn try_become_leader(&mut self) -> sqlx::Result<()> {
        if !self.state.is_leader {
            self.state.is_leader = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
                .bind(LEADER_LOCK)
                .fetch_one(&mut self.listener)
                .await?;
        }
        Ok(())
    }

    /// Ends the session gracefully; if that fails, the end of the connection does it.
    async fn end(mut self) {
        let ended = async {
            sqlx::query("DELETE FROM replica WHERE id = $1")
                .bind(self.state.id)
                .execute(&mut self.listener)
                .await?;
            sqlx::query("SELECT pg_advisory_unlock_all()")
                .execute(&mut self.listener)
                .await
        };
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, ended).await;
    }
}

/// Returns the lease by a process's own clock: it abandons its jobs before others may take them over.
fn own_lease(lease: Duration) -> Duration {
    lease * 4 / 5
}
