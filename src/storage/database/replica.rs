//! One process among those that share a database: known by an id, alive as long as its session and its lease are.
//!
//! A session holds the advisory lock of its id, so that its end is seen at once, however it ends. A process that
//! stands still keeps its session; so it also has a lease, which it renews, and by its own clock it lets go of all it
//! has before others may take it.

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

/// The class of the advisory locks of replicas; their ids are the other half. "epib" in ASCII.
pub(crate) const CLASS: i32 = 0x6570_6962;
/// The lock, beside those of ids, of the one replica that keeps the documents current.
const KEEPER: i64 = 0x6570_6962_6b65_6570;
/// How long leaving in good order may take.
const FAREWELL: Duration = Duration::from_secs(2);
/// What tells replicas that there may be work.
pub(crate) const CHANNEL: &str = "epibot_job";

/// A process on the database. Cloning gives another handle; it leaves when the last one is dropped, or by
/// `leave`.
#[derive(Clone, Debug)]
pub struct Replica {
    standing: watch::Receiver<Standing>,
    leaving: CancellationToken,
    ended: CancellationToken,
    _leaves: Arc<DropGuard>,
}

/// How it stands with the database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// None while there is no session.
    pub(crate) id: Option<i32>,
    /// The id of the session before this one.
    pub(crate) previous: Option<i32>,
    /// When it has to let go unless it hears from the database before.
    until: Instant,
    is_keeper: bool,
}

impl Replica {
    /// Joins, and stays joined through every outage; `wake` is notified when other replicas may have made work.
    ///
    /// # Errors
    /// The database cannot be used.
    #[expect(
        clippy::disallowed_methods,
        reason = "it must outlive the tasks that a stop cancels, since their last words need its session"
    )]
    pub async fn join(postgres: &Postgres, wake: Arc<Notify>) -> anyhow::Result<Self> {
        let mut session = Session::begin(postgres, None)
            .await
            .map_err(|error| postgres.explain(&error))?;
        let (sender, standing) = watch::channel(session.standing);
        let (leaving, ended) = (CancellationToken::new(), CancellationToken::new());
        let (to_leave, at_end) = (leaving.clone(), ended.clone().drop_guard());
        let postgres = postgres.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = session.last(&postgres, &sender, &wake) => {}
                    () = to_leave.cancelled() => break,
                }
                let previous = session.standing.id;
                sender.send_modify(|standing| standing.id = None);
                drop(session);
                tracing::warn!("the session with the database has ended; a new one is begun");
                tokio::select! {
                    new = Session::begin_again(&postgres, previous) => session = new,
                    () = to_leave.cancelled() => {
                        drop(at_end);
                        return;
                    }
                }
                tracing::info!("there is a session with the database again");
                sender.send_replace(session.standing);
                wake.notify_one();
            }
            sender.send_modify(|standing| standing.id = None);
            session.end().await;
            drop(at_end);
        });
        Ok(Self {
            standing,
            leaving: leaving.clone(),
            ended,
            _leaves: Arc::new(leaving.drop_guard()),
        })
    }

    /// What is done from now on under the session that there is.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn hold(&self) -> anyhow::Result<(i32, Hold)> {
        let standing = *self.standing.borrow();
        let held = standing.id.filter(|_| Instant::now() < standing.until);
        let id = held.ok_or_else(|| anyhow!("there is no session with the database"))?;
        Ok((id, Hold(Some((id, self.standing.clone())))))
    }

    /// To see when one session follows another.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Whether it is the one that keeps the documents current.
    #[must_use]
    pub fn is_keeper(&self) -> bool {
        let standing = *self.standing.borrow();
        standing.id.is_some() && standing.is_keeper && Instant::now() < standing.until
    }

    /// Whether it will never join again although nobody asked it to leave.
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
    /// How many replicas have a session with the database.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn replicas(&self) -> anyhow::Result<i64> {
        sqlx::query_scalar(
            "SELECT count(*) FROM pg_locks
             WHERE locktype = 'advisory' AND classid::bigint = $1 AND objsubid = 2
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .bind(i64::from(CLASS))
        .fetch_one(&self.pool)
        .await
        .map_err(|error| self.explain(&error))
    }
}

/// The right to go on with work that was begun under a session. Where there is but one process, it is never lost.
#[derive(Clone, Debug, Default)]
pub struct Hold(Option<(i32, watch::Receiver<Standing>)>);

impl Hold {
    /// Does the work for as long as the right lasts; none where it was lost before. It is looked at each time before
    /// the work goes on, so that a process that stood still does nothing more.
    pub async fn keep<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let (mut work, mut lost) = (pin!(work), pin!(self.lost()));
        std::future::poll_fn(|context| {
            if !self.lasts() || lost.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            work.as_mut().poll(context).map(Some)
        })
        .await
    }

    fn lasts(&self) -> bool {
        self.0.as_ref().is_none_or(|(id, standing)| {
            let standing = standing.borrow();
            standing.id == Some(*id) && Instant::now() < standing.until
        })
    }

    async fn lost(&self) {
        let Some((_, standing)) = &self.0 else {
            return std::future::pending().await;
        };
        let mut standing = standing.clone();
        while self.lasts() {
            let until = standing.borrow_and_update().until;
            tokio::select! {
                changed = standing.changed() => if changed.is_err() { return },
                () = tokio::time::sleep_until(until) => {}
            }
        }
    }
}

/// One session.
struct Session {
    listener: PgListener,
    standing: Standing,
}

impl Session {
    async fn begin(postgres: &Postgres, previous: Option<i32>) -> sqlx::Result<Self> {
        // Of its own, so that it is never handed to anybody else and ends with this.
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
            .bind(CLASS)
            .bind(id)
            .execute(&mut listener)
            .await?;
        sqlx::query("INSERT INTO replica VALUES ($1, clock_timestamp())")
            .bind(id)
            .execute(&mut listener)
            .await?;
        let mut session = Self {
            listener,
            standing: Standing {
                id: Some(id),
                previous,
                until: start + own_lease(postgres.lease),
                is_keeper: false,
            },
        };
        session.apply_for_keeping().await?;
        Ok(session)
    }

    async fn begin_again(postgres: &Postgres, previous: Option<i32>) -> Self {
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(2))
            .without_max_times()
            .with_jitter()
            .build();
        loop {
            let begun = tokio::time::timeout(postgres.lease, Self::begin(postgres, previous));
            if let Ok(Ok(session)) = begun.await {
                return session;
            }
            tokio::time::sleep(pauses.next().unwrap_or_default()).await;
        }
    }

    /// Renews the lease and passes wake-ups on until the session ends.
    async fn last(&mut self, postgres: &Postgres, told: &watch::Sender<Standing>, wake: &Notify) {
        let mut beats = tokio::time::interval(postgres.lease / 6);
        beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = beats.tick() => {
                    let start = Instant::now();
                    let renewed = tokio::time::timeout_at(self.standing.until, self.renew()).await;
                    if !matches!(renewed, Ok(Ok(true))) {
                        return;
                    }
                    let next = Standing {
                        until: start + own_lease(postgres.lease),
                        ..self.standing
                    };
                    // Past its time, work has been let go of, and only a new session hands that back.
                    let is_in_time = told.send_if_modified(|standing| {
                        let is_in_time = Instant::now() < standing.until;
                        if is_in_time {
                            *standing = next;
                        }
                        is_in_time
                    });
                    if !is_in_time {
                        return;
                    }
                    self.standing = next;
                }
                heard = self.listener.try_recv() => match heard {
                    Ok(Some(_)) => wake.notify_one(),
                    Ok(None) | Err(_) => return,
                },
            }
        }
    }

    /// False where others have taken it for dead.
    async fn renew(&mut self) -> sqlx::Result<bool> {
        let renewed = sqlx::query("UPDATE replica SET seen = clock_timestamp() WHERE id = $1")
            .bind(self.standing.id)
            .execute(&mut self.listener)
            .await?;
        self.apply_for_keeping().await?;
        Ok(renewed.rows_affected() == 1)
    }

    async fn apply_for_keeping(&mut self) -> sqlx::Result<()> {
        if !self.standing.is_keeper {
            self.standing.is_keeper = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
                .bind(KEEPER)
                .fetch_one(&mut self.listener)
                .await?;
        }
        Ok(())
    }

    /// Leaves in good order; what fails, the end of the connection does.
    async fn end(mut self) {
        let gone = async {
            sqlx::query("DELETE FROM replica WHERE id = $1")
                .bind(self.standing.id)
                .execute(&mut self.listener)
                .await?;
            sqlx::query("SELECT pg_advisory_unlock_all()")
                .execute(&mut self.listener)
                .await
        };
        let _ = tokio::time::timeout(FAREWELL, gone).await;
    }
}

/// How long after the last sign of life a process lets go by itself: before the others may take what it has.
fn own_lease(lease: Duration) -> Duration {
    lease * 4 / 5
}
