//! What the queue promises, whatever database is behind it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use epibot::config;
use epibot::runtime::clock::Clock;
use epibot::runtime::lifecycle::{Lifecycle, ShutdownOutcome};
use epibot::storage::queue::{
    ClaimStatus, Enqueued, Failure, Handler, Job, JobState, Outcome, Queue,
};
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::puppet::{Stage, done, end, panic, retry};
use super::{TWO, job, noon};
use crate::support::wait::PATIENCE;

/// Where a queue is kept. A database that tells the story implements this and calls [`tell!`].
#[async_trait]
pub(super) trait Place: Sized + Send + Sync {
    /// None where there is no such database on this machine; that it is skipped has been said then.
    async fn new() -> Option<Self>;

    async fn open_as(&self, config: &config::storage::Queue, clock: Clock) -> Queue;

    /// What a process that dies at this moment leaves behind.
    async fn after_a_crash(&self) -> Self;

    async fn open(&self) -> Queue {
        self.open_as(&TWO, noon()).await
    }
}

/// Makes a test of each part of the story for one kind of place.
macro_rules! tell {
    ($place:ty) => {
        tell!($place:
            three_deliveries_are_one_job,
            a_lane_goes_in_order_and_lanes_go_side_by_side,
            many_lanes_keep_their_order_whatever_fails,
            a_failed_attempt_is_made_again_after_its_pause_with_its_progress,
            the_pause_that_was_asked_for_is_kept,
            after_the_last_attempt_the_job_is_given_up_once,
            what_cannot_succeed_is_given_up_at_once,
            a_lane_goes_on_only_after_the_job_before_was_given_up,
            a_worker_that_lost_its_job_changes_nothing,
            a_panic_costs_one_attempt,
            a_panic_in_giving_up_is_followed_by_another_try,
            a_crash_in_mid_attempt_leads_to_the_next_attempt,
            a_job_that_crashes_every_attempt_is_given_up,
            a_crash_in_giving_up_leads_to_giving_up_again,
            a_stop_in_good_order_costs_no_attempt,
            nothing_is_begun_once_a_stop_was_asked_for,
            a_thousand_at_once_are_stored_once_each,
            lanes_are_known_for_ever,
            the_size_and_age_of_the_backlog_are_told,
            forgotten_payloads_leave_their_keys,
        );
    };
    ($place:ty: $($part:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $part() {
                if let Some(place) = <$place as $crate::queue::story::Place>::new().await {
                    $crate::queue::story::$part(&place).await;
                }
            }
        )*
    };
}
pub(super) use tell;

pub(super) async fn three_deliveries_are_one_job(place: &impl Place) {
    let queue = place.open().await;
    assert_eq!(queue.enqueue(&job("a", "a")).await.unwrap(), Enqueued::New);
    assert_eq!(
        queue.enqueue(&job("a", "a")).await.unwrap(),
        Enqueued::Duplicate
    );
    let mut stage = Stage::run(&queue);
    let (job_a, act) = stage.attempt("a").await;
    assert_eq!(
        (job_a.payload, job_a.attempt),
        (json!({ "question": "a" }), 1)
    );
    assert_eq!(
        queue.enqueue(&job("a", "a")).await.unwrap(),
        Enqueued::Duplicate
    );
    done(act);
    stage.rest().await;
    assert_eq!(
        queue.enqueue(&job("a", "a")).await.unwrap(),
        Enqueued::Duplicate
    );
    assert_eq!(
        queue.lookup("a").await.unwrap().unwrap().state,
        JobState::Done
    );
    assert_eq!(queue.size().await.unwrap(), 0);
}

pub(super) async fn a_lane_goes_in_order_and_lanes_go_side_by_side(place: &impl Place) {
    let queue = place.open().await;
    let mut stage = Stage::run(&queue);
    for (key, lane) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("c1", "c")] {
        queue.enqueue(&job(key, lane)).await.unwrap();
    }
    let [(_, a1), (_, b1)] = stage.attempts(["a1", "b1"]).await;
    done(b1);
    let (_, c1) = stage.attempt("c1").await;
    done(a1);
    let (_, a2) = stage.attempt("a2").await;
    done(c1);
    done(a2);
    stage.rest().await;
}

/// Does the jobs as they come, every third attempt in vain, and notes in which order each lane was done.
#[derive(Default)]
pub(super) struct Notes {
    attempts: AtomicU64,
    done: Mutex<BTreeMap<String, Vec<Value>>>,
    pub(super) all: Notify,
}

const LANES: usize = 10;
const JOBS: usize = 300;

impl Notes {
    /// Stores the jobs, lane by lane in turn, by way of each of the queues in turn.
    pub(super) async fn store(queues: &[&Queue]) {
        for (number, queue) in (0..JOBS).zip(queues.iter().cycle()) {
            let lane = format!("lane {}", number % LANES);
            queue
                .enqueue(&job(&number.to_string(), &lane))
                .await
                .unwrap();
        }
    }

    /// Each lane must have been done in the order in which it was stored, everything once.
    pub(super) fn check(&self) {
        for (number, (_, done)) in self.done.lock().unwrap().iter().enumerate() {
            let stored: Vec<String> = (number..JOBS)
                .step_by(LANES)
                .map(|number| number.to_string())
                .collect();
            assert_eq!(*done, stored);
        }
    }
}

#[async_trait]
impl Handler for Notes {
    async fn handle(&self, job: &Job) -> Outcome {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst);
        // Lets others in between.
        tokio::task::yield_now().await;
        if attempt.is_multiple_of(3) {
            return Outcome::Retry {
                failure: "in vain".into(),
                after: None,
            };
        }
        let mut done = self.done.lock().unwrap();
        done.entry(job.lane.clone())
            .or_default()
            .push(job.payload["question"].clone());
        if done.values().map(Vec::len).sum::<usize>() == JOBS {
            self.all.notify_one();
        }
        Outcome::Done
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        panic!("{} was given up: {failure}", job.key);
    }
}

pub(super) async fn many_lanes_keep_their_order_whatever_fails(place: &impl Place) {
    let config = config::storage::Queue {
        workers: 4,
        attempts: 1_000,
        backoff_s: 0,
    };
    let queue = place.open_as(&config, Clock::system()).await;
    let (notes, lifecycle) = (Arc::new(Notes::default()), Lifecycle::default());
    queue.run(Arc::clone(&notes) as Arc<dyn Handler>, &lifecycle);
    Notes::store(&[&queue]).await;
    notes.all.notified().await;
    lifecycle.stop();
    assert_eq!(lifecycle.finish(PATIENCE).await, ShutdownOutcome::Finished);
    notes.check();
    assert_eq!(queue.size().await.unwrap(), 0);
}

pub(super) async fn a_failed_attempt_is_made_again_after_its_pause_with_its_progress(
    place: &impl Place,
) {
    let clock = noon();
    let queue = place.open_as(&TWO, clock.clone()).await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (first, act) = stage.attempt("a").await;
    assert_eq!(
        queue.save(&first, &json!({ "ts": "1" })).await.unwrap(),
        ClaimStatus::Owned
    );
    retry(act, "the model is silent", None);
    stage.rest().await;
    let record = queue.lookup("a").await.unwrap().unwrap();
    assert_eq!(
        (record.state, record.reason.as_deref()),
        (JobState::Waiting, Some("the model is silent"))
    );

    clock.advance(1_999);
    queue.enqueue(&job("b", "b")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("b").await;
    done(act);
    stage.rest().await;

    clock.advance(2_001);
    let mut stage = Stage::run(&queue);
    let (second, act) = stage.attempt("a").await;
    assert_eq!(
        (second.attempt, second.progress),
        (2, Some(json!({ "ts": "1" })))
    );
    assert!(second.fence > first.fence);
    done(act);
    stage.rest().await;
    assert_eq!(
        queue.lookup("a").await.unwrap().unwrap().state,
        JobState::Done
    );
}

pub(super) async fn the_pause_that_was_asked_for_is_kept(place: &impl Place) {
    let clock = noon();
    let queue = place.open_as(&TWO, clock.clone()).await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a").await;
    retry(act, "too many requests", Some(Duration::from_mins(10)));
    stage.rest().await;

    clock.advance(599_999);
    queue.enqueue(&job("b", "b")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, b) = stage.attempt("b").await;
    clock.advance(1);
    queue.wake();
    let (_, a) = stage.attempt("a").await;
    done(a);
    done(b);
    stage.rest().await;
}

pub(super) async fn after_the_last_attempt_the_job_is_given_up_once(place: &impl Place) {
    let queue = place.open().await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a").await;
    retry(act, "first", Some(Duration::ZERO));
    let (last, act) = stage.attempt("a").await;
    assert_eq!(last.attempt, 2);
    retry(act, "second", Some(Duration::ZERO));
    let (reason, act) = stage.given_up("a").await;
    assert_eq!(reason, "second");
    done(act);
    stage.rest().await;
    let record = queue.lookup("a").await.unwrap().unwrap();
    assert_eq!(
        (record.state, record.attempt, record.reason.as_deref()),
        (JobState::Failed, 2, Some("second"))
    );
    Stage::run(&queue).rest().await;
}

pub(super) async fn what_cannot_succeed_is_given_up_at_once(place: &impl Place) {
    let queue = place.open().await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a").await;
    end(
        act,
        Outcome::Failed {
            failure: "the channel is gone".into(),
        },
    );
    let (reason, act) = stage.given_up("a").await;
    assert_eq!(reason, "the channel is gone");
    done(act);
    stage.rest().await;
    assert_eq!(
        queue.lookup("a").await.unwrap().unwrap().state,
        JobState::Failed
    );
}

pub(super) async fn a_lane_goes_on_only_after_the_job_before_was_given_up(place: &impl Place) {
    let queue = place.open().await;
    for (key, lane) in [("a1", "a"), ("a2", "a")] {
        queue.enqueue(&job(key, lane)).await.unwrap();
    }
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a1").await;
    end(
        act,
        Outcome::Failed {
            failure: "no".into(),
        },
    );
    let (_, giving_up) = stage.given_up("a1").await;
    queue.enqueue(&job("b1", "b")).await.unwrap();
    let (_, b1) = stage.attempt("b1").await;
    done(giving_up);
    let (_, a2) = stage.attempt("a2").await;
    done(b1);
    done(a2);
    stage.rest().await;
}

pub(super) async fn a_worker_that_lost_its_job_changes_nothing(place: &impl Place) {
    let queue = place.open().await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (first, act) = stage.attempt("a").await;
    retry(act, "again", Some(Duration::ZERO));
    let (second, act) = stage.attempt("a").await;
    assert_eq!(
        queue.save(&second, &json!("new")).await.unwrap(),
        ClaimStatus::Owned
    );
    assert_eq!(
        queue.save(&first, &json!("old")).await.unwrap(),
        ClaimStatus::Lost
    );
    done(act);
    stage.rest().await;
    assert_eq!(
        queue.save(&second, &json!("late")).await.unwrap(),
        ClaimStatus::Lost
    );
    assert_eq!(
        queue.lookup("a").await.unwrap().unwrap().progress,
        Some(json!("new"))
    );
}

pub(super) async fn a_panic_costs_one_attempt(place: &impl Place) {
    let at_once = config::storage::Queue {
        backoff_s: 0,
        ..TWO
    };
    let queue = place.open_as(&at_once, noon()).await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a").await;
    panic(act);
    let (second, act) = stage.attempt("a").await;
    assert_eq!(second.attempt, 2);
    let record = queue.lookup("a").await.unwrap().unwrap();
    assert_eq!(
        record.reason.as_deref(),
        Some("the handler panicked: on purpose")
    );
    done(act);
    stage.rest().await;
    assert_eq!(
        queue.lookup("a").await.unwrap().unwrap().state,
        JobState::Done
    );
}

pub(super) async fn a_panic_in_giving_up_is_followed_by_another_try(place: &impl Place) {
    let at_once = config::storage::Queue {
        backoff_s: 0,
        ..TWO
    };
    let queue = place.open_as(&at_once, noon()).await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a").await;
    end(
        act,
        Outcome::Failed {
            failure: "no".into(),
        },
    );
    let (_, act) = stage.given_up("a").await;
    panic(act);
    let (reason, act) = stage.given_up("a").await;
    assert_eq!(reason, "no");
    panic(act);
    stage.rest().await;
    assert_eq!(
        queue.lookup("a").await.unwrap().unwrap().state,
        JobState::Failed
    );
}

pub(super) async fn a_crash_in_mid_attempt_leads_to_the_next_attempt(place: &impl Place) {
    let queue = place.open().await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (first, _act) = stage.attempt("a").await;
    assert_eq!(
        queue.save(&first, &json!({ "ts": "1" })).await.unwrap(),
        ClaimStatus::Owned
    );

    let place = place.after_a_crash().await;
    let queue = place.open().await;
    let mut stage = Stage::run(&queue);
    let (second, act) = stage.attempt("a").await;
    assert_eq!(
        (second.attempt, second.progress),
        (2, Some(json!({ "ts": "1" })))
    );
    assert!(second.fence > first.fence);
    done(act);
    stage.rest().await;
    assert_eq!(
        queue.lookup("a").await.unwrap().unwrap().state,
        JobState::Done
    );
}

pub(super) async fn a_job_that_crashes_every_attempt_is_given_up(place: &impl Place) {
    let queue = place.open().await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let _in_hand = stage.attempt("a").await;

    let place = place.after_a_crash().await;
    let queue = place.open().await;
    let mut stage = Stage::run(&queue);
    let _in_hand = stage.attempt("a").await;

    let place = place.after_a_crash().await;
    let queue = place.open().await;
    let mut stage = Stage::run(&queue);
    let (reason, act) = stage.given_up("a").await;
    assert_eq!(reason, "the program ended in the middle of the attempt");
    done(act);
    stage.rest().await;
    assert_eq!(queue.lookup("a").await.unwrap().unwrap().attempt, 2);
}

pub(super) async fn a_crash_in_giving_up_leads_to_giving_up_again(place: &impl Place) {
    let queue = place.open().await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a").await;
    end(
        act,
        Outcome::Failed {
            failure: "no".into(),
        },
    );
    let _in_hand = stage.given_up("a").await;

    let place = place.after_a_crash().await;
    let queue = place.open().await;
    let mut stage = Stage::run(&queue);
    let (reason, act) = stage.given_up("a").await;
    assert_eq!(reason, "no");
    done(act);
    stage.rest().await;
    assert_eq!(
        queue.lookup("a").await.unwrap().unwrap().state,
        JobState::Failed
    );
}

pub(super) async fn a_stop_in_good_order_costs_no_attempt(place: &impl Place) {
    let queue = place.open().await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let _in_hand = stage.attempt("a").await;
    stage.cut_short().await;
    queue.close().await.unwrap();
    assert!(
        queue.enqueue(&job("b", "b")).await.is_err(),
        "a closed queue must not take anything"
    );

    let queue = place.open().await;
    let mut stage = Stage::run(&queue);
    let (again, act) = stage.attempt("a").await;
    assert_eq!(again.attempt, 1);
    done(act);
    stage.rest().await;
}

pub(super) async fn nothing_is_begun_once_a_stop_was_asked_for(place: &impl Place) {
    let queue = place.open().await;
    queue.enqueue(&job("a1", "a")).await.unwrap();
    queue.enqueue(&job("a2", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a1").await;
    stage.lifecycle.stop();
    queue.enqueue(&job("b1", "b")).await.unwrap();
    done(act);
    stage.rest().await;
    assert_eq!(
        queue.lookup("a1").await.unwrap().unwrap().state,
        JobState::Done
    );
    assert_eq!(queue.size().await.unwrap(), 2);
}

pub(super) async fn a_thousand_at_once_are_stored_once_each(place: &impl Place) {
    let queue = place.open().await;
    let deliveries = (0..2_000).map(|number| {
        let queue = queue.clone();
        async move {
            queue
                .enqueue(&job(&format!("key {}", number % 1_000), "lane"))
                .await
                .unwrap()
        }
    });
    let stored = join_all(deliveries).await;
    assert_eq!(
        stored
            .iter()
            .filter(|stored| **stored == Enqueued::New)
            .count(),
        1_000
    );
    assert_eq!(queue.size().await.unwrap(), 1_000);
}

pub(super) async fn lanes_are_known_for_ever(place: &impl Place) {
    let queue = place.open().await;
    assert!(!queue.knows_lane("a").await.unwrap());
    queue.enqueue(&job("a1", "a")).await.unwrap();
    assert!(queue.knows_lane("a").await.unwrap());
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a1").await;
    done(act);
    stage.rest().await;
    assert!(queue.knows_lane("a").await.unwrap());
    assert!(!queue.knows_lane("b").await.unwrap());
}

pub(super) async fn the_size_and_age_of_the_backlog_are_told(place: &impl Place) {
    let clock = noon();
    let queue = place.open_as(&TWO, clock.clone()).await;
    assert_eq!(
        (queue.size().await.unwrap(), queue.oldest().await.unwrap()),
        (0, None)
    );
    queue.enqueue(&job("a", "a")).await.unwrap();
    clock.advance(5_000);
    queue.enqueue(&job("b", "b")).await.unwrap();
    assert_eq!(queue.size().await.unwrap(), 2);
    assert_eq!(queue.oldest().await.unwrap(), Some(Duration::from_secs(5)));
}

pub(super) async fn forgotten_payloads_leave_their_keys(place: &impl Place) {
    let clock = noon();
    let queue = place.open_as(&TWO, clock.clone()).await;
    queue.enqueue(&job("old", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (old, act) = stage.attempt("old").await;
    assert_eq!(
        queue.save(&old, &json!({ "ts": "1" })).await.unwrap(),
        ClaimStatus::Owned
    );
    done(act);
    stage.rest().await;
    clock.advance(1);
    queue.enqueue(&job("open", "b")).await.unwrap();

    assert_eq!(queue.forget_payloads(clock.now()).await.unwrap(), 1);
    let record = queue.lookup("old").await.unwrap().unwrap();
    assert_eq!(
        (record.state, record.payload, record.progress),
        (JobState::Done, None, None)
    );
    assert_eq!(
        queue.enqueue(&job("old", "a")).await.unwrap(),
        Enqueued::Duplicate
    );
    assert!(
        queue
            .lookup("open")
            .await
            .unwrap()
            .unwrap()
            .payload
            .is_some()
    );
}
