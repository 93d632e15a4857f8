//! The state of a mirror: the origin and the version of each file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// Name of the state file in the folder of the mirror; hidden, so that it is not taken for a document.
const FILE: &str = ".mirror.json";

/// The mirrored files of one source.
#[derive(Debug)]
pub(super) struct MirrorState {
    folder: PathBuf,
    copies: BTreeMap<String, MirroredFile>,
    /// The paths that were seen in this run.
    seen: BTreeSet<String>,
}

/// A mirrored file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MirroredFile {
    /// Address, or key in a bucket.
    pub(super) origin: String,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

impl MirrorState {
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let copies = match std::fs::read(folder.join(FILE)) {
            // If the state is damaged, everything is fetched again.
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
            seen: BTreeSet::new(),
        })
    }

    /// Returns the path and the state of the file that was fetched from `origin`, if the file exists.
    pub(super) fn find(&self, origin: &str) -> Option<(&str, &MirroredFile)> {
        let (path, copy) = self.copies.iter().find(|(_, copy)| copy.origin == origin)?;
        self.folder.join(path).is_file().then_some((path, copy))
    }

    pub(super) fn address(&self, path: &str) -> Option<String> {
        Some(self.copies.get(path)?.origin.clone())
    }

    pub(super) fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(self.folder.join(path))
    }

    /// Records that the file at a path still exists at its origin.
    pub(super) fn mark_seen(&mut self, path: &str) {
        self.seen.insert(path.to_owned());
    }

    /// Writes a file atomically.
    pub(super) fn write(
        &mut self,
        path: &str,
        copy: MirroredFile,
        content: &[u8],
    ) -> anyhow::Result<()> {
        let file = self.folder.join(path);
        let unwritable = || format!("{} cannot be written", file.display());
        let folder = file.parent().context("a mirrored file has no folder")?;
        std::fs::create_dir_all(folder).with_context(unwritable)?;
        let mut written = tempfile::Builder::new()
            .prefix(".fetched")
            .tempfile_in(folder)
            .with_context(unwritable)?;
        written.write_all(content).with_context(unwritable)?;
        written.persist(&file).with_context(unwritable)?;
        self.copies.insert(path.to_owned(), copy);
        self.mark_seen(path);
        Ok(())
    }

    /// Removes the files that were not seen in this run.
    pub(super) fn remove_unseen(&mut self) {
        let unseen: Vec<String> = self
            .copies
            .keys()
            .filter(|path| !self.seen.contains(*path))
            .cloned()
            .collect();
        for path in unseen {
            self.remove(&path);
        }
    }

    pub(super) fn remove(&mut self, path: &str) {
        // A file that no longer exists counts as removed.
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
