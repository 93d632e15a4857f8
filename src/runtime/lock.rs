//! Locks between processes, as files.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// An exclusive lock between processes, released when it is dropped. The operating system also releases it when the process
/// ends in any way.
#[derive(Debug)]
pub struct FileLock {
    file: File,
}

impl FileLock {
    /// Acquires `<file>.lock`, or returns a description of the process that has it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn acquire(file: &Path) -> anyhow::Result<Result<Self, String>> {
        let path = lock_path(file);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| {
                format!(
                    "the file {} cannot be written; give epibot's user the right to write to this folder, \
                     or set data.dir to another one",
                    path.display()
                )
            })?;
        match file.try_lock() {
            Ok(()) => {
                // Only for messages; the lock does not depend on it.
                let _ = file
                    .set_len(0)
                    .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
                Ok(Ok(Self { file }))
            }
            Err(TryLockError::WouldBlock) => Ok(Err(holder(&mut file))),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| {
                format!(
                    "the file {} cannot be locked; set data.dir to a folder on a local disk",
                    path.display()
                )
            }),
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing alone would keep the lock in a child process between fork and exec.
        let _ = self.file.unlock();
    }
}

fn lock_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// Describes the process that has the lock.
fn holder(file: &mut File) -> String {
    let mut pid = String::new();
    let read = file
        .rewind()
        .and_then(|()| file.take(20).read_to_string(&mut pid));
    match (read, pid.trim().parse::<u32>()) {
        (Ok(_), Ok(pid)) => format!("process {pid}"),
        _ => "another process".to_owned(),
    }
}
