//! Work that searches take precedence over.

use std::panic::resume_unwind;
use std::thread;

/// How much less of a busy processor it gets: about a tenth of what a search gets.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Runs something in a thread that gives way, as all threads do that it begins: those of an index writer, too.
pub(super) fn in_background<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let begun = scope.spawn(|| {
            give_way();
            work()
        });
        begun.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// On Linux each thread has a priority of its own, elsewhere only the whole process has.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "the index is written with the priority of searches");
    }
}
