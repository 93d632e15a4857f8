//! Runs work at a lower priority than searches.

use std::panic::resume_unwind;
use std::thread;

/// Niceness added to a thread: about a tenth of a busy processor relative to a search.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Runs work in a low-priority thread; threads started by it, such as those of an index writer, inherit the priority.
pub(super) fn run<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let begun = scope.spawn(|| {
            lower_priority();
            work()
        });
        begun.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// On Linux each thread has its own priority, elsewhere only the whole process has one.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "the index is written with the priority of searches");
    }
}
