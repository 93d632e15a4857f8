//! Dispatches jobs of the queue to their handlers.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;

use crate::chat::place::Platform;
use crate::chat::responder::Responder;
use crate::chat::work::Work;
use crate::ingest::reindex::worker::ReindexWorker;
use crate::storage::queue::{Failure, Handler, Job, Outcome};

/// Pause before a job of a disabled chat platform is tried again.
const DISABLED_PLATFORM_PAUSE: Duration = Duration::from_hours(1);

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

    /// Returns the handler of a job; `None` if its chat platform is disabled.
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
                after: DISABLED_PLATFORM_PAUSE,
            },
        }
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        if let Some(handler) = self.handler(job) {
            handler.give_up(job, failure).await;
        }
    }
}
