//! How fast passages are indexed and found, at 100,000 of them.
//!
//! The passages are sentences of the samples, mixed anew: every word is far more frequent than in a real library, so
//! a search has more to weigh than it would have there. `cargo bench --bench retrieval` prints percentiles and the
//! memory of the process, too.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to say, and prints what it measured"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use epibot::analysis;
use epibot::domain::{Access, Document, DocumentId, Format, Page, Passage, PassageId};
use epibot::index::tantivy::Embedded;
use epibot::index::{Changes, Index, Query};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const PASSAGES: u32 = 100_000;
const PER_DOCUMENT: u32 = 200;
const BATCH: u32 = 4_000;
/// As many as an answer asks for.
const LIMIT: usize = 24;
const ROUNDS: usize = 5;

/// Numbers that look random and are the same in every run (Steele et al., OOPSLA 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let size = u64::try_from(from.len()).unwrap();
        &from[usize::try_from(self.next() % size).unwrap()]
    }
}

fn samples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// Lines of the samples that are plain text.
fn sentences() -> Vec<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(samples().join("documents")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|kind| kind == "md" || kind == "txt")
        {
            let text = fs::read_to_string(path).unwrap();
            lines.extend(
                text.lines()
                    .filter(|line| line.len() > 20)
                    .map(str::to_owned),
            );
        }
    }
    lines.sort();
    lines
}

fn questions() -> Vec<String> {
    let lines = fs::read_to_string(samples().join("questions.jsonl")).unwrap();
    let question = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["question"].as_str().unwrap().to_owned()
    };
    lines.lines().map(question).collect()
}

fn passage(number: u32, sentences: &[String], random: &mut SplitMix) -> Passage {
    let document = number / PER_DOCUMENT;
    let mut text = String::new();
    while text.chars().count() < 800 {
        let sentence: &String = random.pick(sentences);
        text.push_str(sentence);
        // A serial number makes each passage another one, as part numbers do.
        text.extend([" ", &(random.next() % 1_000_000).to_string(), "\n"]);
    }
    Passage {
        id: PassageId(format!("{document}-{number}")),
        document: Document {
            id: DocumentId(document.to_string()),
            title: format!("Manual {document}"),
            number: None,
            revision: None,
            effective: None,
            superseded: false,
            source: "bench".to_owned(),
            path: format!("{document}.pdf"),
            collection: format!("collection-{}", document % 8),
            url: None,
            format: Format::Pdf,
        },
        page: Some(Page {
            number: number % PER_DOCUMENT + 1,
            label: None,
        }),
        headings: vec![random.pick::<String>(sentences).chars().take(40).collect()],
        start: 0,
        ordinal: number % PER_DOCUMENT,
        text,
        ocr: false,
    }
}

struct Library {
    index: Embedded,
    _folder: TempDir,
}

fn library(runtime: &Runtime) -> Library {
    let folder = tempfile::tempdir().unwrap();
    let index = Embedded::open(folder.path()).unwrap();
    let (sentences, mut random) = (sentences(), SplitMix(7));
    let (mut spent, mut number) = (Duration::ZERO, 0);
    while number < PASSAGES {
        let end = (number + BATCH).min(PASSAGES);
        let add = (number..end)
            .map(|number| passage(number, &sentences, &mut random))
            .collect();
        let begin = Instant::now();
        runtime
            .block_on(index.apply(Changes {
                remove: Vec::new(),
                add,
            }))
            .unwrap();
        spent += begin.elapsed();
        number = end;
    }
    let rate = f64::from(PASSAGES) / spent.as_secs_f64();
    println!("indexed {PASSAGES} passages at {rate:.0} a second");
    Library {
        index,
        _folder: folder,
    }
}

fn percentiles(runtime: &Runtime, index: &Embedded, access: &Access, name: &str) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        for text in &questions() {
            let begin = Instant::now();
            runtime
                .block_on(index.search(&Query {
                    text,
                    also: &[],
                    access,
                    limit: LIMIT,
                }))
                .unwrap();
            times.push(begin.elapsed());
        }
    }
    times.sort();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!(
        "{name}: p50 {:.2?}, p95 {:.2?}, p99 {:.2?} of {} searches",
        at(50),
        at(95),
        at(99),
        times.len()
    );
}

/// Megabytes that the process has in memory: its own, and the pages of the index that the system keeps for it.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status
        .lines()
        .filter(|line| line.starts_with("Rss") || line.starts_with("VmRSS"));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ")
}

fn search(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let library = library(&runtime);
    let some = Access::Only(["collection-1", "collection-5"].map(str::to_owned).into());
    for (name, access) in [
        ("everything", &Access::Everything),
        ("two collections of eight", &some),
    ] {
        percentiles(&runtime, &library.index, access, name);
    }
    println!("{}", memory());
    let questions = questions();
    let mut next = questions.iter().cycle();
    criterion.bench_function("search in 100,000 passages", |bench| {
        bench.to_async(&runtime).iter(|| {
            let query = Query {
                text: next.next().unwrap(),
                also: &[],
                access: &Access::Everything,
                limit: LIMIT,
            };
            let index = &library.index;
            async move { index.search(&query).await.unwrap() }
        });
    });
}

fn analyse(criterion: &mut Criterion) {
    let text = sentences().join("\n");
    let mut group = criterion.benchmark_group("analysis");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("terms", |bench| bench.iter(|| analysis::terms(&text)));
    group.finish();
}

criterion_group!(benches, analyse, search);
criterion_main!(benches);
