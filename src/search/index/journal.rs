//! Keeps what is written while an index is made anew, so that the new one has it, too.
//!
//! It lies in the data folder: whoever writes to the index with the same folder, in whatever process, writes here.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::{Instant, sleep};

use super::Changes;

/// How long a writer waits for another one to finish.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at whether it has.
const PAUSE: Duration = Duration::from_millis(20);

const WRITER: &str = "writer.lock";
const REBUILD: &str = "rebuild.lock";
const CHANGES: &str = "meanwhile.jsonl";

/// The journal in a folder.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    folder: PathBuf,
}

/// Held by who writes. The operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Turn {
    file: File,
}

/// Held by who makes the index anew.
#[derive(Debug)]
pub(super) struct Rebuilding {
    journal: Journal,
    _turn: Turn,
}

impl Journal {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Waits until nobody else writes.
    ///
    /// # Errors
    /// Somebody writes for a very long time, or the folder cannot be used.
    pub(super) async fn turn(&self) -> anyhow::Result<Turn> {
        let begin = Instant::now();
        loop {
            if let Some(turn) = self.lock(WRITER)? {
                return Ok(turn);
            }
            if begin.elapsed() > PATIENCE {
                bail!(
                    "another epibot is writing to the index in {}; wait for it to finish",
                    self.folder.display()
                );
            }
            sleep(PAUSE).await;
        }
    }

    /// Notes what has been written, if an index is being made anew. To be called by who holds the turn.
    pub(super) fn note(&self, changes: &Changes) -> anyhow::Result<()> {
        // If the lock can be had, nobody is at it, and nothing needs to be kept.
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

    /// Begins to keep what is written.
    ///
    /// # Errors
    /// The index is being made anew already, or the folder cannot be used.
    pub(super) fn begin(&self) -> anyhow::Result<Rebuilding> {
        let Some(turn) = self.lock(REBUILD)? else {
            bail!(
                "the index in {} is being made anew already; wait for that to finish",
                self.folder.display()
            );
        };
        self.forget()?;
        Ok(Rebuilding {
            journal: self.clone(),
            _turn: turn,
        })
    }

    fn forget(&self) -> anyhow::Result<()> {
        let path = self.folder.join(CHANGES);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{} cannot be removed", path.display()))
            }
            _ => Ok(()),
        }
    }

    fn lock(&self, name: &str) -> anyhow::Result<Option<Turn>> {
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
            Ok(()) => Ok(Some(Turn { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).with_context(unusable),
        }
    }
}

impl Rebuilding {
    /// What was written since the beginning, oldest first. To be called by who holds the turn to write.
    pub(super) fn meanwhile(&self) -> anyhow::Result<Vec<Changes>> {
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
        if let Err(error) = self.journal.forget() {
            tracing::warn!(error = format!("{error:#}"), "a journal stays behind");
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Closing alone would leave it with a child process that has been forked but not yet begun.
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
    async fn only_what_is_written_during_a_rebuild_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        journal.note(&removal("before")).unwrap();
        let rebuilding = journal.begin().unwrap();
        assert!(rebuilding.meanwhile().unwrap().is_empty());
        for id in ["a", "b"] {
            // As another process would.
            Journal::new(folder.path()).note(&removal(id)).unwrap();
        }
        let kept: Vec<String> = rebuilding
            .meanwhile()
            .unwrap()
            .into_iter()
            .map(|changes| changes.remove[0].0.clone())
            .collect();
        assert_eq!(kept, ["a", "b"]);
        let error = journal.begin().unwrap_err();
        assert!(error.to_string().contains("being made anew already"));
        drop(rebuilding);
        let again = journal.begin().unwrap();
        assert!(again.meanwhile().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn writers_take_turns_and_do_not_wait_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        let turn = journal.turn().await.unwrap();
        let error = journal.turn().await.unwrap_err();
        assert!(error.to_string().contains("another epibot is writing"));
        drop(turn);
        journal.turn().await.unwrap();
    }
}
