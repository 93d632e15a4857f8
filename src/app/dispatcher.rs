//! Hands each stored job to whoever does its kind of work.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;

use crate::chat::place::Platform;
use crate::chat::responder::Responder;
use crate::chat::work::Work;
use crate::ingest::reindex::worker::ReindexWorker;
use crate::storage::queue::{Failure, Handler, Job, Outcome};

/// When to look again whether a chat platform was switched on. Every start looks, too.
const UNTIL_PLATFORM_IS_ON: Duration = Duration::from_hours(1);

/// Dispatches jobs by their type and chat platform.
pub(super) struct JobDispatcher {
    reindexing: ReindexWorker,
    responders: HashMap<Platform, Responder>,
}

impl JobDispatcher {
    pub(super) fn new(reindexing: ReindexWorker) -> Self {
        Self {
            reindexing,
            responders: HashMap::new(),
        }
    }

    /// Adds the responder of a chat platform.
    pub(super) fn with_responder(mut self, platform: Platform, responder: Responder) -> Self {
        self.responders.insert(platform, responder);
        self
    }

    /// The handler of a job; none if its chat platform is switched off.
    fn handler(&self, job: &Job) -> Option<&dyn Handler> {
        let work = Work::from_payload(&job.payload);
        if let Some(Work::Reindex(_)) = work {
            return Some(&self.reindexing);
        }
        let platform = work.map(|work| work.platform()).unwrap_or_default();
        let responder = self.responders.get(&platform)?;
        Some(responder)
    }
}

#[async_trait]
impl Handler for JobDispatcher {
    async fn handle(&self, job: &Job) -> Outcome {
        match self.handler(job) {
            Some(handler) => handler.handle(job).await,
            None => Outcome::Postponed {
                after: UNTIL_PLATFORM_IS_ON,
            },
        }
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        if let Some(handler) = self.handler(job) {
            handler.give_up(job, failure).await;
        }
    }
}
