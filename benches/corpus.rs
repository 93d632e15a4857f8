//! Time to index a folder of PDFs, compared with the usual Python pipelines.
//!
//! `EPIBOT_SHARED` names a folder with `corpus/pdf`; without it the samples are read. `EPIBOT_PYTHON` names a Python with
//! the packages of `benches/*.py`, for the comparison. The programs take turns, so that load on the machine slows all of
//! them. `pdftotext` is measured too, if it is installed.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints its results"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use epibot::config;
use epibot::config::settings::Config;
use epibot::config::sources::Source;
use epibot::extract::pool::Extractor;
use epibot::ingest::catalog::Catalog;
use epibot::ingest::stores::{Stores, SyncContext};
use epibot::ingest::sync;
use epibot::ingest::sync::{SyncOptions, SyncProgress, SyncReport};
use epibot::recipes::store::RecipeStore;
use epibot::runtime::clock::Clock;
use epibot::search::index::tantivy::Embedded;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const ROUNDS: usize = 5;

fn folder() -> PathBuf {
    match std::env::var_os("EPIBOT_SHARED") {
        Some(shared) => Path::new(&shared).join("corpus/pdf"),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents"),
    }
}

fn config() -> Config {
    let mut config = config::load::load_from(None, Some(std::collections::HashMap::new())).unwrap();
    // The other programs have no OCR.
    config.extract.ocr_languages = String::new();
    config.sources = vec![Source {
        name: "pdf".to_owned(),
        path: folder(),
        collection: "pdf".to_owned(),
        include: vec!["**/*.pdf".to_owned()],
        ..Source::default()
    }];
    config
}

/// Indexes everything into a new index, with new extraction processes.
async fn index(config: &Config) -> SyncReport {
    let data = tempfile::tempdir().unwrap();
    let index = Embedded::open(&data.path().join("index")).unwrap();
    let catalog = Catalog::open(&data.path().join("catalog.sqlite"))
        .await
        .unwrap();
    let recipe_store = RecipeStore::open(&data.path().join("recipes.sqlite"))
        .await
        .unwrap();
    let extractor = Extractor::new(env!("CARGO_BIN_EXE_epibot").into(), config);
    let stores = Stores {
        index: Arc::new(index),
        catalog,
        recipes: recipe_store,
        extractor: Arc::new(extractor),
    };
    let context = SyncContext {
        config,
        stores: &stores,
        clock: &Clock::system(),
    };
    let (progress, _watching) = watch::channel(SyncProgress::default());
    sync::run(
        context,
        &SyncOptions::default(),
        &progress,
        &CancellationToken::new(),
    )
    .await
    .unwrap()
}

/// Returns the seconds of one round of PyMuPDF, with plain text and with layout; None without a Python with PyMuPDF.
fn pymupdf() -> Option<(f64, f64)> {
    let program = std::env::var_os("EPIBOT_PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/pymupdf_splitter.py");
    let output = Command::new(program)
        .arg(script)
        .arg(folder())
        .arg("1")
        .output()
        .ok()?;
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    let seconds = |name: &str| figures[name][0].as_f64();
    seconds("seconds").zip(seconds("layout_seconds"))
}

/// Returns the seconds of one round of pypdf, a recursive splitter and `SQLite`'s full-text index.
fn pypdf() -> Option<f64> {
    let program = std::env::var_os("EPIBOT_PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/pypdf_sqlite.py");
    let output = Command::new(program)
        .arg(script)
        .arg(folder())
        .output()
        .ok()?;
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    figures["pages"].as_u64().filter(|pages| *pages > 0)?;
    figures["seconds"][0].as_f64()
}

/// Returns the seconds of one round of `pdftotext`, one process per processor.
fn pdftotext() -> Option<f64> {
    let begin = Instant::now();
    let script =
        "find \"$0\" -name '*.pdf' -print0 | xargs -0 -P \"$(nproc)\" -I {} pdftotext {} /dev/null";
    let status = Command::new("sh")
        .args(["-c", script])
        .arg(folder())
        .status()
        .ok()?;
    status.success().then(|| begin.elapsed().as_secs_f64())
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn compare(runtime: &Runtime, config: &Config) {
    let (mut ours, mut plain, mut layout) = (Vec::new(), Vec::new(), Vec::new());
    let (mut pypdf_times, mut pdftotext_times) = (Vec::new(), Vec::new());
    let mut report = SyncReport::default();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        report = runtime.block_on(index(config));
        ours.push(begin.elapsed().as_secs_f64());
        if let Some((with_text, with_layout)) = pymupdf() {
            plain.push(with_text);
            layout.push(with_layout);
        }
        pypdf_times.extend(pypdf());
        pdftotext_times.extend(pdftotext());
    }
    let (pages, passages) = (report.pages, report.passages);
    let ours = median(ours);
    println!("epibot: {ours:.2} s for {pages} pages, {passages} passages, indexed");
    for (what, theirs) in [
        ("pypdf, a splitter and SQLite FTS", pypdf_times),
        ("pdftotext alone", pdftotext_times),
    ] {
        if theirs.is_empty() {
            println!("{what}: skipped; it is not installed");
        } else {
            let theirs = median(theirs);
            println!(
                "{what}: {theirs:.2} s; epibot is {:.1} times as fast",
                theirs / ours
            );
        }
    }
    if plain.is_empty() {
        println!("PyMuPDF: skipped; EPIBOT_PYTHON names no Python that has it");
    } else {
        for (what, theirs) in [("plain text", median(plain)), ("layout", median(layout))] {
            println!(
                "PyMuPDF ({what}) and a splitter: {theirs:.2} s, not indexed; epibot takes {:.2} of it",
                ours / theirs
            );
        }
    }
}

fn corpus(criterion: &mut Criterion) {
    let (runtime, config) = (Runtime::new().unwrap(), config());
    compare(&runtime, &config);
    let mut group = criterion.benchmark_group("corpus");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.bench_function("folder of PDFs to indexed passages", |bench| {
        bench.iter(|| runtime.block_on(index(&config)));
    });
    group.finish();
}

criterion_group!(benches, corpus);
criterion_main!(benches);
