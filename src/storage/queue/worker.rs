//! Claims jobs as they become due and sees each through to its end.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, Retryable};
use futures::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::store::{Claimed, Claims, Ending};
use super::{Failure, Handler, Held, Job, Outcome, Queue, backoff};
use crate::runtime::lifecycle::Lifecycle;
use crate::storage::database::Hold;

/// Delayed jobs are looked for at least this often, so that a clock that is set does not strand them.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// Starts the task that hands out jobs; each job then has a task of its own.
pub(super) fn start(queue: &Queue, handler: Arc<dyn Handler>, lifecycle: &Lifecycle) {
    let worker = Worker {
        queue: queue.clone(),
        handler,
        lifecycle: lifecycle.clone(),
        outage: Arc::default(),
    };
    lifecycle.spawn("queue", worker.hand_out());
}

#[derive(Clone)]
struct Worker {
    queue: Queue,
    handler: Arc<dyn Handler>,
    lifecycle: Lifecycle,
    outage: Arc<Outage>,
}

impl Worker {
    async fn hand_out(self) {
        let slots = Arc::new(Semaphore::new(self.queue.config.workers));
        let mut pauses = backoff::outage().build();
        while let Some(mut free) = self.free(&slots).await {
            let most = u32::try_from(free.num_permits()).unwrap_or(u32::MAX);
            match self.queue.store.claim(most, self.queue.now()).await {
                Ok(Claims {
                    jobs,
                    next_due,
                    hold,
                }) => {
                    if !jobs.is_empty() {
                        self.outage.is_over();
                        pauses = backoff::outage().build();
                    }
                    let all_busy = jobs.len() == most as usize;
                    for claimed in jobs {
                        let (worker, slot, hold) = (self.clone(), free.split(1), hold.clone());
                        self.lifecycle.spawn("job", async move {
                            worker.see_through(claimed, &hold).await;
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
                    // Only a new start helps then.
                    assert!(
                        !self.queue.store.has_crashed(),
                        "the queue's writer has crashed"
                    );
                    self.outage.goes_on(&error);
                    self.sleep(pauses.next().unwrap_or_default()).await;
                }
            }
        }
    }

    /// All free slots, of which there is at least one; none once the program is stopping.
    async fn free(&self, slots: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
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

    /// Until there may be work: something was stored or ended, the next job is due, or the program stops.
    async fn wait(&self, next_due: Option<i64>) {
        let pause = next_due.map(|due| {
            let pause = due.saturating_sub(self.queue.now()).max(1).unsigned_abs();
            Duration::from_millis(pause).min(LONGEST_SLEEP)
        });
        let pause = pause.into_iter().chain(self.queue.store.poll()).min();
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

    async fn see_through(&self, claimed: Claimed, hold: &Hold) {
        // The stop came while it was being claimed; others are to have it.
        if self.lifecycle.is_stopping() {
            let due = self.queue.now();
            self.end(&claimed.job, Ending::Postponed { due }).await;
            return;
        }
        let done = hold.keep(async {
            match &claimed.given_up {
                None => self.attempt(&claimed.job).await,
                Some(reason) => self.give_up(&claimed, reason).await,
            }
        });
        if let Some(ending) = done.await {
            self.end(&claimed.job, ending).await;
        } else {
            self.queue.store.let_go(&claimed.job);
            tracing::warn!(
                job = claimed.job.key,
                "a job is let go, since another replica may have it by now"
            );
        }
    }

    async fn attempt(&self, job: &Job) -> Ending {
        let outcome = AssertUnwindSafe(self.handler.handle(job))
            .catch_unwind()
            .await;
        let outcome = outcome.unwrap_or_else(|panic| Outcome::Retry {
            failure: format!("the handler panicked: {}", message(panic.as_ref())).into(),
            after: None,
        });
        let now = self.queue.now();
        match outcome {
            Outcome::Done => Ending::Done { now },
            Outcome::Postponed { after } => Ending::Postponed {
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
                Ending::Again {
                    due: later(now, pause),
                    reason: failure.to_text(),
                }
            }
            Outcome::Retry { failure, .. } | Outcome::Failed { failure } => {
                tracing::error!(
                    job = job.key,
                    attempt = job.attempt,
                    reason = failure.detail,
                    "a job is given up"
                );
                Ending::GivenUp {
                    due: now,
                    reason: failure.to_text(),
                }
            }
        }
    }

    async fn give_up(&self, claimed: &Claimed, reason: &str) -> Ending {
        let job = &claimed.job;
        let told = AssertUnwindSafe(self.handler.give_up(job, &Failure::from_text(reason)))
            .catch_unwind()
            .await;
        let now = self.queue.now();
        let Err(panic) = told else {
            return Ending::Failed { now };
        };
        let last = claimed.farewells >= self.queue.config.attempts;
        tracing::error!(
            job = job.key,
            last,
            panic = message(panic.as_ref()),
            "giving up a job panicked"
        );
        if last {
            Ending::Failed { now }
        } else {
            Ending::GivenUp {
                due: later(now, self.pause(claimed.farewells)),
                reason: reason.to_owned(),
            }
        }
    }

    /// Stores how it ended, for as long as it takes.
    async fn end(&self, job: &Job, ending: Ending) {
        let stored = (|| self.queue.store.end(job, ending.clone()))
            .retry(backoff::outage())
            .when(|_| !self.queue.store.has_crashed())
            .notify(|error, _| self.outage.goes_on(error))
            .await;
        match stored {
            Ok(held) => {
                self.outage.is_over();
                if held == Held::Lost {
                    tracing::warn!(
                        job = job.key,
                        fence = job.fence,
                        "a job had been taken from its worker"
                    );
                }
            }
            Err(error) => self.outage.goes_on(&error),
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
        .unwrap_or("it left no message")
}

/// A time in which the database cannot be used, logged once at its beginning and once at its end.
#[derive(Debug, Default)]
struct Outage(AtomicBool);

impl Outage {
    fn goes_on(&self, error: &anyhow::Error) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::error!(
                error = format!("{error:#}"),
                "the queue cannot be used; it is tried again until it can"
            );
        }
    }

    fn is_over(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::info!("the queue can be used again");
        }
    }
}
