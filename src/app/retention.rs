//! Retention: deletes expired data at the start and every few hours.

use std::time::Duration;

use jiff::SignedDuration;

use crate::config::settings::Config;
use crate::runtime::clock::Clock;
use crate::runtime::lifecycle::Lifecycle;
use crate::storage::answer_log::AnswerLog;
use crate::storage::queue::Queue;

/// Interval between cleanups.
const CLEANUP_INTERVAL: Duration = Duration::from_hours(6);

/// Starts the task that deletes the text of old questions from the queue.
pub(super) fn clean_up_queue(config: &Config, queue: Queue, clock: Clock, lifecycle: &Lifecycle) {
    let keep = days(config.data.keep_days);
    repeat("queue retention", lifecycle, move || {
        let (queue, before) = (queue.clone(), clock.now() - keep);
        async move {
            let forgotten = queue.forget_payloads(before).await?;
            if forgotten > 0 {
                tracing::info!(forgotten, "deleted the text of old questions");
            }
            Ok(())
        }
    });
}

/// Starts the task that deletes the text of old answers, and later the whole answers.
pub(super) fn clean_up_answers(
    config: &Config,
    feedback: AnswerLog,
    clock: Clock,
    lifecycle: &Lifecycle,
) {
    let (words, all) = (days(config.data.keep_days), days(config.audit.keep_days));
    repeat("answer retention", lifecycle, move || {
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

fn repeat<F>(name: &'static str, lifecycle: &Lifecycle, clean_up: impl Fn() -> F + Send + 'static)
where
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let stopping = lifecycle.clone();
    lifecycle.spawn(name, async move {
        let mut ticks = tokio::time::interval(CLEANUP_INTERVAL);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stopping.stopping() => return,
            }
            if let Err(error) = clean_up().await {
                let error = format!("{error:#}");
                tracing::error!(error, name, "retention cleanup failed");
            }
        }
    });
}
