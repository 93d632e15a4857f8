//! Files that one process at a time may use.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Keeps other processes away from a file, or from a kind of work, for as long as it lives.
///
/// The operating system lets go of the lock when the process ends, however it ends.
#[derive(Debug)]
pub struct FileLock {
    held: File,
}

impl FileLock {
    /// Takes the lock that lies beside `file`, or tells which process has it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn take(file: &Path) -> anyhow::Result<Result<Self, String>> {
        let path = beside(file);
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
                // For the message below only; the lock itself does not depend on it.
                let _ = file
                    .set_len(0)
                    .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
                Ok(Ok(Self { held: file }))
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
        // Closing alone would leave it with a child process that has been forked but not yet begun.
        let _ = self.held.unlock();
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn holder(file: &mut File) -> String {
    let mut number = String::new();
    let read = file
        .rewind()
        .and_then(|()| file.take(20).read_to_string(&mut number));
    match (read, number.trim().parse::<u32>()) {
        (Ok(_), Ok(process)) => format!("process {process}"),
        _ => "another process".to_owned(),
    }
}
