//! What is known of the copies: where each came from, and which version it is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// Beside the copies; hidden, so that it is not taken for one.
const FILE: &str = ".mirror.json";

/// The copies of one source.
#[derive(Debug)]
pub(super) struct State {
    folder: PathBuf,
    copies: BTreeMap<String, Copy>,
    /// The paths that were met in this run.
    met: BTreeSet<String>,
}

/// One copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Copy {
    /// Address, or key in a bucket.
    pub(super) origin: String,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

impl State {
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let copies = match std::fs::read(folder.join(FILE)) {
            // What is damaged is fetched again.
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("{} cannot be read", folder.join(FILE).display()));
            }
        };
        Ok(Self {
            folder: folder.to_owned(),
            copies,
            met: BTreeSet::new(),
        })
    }

    /// The copy of what lies at `origin`, and its path, if the file is there.
    pub(super) fn of(&self, origin: &str) -> Option<(&str, &Copy)> {
        let (path, copy) = self.copies.iter().find(|(_, copy)| copy.origin == origin)?;
        self.folder.join(path).is_file().then_some((path, copy))
    }

    pub(super) fn address(&self, path: &str) -> Option<String> {
        Some(self.copies.get(path)?.origin.clone())
    }

    pub(super) fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(self.folder.join(path))
    }

    /// Notes that the copy at a path is still what it should be.
    pub(super) fn meet(&mut self, path: &str) {
        self.met.insert(path.to_owned());
    }

    /// Puts a new copy in its place as one step.
    pub(super) fn put(&mut self, path: &str, copy: Copy, content: &[u8]) -> anyhow::Result<()> {
        let file = self.folder.join(path);
        let unwritable = || format!("{} cannot be written", file.display());
        let folder = file.parent().context("a copy has no folder")?;
        std::fs::create_dir_all(folder).with_context(unwritable)?;
        let mut written = tempfile::Builder::new()
            .prefix(".fetched")
            .tempfile_in(folder)
            .with_context(unwritable)?;
        written.write_all(content).with_context(unwritable)?;
        written.persist(&file).with_context(unwritable)?;
        self.copies.insert(path.to_owned(), copy);
        self.meet(path);
        Ok(())
    }

    /// Removes the copies of what was not met in this run.
    pub(super) fn drop_others(&mut self) {
        let gone: Vec<String> = self
            .copies
            .keys()
            .filter(|path| !self.met.contains(*path))
            .cloned()
            .collect();
        for path in gone {
            self.remove(&path);
        }
    }

    pub(super) fn remove(&mut self, path: &str) {
        // A file that is already gone is as good as removed.
        let _ = std::fs::remove_file(self.folder.join(path));
        self.copies.remove(path);
    }

    pub(super) fn save(&self) -> anyhow::Result<()> {
        let file = self.folder.join(FILE);
        let unwritable = || format!("{} cannot be written", file.display());
        let mut written = tempfile::NamedTempFile::new_in(&self.folder).with_context(unwritable)?;
        serde_json::to_writer(&mut written, &self.copies).with_context(unwritable)?;
        written.persist(&file).with_context(unwritable)?;
        Ok(())
    }
}
