//! Throttles the display of an answer while it is written: at most one update per configured interval, the first words
//! at once. A state that cannot be shown is skipped, since the next one contains it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::answer_stream::{AnswerStream, PostedMessages, ShowOutcome};
use crate::answer::progress::Progress;

/// Shows the states of an answer until the sender is dropped.
pub async fn show_progress(
    stream: &mut dyn AnswerStream,
    posted: &mut PostedMessages<'_>,
    mut progress: watch::Receiver<Progress>,
    interval: Duration,
) {
    let mut next = Instant::now();
    let mut shown = Progress::Searching;
    let mut is_behind = false;
    while is_behind || progress.changed().await.is_ok() {
        let wants_words = !matches!(shown, Progress::Writing(_)) && !is_behind;
        if !wait_until(next, &mut progress, wants_words).await {
            break;
        }
        let state = progress.borrow_and_update().clone();
        // The interval includes the time of the call.
        let start = Instant::now();
        match stream.show(&state, posted).await {
            ShowOutcome::Shown => {
                next = start + interval;
                (shown, is_behind) = (state, false);
            }
            ShowOutcome::Later(pause) => {
                next = Instant::now() + pause.unwrap_or(interval).max(interval / 4);
                is_behind = true;
            }
            ShowOutcome::Never => break,
        }
    }
    stream.close(posted).await;
}

/// Waits until a time, or until the first words if they are wanted; returns false if the sender is dropped.
async fn wait_until(
    time: Instant,
    progress: &mut watch::Receiver<Progress>,
    wants_words: bool,
) -> bool {
    let pause = tokio::time::sleep_until(time);
    tokio::pin!(pause);
    loop {
        if wants_words && matches!(*progress.borrow(), Progress::Writing(_)) {
            return true;
        }
        tokio::select! {
            () = &mut pause => return true,
            changed = progress.changed() => {
                if changed.is_err() {
                    return false;
                }
            }
        }
    }
}
