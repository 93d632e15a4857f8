//! A handler whose every move the test decides.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use epibot::runtime::lifecycle::{Lifecycle, ShutdownOutcome};
use epibot::storage::queue::{Failure, Handler, Job, Outcome, Queue};
use tokio::sync::{mpsc, oneshot};

use crate::support::wait::PATIENCE;

/// What the workers have come to.
pub(crate) enum Event {
    Attempt(Job, oneshot::Sender<Act>),
    GivenUp(Job, String, oneshot::Sender<Act>),
}

pub(crate) enum Act {
    End(Outcome),
    Panic,
}

struct Puppet(mpsc::UnboundedSender<Event>);

impl Puppet {
    async fn act(&self, event: impl FnOnce(oneshot::Sender<Act>) -> Event) -> Outcome {
        let (act, told) = oneshot::channel();
        self.0.send(event(act)).unwrap();
        match told.await {
            Ok(Act::End(outcome)) => outcome,
            Ok(Act::Panic) => panic!("on purpose"),
            // Nobody tells it what to do: the job stays in hand.
            Err(_) => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Handler for Puppet {
    async fn handle(&self, job: &Job) -> Outcome {
        self.act(|act| Event::Attempt(job.clone(), act)).await
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        self.act(|act| Event::GivenUp(job.clone(), failure.detail.clone(), act))
            .await;
    }
}

/// Running workers.
pub(crate) struct Stage {
    events: mpsc::UnboundedReceiver<Event>,
    pub(crate) lifecycle: Lifecycle,
}

impl Stage {
    pub(crate) fn run(queue: &Queue) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let lifecycle = Lifecycle::default();
        queue.run(Arc::new(Puppet(sender)), &lifecycle);
        Self { events, lifecycle }
    }

    async fn event(&mut self) -> Event {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.expect("nothing happened").expect("the workers ended")
    }

    /// The next attempt, which must be at the job of this key.
    pub(crate) async fn attempt(&mut self, key: &str) -> (Job, oneshot::Sender<Act>) {
        match self.event().await {
            Event::Attempt(job, act) => {
                assert_eq!(job.key, key);
                (job, act)
            }
            Event::GivenUp(job, reason, _) => panic!("{} was given up: {reason}", job.key),
        }
    }

    /// The next attempts in the order of their keys; they start side by side.
    pub(crate) async fn attempts(&mut self, keys: [&str; 2]) -> [(Job, oneshot::Sender<Act>); 2] {
        let mut found = Vec::new();
        for _ in keys {
            match self.event().await {
                Event::Attempt(job, act) => found.push((job, act)),
                Event::GivenUp(job, reason, _) => panic!("{} was given up: {reason}", job.key),
            }
        }
        found.sort_by(|one, other| one.0.key.cmp(&other.0.key));
        assert_eq!([&found[0].0.key, &found[1].0.key], keys);
        found.try_into().ok().unwrap()
    }

    /// The next event, which must be the giving up of the job of this key.
    pub(crate) async fn given_up(&mut self, key: &str) -> (String, oneshot::Sender<Act>) {
        match self.event().await {
            Event::GivenUp(job, reason, act) => {
                assert_eq!(job.key, key);
                (reason, act)
            }
            Event::Attempt(job, _) => panic!("{} was attempted", job.key),
        }
    }

    /// Lets what is in hand come to its end; nothing else must have happened.
    pub(crate) async fn rest(self) {
        self.lifecycle.stop();
        assert_eq!(
            self.lifecycle.finish(PATIENCE).await,
            ShutdownOutcome::Finished
        );
        self.nothing_else();
    }

    /// Stops without giving what is in hand any time.
    pub(crate) async fn cut_short(self) {
        self.lifecycle.stop();
        assert_eq!(
            self.lifecycle.finish(Duration::ZERO).await,
            ShutdownOutcome::Cancelled
        );
        self.nothing_else();
    }

    fn nothing_else(mut self) {
        if let Ok(Event::Attempt(job, _) | Event::GivenUp(job, ..)) = self.events.try_recv() {
            panic!("{} was not expected", job.key);
        }
    }
}

pub(crate) fn done(act: oneshot::Sender<Act>) {
    end(act, Outcome::Done);
}

pub(crate) fn retry(act: oneshot::Sender<Act>, reason: &str, after: Option<Duration>) {
    end(
        act,
        Outcome::Retry {
            failure: reason.into(),
            after,
        },
    );
}

pub(crate) fn end(act: oneshot::Sender<Act>, outcome: Outcome) {
    act.send(Act::End(outcome))
        .ok()
        .expect("the worker has gone");
}

pub(crate) fn panic(act: oneshot::Sender<Act>) {
    act.send(Act::Panic).ok().expect("the worker has gone");
}
