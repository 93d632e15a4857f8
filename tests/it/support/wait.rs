//! Waiting for what gives no notice: another process, a server, a database. It is looked at again and again.

use std::time::{Duration, Instant};

/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Long enough for a busy machine; nothing waits so long where all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// It was not found in time.
#[derive(Debug)]
pub(crate) struct Late;

/// Looks until something is true.
pub(crate) async fn until(what: &str, mut look: impl AsyncFnMut() -> bool) {
    let found = find(async || look().await.then_some(())).await;
    assert!(found.is_ok(), "it did not come about that {what}");
}

/// Looks until something is found.
pub(crate) async fn find<T>(look: impl AsyncFnMut() -> Option<T>) -> Result<T, Late> {
    find_within(PATIENCE, look).await
}

/// As [`find`], for what may take so long.
pub(crate) async fn find_within<T>(
    patience: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> Result<T, Late> {
    // By the machine's time, since a paused one leaps from look to look.
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        if Instant::now() > deadline {
            return Err(Late);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
