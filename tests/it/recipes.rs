//! Questions about recipes, answered from data over real files, each held against what was read in the file by eye or
//! computed apart from this program.

use crate::support::Requirement;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use epibot::domain::access::Access;
use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::language::Language;
use epibot::domain::passage::Passage;
use epibot::ingest::data_records;
use epibot::recipes::ask;
use epibot::recipes::ask::Reply;
use epibot::recipes::import;
use epibot::recipes::import::table::ColumnMap;
use epibot::recipes::record::RecipeRecord;
use epibot::recipes::snapshot::RecipeSnapshot;

mod alarms;
mod attachments;
mod fuzz;
mod gold;
mod indexed;
mod round;
mod slack;
mod tools;

/// The recipes of folders, each folder its own collection.
pub(crate) fn snapshot(folders: &[(&Path, &str)]) -> RecipeSnapshot {
    let records = read(folders).into_iter();
    RecipeSnapshot::new(records.map(|(_, record)| Arc::new(record)))
}

/// The passages and records of the files in folders, each folder its own collection.
pub(crate) fn read(folders: &[(&Path, &str)]) -> Vec<(Vec<Passage>, RecipeRecord)> {
    let none: [&Path; 0] = [];
    let maps = ColumnMap::load(&none).unwrap();
    let mut records = Vec::new();
    for (folder, collection) in folders {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| import::may_hold_recipes(path))
            .collect();
        files.sort();
        for file in files {
            let bytes = std::fs::read(&file).unwrap();
            let Some(imported) = import::read(&file, &bytes, &maps).unwrap() else {
                continue;
            };
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let document = Document {
                id: DocumentId(format!("{collection}-{}", records.len())),
                title: name.clone(),
                number: None,
                revision: None,
                effective: None,
                superseded: false,
                source: (*collection).to_owned(),
                path: name,
                collection: (*collection).to_owned(),
                url: None,
                format: Format::Text,
                origin: Origin::Corpus,
            };
            records.push(data_records::from_recipes(&document, imported));
        }
    }
    records
}

pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/recipes")
}

/// The folder of real recipes, where the environment names one.
fn shared() -> Option<PathBuf> {
    let shared = std::env::var_os("EPIBOT_SHARED").map(|folder| Path::new(&folder).join("recipes"));
    if shared.is_none() {
        Requirement::SHARED.skip();
    }
    shared
}

fn answered(snapshot: &RecipeSnapshot, access: &Access, question: &str) -> Option<Reply> {
    ask::answer(
        question,
        None,
        &snapshot.view(access),
        Language::detect(question),
    )
}

/// The places that a reply cites, as `file:first–last`.
fn places(reply: &Reply) -> Vec<(String, u32, u32)> {
    reply
        .cited
        .iter()
        .map(|passage| {
            let section = passage.section().unwrap();
            let place = section.split(" · ").next().unwrap().trim_start_matches('L');
            let (first, last) = place.split_once('–').unwrap_or((place, place));
            (
                passage.document.title.clone(),
                first.parse().unwrap(),
                last.parse().unwrap(),
            )
        })
        .collect()
}

/// Holds every question against its gold.
fn hold(snapshot: &RecipeSnapshot, all: &[gold::Gold]) {
    let mut wrong = Vec::new();
    for gold in all {
        let Some(reply) = answered(snapshot, &Access::Everything, gold.question) else {
            wrong.push(format!("{}: no answer", gold.question));
            continue;
        };
        for says in gold.says {
            if !reply.text.contains(says) {
                wrong.push(format!(
                    "{}: lacks \"{says}\":\n{}",
                    gold.question, reply.text
                ));
            }
        }
        for not in gold.never {
            if reply.text.contains(not) {
                wrong.push(format!(
                    "{}: must not say \"{not}\":\n{}",
                    gold.question, reply.text
                ));
            }
        }
        if reply.is_refusal != gold.refused {
            wrong.push(format!(
                "{}: refused: {}\n{}",
                gold.question, reply.is_refusal, reply.text
            ));
        }
        let places = places(&reply);
        for (file, line) in gold.cites {
            let is_cited = places
                .iter()
                .any(|(name, first, last)| name == file && (first..=last).contains(&line));
            if !is_cited {
                wrong.push(format!(
                    "{}: does not cite {file}:{line}: {places:?}",
                    gold.question
                ));
            }
        }
        // Every number stands with a mark, and every mark has its passage.
        for n in 1..=reply.cited.len() {
            if !reply.text.contains(&format!("[{n}]")) {
                wrong.push(format!(
                    "{}: [{n}] does not stand in the text",
                    gold.question
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn the_worked_questions_over_real_recipes_are_answered_to_the_digit() {
    let Some(folder) = shared() else { return };
    hold(&snapshot(&[(&folder, "recipes")]), gold::SHARED);
}

#[test]
fn questions_over_the_samples_are_answered_to_the_digit() {
    assert!(gold::SAMPLES.len() >= 30);
    hold(&snapshot(&[(&samples(), "recipes")]), gold::SAMPLES);
}

#[test]
fn what_is_no_question_for_recipes_is_left_to_the_documents() {
    let snapshot = snapshot(&[(&samples(), "recipes")]);
    for question in gold::OTHERS {
        let reply = answered(&snapshot, &Access::Everything, question);
        assert!(reply.is_none(), "{question}: {}", reply.unwrap().text);
    }
}

#[test]
fn what_may_not_be_seen_shows_in_no_answer_count_or_comparison() {
    let hidden = tempfile::tempdir().unwrap();
    let open = tempfile::tempdir().unwrap();
    for (name, folder) in [
        ("LED450-MQW-012A.epi", &open),
        ("LED450-MQW-012B.epi", &hidden),
        ("HEMT-SIC-004A.epi", &hidden),
    ] {
        std::fs::copy(samples().join(name), folder.path().join(name)).unwrap();
    }
    let everything = snapshot(&[(open.path(), "open"), (hidden.path(), "secret")]);
    let alone = snapshot(&[(open.path(), "open")]);
    let access = Access::Only(BTreeSet::from(["open".to_owned()]));
    for question in [
        "Which recipes go above 1100 °C?",
        "Which recipes use TEGa?",
        "list all recipes",
        "LED450-MQW-012A와 LED450-MQW-012B 차이",
        "diff LED450-MQW-012A 012B",
        "LED450-MQW-012B 우물층 온도는?",
        "HEMT-SIC-004A AlN temperature",
        "레시피 HEMT-SIC-004A의 온도",
        "Which steps are at 200 Torr or more?",
        "LED450-MQW-012 우물 온도",
        "Which recipes are based on LED450-MQW-012A?",
    ] {
        let restricted = answered(&everything, &access, question);
        let gone = answered(&alone, &Access::Everything, question);
        assert_eq!(
            restricted.as_ref().map(|reply| &reply.text),
            gone.as_ref().map(|reply| &reply.text),
            "{question}"
        );
        if let Some(reply) = restricted {
            assert!(!reply.text.contains("1165"), "{question}: {}", reply.text);
        }
    }
}
