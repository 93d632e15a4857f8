//! Waits for tasks of the server.
//!
//! Uses requests of our own: the library's `Task` has no state for a cancelled one and drops unknown error codes, such as
//! that of a full disk, and its `Batch` has no progress.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::error::MeilisearchError;
use super::wire::Wire;

/// Pause between the first two polls of a task; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const MAX_PAUSE: Duration = Duration::from_secs(1);
/// Interval at which a slow task is logged.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// The server's response to a request that it carries out later.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accepted {
    pub(super) task_uid: u32,
}

#[derive(Deserialize)]
struct Task {
    status: String,
    error: Option<TaskError>,
}

#[derive(Deserialize)]
struct TaskError {
    code: String,
    message: String,
}

#[derive(Deserialize)]
struct Batches {
    results: Vec<Batch>,
}

#[derive(Deserialize)]
struct Batch {
    progress: Option<Progress>,
}

#[derive(Deserialize)]
struct Progress {
    percentage: f64,
}

/// Waits for a task to succeed, without a timeout: giving up on a server that is working gains nothing.
///
/// # Errors
/// If the task failed or was cancelled, or the server cannot be reached any more.
pub(super) async fn done(wire: &Wire, accepted: Accepted) -> Result<(), MeilisearchError> {
    let (mut pause, mut last_logged) = (FIRST_PAUSE, Instant::now());
    loop {
        let task: Task = wire.get(&format!("/tasks/{}", accepted.task_uid)).await?;
        match task.status.as_str() {
            "succeeded" => return Ok(()),
            "failed" | "canceled" => return Err(failure(&task)),
            _ => {}
        }
        if last_logged.elapsed() >= LOG_INTERVAL {
            last_logged = Instant::now();
            let percent = percentage(wire).await;
            tracing::info!(
                task = accepted.task_uid,
                status = task.status,
                percent,
                "waiting for a Meilisearch task"
            );
        }
        sleep(pause).await;
        pause = (pause * 2).min(MAX_PAUSE);
    }
}

fn failure(task: &Task) -> MeilisearchError {
    match &task.error {
        Some(error) if is_full(&error.code) => MeilisearchError::Full,
        Some(error) => MeilisearchError::Task {
            code: error.code.clone(),
            message: error.message.clone(),
        },
        None => MeilisearchError::Task {
            code: task.status.clone(),
            message: "someone cancelled it on the server".to_owned(),
        },
    }
}

fn is_full(code: &str) -> bool {
    matches!(
        code,
        "no_space_left_on_device" | "database_size_limit_reached"
    )
}

/// Returns the progress of the running batch, in percent. Errors are ignored, since it is only logged.
async fn percentage(wire: &Wire) -> Option<f64> {
    let batches: Batches = wire
        .get("/batches?statuses=processing&limit=1")
        .await
        .ok()?;
    let progress = batches.results.into_iter().next()?.progress?;
    Some(progress.percentage.round())
}
