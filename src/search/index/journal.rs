//! Records changes made while an index is rebuilt, so that they can be applied to the new one.
//!
//! The journal is in the data folder and shared by all processes that write to the index with the same folder.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::{Instant, sleep};

use super::Changes;
use crate::runtime::lock::FileLock;

/// How long a writer waits for another one.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
/// Interval of attempts to acquire the lock.
const LOCK_RETRY_INTERVAL: Duration = Duration::from_millis(20);

/// Locks are files of these names with the extension `lock`.
const WRITER: &str = "writer";
const REBUILD: &str = "rebuild";
const CHANGES: &str = "meanwhile.jsonl";

/// The journal in a folder.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    folder: PathBuf,
}

/// A rebuild in progress; dropping it ends the recording.
#[derive(Debug)]
pub(super) struct Rebuilding {
    journal: Journal,
    _lock: FileLock,
}

impl Journal {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Acquires the write lock.
    ///
    /// # Errors
    /// If another process holds it longer than [`LOCK_TIMEOUT`], or the folder cannot be used.
    pub(super) async fn lock_for_writing(&self) -> anyhow::Result<FileLock> {
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
            sleep(LOCK_RETRY_INTERVAL).await;
        }
    }

    /// Records changes if an index is being rebuilt. Call it with the write lock held.
    pub(super) fn record(&self, changes: &Changes) -> anyhow::Result<()> {
        // If the lock is free, there is no rebuild and nothing to record.
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

    /// Starts recording.
    ///
    /// # Errors
    /// If the index is being rebuilt already, or the folder cannot be used.
    pub(super) fn begin_rebuild(&self) -> anyhow::Result<Rebuilding> {
        let Some(lock) = self.lock(REBUILD)? else {
            bail!(
                "the index in {} is being rebuilt already; wait for that to finish",
                self.folder.display()
            );
        };
        self.clear()?;
        Ok(Rebuilding {
            journal: self.clone(),
            _lock: lock,
        })
    }

    fn clear(&self) -> anyhow::Result<()> {
        let path = self.folder.join(CHANGES);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{} cannot be removed", path.display()))
            }
            _ => Ok(()),
        }
    }

    fn lock(&self, name: &str) -> anyhow::Result<Option<FileLock>> {
        fs::create_dir_all(&self.folder).with_context(|| {
            format!(
                "{} cannot be used; set data.dir to a folder on a local disk that epibot may write",
                self.folder.display()
            )
        })?;
        Ok(FileLock::acquire(&self.folder.join(name))?.ok())
    }
}

impl Rebuilding {
    /// Returns the changes since the start, oldest first. Call it with the write lock held.
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
        if let Err(error) = self.journal.clear() {
            tracing::warn!(error = format!("{error:#}"), "cannot delete the journal");
        }
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
    async fn only_changes_during_a_rebuild_are_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        journal.record(&removal("before")).unwrap();
        let rebuilding = journal.begin_rebuild().unwrap();
        assert!(rebuilding.changes_since_start().unwrap().is_empty());
        for id in ["a", "b"] {
            // As from another process.
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
        assert!(error.to_string().contains("being rebuilt already"));
        drop(rebuilding);
        let again = journal.begin_rebuild().unwrap();
        assert!(again.changes_since_start().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn writers_wait_for_the_lock_only_for_a_limited_time() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        let lock = journal.lock_for_writing().await.unwrap();
        let error = journal.lock_for_writing().await.unwrap_err();
        assert!(error.to_string().contains("another epibot is writing"));
        drop(lock);
        journal.lock_for_writing().await.unwrap();
    }
}
