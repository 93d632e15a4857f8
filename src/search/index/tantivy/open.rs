//! The folders of an index: each rebuild makes a new generation in its own folder, and a file names the current one.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tantivy::directory::MmapDirectory;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy};

use super::fields::{self, Fields};
use super::vectors;
use crate::search::analysis;

/// The file with the number of the current generation.
const CURRENT: &str = "current";
/// Prefix of the folders, before the generation's number.
const FOLDER: &str = "passages-";
/// The file, next to Tantivy's own, with the versions that a generation was made with.
const VERSION_FILE: &str = "epibot-version";

/// Write buffer, in bytes; Tantivy requires at least 15 MB.
const WRITER_MEMORY: usize = 30_000_000;

/// One generation of the index.
pub(super) struct Generation {
    pub(super) number: u64,
    pub(super) index: Index,
    pub(super) reader: IndexReader,
    /// Whether this version of epibot would make the same index.
    pub(super) is_current: bool,
    /// Whether it has the fields of this version, so that it can be searched and added to.
    pub(super) is_known: bool,
}

impl Generation {
    /// Opens its only writer. One thread adds and one merges, so that searches are not starved on two processors.
    pub(super) fn writer(&self) -> tantivy::Result<IndexWriter> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(WRITER_MEMORY)
            .build();
        self.index.writer_with_options(options)
    }
}

/// Returns the number of the current generation; 0 if there is none yet.
pub(super) fn current(root: &Path) -> anyhow::Result<u64> {
    let file = root.join(CURRENT);
    match fs::read_to_string(&file) {
        Ok(number) => number.trim().parse().ok().with_context(|| damaged(root)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
}

/// Switches to another generation, atomically.
pub(super) fn set_current(root: &Path, number: u64) -> anyhow::Result<()> {
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(root)?;
        writeln!(file, "{number}")?;
        file.as_file().sync_all()?;
        file.persist(root.join(CURRENT))?;
        anyhow::Ok(())
    };
    write().with_context(|| format!("{} cannot be written", root.join(CURRENT).display()))
}

/// Opens the current generation, or creates an empty one if there is none.
pub(super) fn open(root: &Path, fields: &Fields) -> anyhow::Result<Generation> {
    fs::create_dir_all(root).with_context(|| {
        format!(
            "the folder {} cannot be made; correct data.dir",
            root.display()
        )
    })?;
    let number = current(root)?;
    if number > 0 {
        return generation(root, number, fields);
    }
    remove_others(root, 0);
    let generation = create(root, 1, fields)?;
    set_current(root, 1)?;
    Ok(generation)
}

/// Creates an empty generation in its own folder.
pub(super) fn create(root: &Path, number: u64, fields: &Fields) -> anyhow::Result<Generation> {
    let folder = folder(root, number);
    let make = || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let directory = MmapDirectory::open(&folder)?;
        Index::create(directory, fields.schema.clone(), IndexSettings::default())?;
        fs::write(folder.join(VERSION_FILE), version())?;
        anyhow::Ok(())
    };
    make().with_context(|| format!("no index can be made in {}", folder.display()))?;
    generation(root, number, fields)
}

/// Opens a generation.
pub(super) fn generation(root: &Path, number: u64, fields: &Fields) -> anyhow::Result<Generation> {
    let folder = folder(root, number);
    let open = || {
        let index = Index::open(MmapDirectory::open(&folder)?)?;
        // Reloads what other processes commit.
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::OnCommitWithDelay)
            .try_into()?;
        let made_with = fs::read_to_string(folder.join(VERSION_FILE)).unwrap_or_default();
        anyhow::Ok(Generation {
            number,
            is_current: made_with == version(),
            is_known: index.schema() == fields.schema,
            index,
            reader,
        })
    };
    open().with_context(|| damaged(root))
}

/// Removes all other generations, and the files of versions without generations. A process that still searches one keeps
/// it open until it is done.
pub(super) fn remove_others(root: &Path, number: u64) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let keep = name == CURRENT
            || name.starts_with(vectors::FILE)
            || name.ends_with(".lock")
            || name.ends_with(".jsonl");
        if keep || path == folder(root, number) {
            continue;
        }
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        if let Err(error) = removed {
            tracing::warn!(path = %path.display(), %error, "an outdated part of the index cannot be removed");
        }
    }
}

pub(super) fn damaged(root: &Path) -> String {
    format!(
        "the index in {} cannot be read; delete this folder and run `epibot reindex`, which makes it anew",
        root.display()
    )
}

fn folder(root: &Path, number: u64) -> PathBuf {
    root.join(format!("{FOLDER}{number}"))
}

fn version() -> String {
    format!(
        "analysis {}, fields {}\n",
        analysis::VERSION,
        fields::VERSION
    )
}
