//! Speed of indexing and search, by default with 100,000 passages.
//!
//! The passages are random mixes of sentences of the samples: every word is far more frequent than in a real library, so
//! a search has more work. `cargo bench --bench retrieval` also prints percentiles and the memory of the process, idle and
//! during a rebuild. `EPIBOT_BENCH_PASSAGES` is a list of other sizes, such as `10000,1000000`. If `EPIBOT_TEST_MEILI_URL`
//! (and `EPIBOT_TEST_MEILI_KEY`, the master key) names a server, it is measured too, as is a plain client that sends it the
//! same text. `EPIBOT_BENCH_VECTORS=1` adds vectors of 1,024 dimensions.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints its results"
)]

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use epibot::config;
use epibot::config::secret::Secret;
use epibot::config::settings::Config;
use epibot::domain::access::Access;
use epibot::domain::document::{Document, DocumentId, Format, Origin, Page};
use epibot::domain::passage::{Passage, PassageId};
use epibot::domain::search_params::SearchParams;
use epibot::search::analysis;
use epibot::search::index::meilisearch::{Meilisearch, create_keys};
use epibot::search::index::tantivy::Embedded;
use epibot::search::index::vectors::{Space, Vectors};
use epibot::search::index::{Changes, Index, Query};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const PASSAGES: &str = "100000";
const PER_DOCUMENT: u32 = 200;
const BATCH: u32 = 4_000;
/// Number of passages that an answer requests.
const LIMIT: usize = 24;
const ROUNDS: usize = 5;

/// A pseudorandom generator with the same numbers in every run (Steele et al., OOPSLA 2014).
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

/// Returns lines of the plain text samples.
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
        // A serial number makes each passage unique, as part numbers do.
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
            origin: Origin::Corpus,
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

/// Returns the passages in batches.
fn batches(count: u32) -> impl Iterator<Item = Changes> {
    let (sentences, mut random) = (sentences(), SplitMix(7));
    (0..count)
        .step_by(BATCH as usize)
        .map(move |begin| Changes {
            remove: Vec::new(),
            add: (begin..count.min(begin + BATCH))
                .map(|number| passage(number, &sentences, &mut random))
                .collect(),
        })
}

/// Fills an index and prints the speed.
fn fill(runtime: &Runtime, index: &dyn Index, count: u32) {
    let mut spent = Duration::ZERO;
    for changes in batches(count) {
        let begin = Instant::now();
        runtime.block_on(index.apply(changes)).unwrap();
        spent += begin.elapsed();
    }
    let rate = f64::from(count) / spent.as_secs_f64();
    println!("  indexed at {rate:.0} passages a second");
}

/// Searches for every question for some rounds, or until `done`. Returns the times.
async fn search_all(
    index: &dyn Index,
    access: &Access,
    done: Option<&AtomicBool>,
) -> Vec<Duration> {
    let questions = questions();
    let mut times = Vec::new();
    for text in questions.iter().cycle() {
        let enough = match done {
            Some(done) => done.load(Ordering::Acquire),
            None => times.len() >= ROUNDS * questions.len(),
        };
        if enough {
            break;
        }
        let begin = Instant::now();
        let query = Query {
            text,
            expansions: &[],
            access,
            limit: LIMIT,
            params: &SearchParams::DEFAULT,
        };
        index.search(&query).await.unwrap();
        times.push(begin.elapsed());
    }
    times
}

fn print_percentiles(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!(
        "  {name}: p50 {:.2?}, p95 {:.2?}, p99 {:.2?} of {} searches",
        at(50),
        at(95),
        at(99),
        times.len()
    );
}

/// Measures searches at rest, with a filter, and during a rebuild of the index.
fn percentiles(runtime: &Runtime, index: &dyn Index, count: u32) {
    let some = Access::Only(["collection-1", "collection-5"].map(str::to_owned).into());
    runtime.block_on(search_all(index, &Access::Everything, None));
    for (name, access) in [
        ("everything", &Access::Everything),
        ("two collections of eight", &some),
    ] {
        print_percentiles(name, runtime.block_on(search_all(index, access, None)));
    }
    let done = AtomicBool::new(false);
    let reindex = async {
        let mut rebuild = index.rebuild().await.unwrap();
        for changes in batches(count) {
            rebuild.apply(changes).await.unwrap();
        }
        rebuild.finish().await.unwrap();
        done.store(true, Ordering::Release);
    };
    let (times, ()) = runtime.block_on(async {
        let search = search_all(index, &Access::Everything, Some(&done));
        tokio::join!(search, reindex)
    });
    print_percentiles("during a rebuild", times);
}

/// Returns the configuration of the server to measure, with new keys.
fn server(runtime: &Runtime) -> Option<Config> {
    let url = std::env::var("EPIBOT_TEST_MEILI_URL").ok()?;
    let mut environment = HashMap::from([
        ("EPIBOT__MEILISEARCH__URL".to_owned(), url),
        (
            "EPIBOT__MEILISEARCH__PREFIX".to_owned(),
            "epibot_bench_".to_owned(),
        ),
    ]);
    // Allows other batch sizes.
    let batch = "EPIBOT__MEILISEARCH__BATCH_MB";
    environment.extend(std::env::var(batch).map(|size| (batch.to_owned(), size)));
    let mut config = config::load::load_from(None, Some(environment)).unwrap();
    if let Ok(master) = std::env::var("EPIBOT_TEST_MEILI_KEY") {
        let master = Secret::new(master);
        let keys = runtime
            .block_on(create_keys(&config.meilisearch, &master))
            .unwrap();
        config.meilisearch.search_key = Some(keys.search);
        config.meilisearch.index_key = Some(keys.index);
    }
    Some(config)
}

/// Sends the same text to an index with the server's default settings.
fn fill_plainly(runtime: &Runtime, config: &Config, count: u32) {
    let key = config
        .meilisearch
        .index_key
        .as_ref()
        .map_or("", Secret::expose);
    let http = epibot::runtime::http::client()
        .timeout(Duration::from_mins(30))
        .build()
        .unwrap();
    let base = &config.meilisearch.url;
    let send = async |method: reqwest::Method, path: &str, body: Value| -> Value {
        let request = http
            .request(method, format!("{base}{path}"))
            .bearer_auth(key);
        request
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    let done = async |task: Value| {
        let path = format!("/tasks/{}", task["taskUid"]);
        loop {
            let task = send(reqwest::Method::GET, &path, Value::Null).await;
            match task["status"].as_str() {
                Some("succeeded") => return,
                Some("failed") => panic!("{task}"),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    let index = "/indexes/epibot_bench_plain";
    let spent = runtime.block_on(async {
        let mut spent = Duration::ZERO;
        for changes in batches(count) {
            let documents: Vec<Value> = changes
                .add
                .iter()
                .map(|passage| {
                    json!({
                        "id": passage.id.0,
                        "title": passage.document.title,
                        "headings": passage.headings,
                        "text": passage.text,
                    })
                })
                .collect();
            let begin = Instant::now();
            let path = format!("{index}/documents?primaryKey=id");
            done(send(reqwest::Method::POST, &path, documents.into()).await).await;
            spent += begin.elapsed();
        }
        // Otherwise the next run would send unchanged documents.
        done(send(reqwest::Method::DELETE, index, Value::Null).await).await;
        spent
    });
    let rate = f64::from(count) / spent.as_secs_f64();
    println!("  a plain client indexes {rate:.0} passages a second");
}

/// Returns the memory of the process: its own, and the mapped pages of the index.
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
    let sizes = std::env::var("EPIBOT_BENCH_PASSAGES").unwrap_or_else(|_| PASSAGES.to_owned());
    let vectors = std::env::var_os("EPIBOT_BENCH_VECTORS").is_some();
    for size in sizes.split(',') {
        let count: u32 = size.trim().parse().unwrap();
        println!("embedded, {count} passages");
        let folder = tempfile::tempdir().unwrap();
        let index = Embedded::open(folder.path()).unwrap();
        fill(&runtime, &index, count);
        percentiles(&runtime, &index, count);
        println!("  {}", memory());
        if vectors {
            measure_vectors(&runtime, &index, count);
            println!("  {}", memory());
        }
        measure(
            criterion,
            &runtime,
            &index,
            &format!("embedded search in {count} passages"),
        );
        if let Some(config) = server(&runtime) {
            println!("meilisearch, {count} passages");
            let index = on_server(&config, &folder);
            runtime.block_on(index.clear()).unwrap();
            fill(&runtime, &index, count);
            fill_plainly(&runtime, &config, count);
            percentiles(&runtime, &index, count);
            if vectors {
                measure_vectors(&runtime, &index, count);
            }
            runtime.block_on(index.clear()).unwrap();
        }
    }
}

/// Random vectors around a thousand centres, as texts about a thousand topics have.
struct ClusteredVectors {
    centres: Vec<Vec<f32>>,
    random: SplitMix,
}

impl ClusteredVectors {
    const DIMENSIONS: usize = 1_024;

    fn new() -> Self {
        let mut random = SplitMix(11);
        let centres = (0..1_000)
            .map(|_| Self::random_vector(&mut random))
            .collect();
        Self { centres, random }
    }

    fn random_vector(random: &mut SplitMix) -> Vec<f32> {
        let number = |random: &mut SplitMix| {
            f32::from(u16::try_from(random.next() >> 48).unwrap()) / 32_768.0 - 1.0
        };
        (0..Self::DIMENSIONS).map(|_| number(random)).collect()
    }

    /// A vector of unit length.
    fn next(&mut self) -> Vec<f32> {
        let offset = Self::random_vector(&mut self.random);
        let centre = self.random.pick(&self.centres);
        let vector: Vec<f32> = centre
            .iter()
            .zip(offset)
            .map(|(one, other)| one + other)
            .collect();
        let length = vector
            .iter()
            .map(|number| number * number)
            .sum::<f32>()
            .sqrt();
        vector.into_iter().map(|number| number / length).collect()
    }
}

/// Stores a vector for every passage and searches for the nearest: measures time, and recall of the exact nearest ten.
fn measure_vectors(runtime: &Runtime, index: &dyn Vectors, count: u32) {
    let space = Space {
        model: "bench".to_owned(),
        dimensions: ClusteredVectors::DIMENSIONS,
    };
    let mut generator = ClusteredVectors::new();
    let mut stored: Vec<(PassageId, Vec<f32>)> = Vec::new();
    let begin = Instant::now();
    for number in 0..count {
        let id = PassageId(format!("{}-{number}", number / PER_DOCUMENT));
        stored.push((id, generator.next()));
        if stored.len().is_multiple_of(512) || number + 1 == count {
            let from = (stored.len() - 1) / 512 * 512;
            let step = stored[from..].to_vec();
            runtime.block_on(index.store_vectors(&space, step)).unwrap();
        }
    }
    let rate = f64::from(count) / begin.elapsed().as_secs_f64();
    println!("  vectors stored at {rate:.0} a second");
    let some = Access::Only(["collection-1", "collection-5"].map(str::to_owned).into());
    for (name, access) in [
        ("nearest of everything", &Access::Everything),
        ("nearest in two collections of eight", &some),
    ] {
        let (mut times, mut found, mut expected) = (Vec::new(), 0, 0);
        for round in 0..200 {
            let question = generator.next();
            let begin = Instant::now();
            let near = runtime
                .block_on(index.nearest(&space, &question, access, 10))
                .unwrap();
            times.push(begin.elapsed());
            if round < 20 && matches!(access, Access::Everything) {
                let exact = exact_nearest(&stored, &question, 10);
                found += near
                    .iter()
                    .filter(|near| exact.contains(&&near.passage.id))
                    .count();
                expected += exact.len();
            }
        }
        print_percentiles(name, times);
        if expected > 0 {
            println!("  recall: {found} of the exact nearest {expected} were found");
        }
    }
}

fn exact_nearest<'a>(
    stored: &'a [(PassageId, Vec<f32>)],
    question: &[f32],
    count: usize,
) -> Vec<&'a PassageId> {
    let cosine = |vector: &[f32]| {
        vector
            .iter()
            .zip(question)
            .map(|(one, other)| one * other)
            .sum::<f32>()
    };
    let mut all: Vec<(f32, &PassageId)> = stored
        .iter()
        .map(|(id, vector)| (cosine(vector), id))
        .collect();
    all.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    all.into_iter().take(count).map(|(_, id)| id).collect()
}

fn on_server(config: &Config, folder: &TempDir) -> Meilisearch {
    Meilisearch::open(&config.meilisearch, folder.path()).unwrap()
}

fn measure(criterion: &mut Criterion, runtime: &Runtime, index: &dyn Index, name: &str) {
    let questions = questions();
    let mut next = questions.iter().cycle();
    criterion.bench_function(name, |bench| {
        bench.to_async(runtime).iter(|| {
            let query = Query {
                text: next.next().unwrap(),
                expansions: &[],
                access: &Access::Everything,
                limit: LIMIT,
                params: &SearchParams::DEFAULT,
            };
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
