//! Vectors of the passages in a separate file: a quantised index that is scanned, not a graph.
//!
//! A scan of a hundred thousand vectors takes a few milliseconds, applies access filters while scanning, and needs no
//! rebuild to add and remove vectors (docs/RETRIEVAL.md compares it with graphs). The passages are authoritative: a vector
//! whose passage is gone is skipped, and a file that is lost or damaged is rebuilt.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, ensure};
use parking_lot::{Mutex, RwLock};
use tantivy::{Searcher, Term};
use turbovec::IdMapIndex;

use super::fields::{Fields, NUMBER, number};
use super::search::{passage_of, readable};
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};
use crate::search::index::vectors::{Near, Space};

/// Prefix of the file names.
pub(super) const FILE: &str = "vectors-";
/// Bits per dimension: with four, the true nearest neighbour is nearly always among the first two (Zandieh et al.,
/// `TurboQuant`, 2025).
const BITS: usize = 4;
/// Cached lists of readable passages; few groups of people ask at a time.
const MAX_LISTS: usize = 16;

/// The vectors in a folder.
pub(super) struct Store {
    root: PathBuf,
    loaded: RwLock<Option<LoadedFile>>,
    lists: Mutex<Vec<(ListKey, List)>>,
}

/// A file as last loaded.
struct LoadedFile {
    space: Space,
    stamp: Option<Stamp>,
    index: IdMapIndex,
}

/// Modification time and size, which change with the file.
type Stamp = (SystemTime, u64);

/// The inputs of a list of readable passages.
#[derive(PartialEq)]
struct ListKey {
    searcher: u64,
    stamp: Option<Stamp>,
    access: Access,
}

/// The numbers of the readable passages; `None` if all are readable.
type List = std::sync::Arc<Option<Vec<u64>>>;

impl Store {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            loaded: RwLock::default(),
            lists: Mutex::default(),
        }
    }

    /// Returns the nearest readable passages, nearest first.
    pub(super) fn nearest(
        &self,
        fields: &Fields,
        searcher: &Searcher,
        space: &Space,
        vector: &[f32],
        access: &Access,
        limit: usize,
    ) -> anyhow::Result<Vec<Near>> {
        let found = self.with(space, |loaded| {
            let list = self.list(fields, searcher, loaded, access)?;
            if list.as_ref().as_ref().is_some_and(Vec::is_empty) || loaded.index.is_empty() {
                return Ok(Vec::new());
            }
            let list = list.as_ref().as_deref();
            let (scores, numbers) = loaded.index.search_with_allowlist(vector, limit, list)?;
            anyhow::Ok(numbers.into_iter().zip(scores).collect())
        })??;
        let mut near = Vec::with_capacity(found.len());
        for (number, similarity) in found {
            let passage = passage_of(
                fields,
                searcher,
                Term::from_field_u64(fields.number, number),
            )?;
            near.extend(passage.map(|passage| Near {
                passage,
                similarity,
            }));
        }
        Ok(near)
    }

    /// Returns at most `limit` passages without a vector of this space.
    pub(super) fn missing(
        &self,
        fields: &Fields,
        searcher: &Searcher,
        space: &Space,
        limit: usize,
    ) -> anyhow::Result<Vec<Passage>> {
        let missing: Vec<u64> = self.with(space, |loaded| {
            let numbers = numbers(fields, searcher, &Access::Everything)?;
            let missing = numbers.into_iter();
            anyhow::Ok(
                missing
                    .filter(|number| !loaded.index.contains(*number))
                    .take(limit)
                    .collect(),
            )
        })??;
        let passage = |number| {
            passage_of(
                fields,
                searcher,
                Term::from_field_u64(fields.number, number),
            )
        };
        missing
            .into_iter()
            .filter_map(|number| passage(number).transpose())
            .collect()
    }

    /// Stores vectors. The caller holds the write lock.
    pub(super) fn keep(
        &self,
        space: &Space,
        vectors: Vec<(PassageId, Vec<f32>)>,
    ) -> anyhow::Result<()> {
        self.change(space, |index| {
            let (mut numbers, mut flat, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
            for (id, vector) in vectors {
                ensure!(
                    vector.len() == space.dimensions,
                    "a vector of {} numbers among those of {}",
                    vector.len(),
                    space.dimensions
                );
                let number = number(&id);
                if seen.insert(number) {
                    index.remove(number);
                    numbers.push(number);
                    flat.extend(vector);
                }
            }
            Ok(index.add_with_ids(&flat, &numbers)?)
        })
    }

    /// Deletes the vectors of removed passages and of other spaces. The caller holds the write lock.
    pub(super) fn tidy(
        &self,
        fields: &Fields,
        searcher: &Searcher,
        space: &Space,
    ) -> anyhow::Result<()> {
        let existing: HashSet<u64> = numbers(fields, searcher, &Access::Everything)?
            .into_iter()
            .collect();
        let stale = self.with(space, |loaded| {
            let stored = loaded.index.iter_ids();
            stored
                .filter(|number| !existing.contains(number))
                .collect::<Vec<_>>()
        })?;
        if !stale.is_empty() {
            self.change(space, |index| {
                for number in stale {
                    index.remove(number);
                }
                Ok(())
            })?;
        }
        let current_file = self.file(space);
        for entry in fs::read_dir(&self.root)?.flatten() {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(FILE) && entry.path() != current_file {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Reads the current vectors of a space, including changes by other processes.
    fn with<T>(&self, space: &Space, read: impl FnOnce(&LoadedFile) -> T) -> anyhow::Result<T> {
        {
            let guard = self.loaded.read();
            if let Some(loaded) = guard.as_ref().filter(|loaded| self.is_fresh(loaded, space)) {
                return Ok(read(loaded));
            }
        }
        let mut guard = self.loaded.write();
        Ok(read(self.fresh(&mut guard, space)?))
    }

    fn change(
        &self,
        space: &Space,
        change: impl FnOnce(&mut IdMapIndex) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut guard = self.loaded.write();
        let file = self.file(space);
        let fresh = self.fresh(&mut guard, space)?;
        let changed = change(&mut fresh.index).and_then(|()| {
            fresh
                .index
                .sync(&file)
                .with_context(|| format!("{} cannot be written", file.display()))
        });
        match changed {
            Ok(()) => {
                fresh.stamp = stamp(&file);
                Ok(())
            }
            Err(error) => {
                // Reloaded before the next use.
                *guard = None;
                Err(error)
            }
        }
    }

    fn is_fresh(&self, loaded: &LoadedFile, space: &Space) -> bool {
        loaded.space == *space && loaded.stamp == stamp(&self.file(space))
    }

    fn fresh<'a>(
        &self,
        loaded: &'a mut Option<LoadedFile>,
        space: &Space,
    ) -> anyhow::Result<&'a mut LoadedFile> {
        if loaded
            .as_ref()
            .is_none_or(|loaded| !self.is_fresh(loaded, space))
        {
            *loaded = None;
            let file = self.file(space);
            let stamp = stamp(&file);
            let index = match stamp {
                Some(_) => read(&file, space),
                None => None,
            };
            let index = match index {
                Some(index) => index,
                None => IdMapIndex::new(space.dimensions, BITS)?,
            };
            *loaded = Some(LoadedFile {
                space: space.clone(),
                stamp,
                index,
            });
        }
        loaded.as_mut().context("the vectors are not loaded")
    }

    fn file(&self, space: &Space) -> PathBuf {
        self.root.join(format!("{FILE}{}", space.name()))
    }

    /// Returns the numbers of readable passages with a vector.
    fn list(
        &self,
        fields: &Fields,
        searcher: &Searcher,
        loaded: &LoadedFile,
        access: &Access,
    ) -> anyhow::Result<List> {
        let key = ListKey {
            searcher: searcher.generation().generation_id(),
            stamp: loaded.stamp,
            access: access.clone(),
        };
        let known = || {
            let lists = self.lists.lock();
            let known = lists.iter().find(|(other, _)| *other == key);
            known.map(|(_, list)| List::clone(list))
        };
        if let Some(list) = known() {
            return Ok(list);
        }
        let mut readable = numbers(fields, searcher, access)?;
        readable.retain(|number| loaded.index.contains(*number));
        let list = List::new((readable.len() < loaded.index.len()).then_some(readable));
        let mut lists = self.lists.lock();
        if lists.len() == MAX_LISTS {
            lists.remove(0);
        }
        lists.push((key, List::clone(&list)));
        Ok(list)
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Returns `None` if the file is damaged, or was written by another version.
fn read(file: &Path, space: &Space) -> Option<IdMapIndex> {
    let index = IdMapIndex::load(file)
        .map_err(anyhow::Error::from)
        .and_then(|index| {
            ensure!(
                index.dim_opt() == Some(space.dimensions),
                "it holds vectors of another length"
            );
            Ok(index)
        });
    match index {
        Ok(index) => Some(index),
        Err(error) => {
            tracing::warn!(
                file = %file.display(),
                error = format!("{error:#}"),
                "the vectors cannot be read; the next run over the documents computes them again"
            );
            // Creating a file under an existing name would fail.
            let _ = fs::remove_file(file);
            None
        }
    }
}

/// Returns the numbers of all readable passages.
fn numbers(fields: &Fields, searcher: &Searcher, access: &Access) -> anyhow::Result<Vec<u64>> {
    use tantivy::collector::DocSetCollector;
    let found = searcher.search(&readable(fields, access), &DocSetCollector)?;
    let columns = searcher
        .segment_readers()
        .iter()
        .map(|reader| reader.fast_fields().u64(NUMBER))
        .collect::<Result<Vec<_>, _>>()?;
    let column = |segment: u32| &columns[segment as usize];
    Ok(found
        .into_iter()
        .filter_map(|address| column(address.segment_ord).first(address.doc_id))
        .collect())
}
