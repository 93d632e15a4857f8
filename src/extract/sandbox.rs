//! Resource limits of child processes, which read hostile files.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files: the process's own library, a document, and what a parser needs in addition.
const MAX_OPEN_FILES: u64 = 64;

/// Limits memory (bytes), CPU time (seconds) and open files of this process.
pub(super) fn restrict(memory_bytes: u64, processor_seconds: u64) -> std::io::Result<()> {
    let set = |resource: Resource, max: u64| {
        let hard = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Some(max.min(hard));
        setrlimit(
            resource,
            Rlimit {
                current: limit,
                maximum: limit,
            },
        )
    };
    set(Resource::As, memory_bytes)?;
    set(Resource::Cpu, processor_seconds)?;
    set(Resource::Core, 0)?;
    set(Resource::Nofile, MAX_OPEN_FILES)?;
    set(Resource::Fsize, 0)?;
    Ok(())
}
