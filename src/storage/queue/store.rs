//! What the queue needs of the database behind it.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use sqlx::FromRow;

use super::{Enqueued, Held, Job, NewJob, Record, State, backoff};
use crate::storage::database::Hold;

/// The stored jobs. All times are in milliseconds since 1970-01-01 UTC.
#[async_trait]
pub(super) trait Store: std::fmt::Debug + Send + Sync {
    async fn enqueue(&self, job: &NewJob, now: i64) -> anyhow::Result<Enqueued>;

    /// At most `most` jobs that are due and the first open one of their lane.
    async fn claim(&self, most: u32, now: i64) -> anyhow::Result<Claims>;

    async fn save(&self, job: &Job, progress: &Value) -> anyhow::Result<Held>;

    /// Ends the claim that `job` stands for.
    async fn end(&self, job: &Job, ending: Ending) -> anyhow::Result<Held>;

    /// Notes that the claim is given up without an end, since another process may have the job by now.
    fn let_go(&self, job: &Job);

    /// Drops what jobs that finished before `before` carried; their keys stay. Returns their number.
    async fn forget(&self, before: i64) -> anyhow::Result<u64>;

    /// Whether nothing will ever be written again although nobody closed it.
    fn has_crashed(&self) -> bool;

    /// How long jobs may go unnoticed that another process has stored; none where there is no other.
    fn poll(&self) -> Option<Duration>;

    /// Hands running jobs back, as if they had not been claimed, and closes it.
    async fn close(&self) -> anyhow::Result<()>;

    async fn lookup(&self, key: &str) -> anyhow::Result<Option<Record>>;

    async fn knows_lane(&self, lane: &str) -> anyhow::Result<bool>;

    async fn open_in_lane(&self, lane: &str) -> anyhow::Result<Vec<String>>;

    async fn failed_since(&self, since: i64) -> anyhow::Result<u64>;

    /// The number of open jobs, and when the oldest of them was stored.
    async fn open_jobs(&self) -> anyhow::Result<(u64, Option<i64>)>;
}

/// What a store needs to know about attempts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempts {
    pub(super) most: u32,
    pub(super) first_pause: Duration,
}

/// What a claim brought.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) jobs: Vec<Claimed>,
    /// When the next job will be due, where there were fewer than asked for.
    pub(super) next_due: Option<i64>,
    /// What the jobs are done under.
    pub(super) hold: Hold,
}

/// A job that a worker has just been given.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) job: Job,
    /// Set where no attempt is to follow and the job is to be given up, for this reason.
    pub(super) given_up: Option<String>,
    /// Claims for giving up, this one included.
    pub(super) farewells: u32,
}

/// How a claim ends.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    Done {
        now: i64,
    },
    /// To be claimed again at `due`.
    Again {
        due: i64,
        reason: String,
    },
    /// To be claimed again at `due`, as if this claim had not been.
    Postponed {
        due: i64,
    },
    /// To be claimed again for giving up.
    GivenUp {
        due: i64,
        reason: String,
    },
    Failed {
        now: i64,
    },
}

/// An ending, column by column.
pub(super) struct Ended<'a> {
    pub(super) state: &'static str,
    pub(super) given_up: bool,
    pub(super) due: Option<i64>,
    pub(super) finished: Option<i64>,
    pub(super) reason: Option<&'a str>,
    /// Claims that do not count.
    pub(super) uncounted: i64,
}

impl Ending {
    pub(super) fn columns(&self) -> Ended<'_> {
        let (state, given_up, due, finished, reason) = match self {
            Self::Done { now } => ("done", false, None, Some(*now), None),
            Self::Again { due, reason } => {
                ("waiting", false, Some(*due), None, Some(reason.as_str()))
            }
            Self::Postponed { due } => ("waiting", false, Some(*due), None, None),
            Self::GivenUp { due, reason } => {
                ("waiting", true, Some(*due), None, Some(reason.as_str()))
            }
            Self::Failed { now } => ("failed", true, None, Some(*now), None),
        };
        Ended {
            state,
            given_up,
            due,
            finished,
            reason,
            uncounted: i64::from(matches!(self, Self::Postponed { .. })),
        }
    }
}

/// A job whose process ended in the middle of it.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Orphan {
    pub(super) id: i64,
    attempt: i64,
    pub(super) given_up: bool,
    farewells: i64,
}

/// What is to become of it.
pub(super) struct Rescue {
    /// No attempt is left; neither is a claim for giving up, where it was that.
    pub(super) exhausted: bool,
    pub(super) due: i64,
}

impl Orphan {
    /// The attempt counts: a job that brings the program down must come to an end of its attempts, too. After the
    /// first one it goes on at once, since most crashes are not the job's doing; after later ones it waits like any
    /// failed attempt, which parts it from neighbours that only fell with it.
    pub(super) fn rescue(self, attempts: Attempts, now: i64) -> Rescue {
        let tries = if self.given_up {
            self.farewells
        } else {
            self.attempt
        };
        let tries = u32::try_from(tries).unwrap_or(u32::MAX);
        let exhausted = tries >= attempts.most;
        if exhausted && self.given_up {
            tracing::error!(
                job = self.id,
                "giving up a job ended the program again and again; it is left as failed"
            );
        }
        let pause = if tries > 1 && !exhausted {
            backoff::pause(attempts.first_pause, tries - 1)
        } else {
            Duration::ZERO
        };
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        Rescue {
            exhausted,
            due: now.saturating_add(pause),
        }
    }
}

/// A claimed job as it is stored.
#[derive(FromRow)]
pub(super) struct ClaimedRow {
    id: i64,
    key: String,
    lane: String,
    payload: Option<String>,
    progress: Option<String>,
    attempt: i64,
    fence: i64,
    given_up: bool,
    farewells: i64,
    reason: Option<String>,
}

impl ClaimedRow {
    pub(super) fn read(self) -> sqlx::Result<Claimed> {
        Ok(Claimed {
            job: Job {
                id: self.id,
                key: self.key,
                lane: self.lane,
                payload: json(self.payload.as_deref())?.unwrap_or_default(),
                progress: json(self.progress.as_deref())?,
                attempt: u32::try_from(self.attempt).unwrap_or(u32::MAX),
                fence: self.fence,
            },
            given_up: self.given_up.then(|| self.reason.unwrap_or_default()),
            farewells: u32::try_from(self.farewells).unwrap_or(u32::MAX),
        })
    }
}

/// What is on record about a job, as it is stored.
#[derive(FromRow)]
pub(super) struct RecordRow {
    state: String,
    attempt: i64,
    payload: Option<String>,
    progress: Option<String>,
    reason: Option<String>,
}

impl RecordRow {
    pub(super) fn read(self) -> sqlx::Result<Record> {
        Ok(Record {
            state: match self.state.as_str() {
                "waiting" => State::Waiting,
                "running" => State::Running,
                "done" => State::Done,
                _ => State::Failed,
            },
            attempt: u32::try_from(self.attempt).unwrap_or(u32::MAX),
            payload: json(self.payload.as_deref())?,
            progress: json(self.progress.as_deref())?,
            reason: self.reason,
        })
    }
}

fn json(text: Option<&str>) -> sqlx::Result<Option<Value>> {
    text.map(serde_json::from_str)
        .transpose()
        .map_err(|error| sqlx::Error::Decode(error.into()))
}

pub(super) fn held(rows: u64) -> Held {
    if rows == 1 { Held::Yes } else { Held::Lost }
}
