//! Questions about real files: one JSON object per line with the question and the location of its answer.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::bail;
use serde::Deserialize;

use super::beir;
use super::case::{Case, Location, Relevant};

#[derive(Deserialize)]
struct Line {
    question: String,
    #[serde(flatten)]
    location: RawLocation,
    /// Other locations of the same answer.
    #[serde(default)]
    also: Vec<RawLocation>,
}

#[derive(Deserialize)]
struct Unanswerable {
    question: String,
}

#[derive(Deserialize)]
struct RawLocation {
    file: String,
    page: Option<u32>,
    section: Option<String>,
    /// Words of the passage.
    evidence: Option<String>,
}

/// Reads a file of questions. Unknown fields are ignored.
///
/// # Errors
/// The file cannot be read, or asks for documents that are not among `paths`.
pub fn read(file: &Path, paths: &BTreeSet<String>) -> anyhow::Result<Vec<Case>> {
    let lines: Vec<Line> = beir::lines(file)?;
    let wanted = lines.iter().map(|line| &line.location.file);
    let missing: BTreeSet<&String> = wanted.filter(|name| !paths.contains(*name)).collect();
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|name| name.as_str()).collect();
        bail!(
            "{} asks for files that are not among the documents: {}; name them as they lie in the folder",
            file.display(),
            names.join(", ")
        );
    }
    Ok(lines.into_iter().map(case).collect())
}

/// Reads a file of questions that the documents do not answer.
///
/// # Errors
/// The file cannot be read.
pub fn read_unanswerable(file: &Path) -> anyhow::Result<Vec<Case>> {
    let lines: Vec<Unanswerable> = beir::lines(file)?;
    let case = |line: Unanswerable| Case {
        question: line.question,
        relevant: Vec::new(),
    };
    Ok(lines.into_iter().map(case).collect())
}

fn case(line: Line) -> Case {
    let locations = std::iter::once(line.location)
        .chain(line.also)
        .map(location)
        .collect();
    Case {
        question: line.question,
        relevant: vec![Relevant {
            locations,
            grade: 1.0,
        }],
    }
}

fn location(raw: RawLocation) -> Location {
    Location {
        file: raw.file,
        page: raw.page,
        section: raw.section,
        words: raw.evidence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_about_a_missing_file_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines = "{\"question\": \"a?\", \"file\": \"a.pdf\", \"page\": 3, \"language\": \"en\"}\n\
                     {\"question\": \"b?\", \"file\": \"b.md\", \"also\": [{\"file\": \"a.pdf\"}]}\n";
        std::fs::write(file.path(), lines).unwrap();
        let paths = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let cases = read(file.path(), &paths(&["a.pdf", "b.md"])).unwrap();
        assert_eq!(cases[0].relevant[0].locations[0].page, Some(3));
        assert_eq!(cases[1].relevant[0].locations.len(), 2);
        let error = read(file.path(), &paths(&["a.pdf"]))
            .unwrap_err()
            .to_string();
        assert!(error.contains("b.md;"), "{error}");
    }
}
