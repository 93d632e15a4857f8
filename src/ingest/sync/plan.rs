//! What has to be looked into: the files in the folders against the documents in the catalogue.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::bail;
use sha2::{Digest, Sha256};

use super::{FailedFile, Options};
use crate::config::settings::Config;
use crate::config::sources::Source;
use crate::domain::document::{DocumentId, Format};
use crate::domain::fault::SourceFault;
use crate::extract::{extracted, ocr, pdfium_install};
use crate::ingest::catalog::{Entry, State};
use crate::ingest::source;
use crate::ingest::source::{Listing, SourceFile};
use crate::ingest::{chunk, mirror, records};
use crate::recipes::import::{included, is_recipe, may_hold_recipes};

/// What a run has to do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) tasks: Vec<Task>,
    pub(super) unchanged: usize,
    /// Documents whose files are no longer there.
    pub(super) gone: Vec<DocumentId>,
    pub(super) failed: Vec<FailedFile>,
}

/// A file to be looked into.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) source: Source,
    pub(super) file: SourceFile,
    pub(super) known: Option<Entry>,
    /// Its content is read even if it is the same as before.
    pub(super) again: bool,
    /// What is to stand in [`Entry::settings`].
    pub(super) settings: String,
    /// The document that holds the later revision, as far as it is known.
    pub(super) superseded_by: Option<DocumentId>,
}

impl Task {
    /// To read a known document again. None where its source or its kind is no longer read.
    pub(super) fn again(config: &Config, known: Entry) -> Option<Self> {
        let mut sources = config.sources.iter();
        let source = sources.find(|source| source.name == known.source)?;
        Some(Self {
            source: source.clone(),
            file: SourceFile {
                id: known.id.clone(),
                path: known.path.clone(),
                file: known.file.clone(),
                address: mirror::addresses(source)(&known.path),
                size: known.size,
                modified: known.modified,
                format: Format::of_file(&known.file)?,
            },
            superseded_by: known.superseded_by.clone(),
            settings: known.settings.clone(),
            known: Some(known),
            again: true,
        })
    }

    /// The name of its file.
    pub(super) fn name(&self) -> &str {
        self.file.path.rsplit('/').next().unwrap_or(&self.file.path)
    }

    /// As it is named in a report.
    pub(super) fn shown(&self) -> String {
        shown(&self.source.name, &self.file.path)
    }

    pub(super) fn was_read(&self) -> bool {
        self.known
            .as_ref()
            .is_some_and(|entry| entry.state == State::Read)
    }

    /// An entry for a document of which nothing is known yet.
    pub(super) fn pending(&self) -> Entry {
        Entry {
            id: self.file.id.clone(),
            source: self.source.name.clone(),
            path: self.file.path.clone(),
            collection: self.source.collection.clone(),
            file: self.file.file.clone(),
            size: self.file.size,
            modified: self.file.modified,
            sha256: String::new(),
            settings: self.settings.clone(),
            state: State::Pending,
            title: self.file.path.clone(),
            number: None,
            revision: None,
            effective: None,
            superseded_by: self.superseded_by.clone(),
            pages: 0,
            passages: 0,
            notes: Vec::new(),
            doubts: Vec::new(),
            indexed_at: 0,
        }
    }
}

/// Which of the known documents are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Those that changed.
    Changed,
    /// All that were not read since this time, in milliseconds since 1970.
    Before(i64),
    All,
}

impl Again {
    fn reads(self, known: Option<&Entry>) -> bool {
        match self {
            Self::Changed => false,
            Self::Before(time) => known.is_none_or(|entry| entry.indexed_at < time),
            Self::All => true,
        }
    }
}

/// Compares the folders with what is known.
pub(super) fn make(
    config: &Config,
    options: &Options,
    known: Vec<Entry>,
    full: Again,
    missed: &[FailedFile],
) -> anyhow::Result<Plan> {
    let only: Vec<PathBuf> = options
        .paths
        .iter()
        .map(|path| std::path::absolute(path).map(|path| path.canonicalize().unwrap_or(path)))
        .collect::<Result<_, _>>()?;
    let sources = chosen(config, options)?;
    let mut known: HashMap<DocumentId, Entry> = known
        .into_iter()
        .map(|entry| (entry.id.clone(), entry))
        .collect();
    let mut plan = Plan {
        failed: missed.to_vec(),
        ..Plan::default()
    };
    let mut ignored: BTreeMap<String, usize> = BTreeMap::new();
    let mut incomplete: BTreeSet<String> = BTreeSet::new();
    let mut files = 0;
    for source in &sources {
        let listing = source::list(source)?;
        guard(source, &listing, &known, full)?;
        files += listing.files.len();
        for (extension, count) in listing.ignored {
            *ignored.entry(extension).or_default() += count;
        }
        for (path, reason) in listing.failed {
            incomplete.insert(source.name.clone());
            plan.failed.push(FailedFile {
                path: shown(&source.name, &path),
                reason,
            });
        }
        let address = mirror::addresses(source);
        for mut file in listing.files {
            file.address = address(&file.path);
            let entry = known.remove(&file.id);
            if within(&file.file, &only) {
                plan.add(config, source, file, entry, full);
            }
        }
    }
    if files == 0 {
        bail!(nothing(&sources, &ignored));
    }
    if !ignored.is_empty() {
        let kinds: Vec<String> = ignored
            .iter()
            .map(|(kind, count)| format!("{kind} ({count})"))
            .collect();
        tracing::info!(
            kinds = kinds.join(", "),
            "files of these kinds are not read"
        );
    }
    let chosen: BTreeSet<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    let all = options.sources.is_empty();
    plan.gone = known
        .into_values()
        .filter(|entry| all || chosen.contains(entry.source.as_str()))
        .filter(|entry| !incomplete.contains(&entry.source) && within(&entry.file, &only))
        .map(|entry| entry.id)
        .collect();
    // The longest first, so that no process is left alone with it at the end.
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
        known: Option<Entry>,
        full: Again,
    ) {
        let settings = settings(config, source, &file);
        // What failed may have failed for want of a permission, or of memory, and is tried again.
        let again = full.reads(known.as_ref())
            || known
                .as_ref()
                .is_none_or(|entry| entry.settings != settings || entry.state != State::Read);
        let touched = known.as_ref().is_none_or(|entry| {
            entry.size != file.size || entry.modified != file.modified || entry.file != file.file
        });
        match known {
            Some(_) if !again && !touched => self.unchanged += 1,
            known => self.tasks.push(Task {
                source: source.clone(),
                file,
                superseded_by: known.as_ref().and_then(|entry| entry.superseded_by.clone()),
                known,
                again,
                settings,
            }),
        }
    }
}

pub(super) fn chosen(config: &Config, options: &Options) -> anyhow::Result<Vec<Source>> {
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
    let is_chosen =
        |source: &&Source| options.sources.is_empty() || options.sources.contains(&source.name);
    Ok(config.sources.iter().filter(is_chosen).cloned().collect())
}

/// Refuses to take an empty folder for the will to forget all its documents: more likely a disk is not mounted.
fn guard(
    source: &Source,
    listing: &Listing,
    known: &HashMap<DocumentId, Entry>,
    full: Again,
) -> anyhow::Result<()> {
    let before = known
        .values()
        .filter(|entry| entry.source == source.name)
        .count();
    if listing.files.is_empty() && before > 0 && full == Again::Changed {
        bail!(SourceFault::Emptied {
            source: source.name.clone(),
            folder: source.path.display().to_string(),
            indexed: before,
        });
    }
    Ok(())
}

fn nothing(sources: &[Source], ignored: &BTreeMap<String, usize>) -> SourceFault {
    let folders: Vec<String> = sources
        .iter()
        .map(|source| source.path.display().to_string())
        .collect();
    SourceFault::NoDocuments {
        folders: folders.join(", "),
        others: ignored.values().sum(),
    }
}

fn within(file: &Path, only: &[PathBuf]) -> bool {
    only.is_empty() || only.iter().any(|path| file.starts_with(path))
}

fn shown(source: &str, path: &str) -> String {
    format!("{source}/{path}")
}

/// What decides how a file of recipes is read: for a table the column maps of the configuration and the legends beside it,
/// for a script the files that it reads.
fn beside(config: &Config, file: &SourceFile) -> String {
    if !may_hold_recipes(&file.file) {
        return String::new();
    }
    let stamp = |path: &Path| {
        let metadata = path.metadata().ok()?;
        Some(format!("{}:{:?}", metadata.len(), metadata.modified().ok()))
    };
    if is_recipe(&file.file) {
        let stamps = included(&file.file);
        let stamps = stamps.iter().filter_map(|path| stamp(path));
        return stamps.collect::<Vec<_>>().join(",");
    }
    let stem = file
        .file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let legends = ["{stem}.legend.json", "legend.json", "DeviceIO.json"];
    let legends = legends.map(|name| file.file.with_file_name(name.replace("{stem}", &stem)));
    config
        .recipes
        .maps
        .iter()
        .chain(&legends)
        .filter_map(|path| stamp(path))
        .collect::<Vec<_>>()
        .join(",")
}

/// What decides, beside its content, what of a document is indexed.
fn settings(config: &Config, source: &Source, file: &SourceFile) -> String {
    let pdfium = pdfium_install::library_path(config);
    let reader = match file.format {
        Format::Pdf if pdfium.is_file() => "pdfium",
        _ => "built-in",
    };
    let ocr = match file.format {
        Format::Pdf => ocr::setting(config),
        _ => None,
    };
    let parts = [
        extracted::VERSION.to_string(),
        chunk::VERSION.to_string(),
        records::VERSION.to_string(),
        beside(config, file),
        config.chunk.target_chars.to_string(),
        config.chunk.max_chars.to_string(),
        source.collection.clone(),
        source.url.clone().unwrap_or_default(),
        source.language.clone(),
        reader.to_owned(),
        ocr.unwrap_or_default(),
    ];
    hex::encode(&Sha256::digest(parts.join("\0"))[..8])
}
