//! Question sets in the layout of BEIR (Thakur et al., `NeurIPS` 2021): `corpus.jsonl`, `queries.jsonl`, `qrels/*.tsv`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::case::{Case, Location, Relevant};
use crate::config;
use crate::domain::document::{Document, DocumentId, Format, Origin};
use crate::domain::passage::Passage;
use crate::extract::extracted::{Extracted, ExtractedPage};
use crate::ingest::chunk;

/// A question set with its passages.
#[derive(Clone, Debug)]
pub struct QuestionSet {
    /// Number of texts in the corpus.
    pub texts: usize,
    pub passages: Vec<Passage>,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

/// Reads a question set. Its texts are split into passages like documents.
///
/// # Errors
/// A file is missing or does not follow the layout; says which, and where.
pub fn read(folder: &Path, config: &config::sources::Chunk) -> anyhow::Result<QuestionSet> {
    let corpus: Vec<Entry> = lines(&folder.join("corpus.jsonl"))?;
    let queries: Vec<Entry> = lines(&folder.join("queries.jsonl"))?;
    let file = qrels(folder)?;
    let relevant_by_query = judgements(&read_file(&file)?, &file)?;
    let mut cases = Vec::new();
    for query in queries {
        // A query without a judgement belongs to another split of the set.
        if let Some(relevant) = relevant_by_query.get(&query.id) {
            cases.push(Case {
                question: query.text,
                relevant: relevant.clone(),
            });
        }
    }
    ensure!(
        !cases.is_empty(),
        "no query of {} has a judgement in its qrels",
        folder.display()
    );
    let texts = corpus.len();
    let passages = corpus
        .into_iter()
        .flat_map(|entry| passages(entry, config))
        .collect();
    Ok(QuestionSet {
        texts,
        passages,
        cases,
    })
}

fn passages(entry: Entry, config: &config::sources::Chunk) -> Vec<Passage> {
    let document = Document {
        id: DocumentId(entry.id.clone()),
        title: entry.title,
        number: None,
        revision: None,
        effective: None,
        superseded: false,
        source: "eval".to_owned(),
        path: entry.id,
        collection: "eval".to_owned(),
        url: None,
        format: Format::Text,
        origin: Origin::Corpus,
    };
    let extracted = Extracted {
        title: None,
        number: None,
        revision: None,
        effective: None,
        format: Format::Text,
        pages: vec![ExtractedPage {
            page: None,
            text: entry.text,
            headings: Vec::new(),
            ocr: false,
        }],
        notes: Vec::new(),
    };
    chunk::passages(&document, &extracted, config)
}

/// The file of the test split, or of the only split.
fn qrels(folder: &Path) -> anyhow::Result<PathBuf> {
    let folder = folder.join("qrels");
    let test = folder.join("test.tsv");
    if test.is_file() {
        return Ok(test);
    }
    let entries = fs::read_dir(&folder)
        .with_context(|| format!("{} cannot be opened; a BEIR set has it", folder.display()))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "tsv"));
    match found.as_slice() {
        [only] => Ok(only.clone()),
        _ => bail!(
            "{} has no test.tsv and not just one other split",
            folder.display()
        ),
    }
}

fn read_file(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// Parses the judgements: the relevant documents of each query.
fn judgements(text: &str, file: &Path) -> anyhow::Result<BTreeMap<String, Vec<Relevant>>> {
    let mut relevant_by_query: BTreeMap<String, Vec<Relevant>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let fields: Vec<&str> = line.split('\t').collect();
        let grade = fields
            .get(2)
            .and_then(|grade| grade.trim().parse::<f64>().ok())
            .filter(|grade| grade.is_finite());
        match (fields.as_slice(), grade) {
            ([query, document, _], Some(grade)) if grade > 0.0 => {
                let location = Location {
                    file: (*document).to_owned(),
                    page: None,
                    section: None,
                    words: None,
                };
                relevant_by_query
                    .entry((*query).to_owned())
                    .or_default()
                    .push(Relevant {
                        locations: vec![location],
                        grade,
                    });
            }
            ([_, _, _], Some(_)) => {}
            // The first line may name the columns.
            _ if number == 0 || line.trim().is_empty() => {}
            _ => bail!(
                "{}, line {}: expected query id, document id and score, separated by tabs",
                file.display(),
                number + 1
            ),
        }
    }
    Ok(relevant_by_query)
}

/// Parses a file with one JSON object per line.
pub(super) fn lines<T: DeserializeOwned>(file: &Path) -> anyhow::Result<Vec<T>> {
    objects(&read_file(file)?, file)
}

fn objects<T: DeserializeOwned>(text: &str, file: &Path) -> anyhow::Result<Vec<T>> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            serde_json::from_str(line)
                .with_context(|| format!("{}, line {}", file.display(), number + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(qrels: &str) -> anyhow::Result<QuestionSet> {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("qrels")).unwrap();
        write(
            "corpus.jsonl",
            "{\"_id\": \"d1\", \"title\": \"Pump\", \"text\": \"Change the oil.\"}\n",
        );
        write(
            "queries.jsonl",
            "{\"_id\": \"q1\", \"text\": \"oil?\"}\n\n{\"_id\": \"q2\", \"text\": \"gas?\"}\n",
        );
        write("qrels/dev.tsv", qrels);
        read(folder.path(), &config::load::load(None).unwrap().chunk)
    }

    #[test]
    fn a_set_has_the_queries_that_were_judged() {
        let set = set("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td1\t0\n").unwrap();
        assert_eq!(set.passages[0].document.title, "Pump");
        let questions: Vec<&str> = set
            .cases
            .iter()
            .map(|case| case.question.as_str())
            .collect();
        assert_eq!(questions, ["oil?"]);
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = set("q1\td1\t1\nq2 d1 1\n").unwrap_err();
        assert!(error.to_string().contains("dev.tsv, line 2"), "{error}");
    }

    proptest! {
        #[test]
        fn judgements_are_those_above_nothing_and_other_lines_are_named(
            lines in proptest::collection::vec(("q[0-9]", "d[0-9]{1,3}", -1_i8..3), 0..20),
            broken in prop::option::of("[a-z\t]{1,9}"),
        ) {
            let mut text = String::from("query-id\tcorpus-id\tscore\n");
            for (query, document, grade) in &lines {
                text.extend([format!("{query}\t{document}\t{grade}\n")]);
            }
            text.push_str(broken.as_deref().unwrap_or_default());
            let file = Path::new("test.tsv");
            let relevant_by_query = judgements(&text, file);
            if broken.as_ref().is_some_and(|line| !line.trim().is_empty()) {
                let error = relevant_by_query.unwrap_err().to_string();
                prop_assert!(error.contains(&format!("line {}", lines.len() + 2)), "{}", error);
            } else {
                let relevant_by_query = relevant_by_query.unwrap();
                let wanted = lines.iter().filter(|(_, _, grade)| *grade > 0).count();
                prop_assert_eq!(relevant_by_query.values().map(Vec::len).sum::<usize>(), wanted);
            }
        }

        #[test]
        fn a_line_of_json_is_an_entry_or_is_named(
            texts in proptest::collection::vec("\\PC{0,20}", 0..9),
            broken in prop::option::of("\\PC{1,20}"),
        ) {
            let lines = texts.iter().map(|text| format!("{}\n\n", serde_json::json!({"_id": "d", "text": text})));
            let whole = lines.collect::<String>() + broken.as_deref().unwrap_or_default();
            match objects::<Entry>(&whole, Path::new("corpus.jsonl")) {
                Ok(entries) => {
                    prop_assert!(broken.is_none_or(|line| line.trim().is_empty()));
                    prop_assert!(entries.iter().map(|entry| &entry.text).eq(&texts));
                }
                Err(error) => {
                    prop_assert!(error.to_string().contains(&format!("line {}", 2 * texts.len() + 1)), "{}", error);
                }
            }
        }
    }
}
