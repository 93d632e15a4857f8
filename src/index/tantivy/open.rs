//! Opens the folder of an index, and knows whether what is in it is of use.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context;
use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy};

use super::fields::{self, Fields};
use super::tokens;
use crate::analysis;

/// Beside Tantivy's own files; says what the terms were made with.
const VERSION_FILE: &str = "epibot-version";

pub(super) fn open(folder: &Path, fields: &Fields) -> anyhow::Result<Index> {
    let version = format!(
        "analysis {}, fields {}\n",
        analysis::VERSION,
        fields::VERSION
    );
    let file = folder.join(VERSION_FILE);
    let found = match fs::read_to_string(&file) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", file.display()));
        }
    };
    if found.as_ref().is_some_and(|found| *found != version) {
        tracing::warn!(
            folder = %folder.display(),
            "the index was made by another version of epibot; it is made anew from the documents"
        );
        fs::remove_dir_all(folder).with_context(|| {
            format!(
                "the outdated index in {} cannot be removed",
                folder.display()
            )
        })?;
    }
    fs::create_dir_all(folder).with_context(|| {
        format!(
            "the folder {} cannot be made; correct data.dir",
            folder.display()
        )
    })?;
    let directory = MmapDirectory::open(folder).with_context(|| damaged(folder))?;
    let index = if Index::exists(&directory).with_context(|| damaged(folder))? {
        Index::open(directory).with_context(|| damaged(folder))?
    } else {
        Index::create(directory, fields.schema.clone(), IndexSettings::default())
            .with_context(|| format!("no index can be made in {}", folder.display()))?
    };
    tokens::register(index.tokenizers());
    fs::write(&file, version).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(index)
}

/// Sees what other processes commit, too.
pub(super) fn reader(index: &Index) -> tantivy::Result<IndexReader> {
    index
        .reader_builder()
        .reload_policy(ReloadPolicy::OnCommitWithDelay)
        .try_into()
}

pub(super) fn damaged(folder: &Path) -> String {
    format!(
        "the index in {} cannot be read; delete this folder and run `epibot reindex`, which makes it anew",
        folder.display()
    )
}
