//! From real files to passages, through the real reading processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use epibot::config::load::load_from;
use epibot::config::settings::Config;
use epibot::config::sources::Source;
use epibot::domain::access::Access;
use epibot::domain::inconsistency::PropertySource;
use epibot::domain::search_params::SearchParams;
use epibot::extract::extracted::Failure;
use epibot::extract::pool::Extractor;
use epibot::extract::properties::Stated;
use epibot::ingest::catalog::Catalog;
use epibot::ingest::revisions::ConflictKind;
use epibot::ingest::stores::{Stores, SyncContext};
use epibot::ingest::sync;
use epibot::ingest::sync::{SyncOptions, SyncProgress, SyncReport};
use epibot::recipes::store::RecipeStore;
use epibot::runtime::clock::Clock;
use epibot::search::index::tantivy::Embedded;
use epibot::search::index::{Index, Query};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::support::{program, shared};

/// A folder of documents with everything that indexing needs.
struct Library {
    folder: tempfile::TempDir,
    config: Config,
    index: Arc<Embedded>,
    extractor: Arc<Extractor>,
}

impl Library {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("manuals")).unwrap();
        let mut config = load_from(None, Some(std::collections::HashMap::new())).unwrap();
        config.data.dir = folder.path().join("data");
        if let Some(pdfium) = std::env::var_os("EPIBOT_PDFIUM") {
            config.extract.pdfium = pdfium.into();
        }
        config.sources = vec![Source {
            name: "manuals".to_owned(),
            path: folder.path().join("manuals"),
            collection: "manuals".to_owned(),
            ..Source::default()
        }];
        let extractor = Arc::new(Extractor::new(program(), &config));
        let index = folder.path().join("index");
        Self {
            folder,
            config,
            index: Arc::new(Embedded::open(&index).unwrap()),
            extractor,
        }
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join("manuals").join(name), text).unwrap();
    }

    /// What is found for a word.
    async fn texts(&self, word: &str) -> Vec<String> {
        let query = Query {
            text: word,
            expansions: &[],
            access: &Access::Everything,
            limit: 100,
            params: &SearchParams::DEFAULT,
        };
        let found = self.index.search(&query).await.unwrap();
        found.hits.into_iter().map(|hit| hit.passage.text).collect()
    }

    fn delete(&self, name: &str) {
        fs::remove_file(self.folder.path().join("manuals").join(name)).unwrap();
    }

    async fn catalog(&self) -> Catalog {
        Catalog::open(&self.config.data.dir.join("catalog.sqlite"))
            .await
            .unwrap()
    }

    async fn sync(&self, options: SyncOptions) -> anyhow::Result<SyncReport> {
        let catalog = self.catalog().await;
        let recipes = RecipeStore::open(&self.config.data.dir.join("recipes.sqlite"))
            .await
            .unwrap();
        let stores = Stores {
            index: self.index.clone(),
            catalog,
            recipes,
            extractor: self.extractor.clone(),
        };
        let context = SyncContext {
            config: &self.config,
            stores: &stores,
            clock: &Clock::system(),
        };
        let progress = watch::Sender::new(SyncProgress::default());
        let report = sync::run(context, &options, &progress, &CancellationToken::new()).await?;
        if !options.dry_run {
            assert_eq!(
                self.index.size().await?,
                report.passages,
                "the catalogue counts what the index holds"
            );
        }
        Ok(report)
    }

    async fn update(&self) -> SyncReport {
        self.sync(SyncOptions::default()).await.unwrap()
    }
}

fn counts(report: &SyncReport) -> [usize; 5] {
    [
        report.added,
        report.changed,
        report.removed,
        report.unchanged,
        report.failed.len(),
    ]
}

#[tokio::test]
async fn only_what_changed_is_indexed_again() {
    let library = Library::new();
    library.write("purge.md", "# Purging\n\nPurge three times.");
    library.write("alarms.txt", "Title: Alarms\n\nE-1042 Overtemperature");
    library.write("gas.html", "<title>Gas</title><p>Close V1.</p>");
    assert_eq!(counts(&library.update().await), [3, 0, 0, 0, 0]);
    assert_eq!(counts(&library.update().await), [0, 0, 0, 3, 0]);
    library.write("purge.md", "# Purging\n\nPurge five times.");
    library.delete("gas.html");
    library.write("new.txt", "A new note.");
    let planned = library
        .sync(SyncOptions {
            dry_run: true,
            ..SyncOptions::default()
        })
        .await
        .unwrap();
    assert_eq!(counts(&planned), [1, 1, 1, 1, 0]);
    assert_eq!(counts(&library.update().await), [1, 1, 1, 1, 0]);
    let texts = library.texts("purge close valve").await.join("\n");
    assert!(
        texts.contains("five times") && !texts.contains("three times") && !texts.contains("V1"),
        "{texts}"
    );
    let full = library
        .sync(SyncOptions {
            full: true,
            ..SyncOptions::default()
        })
        .await
        .unwrap();
    assert_eq!(counts(&full), [0, 3, 0, 0, 0]);
}

#[tokio::test]
async fn a_broken_file_costs_only_itself_and_is_reported_until_it_changes() {
    let library = Library::new();
    library.write("good.txt", "Purge three times.");
    library.write("broken.pdf", "%PDF-1.7\nnothing more");
    library.write("false.pdf", "This is a letter.");
    library.write("empty.txt", "");
    for counted in [[1, 0, 0, 0, 3], [0, 0, 0, 1, 3]] {
        let report = library.update().await;
        assert_eq!(counts(&report), counted);
        let reasons: Vec<String> = report
            .failed
            .iter()
            .map(|failed| failed.reason.to_string())
            .collect();
        assert!(reasons[0].contains("broken"), "{reasons:?}");
        assert_eq!(reasons[1], "it is empty");
        assert!(reasons[2].contains("not a PDF"), "{reasons:?}");
    }
    library.write("empty.txt", "No longer empty.");
    assert_eq!(counts(&library.update().await), [1, 0, 0, 1, 2]);
}

#[tokio::test]
async fn a_file_that_became_unreadable_takes_its_passages_along() {
    let library = Library::new();
    library.write("a.txt", "Purge three times.");
    library.write("b.txt", "Close V1.");
    library.update().await;
    library.write("a.txt", "");
    let report = library.update().await;
    assert_eq!(counts(&report), [0, 0, 0, 1, 1]);
    assert_eq!(library.texts("close purge").await, ["Close V1."]);
}

#[tokio::test]
async fn a_folder_that_lost_all_its_files_is_questioned() {
    let library = Library::new();
    let empty = library
        .sync(SyncOptions::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        empty.contains("put PDF, Office, Hangul, Markdown, HTML or text files there"),
        "{empty}"
    );
    library.write("a.txt", "Purge three times.");
    library.update().await;
    library.delete("a.txt");
    let lost = library
        .sync(SyncOptions::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(lost.contains("--full"), "{lost}");
}

#[tokio::test]
async fn a_lost_index_or_catalogue_is_made_anew() {
    let library = Library::new();
    library.write("a.txt", "Purge three times.");
    library.update().await;
    library.index.clear().await.unwrap();
    assert_eq!(counts(&library.update().await), [0, 1, 0, 0, 0]);
    fs::remove_dir_all(&library.config.data.dir).unwrap();
    assert_eq!(counts(&library.update().await), [1, 0, 0, 0, 0]);
}

#[tokio::test]
async fn the_catalogue_knows_where_a_document_lies() {
    let library = Library::new();
    library.write("a.txt", "Purge three times.");
    library.update().await;
    let id = epibot::ingest::source::document_id("manuals", Path::new("a.txt"));
    let file = library.catalog().await.file(&id).await.unwrap().unwrap();
    assert_eq!(fs::read_to_string(file).unwrap(), "Purge three times.");
}

#[tokio::test]
async fn a_program_that_is_no_reader_is_a_failure_outside_the_file() {
    let library = Library::new();
    library.write("a.txt", "Purge three times.");
    let extractor = Extractor::new(PathBuf::from("/nowhere/epibot"), &library.config);
    let failure = extractor
        .extract(&library.folder.path().join("manuals/a.txt"))
        .await
        .unwrap_err();
    assert!(matches!(failure, Failure::Environment(_)), "{failure:?}");
}

#[tokio::test]
async fn hostile_files_leave_the_reader_alive() {
    let Some(shared) = shared() else { return };
    let library = Library::new();
    let mut config = library.config.clone();
    config.extract.timeout_s = 20;
    config.extract.memory_mb = 512;
    let extractor = Extractor::new(program(), &config);
    library.write("good.txt", "Purge three times.");
    for entry in fs::read_dir(shared.join("corpus/bad")).unwrap() {
        let file = entry.unwrap().path();
        if let Err(failure) = extractor.extract(&file).await {
            assert!(
                matches!(failure, Failure::File(_)),
                "{}: {failure}",
                file.display()
            );
        }
        let good = extractor
            .extract(&library.folder.path().join("manuals/good.txt"))
            .await
            .unwrap();
        assert_eq!(good.pages[0].text, "Purge three times.");
    }
}

/// Equipment procedures as a university's clean room has them.
#[tokio::test]
async fn revisions_are_told_apart_and_contradictions_reported() {
    let Some(shared) = shared() else { return };
    let library = Library::new();
    for entry in fs::read_dir(shared.join("corpus/nanofab")).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        library.write(&name, fs::read(file).unwrap());
    }
    let old = "Hydrofluoric_Acid_SOP_rev1.0_2024-11.pdf";
    let new = "Hydroflouric_Acid_SOP.pdf";
    let report = library.update().await;
    let entries = library.catalog().await.entries().await.unwrap();
    let of = |name: &str| entries.iter().find(|entry| entry.path == name).unwrap();
    let value = |stated: &Option<Stated>| stated.as_ref().map(|stated| stated.value.clone());
    assert_eq!(value(&of(new).revision).as_deref(), Some("1.1"));
    assert_eq!(value(&of(new).effective).as_deref(), Some("2025-05-22"));
    assert_eq!(
        of(new).revision.as_ref().unwrap().place,
        PropertySource::Footer
    );
    assert_eq!(value(&of(old).revision).as_deref(), Some("1.0"));
    assert_eq!(of(old).superseded_by, Some(of(new).id.clone()));
    let superseded = entries.iter().filter(|entry| entry.superseded_by.is_some());
    assert_eq!(superseded.count(), 1);
    let conflicts: Vec<(ConflictKind, Vec<String>)> = report
        .conflicts
        .iter()
        .map(|conflict| (conflict.kind, conflict.documents.clone()))
        .collect();
    let same = vec![
        "manuals/Piranha_Clean_SOP.pdf".to_owned(),
        "manuals/RCA_Clean_SOP.pdf".to_owned(),
    ];
    assert!(
        conflicts.contains(&(ConflictKind::SameContent, same)),
        "{conflicts:?}"
    );
    let misfiled = vec!["manuals/RCA_Clean_SOP.pdf".to_owned()];
    assert!(
        conflicts.contains(&(ConflictKind::Itself, misfiled)),
        "{conflicts:?}"
    );
    assert_eq!(conflicts.len(), 2, "{:?}", report.conflicts);

    // The passages say so, too, and no longer once the newer one is gone.
    let hydrofluoric = async || {
        let query = Query {
            text: "calcium gluconate hydrofluoric acid exposure",
            expansions: &[],
            access: &Access::Everything,
            limit: 100,
            params: &SearchParams::DEFAULT,
        };
        let hits = library.index.search(&query).await.unwrap().hits;
        let of_old = hits.iter().filter(|hit| hit.passage.document.path == old);
        of_old
            .map(|hit| hit.passage.document.superseded)
            .collect::<Vec<_>>()
    };
    let before = hydrofluoric().await;
    assert!(!before.is_empty() && before.iter().all(|superseded| *superseded));
    library.delete(new);
    assert_eq!(counts(&library.update().await)[2], 1);
    let after = hydrofluoric().await;
    assert!(!after.is_empty() && after.iter().all(|superseded| !superseded));
}

/// What the program prints for a command, as JSON.
fn told(home: &Path, arguments: &[&str]) -> serde_json::Value {
    let output = std::process::Command::new(program())
        .current_dir(home)
        .arg("--json")
        .args(arguments)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn folders_that_are_named_one_after_the_other_all_stay() {
    let home = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let file = home.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write("fab1/manuals/purge.txt", "Purge three times.");
    write("fab2/manuals/vent.txt", "Vent slowly.");
    write("fab2/manuals/old/gas.txt", "Close V1.");
    let first = told(home.path(), &["reindex", "fab1/manuals"]);
    assert_eq!(first["documents"], 1);
    let second = told(home.path(), &["reindex", "fab2/manuals"]);
    assert_eq!(
        (&second["removed"], &second["documents"]),
        (&0.into(), &3.into())
    );
    fs::remove_file(home.path().join("fab2/manuals/old/gas.txt")).unwrap();
    let third = told(home.path(), &["reindex", "fab2/manuals"]);
    assert_eq!(
        (&third["removed"], &third["documents"]),
        (&1.into(), &2.into())
    );
    let listed = told(home.path(), &["documents", "list"]);
    let shown: Vec<String> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            format!(
                "{}/{}",
                entry["source"].as_str().unwrap(),
                entry["path"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(shown, ["fab2/manuals/vent.txt", "manuals/purge.txt"]);
}

#[test]
fn the_passages_of_a_document_can_be_looked_at() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("manuals");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("purge.md"), "# Purging\n\nPurge three times.").unwrap();
    told(home.path(), &["reindex", "manuals"]);
    let shown = told(
        home.path(),
        &["documents", "show", "purge.md", "--passages"],
    );
    assert_eq!(shown["text"][0]["headings"], serde_json::json!(["Purging"]));
    assert_eq!(shown["text"][0]["text"], "# Purging\n\nPurge three times.");
}
