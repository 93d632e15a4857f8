//! Removes what has been kept for as long as it is to be: at the start, and several times a day.

use std::time::Duration;

use jiff::SignedDuration;

use crate::config::settings::Config;
use crate::runtime::clock::Clock;
use crate::runtime::lifecycle::Lifecycle;
use crate::storage::answer_log::Feedback;
use crate::storage::queue::Queue;

/// How often it is looked for what is old.
const TIDYING: Duration = Duration::from_hours(6);

/// Removes the words of old questions from the queue.
pub(super) fn questions(config: &Config, queue: Queue, clock: Clock, lifecycle: &Lifecycle) {
    let keep = days(config.data.keep_days);
    repeat("tidying questions", lifecycle, move || {
        let (queue, before) = (queue.clone(), clock.now() - keep);
        async move {
            let forgotten = queue.forget_payloads(before).await?;
            if forgotten > 0 {
                tracing::info!(forgotten, "removed the words of old questions");
            }
            Ok(())
        }
    });
}

/// Removes the words of old answers, and answers altogether that are older still.
pub(super) fn answers(config: &Config, feedback: Feedback, clock: Clock, lifecycle: &Lifecycle) {
    let (words, all) = (days(config.data.keep_days), days(config.audit.keep_days));
    repeat("tidying answers", lifecycle, move || {
        let (feedback, now) = (feedback.clone(), clock.now());
        async move {
            feedback.forget_words(now - words).await?;
            feedback.forget(now - all).await.map(drop)
        }
    });
}

fn days(days: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

fn repeat<F>(name: &'static str, lifecycle: &Lifecycle, tidy: impl Fn() -> F + Send + 'static)
where
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let stopping = lifecycle.clone();
    lifecycle.spawn(name, async move {
        let mut ticks = tokio::time::interval(TIDYING);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stopping.stopping() => return,
            }
            if let Err(error) = tidy().await {
                let error = format!("{error:#}");
                tracing::error!(error, name, "what is old could not be removed");
            }
        }
    });
}
