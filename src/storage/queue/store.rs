//! The port between the queue and its database.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::{ClaimStatus, Enqueued, Job, JobRecord, JobState, NewJob, backoff};
use crate::storage::database::LeaseGuard;

/// A database of jobs. All times are in milliseconds since 1970-01-01 UTC.
#[async_trait]
pub(super) trait Store: std::fmt::Debug + Send + Sync {
    async fn enqueue(&self, job: &NewJob, now: i64) -> anyhow::Result<Enqueued>;

    /// Claims at most `max_jobs` jobs that are due and the first open one of their lane.
    async fn claim(&self, max_jobs: u32, now: i64) -> anyhow::Result<Claims>;

    async fn save(&self, job: &Job, progress: &Value) -> anyhow::Result<ClaimStatus>;

    /// Records the end of a claim.
    async fn end(&self, job: &Job, ending: ClaimEnd) -> anyhow::Result<ClaimStatus>;

    /// Drops a claim without recording an end, since another process may own the job by now.
    fn abandon(&self, job: &Job);

    /// Deletes payload and progress of jobs that finished before `before`, but not their keys. Returns their number.
    async fn forget(&self, before: i64) -> anyhow::Result<u64>;

    /// Whether the writer has ended without being closed.
    fn has_crashed(&self) -> bool;

    /// Interval for polling jobs stored by other processes; `None` if there are no others.
    fn poll_interval(&self) -> Option<Duration>;

    /// Releases running jobs as if they had not been claimed, and closes the database.
    async fn close(&self) -> anyhow::Result<()>;

    async fn lookup(&self, key: &str) -> anyhow::Result<Option<JobRecord>>;

    async fn knows_lane(&self, lane: &str) -> anyhow::Result<bool>;

    async fn open_in_lane(&self, lane: &str) -> anyhow::Result<Vec<String>>;

    async fn failed_since(&self, since: i64) -> anyhow::Result<u64>;

    /// Returns the number of open jobs, and when the oldest was stored.
    async fn open_jobs(&self) -> anyhow::Result<(u64, Option<i64>)>;
}

/// How often and when failed jobs are retried.
#[derive(Clone, Copy, Debug)]
pub(super) struct RetryPolicy {
    pub(super) max_attempts: u32,
    pub(super) first_pause: Duration,
}

/// Result of a claim.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) jobs: Vec<Claimed>,
    /// When the next job is due, if there were fewer than requested.
    pub(super) next_due: Option<i64>,
    /// Cancels the jobs when the lease of this process ends.
    pub(super) lease: LeaseGuard,
}

/// A claimed job.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) job: Job,
    /// The reason, if the job is to be given up instead of attempted.
    pub(super) given_up: Option<String>,
    /// Number of attempts to give up, including this one.
    pub(super) give_up_attempts: u32,
}

/// End of a claim.
#[derive(Clone, Debug)]
pub(super) enum ClaimEnd {
    Done {
        now: i64,
    },
    /// Claim again at `due`.
    Retry {
        due: i64,
        reason: String,
    },
    /// Claim again at `due`; this claim does not count.
    Postponed {
        due: i64,
    },
    /// Claim again to give the job up.
    GiveUp {
        due: i64,
        reason: String,
    },
    Failed {
        now: i64,
    },
}

/// The column values of an end.
pub(super) struct EndColumns<'a> {
    pub(super) state: &'static str,
    pub(super) given_up: bool,
    pub(super) due: Option<i64>,
    pub(super) finished: Option<i64>,
    pub(super) reason: Option<&'a str>,
    /// Number of claims to subtract.
    pub(super) uncounted: i64,
}

impl ClaimEnd {
    pub(super) fn columns(&self) -> EndColumns<'_> {
        let (state, given_up, due, finished, reason) = match self {
            Self::Done { now } => ("done", false, None, Some(*now), None),
            Self::Retry { due, reason } => {
                ("waiting", false, Some(*due), None, Some(reason.as_str()))
            }
            Self::Postponed { due } => ("waiting", false, Some(*due), None, None),
            Self::GiveUp { due, reason } => {
                ("waiting", true, Some(*due), None, Some(reason.as_str()))
            }
            Self::Failed { now } => ("failed", true, None, Some(*now), None),
        };
        EndColumns {
            state,
            given_up,
            due,
            finished,
            reason,
            uncounted: i64::from(matches!(self, Self::Postponed { .. })),
        }
    }
}

/// A running job whose process is gone.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(super) struct OrphanedJob {
    pub(super) id: i64,
    attempt: i64,
    pub(super) given_up: bool,
    #[sqlx(rename = "farewells")]
    give_up_attempts: i64,
}

/// The new state of an orphaned job.
pub(super) struct Recovery {
    /// Whether no attempt is left (or no attempt to give up, if it is being given up).
    pub(super) exhausted: bool,
    pub(super) due: i64,
}

impl OrphanedJob {
    /// Computes the new state. The attempt counts, so that a job that crashes the program runs out of attempts. After the
    /// first crash it is retried at once, since most crashes are not caused by the job; after later ones it waits like any
    /// failed attempt, which separates it from jobs that only ran at the same time.
    pub(super) fn recover(self, policy: RetryPolicy, now: i64) -> Recovery {
        let tries = if self.given_up {
            self.give_up_attempts
        } else {
            self.attempt
        };
        let tries = u32::try_from(tries).unwrap_or(u32::MAX);
        let exhausted = tries >= policy.max_attempts;
        if exhausted && self.given_up {
            tracing::error!(
                job = self.id,
                "giving up a job crashed the program repeatedly; it is marked as failed"
            );
        }
        let pause = if tries > 1 && !exhausted {
            backoff::pause(policy.first_pause, tries - 1)
        } else {
            Duration::ZERO
        };
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        Recovery {
            exhausted,
            due: now.saturating_add(pause),
        }
    }
}

/// The row of a claimed job.
#[derive(sqlx::FromRow)]
pub(super) struct ClaimedRow {
    id: i64,
    key: String,
    lane: String,
    payload: Option<String>,
    progress: Option<String>,
    attempt: i64,
    fence: i64,
    given_up: bool,
    #[sqlx(rename = "farewells")]
    give_up_attempts: i64,
    reason: Option<String>,
}

impl ClaimedRow {
    pub(super) fn parse(self) -> sqlx::Result<Claimed> {
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
            give_up_attempts: u32::try_from(self.give_up_attempts).unwrap_or(u32::MAX),
        })
    }
}

/// The row of a job.
#[derive(sqlx::FromRow)]
pub(super) struct JobRow {
    state: String,
    attempt: i64,
    payload: Option<String>,
    progress: Option<String>,
    reason: Option<String>,
}

impl JobRow {
    pub(super) fn parse(self) -> sqlx::Result<JobRecord> {
        Ok(JobRecord {
            state: match self.state.as_str() {
                "waiting" => JobState::Waiting,
                "running" => JobState::Running,
                "done" => JobState::Done,
                _ => JobState::Failed,
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

/// Returns the status of a claim from the number of rows that a fenced statement changed.
pub(super) fn claim_status(changed_rows: u64) -> ClaimStatus {
    if changed_rows == 1 {
        ClaimStatus::Owned
    } else {
        ClaimStatus::Lost
    }
}
