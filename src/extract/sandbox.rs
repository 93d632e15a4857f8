//! Limits of child processes, which read hostile files.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The process's own library, a document, and what a parser needs in addition.
const OPEN_FILES: u64 = 64;

/// Limits memory, processor time and files of this process. It reads hostile files, so it gets no more than it needs.
pub(super) fn restrict(memory_bytes: u64, processor_seconds: u64) -> std::io::Result<()> {
    let set = |resource: Resource, most: u64| {
        let hard = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Some(most.min(hard));
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
    set(Resource::Nofile, OPEN_FILES)?;
    set(Resource::Fsize, 0)?;
    Ok(())
}
