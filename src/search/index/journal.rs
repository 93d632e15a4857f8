//! Records what is written while an index is rebuilt, so that the new one gets it, too.
//!
//! It is in the data folder: every process that writes to the index of a folder uses the same journal.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::{Instant, sleep};

use super::Changes;

/// How long a writer waits for another one to finish.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
/// Between two attempts to acquire the lock.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

const WRITER: &str = "writer.lock";
const REBUILD: &str = "rebuild.lock";
const CHANGES: &str = "meanwhile.jsonl";

/// The journal in a folder.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    folder: PathBuf,
}

/// The lock of the one writer. The operating system releases it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct WriteLock {
    file: File,
}

/// The lock of a running rebuild, with what is written in the meantime.
#[derive(Debug)]
pub(super) struct Rebuilding {
    journal: Journal,
    _lock: WriteLock,
}

impl Journal {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Acquires the lock to write, waiting until nobody else writes.
    ///
    /// # Errors
    /// Another writer takes longer than 30 seconds, or the folder cannot be used.
    pub(super) async fn lock_for_writing(&self) -> anyhow::Result<WriteLock> {
        let begin = Instant::now();
        loop {
            if let Some(lock) = self.lock(WRITER)? {
                return Ok(lock);
            }
            if begin.elapsed() > LOCK_TIMEOUT {
                bail!(
                    "another epibot is writing to the index in {}; wait for it to finish",
                    self.folder.display()
                );
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Records what was written, if a rebuild is running. The caller holds the write lock.
    pub(super) fn record(&self, changes: &Changes) -> anyhow::Result<()> {
        // If the lock is free, no rebuild is running, and nothing needs to be recorded.
        if self.lock(REBUILD)?.is_some() {
            return Ok(());
        }
        let path = self.folder.join(CHANGES);
        let mut line = serde_json::to_vec(changes)?;
        line.push(b'\n');
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(&line).and_then(|()| file.sync_data()))
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Begins a rebuild: from now on changes are recorded.
    ///
    /// # Errors
    /// A rebuild is running already, or the folder cannot be used.
    pub(super) fn begin_rebuild(&self) -> anyhow::Result<Rebuilding> {
        let Some(lock) = self.lock(REBUILD)? else {
            bail!(
                "the index in {} is being made anew already; wait for that to finish",
                self.folder.display()
            );
        };
        self.remove_changes()?;
        Ok(Rebuilding {
            journal: self.clone(),
            _lock: lock,
        })
    }

    fn remove_changes(&self) -> anyhow::Result<()> {
        let path = self.folder.join(CHANGES);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{} cannot be removed", path.display()))
            }
            _ => Ok(()),
        }
    }

    fn lock(&self, name: &str) -> anyhow::Result<Option<WriteLock>> {
        let path = self.folder.join(name);
        let unusable = || {
            format!(
                "{} cannot be used; set data.dir to a folder on a local disk that epibot may write",
                path.display()
            )
        };
        fs::create_dir_all(&self.folder).with_context(unusable)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(WriteLock { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).with_context(unusable),
        }
    }
}

impl Rebuilding {
    /// The changes since the rebuild began, oldest first. The caller holds the write lock.
    pub(super) fn changes_since_start(&self) -> anyhow::Result<Vec<Changes>> {
        let path = self.journal.folder.join(CHANGES);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        let lines = BufReader::new(file).lines();
        lines
            .map(|line| Ok(serde_json::from_str(&line?)?))
            .collect::<anyhow::Result<_>>()
            .with_context(|| format!("{} is damaged; run the full reindex again", path.display()))
    }
}

impl Drop for Rebuilding {
    fn drop(&mut self) {
        if let Err(error) = self.journal.remove_changes() {
            tracing::warn!(
                error = format!("{error:#}"),
                "the journal of a rebuild cannot be removed"
            );
        }
    }
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        // Closing alone would leave it locked by a child process that was forked but has not started its program yet.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::DocumentId;

    fn removal(id: &str) -> Changes {
        Changes {
            remove: vec![DocumentId(id.to_owned())],
            add: Vec::new(),
        }
    }

    #[tokio::test]
    async fn only_what_is_written_during_a_rebuild_is_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        journal.record(&removal("before")).unwrap();
        let rebuilding = journal.begin_rebuild().unwrap();
        assert!(rebuilding.changes_since_start().unwrap().is_empty());
        for id in ["a", "b"] {
            // As another process would.
            Journal::new(folder.path()).record(&removal(id)).unwrap();
        }
        let kept: Vec<String> = rebuilding
            .changes_since_start()
            .unwrap()
            .into_iter()
            .map(|changes| changes.remove[0].0.clone())
            .collect();
        assert_eq!(kept, ["a", "b"]);
        let error = journal.begin_rebuild().unwrap_err();
        assert!(error.to_string().contains("being made anew already"));
        drop(rebuilding);
        let again = journal.begin_rebuild().unwrap();
        assert!(again.changes_since_start().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn writers_wait_for_each_other_but_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        let lock = journal.lock_for_writing().await.unwrap();
        let error = journal.lock_for_writing().await.unwrap_err();
        assert!(error.to_string().contains("another epibot is writing"));
        drop(lock);
        journal.lock_for_writing().await.unwrap();
    }
}
