//! Explains whether a file is used for answers, and why not.

use std::path::{Path, PathBuf};

use super::catalog::{CatalogEntry, DocumentState};
use super::source;
use crate::config::settings::Config;
use crate::config::sources::Source;
use crate::domain::document::Format;

/// Finds the document of a path: its path on disk, its path within its source, or the end of either.
#[must_use]
pub fn find<'a>(entries: &'a [CatalogEntry], path: &Path) -> Option<&'a CatalogEntry> {
    let absolute = absolute(path);
    let text = path.to_string_lossy();
    entries
        .iter()
        .find(|entry| entry.file == absolute)
        .or_else(|| {
            let named = |entry: &&CatalogEntry| {
                entry.path == text || format!("{}/{}", entry.source, entry.path) == text
            };
            entries.iter().find(named)
        })
        .or_else(|| {
            let mut ends = entries
                .iter()
                .filter(|entry| Path::new(&entry.path).ends_with(path));
            // An ambiguous path matches no document.
            ends.next().filter(|_| ends.next().is_none())
        })
}

/// Returns sentences that say whether a file is used for answers, and why.
#[must_use]
pub fn explain(config: &Config, entries: &[CatalogEntry], path: &Path) -> Vec<String> {
    match find(entries, path) {
        Some(entry) => explain_known(config, entries, entry),
        None => explain_unknown(config, path),
    }
}

fn explain_known(config: &Config, entries: &[CatalogEntry], entry: &CatalogEntry) -> Vec<String> {
    let mut reasons = Vec::new();
    match &entry.state {
        DocumentState::Failed(reason) => reasons.push(format!("It cannot be read: {reason}.")),
        DocumentState::Pending => reasons.push(
            "It is known but was not read yet; the run that was to read it has not come to it, or was stopped. \
             `epibot reindex` goes on with it."
                .to_owned(),
        ),
        DocumentState::Read => reasons.push(format!(
            "It is answered from: {} passages are indexed, in the collection \"{}\".",
            entry.passages, entry.collection
        )),
    }
    if let Some(newer) = &entry.superseded_by {
        let newer = entries.iter().find(|other| other.id == *newer);
        reasons.push(format!(
            "A later revision is in force ({}), so it is answered from only where a question asks for its revision.",
            newer.map_or("no longer there", |newer| &newer.path)
        ));
    }
    match std::fs::metadata(&entry.file) {
        Err(error) => reasons.push(format!(
            "The file can no longer be opened ({error}); the next run removes its passages."
        )),
        Ok(metadata) if metadata.len() != entry.size => {
            reasons.push("The file has changed since; the next run reads it again.".to_owned());
        }
        Ok(_) => {}
    }
    if !config
        .sources
        .iter()
        .any(|source| source.name == entry.source)
    {
        reasons.push(format!(
            "Its source \"{}\" is no longer configured; the next run removes its passages.",
            entry.source
        ));
    }
    reasons.extend(entry.notes.iter().map(|note| format!("Note: {note}.")));
    reasons.extend(
        entry
            .inconsistencies
            .iter()
            .map(|inconsistency| format!("Inconsistency: {inconsistency}.")),
    );
    reasons
}

fn explain_unknown(config: &Config, path: &Path) -> Vec<String> {
    let file = absolute(path);
    let mut reasons = Vec::new();
    if !file.exists() {
        reasons.push(format!(
            "There is no file {}, and no document is known by this path.",
            file.display()
        ));
    }
    let containing = config.sources.iter().filter_map(|source| {
        let root = absolute(&source.path);
        let relative = file.strip_prefix(&root).ok()?;
        Some((source, relative.to_owned()))
    });
    let containing: Vec<(&Source, PathBuf)> = containing.collect();
    if containing.is_empty() {
        let folders = config
            .sources
            .iter()
            .map(|source| source.path.display().to_string());
        let folders: Vec<String> = folders.collect();
        reasons.push(match folders.len() {
            0 => "No [[sources]] are configured.".to_owned(),
            _ => format!(
                "It lies in none of the configured folders: {}.",
                folders.join(", ")
            ),
        });
    }
    for (source, relative) in containing {
        reasons.push(in_source(source, &relative, &file));
    }
    reasons
}

fn in_source(source: &Source, relative: &Path, file: &Path) -> String {
    let name = &source.name;
    let is_hidden = relative
        .iter()
        .any(|part| part.to_string_lossy().starts_with('.'));
    if is_hidden {
        return format!(
            "Source \"{name}\" leaves it out: it is hidden, as its name begins with a dot."
        );
    }
    if Format::from_path(relative).is_none() {
        return format!("Source \"{name}\" leaves it out: files of this kind are not read.");
    }
    match source::is_included(source, relative) {
        Err(error) => format!("Source \"{name}\" has an invalid pattern: {error:#}."),
        Ok(false) => format!(
            "Source \"{name}\" leaves it out by its include and exclude patterns ({}; {}).",
            listed(&source.include),
            listed(&source.exclude)
        ),
        Ok(true) if !file.exists() => {
            format!("Source \"{name}\" would read it if it existed.")
        }
        Ok(true) => {
            format!("Source \"{name}\" includes it, but it was not read yet; run `epibot reindex`.")
        }
    }
}

fn listed(patterns: &[String]) -> String {
    if patterns.is_empty() {
        "none".to_owned()
    } else {
        patterns.join(", ")
    }
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::load_from;

    fn config(folder: &Path) -> Config {
        let mut config = load_from(None, Some(std::collections::HashMap::new())).unwrap();
        config.sources = vec![Source {
            name: "manuals".to_owned(),
            path: folder.to_owned(),
            collection: "manuals".to_owned(),
            exclude: vec!["**/drafts/**".to_owned()],
            ..Source::default()
        }];
        config
    }

    #[test]
    fn every_reason_for_leaving_out_a_file_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("drafts")).unwrap();
        for name in ["a.pdf", "a.exe", ".a.pdf", "drafts/a.pdf"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let config = config(folder.path());
        for (name, reason) in [
            ("a.pdf", "run `epibot reindex`"),
            ("a.exe", "of this kind"),
            (".a.pdf", "hidden"),
            ("drafts/a.pdf", "**/drafts/**"),
            ("b.pdf", "no file"),
        ] {
            let reasons = explain(&config, &[], &folder.path().join(name)).join(" ");
            assert!(reasons.contains(reason), "{name}: {reasons}");
        }
        let elsewhere = explain(&config, &[], Path::new("/etc/hostname")).join(" ");
        assert!(
            elsewhere.contains("none of the configured folders"),
            "{elsewhere}"
        );
    }
}
