//! Compares the files in the folders with the catalog: what a run has to read and to remove.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::{FailedFile, SyncOptions, fingerprint};
use crate::config::settings::Config;
use crate::config::sources::Source;
use crate::domain::document::{DocumentId, Format};
use crate::domain::fault::SourceFault;
use crate::ingest::catalog::{CatalogEntry, DocumentState};
use crate::ingest::mirror;
use crate::ingest::source;
use crate::ingest::source::{Listing, SourceFile};

/// What a run has to do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) tasks: Vec<Task>,
    pub(super) unchanged: usize,
    /// Documents whose files no longer exist.
    pub(super) removed: Vec<DocumentId>,
    pub(super) failed: Vec<FailedFile>,
}

/// A file to read.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) source: Source,
    pub(super) file: SourceFile,
    /// Its entry after the last run, if the document is known.
    pub(super) previous: Option<CatalogEntry>,
    /// Its content is read even if it is the same as before.
    pub(super) force: bool,
    /// The new value of [`CatalogEntry::settings`].
    pub(super) settings: String,
    /// The document with the later revision, if one is known.
    pub(super) superseded_by: Option<DocumentId>,
}

impl Task {
    /// Creates a task to read a known document again; None if its source or its format is no longer read.
    pub(super) fn reread(config: &Config, previous: CatalogEntry) -> Option<Self> {
        let mut sources = config.sources.iter();
        let source = sources.find(|source| source.name == previous.source)?;
        Some(Self {
            source: source.clone(),
            file: SourceFile {
                id: previous.id.clone(),
                path: previous.path.clone(),
                file: previous.file.clone(),
                address: mirror::addresses(source)(&previous.path),
                size: previous.size,
                modified: previous.modified,
                format: Format::from_path(&previous.file)?,
            },
            superseded_by: previous.superseded_by.clone(),
            settings: previous.settings.clone(),
            previous: Some(previous),
            force: true,
        })
    }

    /// Returns the name of its file.
    pub(super) fn name(&self) -> &str {
        self.file.path.rsplit('/').next().unwrap_or(&self.file.path)
    }

    /// Returns its path for reports.
    pub(super) fn display_path(&self) -> String {
        display_path(&self.source.name, &self.file.path)
    }

    pub(super) fn was_read(&self) -> bool {
        self.previous
            .as_ref()
            .is_some_and(|entry| entry.state == DocumentState::Read)
    }

    /// Returns the entry of a document that was not read yet.
    pub(super) fn pending(&self) -> CatalogEntry {
        CatalogEntry {
            id: self.file.id.clone(),
            source: self.source.name.clone(),
            path: self.file.path.clone(),
            collection: self.source.collection.clone(),
            file: self.file.file.clone(),
            size: self.file.size,
            modified: self.file.modified,
            sha256: String::new(),
            settings: self.settings.clone(),
            state: DocumentState::Pending,
            title: self.file.path.clone(),
            number: None,
            revision: None,
            effective: None,
            superseded_by: self.superseded_by.clone(),
            pages: 0,
            passages: 0,
            notes: Vec::new(),
            inconsistencies: Vec::new(),
            indexed_at: 0,
        }
    }
}

/// Which of the known documents are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reread {
    /// Those that changed.
    Changed,
    /// All that were not read since this time, in milliseconds since 1970.
    Before(i64),
    All,
}

impl Reread {
    fn applies_to(self, previous: Option<&CatalogEntry>) -> bool {
        match self {
            Self::Changed => false,
            Self::Before(time) => previous.is_none_or(|entry| entry.indexed_at < time),
            Self::All => true,
        }
    }
}

/// Compares the folders with the catalog.
pub(super) fn build(
    config: &Config,
    options: &SyncOptions,
    known: Vec<CatalogEntry>,
    reread: Reread,
    fetch_failures: &[FailedFile],
) -> anyhow::Result<Plan> {
    let selected_paths: Vec<PathBuf> = options
        .paths
        .iter()
        .map(|path| std::path::absolute(path).map(|path| path.canonicalize().unwrap_or(path)))
        .collect::<Result<_, _>>()?;
    let sources = selected_sources(config, options)?;
    let mut known: HashMap<DocumentId, CatalogEntry> = known
        .into_iter()
        .map(|entry| (entry.id.clone(), entry))
        .collect();
    let mut plan = Plan {
        failed: fetch_failures.to_vec(),
        ..Plan::default()
    };
    let mut ignored: BTreeMap<String, usize> = BTreeMap::new();
    let mut incomplete: BTreeSet<String> = BTreeSet::new();
    let mut files = 0;
    for source in &sources {
        let listing = source::list(source)?;
        refuse_emptied(source, &listing, &known, reread)?;
        files += listing.files.len();
        for (extension, count) in listing.ignored {
            *ignored.entry(extension).or_default() += count;
        }
        for (path, reason) in listing.failed {
            incomplete.insert(source.name.clone());
            plan.failed.push(FailedFile {
                path: display_path(&source.name, &path),
                reason,
            });
        }
        let address = mirror::addresses(source);
        for mut file in listing.files {
            file.address = address(&file.path);
            let entry = known.remove(&file.id);
            if within(&file.file, &selected_paths) {
                plan.add(config, source, file, entry, reread);
            }
        }
    }
    if files == 0 {
        bail!(no_documents(&sources, &ignored));
    }
    if !ignored.is_empty() {
        let kinds: Vec<String> = ignored
            .iter()
            .map(|(kind, count)| format!("{kind} ({count})"))
            .collect();
        tracing::info!(kinds = kinds.join(", "), "ignored files of other kinds");
    }
    let selected: BTreeSet<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    let all = options.sources.is_empty();
    plan.removed = known
        .into_values()
        .filter(|entry| all || selected.contains(entry.source.as_str()))
        .filter(|entry| !incomplete.contains(&entry.source) && within(&entry.file, &selected_paths))
        .map(|entry| entry.id)
        .collect();
    // The largest first, so that it does not run alone at the end.
    plan.tasks
        .sort_by_key(|task| std::cmp::Reverse(task.file.size));
    Ok(plan)
}

impl Plan {
    fn add(
        &mut self,
        config: &Config,
        source: &Source,
        file: SourceFile,
        previous: Option<CatalogEntry>,
        reread: Reread,
    ) {
        let settings = fingerprint::fingerprint(config, source, &file);
        // A failure may have been a missing permission, or memory, so it is retried.
        let force = reread.applies_to(previous.as_ref())
            || previous.as_ref().is_none_or(|entry| {
                entry.settings != settings || entry.state != DocumentState::Read
            });
        let is_touched = previous.as_ref().is_none_or(|entry| {
            entry.size != file.size || entry.modified != file.modified || entry.file != file.file
        });
        match previous {
            Some(_) if !force && !is_touched => self.unchanged += 1,
            previous => self.tasks.push(Task {
                source: source.clone(),
                file,
                superseded_by: previous
                    .as_ref()
                    .and_then(|entry| entry.superseded_by.clone()),
                previous,
                force,
                settings,
            }),
        }
    }
}

/// Returns the sources that the options select.
pub(super) fn selected_sources(
    config: &Config,
    options: &SyncOptions,
) -> anyhow::Result<Vec<Source>> {
    if config.sources.is_empty() {
        bail!(SourceFault::NoSources);
    }
    for name in &options.sources {
        if !config.sources.iter().any(|source| source.name == *name) {
            let names: Vec<&str> = config
                .sources
                .iter()
                .map(|source| source.name.as_str())
                .collect();
            bail!(SourceFault::Unknown {
                source: name.clone(),
                known: names.join(", "),
            });
        }
    }
    let is_selected =
        |source: &&Source| options.sources.is_empty() || options.sources.contains(&source.name);
    Ok(config.sources.iter().filter(is_selected).cloned().collect())
}

/// Refuses to remove all documents of a source whose folder is empty: more likely a disk is not mounted.
fn refuse_emptied(
    source: &Source,
    listing: &Listing,
    known: &HashMap<DocumentId, CatalogEntry>,
    reread: Reread,
) -> anyhow::Result<()> {
    let before = known
        .values()
        .filter(|entry| entry.source == source.name)
        .count();
    if listing.files.is_empty() && before > 0 && reread == Reread::Changed {
        bail!(SourceFault::Emptied {
            source: source.name.clone(),
            folder: source.path.display().to_string(),
            indexed: before,
        });
    }
    Ok(())
}

fn no_documents(sources: &[Source], ignored: &BTreeMap<String, usize>) -> SourceFault {
    let folders: Vec<String> = sources
        .iter()
        .map(|source| source.path.display().to_string())
        .collect();
    SourceFault::NoDocuments {
        folders: folders.join(", "),
        others: ignored.values().sum(),
    }
}

fn within(file: &Path, selected: &[PathBuf]) -> bool {
    selected.is_empty() || selected.iter().any(|path| file.starts_with(path))
}

fn display_path(source: &str, path: &str) -> String {
    format!("{source}/{path}")
}
