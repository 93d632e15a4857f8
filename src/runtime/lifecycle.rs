//! Named tasks and two-stage shutdown.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts and stops the program's tasks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    tracker: TaskTracker,
    stopping: CancellationToken,
    cancelled: CancellationToken,
    crash: watch::Sender<Option<&'static str>>,
}

/// Result of a shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutdownOutcome {
    /// All tasks finished within the grace time.
    Finished,
    /// Some tasks were cancelled.
    Cancelled,
    /// The named task panicked.
    Crashed(&'static str),
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            tracker: TaskTracker::new(),
            stopping: CancellationToken::new(),
            cancelled: CancellationToken::new(),
            crash: watch::Sender::new(None),
        }
    }
}

impl Lifecycle {
    /// Runs a task until it ends or the program is cancelled. A panic in it stops the program.
    #[expect(clippy::disallowed_methods, reason = "this is where tasks are tracked")]
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let (cancelled, crash, stopping) = (
            self.cancelled.clone(),
            self.crash.clone(),
            self.stopping.clone(),
        );
        let running = tokio::spawn(async move { cancelled.run_until_cancelled(task).await });
        self.tracker.spawn(async move {
            if running.await.is_err_and(|error| error.is_panic()) {
                tracing::error!(task = name, "a task panicked; the program stops");
                crash.send_replace(Some(name));
                stopping.cancel();
            }
        });
    }

    /// Asks every task to finish its work and accept nothing new.
    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// Calls [`Self::stop`] when the operating system asks the program to stop.
    pub fn stop_when_signalled(&self) {
        let own = self.clone();
        self.spawn("signals", async move {
            tokio::select! {
                () = shutdown_signal() => own.stop(),
                () = own.stopping() => {}
            }
        });
    }

    /// Resolves when the program is stopping.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Waits for [`Self::stop`] or a crash, then gives tasks the grace time and cancels the rest.
    pub async fn finish(&self, grace: Duration) -> ShutdownOutcome {
        self.stopping().await;
        self.tracker.close();
        let in_time = tokio::time::timeout(grace, self.tracker.wait())
            .await
            .is_ok();
        self.cancelled.cancel();
        self.tracker.wait().await;
        match *self.crash.borrow() {
            Some(name) => ShutdownOutcome::Crashed(name),
            None if in_time => ShutdownOutcome::Finished,
            None => ShutdownOutcome::Cancelled,
        }
    }
}

/// Resolves when the operating system asks the program to stop (SIGTERM, or Ctrl-C).
pub async fn shutdown_signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn tasks_that_finish_in_time_are_not_cancelled() {
        let lifecycle = Lifecycle::default();
        let stopping = lifecycle.clone();
        lifecycle.spawn("polite", async move { stopping.stopping().await });
        lifecycle.stop();
        assert_eq!(
            lifecycle.finish(Duration::from_secs(1)).await,
            ShutdownOutcome::Finished
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_stop_is_cancelled_after_the_grace_time() {
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("stubborn", std::future::pending());
        lifecycle.stop();
        assert_eq!(
            lifecycle.finish(Duration::from_secs(1)).await,
            ShutdownOutcome::Cancelled
        );
    }

    #[tokio::test]
    async fn a_panic_stops_the_program_and_is_named() {
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("broken", async { panic!("on purpose") });
        assert_eq!(
            lifecycle.finish(Duration::from_secs(1)).await,
            ShutdownOutcome::Crashed("broken")
        );
    }
}
