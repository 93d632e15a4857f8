//! Questions about real files: one JSON object a line with the question and where its answer stands.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::bail;
use serde::Deserialize;

use super::{Case, Place, Relevant, beir};

#[derive(Deserialize)]
struct Line {
    question: String,
    #[serde(flatten)]
    place: Where,
    /// Other places where the same stands.
    #[serde(default)]
    also: Vec<Where>,
}

#[derive(Deserialize)]
struct Unanswerable {
    question: String,
}

#[derive(Deserialize)]
struct Where {
    file: String,
    page: Option<u32>,
    section: Option<String>,
    /// Words that stand there.
    evidence: Option<String>,
}

/// Reads a file of questions. Fields that are not known are left alone.
///
/// # Errors
/// The file cannot be read, or asks for documents that are not among `paths`.
pub fn read(file: &Path, paths: &BTreeSet<String>) -> anyhow::Result<Vec<Case>> {
    let lines: Vec<Line> = beir::lines(file)?;
    let wanted = lines.iter().map(|line| &line.place.file);
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

/// Reads a file of questions that nothing among the documents answers.
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
    let places = std::iter::once(line.place)
        .chain(line.also)
        .map(place)
        .collect();
    Case {
        question: line.question,
        relevant: vec![Relevant { places, grade: 1.0 }],
    }
}

fn place(place: Where) -> Place {
    Place {
        file: place.file,
        page: place.page,
        section: place.section,
        words: place.evidence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_about_a_file_that_is_not_there_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines = "{\"question\": \"a?\", \"file\": \"a.pdf\", \"page\": 3, \"language\": \"en\"}\n\
                     {\"question\": \"b?\", \"file\": \"b.md\", \"also\": [{\"file\": \"a.pdf\"}]}\n";
        std::fs::write(file.path(), lines).unwrap();
        let paths = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let cases = read(file.path(), &paths(&["a.pdf", "b.md"])).unwrap();
        assert_eq!(cases[0].relevant[0].places[0].page, Some(3));
        assert_eq!(cases[1].relevant[0].places.len(), 2);
        let error = read(file.path(), &paths(&["a.pdf"]))
            .unwrap_err()
            .to_string();
        assert!(error.contains("b.md;"), "{error}");
    }
}
