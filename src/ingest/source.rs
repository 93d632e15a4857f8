//! Lists the files of the configured sources.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::bail;
use globset::{Glob, GlobSet, GlobSetBuilder};
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

use super::catalog::CatalogEntry;
use crate::config::sources::Source;
use crate::domain::document::{DocumentId, Format};
use crate::domain::fault::{Fault, SourceFault};

/// A file that is read as a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    pub id: DocumentId,
    /// Path within the source, with forward slashes; bytes that are not UTF-8 are replaced.
    pub path: String,
    /// Path on disk.
    pub file: PathBuf,
    /// In bytes.
    pub size: u64,
    /// Time of its last change, in nanoseconds since 1970.
    pub modified: i64,
    pub format: Format,
    /// The address that it was fetched from, if any.
    pub address: Option<String>,
}

/// The files of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// In the order of their paths.
    pub files: Vec<SourceFile>,
    /// Number of ignored files, whose kind is not read, by file name extension.
    pub ignored: BTreeMap<String, usize>,
    /// What could not be examined, with the reason.
    pub failed: Vec<(String, Fault)>,
}

/// Lists the files of a source. Hidden files and folders are skipped, as is what a symbolic link leads to outside
/// the folder.
///
/// # Errors
/// The folder is missing or cannot be read, or a pattern is invalid.
pub fn list(source: &Source) -> anyhow::Result<Listing> {
    let (name, folder) = (source.name.clone(), source.path.display().to_string());
    let root = match source.path.canonicalize() {
        Ok(root) if root.is_dir() => root,
        Ok(_) => bail!(SourceFault::NotAFolder {
            source: name,
            folder
        }),
        Err(error) => bail!(SourceFault::NoFolder {
            source: name,
            folder,
            error: error.to_string()
        }),
    };
    let include = patterns(&source.include)?;
    let exclude = patterns(&source.exclude)?;
    let mut listing = Listing::default();
    let walk = WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry));
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(&root).display().to_string();
                let fault = Fault::CannotBeOpened(without_path(&error));
                listing.failed.push((path, fault));
                continue;
            }
        };
        let Ok(relative) = entry.path().strip_prefix(&root) else {
            continue;
        };
        let is_selected =
            (include.is_empty() || include.is_match(relative)) && !exclude.is_match(relative);
        if is_selected && let Some(file) = resolve(&entry, &root) {
            add(&mut listing, source, relative, file);
        }
    }
    Ok(listing)
}

/// Whether the include and exclude patterns of a source select a path within it.
///
/// # Errors
/// A pattern is invalid.
pub fn is_included(source: &Source, relative: &Path) -> anyhow::Result<bool> {
    let include = patterns(&source.include)?;
    let exclude = patterns(&source.exclude)?;
    Ok((include.is_empty() || include.is_match(relative)) && !exclude.is_match(relative))
}

/// Derives the sources from the catalog, for use without a configuration.
#[must_use]
pub fn from_catalog(entries: &[CatalogEntry]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for entry in entries {
        let depth = Path::new(&entry.path).components().count();
        if let Some(path) = entry.file.ancestors().nth(depth)
            && !sources.iter().any(|source| source.name == entry.source)
        {
            sources.push(Source {
                name: entry.source.clone(),
                path: path.to_owned(),
                collection: entry.collection.clone(),
                ..Source::default()
            });
        }
    }
    sources
}

/// Derives the id of a document from its source and its path there.
#[must_use]
pub fn document_id(source: &str, path: &Path) -> DocumentId {
    let mut digest = Sha256::new();
    digest.update(source.as_bytes());
    digest.update([0]);
    digest.update(path.as_os_str().as_bytes());
    DocumentId(hex::encode(&digest.finalize()[..8]))
}

fn add(listing: &mut Listing, source: &Source, relative: &Path, file: PathBuf) {
    let path = relative.to_string_lossy().into_owned();
    let Some(format) = Format::from_path(relative) else {
        let extension = relative.extension().unwrap_or_default().to_string_lossy();
        *listing
            .ignored
            .entry(extension.to_ascii_lowercase())
            .or_default() += 1;
        return;
    };
    match file.metadata() {
        Ok(metadata) => listing.files.push(SourceFile {
            id: document_id(&source.name, relative),
            path,
            size: metadata.len(),
            modified: nanoseconds(&metadata),
            format,
            file,
            address: None,
        }),
        Err(error) => {
            let fault = Fault::CannotBeOpened(error.to_string());
            listing.failed.push((path, fault));
        }
    }
}

/// Returns the error without the path, which is reported separately.
fn without_path(error: &walkdir::Error) -> String {
    let system_error = error.io_error().map(ToString::to_string);
    system_error.unwrap_or_else(|| error.to_string())
}

/// Returns the regular file of an entry, if it is within the folder.
fn resolve(entry: &DirEntry, root: &Path) -> Option<PathBuf> {
    if entry.file_type().is_file() {
        return Some(entry.path().to_owned());
    }
    if !entry.file_type().is_symlink() {
        return None;
    }
    // In volumes of containers, each file can be a link within the same folder.
    let target = entry.path().canonicalize().ok()?;
    (target.starts_with(root) && target.is_file()).then_some(target)
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_bytes().starts_with(b".")
}

fn patterns(globs: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(Glob::new(glob)?);
    }
    Ok(set.build()?)
}

fn nanoseconds(metadata: &std::fs::Metadata) -> i64 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_nanos()).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn source(path: &Path) -> Source {
        Source {
            name: "manuals".to_owned(),
            path: path.to_owned(),
            collection: "manuals".to_owned(),
            ..Source::default()
        }
    }

    fn paths(listing: &Listing) -> Vec<&str> {
        listing
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect()
    }

    #[test]
    fn files_of_known_kinds_are_listed_in_order_and_the_rest_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        for name in ["z.txt", "b/a.PDF", "a..b.md", ".hidden.txt", "table.ods"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let listing = list(&source(folder.path())).unwrap();
        assert_eq!(paths(&listing), ["a..b.md", "b/a.PDF", "z.txt"]);
        assert_eq!(listing.ignored, BTreeMap::from([("ods".to_owned(), 1)]));
    }

    #[test]
    fn links_out_of_the_folder_are_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.txt"), "x").unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("own.txt"), "x").unwrap();
        symlink(
            outside.path().join("secret.txt"),
            folder.path().join("file.txt"),
        )
        .unwrap();
        symlink(outside.path(), folder.path().join("folder")).unwrap();
        symlink("own.txt", folder.path().join("same.txt")).unwrap();
        symlink("gone.txt", folder.path().join("dangling.txt")).unwrap();
        let listing = list(&source(folder.path())).unwrap();
        assert_eq!(paths(&listing), ["own.txt", "same.txt"]);
    }

    #[test]
    fn patterns_choose_by_the_path_within_the_source() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("drafts")).unwrap();
        for name in ["a.md", "a.txt", "drafts/b.md"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let chosen = Source {
            include: vec!["**/*.md".to_owned()],
            exclude: vec!["**/drafts/**".to_owned()],
            ..source(folder.path())
        };
        assert_eq!(paths(&list(&chosen).unwrap()), ["a.md"]);
    }

    #[test]
    fn a_missing_folder_is_named_with_what_to_do() {
        let error = list(&source(Path::new("/nowhere/at/all"))).unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all"));
        assert!(error.to_string().contains("sources.path"));
    }

    #[test]
    fn a_name_that_is_not_utf_8_is_listed() {
        use std::ffi::OsStr;
        let folder = tempfile::tempdir().unwrap();
        let name = OsStr::from_bytes(b"\xffmanual.txt");
        fs::write(folder.path().join(name), "x").unwrap();
        let listing = list(&source(folder.path())).unwrap();
        assert_eq!(paths(&listing), ["\u{FFFD}manual.txt"]);
        assert_eq!(listing.files[0].id, document_id("manuals", Path::new(name)));
    }
}
