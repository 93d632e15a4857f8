//! Limits of child processes, which read hostile files.

use rlimit::Resource;

/// The process's own library, a document, and what a parser needs in addition.
const OPEN_FILES: u64 = 64;

/// Limits memory, processor time and files of this process. It reads hostile files, so it gets no more than it needs.
pub(super) fn restrict(memory_bytes: u64, processor_seconds: u64) -> std::io::Result<()> {
    let set = |resource: Resource, most: u64| {
        let (_, hard) = resource.get()?;
        let most = most.min(hard);
        resource.set(most, most)
    };
    set(Resource::AS, memory_bytes)?;
    set(Resource::CPU, processor_seconds)?;
    set(Resource::CORE, 0)?;
    set(Resource::NOFILE, OPEN_FILES)?;
    set(Resource::FSIZE, 0)
}
