//! Claims due jobs and runs each to completion.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, Retryable};
use futures::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::store::{ClaimEnd, Claimed, Claims};
use super::{ClaimStatus, Failure, Handler, Job, Outcome, Queue, backoff};
use crate::runtime::lifecycle::Lifecycle;
use crate::storage::database::LeaseGuard;

/// Maximum time between two checks for delayed jobs, so that they are found after the clock was set.
const MAX_SLEEP: Duration = Duration::from_mins(1);

/// Starts the task that dispatches jobs; each job runs in its own task.
pub(super) fn start(queue: &Queue, handler: Arc<dyn Handler>, lifecycle: &Lifecycle) {
    let worker = Worker {
        queue: queue.clone(),
        handler,
        lifecycle: lifecycle.clone(),
        outage: Arc::default(),
    };
    lifecycle.spawn("queue", worker.dispatch());
}

#[derive(Clone)]
struct Worker {
    queue: Queue,
    handler: Arc<dyn Handler>,
    lifecycle: Lifecycle,
    outage: Arc<Outage>,
}

impl Worker {
    async fn dispatch(self) {
        let slots = Arc::new(Semaphore::new(self.queue.config.workers));
        let mut pauses = backoff::outage().build();
        while let Some(mut free) = self.free_slots(&slots).await {
            let max_jobs = u32::try_from(free.num_permits()).unwrap_or(u32::MAX);
            match self.queue.store.claim(max_jobs, self.queue.now()).await {
                Ok(Claims {
                    jobs,
                    next_due,
                    lease,
                }) => {
                    if !jobs.is_empty() {
                        self.outage.end();
                        pauses = backoff::outage().build();
                    }
                    let all_busy = jobs.len() == max_jobs as usize;
                    for claimed in jobs {
                        let (worker, slot, lease) = (self.clone(), free.split(1), lease.clone());
                        self.lifecycle.spawn("job", async move {
                            worker.run_to_completion(claimed, &lease).await;
                            drop(slot);
                        });
                    }
                    drop(free);
                    if !all_busy {
                        self.wait(next_due).await;
                    }
                }
                Err(error) => {
                    drop(free);
                    // Only a restart helps.
                    assert!(
                        !self.queue.store.has_crashed(),
                        "the queue's writer has crashed"
                    );
                    self.outage.begin(&error);
                    self.sleep(pauses.next().unwrap_or_default()).await;
                }
            }
        }
    }

    /// Waits for at least one free slot and takes all free ones; `None` if the program is stopping.
    async fn free_slots(&self, slots: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        let mut free = tokio::select! {
            biased;
            () = self.lifecycle.stopping() => return None,
            slot = Arc::clone(slots).acquire_owned() => slot.ok()?,
        };
        while let Ok(another) = Arc::clone(slots).try_acquire_owned() {
            free.merge(another);
        }
        Some(free)
    }

    /// Waits until there may be work: a job was stored or finished, the next one is due, or the program stops.
    async fn wait(&self, next_due: Option<i64>) {
        let pause = next_due.map(|due| {
            let pause = due.saturating_sub(self.queue.now()).max(1).unsigned_abs();
            Duration::from_millis(pause).min(MAX_SLEEP)
        });
        let pause = pause
            .into_iter()
            .chain(self.queue.store.poll_interval())
            .min();
        tokio::select! {
            () = self.queue.wake.notified() => {}
            () = async { tokio::time::sleep(pause.unwrap_or_default()).await }, if pause.is_some() => {}
            () = self.lifecycle.stopping() => {}
        }
    }

    async fn sleep(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.lifecycle.stopping() => {}
        }
    }

    async fn run_to_completion(&self, claimed: Claimed, lease: &LeaseGuard) {
        // The stop came during the claim; release the job for others.
        if self.lifecycle.is_stopping() {
            let due = self.queue.now();
            self.end(&claimed.job, ClaimEnd::Postponed { due }).await;
            return;
        }
        let finished = lease.run(async {
            match &claimed.given_up {
                None => self.attempt(&claimed.job).await,
                Some(reason) => self.give_up(&claimed, reason).await,
            }
        });
        if let Some(ending) = finished.await {
            self.end(&claimed.job, ending).await;
        } else {
            self.queue.store.abandon(&claimed.job);
            tracing::warn!(
                job = claimed.job.key,
                "a job is abandoned, since another replica may own it by now"
            );
        }
    }

    async fn attempt(&self, job: &Job) -> ClaimEnd {
        let outcome = AssertUnwindSafe(self.handler.handle(job))
            .catch_unwind()
            .await;
        let outcome = outcome.unwrap_or_else(|panic| Outcome::Retry {
            failure: format!("the handler panicked: {}", message(panic.as_ref())).into(),
            after: None,
        });
        let now = self.queue.now();
        match outcome {
            Outcome::Done => ClaimEnd::Done { now },
            Outcome::Postponed { after } => ClaimEnd::Postponed {
                due: later(now, after),
            },
            Outcome::Retry { failure, after } if job.attempt < self.queue.config.attempts => {
                let pause = after.unwrap_or_else(|| self.pause(job.attempt));
                tracing::warn!(
                    job = job.key,
                    attempt = job.attempt,
                    ?pause,
                    reason = failure.detail,
                    "an attempt failed"
                );
                ClaimEnd::Retry {
                    due: later(now, pause),
                    reason: failure.to_text(),
                }
            }
            Outcome::Retry { failure, .. } | Outcome::Failed { failure } => {
                tracing::error!(
                    job = job.key,
                    attempt = job.attempt,
                    reason = failure.detail,
                    "giving up a job"
                );
                ClaimEnd::GiveUp {
                    due: now,
                    reason: failure.to_text(),
                }
            }
        }
    }

    async fn give_up(&self, claimed: &Claimed, reason: &str) -> ClaimEnd {
        let job = &claimed.job;
        let result = AssertUnwindSafe(self.handler.give_up(job, &Failure::from_text(reason)))
            .catch_unwind()
            .await;
        let now = self.queue.now();
        let Err(panic) = result else {
            return ClaimEnd::Failed { now };
        };
        let last = claimed.give_up_attempts >= self.queue.config.attempts;
        tracing::error!(
            job = job.key,
            last,
            panic = message(panic.as_ref()),
            "giving up a job panicked"
        );
        if last {
            ClaimEnd::Failed { now }
        } else {
            ClaimEnd::GiveUp {
                due: later(now, self.pause(claimed.give_up_attempts)),
                reason: reason.to_owned(),
            }
        }
    }

    /// Records the end of a claim, retrying until it is stored.
    async fn end(&self, job: &Job, ending: ClaimEnd) {
        let stored = (|| self.queue.store.end(job, ending.clone()))
            .retry(backoff::outage())
            .when(|_| !self.queue.store.has_crashed())
            .notify(|error, _| self.outage.begin(error))
            .await;
        match stored {
            Ok(status) => {
                self.outage.end();
                if status == ClaimStatus::Lost {
                    tracing::warn!(
                        job = job.key,
                        fence = job.fence,
                        "a job was claimed by another worker"
                    );
                }
            }
            Err(error) => self.outage.begin(&error),
        }
    }

    fn pause(&self, attempt: u32) -> Duration {
        backoff::pause(Duration::from_secs(self.queue.config.backoff_s), attempt)
    }
}

fn later(now: i64, pause: Duration) -> i64 {
    now.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Logs once when the database becomes unavailable and once when it is available again.
#[derive(Debug, Default)]
struct Outage(AtomicBool);

impl Outage {
    fn begin(&self, error: &anyhow::Error) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::error!(
                error = format!("{error:#}"),
                "the queue is unavailable; retrying until it is available"
            );
        }
    }

    fn end(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::info!("the queue is available again");
        }
    }
}
