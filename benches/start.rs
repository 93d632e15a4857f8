//! Time from the start of `epibot serve` until it is healthy, with 100,000 passages.
//!
//! The documents are random mixes of sentences of the samples. They are indexed in `target/tmp/start`, and reused by later
//! runs. The files are in the page cache, so the program is measured and not the disk. A scripted Slack answers at once. If
//! `EPIBOT_TEST_MEILI_URL` (and `EPIBOT_TEST_MEILI_KEY`, the master key) names a server, it is also measured instead of the
//! embedded index.
//!
//! ```sh
//! cargo bench --bench start -- 100000 20    # passages, starts
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints its results"
)]

#[expect(
    dead_code,
    reason = "other benchmarks and the tests use the rest of it"
)]
mod support;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use epibot::config;
use epibot::config::secret::Secret;
use epibot::search::index::Index;
use epibot::search::index::meilisearch::{Meilisearch, create_keys};
use serde_json::Value;
use support::scripted_slack::{Chance, Faults, ScriptedSlack};
use support::slack::{SIGNING_SECRET, free_port};
use tokio::process::{Child, Command};
use tokio::runtime::Runtime;

/// Sections per file, and their length: long enough for a passage of its own, and short enough not to be split.
const PER_FILE: u32 = 200;
const SECTION: usize = 900;
/// Interval of health checks.
const POLL_INTERVAL: Duration = Duration::from_millis(1);
/// Timeout of a start.
const START_TIMEOUT: Duration = Duration::from_mins(1);

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let passages: u32 = numbers.next().unwrap_or(100_000);
    let starts = numbers.next().unwrap_or(20);
    let build = if cfg!(debug_assertions) {
        "unoptimised"
    } else {
        "optimised"
    };
    println!("{passages} passages, {starts} starts of an {build} build");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("start/{passages}"));
    let documents = home.join("documents");
    write(&documents, passages);
    Runtime::new().unwrap().block_on(async {
        let slack = ScriptedSlack::start(
            1,
            Faults {
                pause: 1,
                ..Faults::NONE
            },
        )
        .await;
        let embedded = Installation::new(&home.join("embedded"), &documents, &slack.api_url, "");
        embedded
            .measure("embedded", starts, Duration::from_secs(1))
            .await;
        measure_on_server(&home, &documents, &slack.api_url, starts).await;
    });
}

/// Writes files with one section per passage.
fn write(folder: &Path, passages: u32) {
    fs::create_dir_all(folder).unwrap();
    let (sentences, mut chance) = (sentences(), Chance(7));
    let count = u64::try_from(sentences.len()).unwrap();
    for first in (0..passages).step_by(PER_FILE as usize) {
        let mut text = format!("# Manual {}\n", first / PER_FILE);
        for number in first..passages.min(first + PER_FILE) {
            let begin = text.len();
            writeln!(text, "\n## Section {number}\n").unwrap();
            while text.len() - begin < SECTION {
                let sentence = usize::try_from(chance.below(count)).unwrap();
                // A serial number makes each passage unique, as part numbers do.
                let serial = chance.below(1_000_000);
                writeln!(text, "{} {serial}", sentences[sentence]).unwrap();
            }
        }
        let file = folder.join(format!("manual-{:04}.md", first / PER_FILE));
        // Unchanged files are not indexed again.
        if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
            fs::write(file, text).unwrap();
        }
    }
}

/// Returns lines of the plain text samples.
fn sentences() -> Vec<String> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents");
    let text = |name| fs::read_to_string(samples.join(name)).unwrap();
    let texts = ["wafer-cleaning-sop.txt", "교대-인수인계-규칙.txt"].map(text);
    let lines = texts.iter().flat_map(|text| text.lines());
    lines
        .filter(|line| line.len() > 20)
        .map(str::to_owned)
        .collect()
}

/// Measures a Meilisearch server, if there is one. Its index is deleted afterwards.
async fn measure_on_server(home: &Path, documents: &Path, slack: &str, starts: u32) {
    let Ok(url) = std::env::var("EPIBOT_TEST_MEILI_URL") else {
        println!("meilisearch: not measured, since EPIBOT_TEST_MEILI_URL is not set");
        return;
    };
    let home = home.join("meilisearch");
    // The index is empty each time, so the catalog must be, too.
    let _ = fs::remove_dir_all(&home);
    let mut settings = format!(
        "[index]\nengine = \"meilisearch\"\n[meilisearch]\nurl = \"{url}\"\nprefix = \"epibot_start_\"\n"
    );
    let plain = Installation::new(&home, documents, slack, &settings);
    if let Ok(master) = std::env::var("EPIBOT_TEST_MEILI_KEY") {
        let config = config::load::load(Some(&plain.config)).unwrap();
        let keys = create_keys(&config.meilisearch, &Secret::new(master))
            .await
            .unwrap();
        for (name, key) in [("search_key", &keys.search), ("index_key", &keys.index)] {
            let file = home.join(name);
            fs::write(&file, key.expose()).unwrap();
            writeln!(settings, "{name} = \"file:{}\"", file.display()).unwrap();
        }
    }
    let installation = Installation::new(&home, documents, slack, &settings);
    let config = config::load::load(Some(&installation.config)).unwrap();
    let index = Meilisearch::open(&config.meilisearch, &home.join("bench")).unwrap();
    index.clear().await.unwrap();
    installation
        .measure("meilisearch", starts, Duration::from_millis(500))
        .await;
    index.clear().await.unwrap();
}

/// A configuration with a data folder of its own.
struct Installation {
    config: PathBuf,
    address: String,
}

impl Installation {
    /// Creates an installation in the folder `home`, with additional settings.
    fn new(home: &Path, documents: &Path, slack: &str, settings: &str) -> Self {
        fs::create_dir_all(home).unwrap();
        for (name, secret) in [("bot", "xoxb-scripted"), ("signing", SIGNING_SECRET)] {
            fs::write(home.join(name), secret).unwrap();
        }
        let address = format!("127.0.0.1:{}", free_port());
        let (folder, documents) = (home.display(), documents.display());
        let text = format!(
            "[data]\ndir = \"{folder}/data\"\n\
             [[sources]]\nname = \"manuals\"\npath = \"{documents}\"\ncollection = \"manuals\"\n\
             [web]\nlisten = \"{address}\"\nbase_url = \"http://{address}\"\n\
             [slack]\nmode = \"http\"\napi_url = \"{slack}\"\n\
             bot_token = \"file:{folder}/bot\"\nsigning_secret = \"file:{folder}/signing\"\n\
             {settings}"
        );
        let config = home.join("epibot.toml");
        fs::write(&config, text).unwrap();
        Self { config, address }
    }

    /// Indexes new documents, starts the program repeatedly, and prints the times.
    async fn measure(&self, name: &str, starts: u32, target: Duration) {
        let begin = Instant::now();
        let indexed = self.run("reindex").wait().await.unwrap();
        assert!(indexed.success(), "{}", self.log());
        println!("{name}: indexed in {:.1?}", begin.elapsed());
        // The first start creates files.
        let (_, passages) = self.start().await;
        let mut times = Vec::new();
        for _ in 0..starts {
            times.push(self.start().await.0);
        }
        times.sort_unstable();
        println!(
            "{name}, {passages} passages: healthy after {:.0?} (median), {:.0?} (least), {:.0?} (longest); target: {target:.0?}",
            times[times.len() / 2],
            times[0],
            times[times.len() - 1],
        );
    }

    /// Starts and stops the program. Returns the time until it was healthy, and its number of passages.
    async fn start(&self) -> (Duration, u64) {
        let client = support::http();
        let begin = Instant::now();
        let mut program = self.run("serve");
        let health = async {
            loop {
                let health = client
                    .get(format!("http://{}/healthz", self.address))
                    .send()
                    .await;
                match health {
                    Ok(health) if health.status() == 200 => return health,
                    _ => tokio::time::sleep(POLL_INTERVAL).await,
                }
            }
        };
        let healthy = tokio::time::timeout(START_TIMEOUT, health).await;
        let took = begin.elapsed();
        let health = healthy.unwrap_or_else(|_| panic!("it does not start: {}", self.log()));
        let health: Value = health.json().await.unwrap();
        let id = program.id().unwrap().to_string();
        let killed = Command::new("kill").arg(id).status().await.unwrap();
        assert!(killed.success());
        assert!(program.wait().await.unwrap().success(), "{}", self.log());
        (took, health["passages"].as_u64().unwrap())
    }

    fn run(&self, command: &str) -> Child {
        let log = fs::File::create(self.config.with_file_name("log")).unwrap();
        Command::new(env!("CARGO_BIN_EXE_epibot"))
            .arg("--config")
            .arg(&self.config)
            .arg(command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.config.with_file_name("log")).unwrap_or_default()
    }
}
