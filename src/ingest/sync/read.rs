//! Reads one file, unless it is unchanged.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::build::{self, Built, Content};
use super::name_check;
use super::plan::Task;
use crate::domain::fault::Fault;
use crate::domain::inconsistency::Inconsistency;
use crate::extract::extracted::{Extracted, Failure};
use crate::extract::properties::in_name;
use crate::ingest::catalog::{CatalogEntry, DocumentState};
use crate::ingest::stores::SyncContext;

/// The result of reading a file.
pub(super) enum ReadOutcome {
    /// Its content is unchanged.
    Unchanged,
    /// Its content is unchanged, and still cannot be read.
    StillFailing(Fault),
    /// Its content is new, and was not read because this is a dry run.
    WouldChange,
    Read(Box<Built>),
    /// It cannot be read.
    Failed {
        entry: Box<CatalogEntry>,
        fault: Fault,
    },
    /// It was not read, for a reason outside the file; its entry stays as it is.
    Unavailable(Fault),
}

/// Reads a file, unless it is unchanged.
pub(super) async fn read(context: SyncContext<'_>, task: &Task, dry_run: bool) -> ReadOutcome {
    let file = task.file.file.clone();
    let sha256 = match tokio::task::spawn_blocking(move || hash(&file)).await {
        Ok(Ok(sha256)) => sha256,
        Ok(Err(error)) => {
            return ReadOutcome::Unavailable(Fault::CannotBeOpened(error.to_string()));
        }
        Err(error) => return ReadOutcome::Unavailable(Fault::Other(error.to_string())),
    };
    if let Some(previous) = &task.previous
        && !task.force
        && previous.sha256 == sha256
    {
        return match &previous.state {
            DocumentState::Failed(fault) => ReadOutcome::StillFailing(fault.clone()),
            _ => ReadOutcome::Unchanged,
        };
    }
    if dry_run {
        return ReadOutcome::WouldChange;
    }
    let entry = CatalogEntry {
        sha256,
        indexed_at: context.clock.now().as_millisecond(),
        ..task.pending()
    };
    let (entry, parsed) = match read_content(context, task).await {
        Ok(Content::Document(mut extracted)) => {
            let inconsistencies = check_and_complete(task.name(), &mut extracted);
            let entry = CatalogEntry {
                inconsistencies,
                ..entry
            };
            (entry, Content::Document(extracted))
        }
        Ok(parsed) => (entry, parsed),
        Err(Failure::File(fault)) => {
            let state = DocumentState::Failed(fault.clone());
            return ReadOutcome::Failed {
                entry: Box::new(CatalogEntry { state, ..entry }),
                fault,
            };
        }
        Err(Failure::Environment(fault)) => return ReadOutcome::Unavailable(fault),
    };
    let (task, chunk) = (task.clone(), context.config.chunk.clone());
    let built = move || build::build(&task, entry, parsed, &chunk);
    match tokio::task::spawn_blocking(built).await {
        Ok(built) => ReadOutcome::Read(Box::new(built)),
        Err(error) => ReadOutcome::Unavailable(Fault::Other(error.to_string())),
    }
}

/// Has the file read as recipes if it contains some, otherwise as a document.
async fn read_content(context: SyncContext<'_>, task: &Task) -> Result<Content, Failure> {
    let extractor = &context.stores.extractor;
    let file = &task.file.file;
    if let Some(imported) = extractor.import(file).await? {
        return Ok(Content::Recipes(imported));
    }
    let extracted = extractor.extract_in(file, task.source.language()).await?;
    Ok(Content::Document(extracted))
}

/// Adds properties from the file name that the document does not state. Returns contradictions between the two.
fn check_and_complete(name: &str, extracted: &mut Extracted) -> Vec<Inconsistency> {
    let inconsistencies = name_check::check(name, extracted);
    let named = in_name(name);
    extracted.number = extracted.number.take().or(named.number);
    extracted.revision = extracted.revision.take().or(named.revision);
    extracted.effective = extracted.effective.take().or(named.effective);
    inconsistencies
}

fn hash(file: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(file)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(digest.finalize())),
            length => digest.update(&buffer[..length]),
        }
    }
}
