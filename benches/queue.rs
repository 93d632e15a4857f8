//! Latency and throughput of the job queue, and its recovery after a crash. Every write waits for the disk.
//!
//! `cargo bench --bench queue` also prints percentiles, which criterion does not report.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints its results"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use epibot::config;
use epibot::runtime::clock::Clock;
use epibot::runtime::lifecycle::Lifecycle;
use epibot::storage::queue::{Failure, Handler, Job, NewJob, Outcome, Queue};
use futures::future::join_all;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

const CONFIG: config::storage::Queue = config::storage::Queue {
    workers: 8,
    attempts: 5,
    backoff_s: 2,
};
/// Events a second, and for how long, as in a busy workspace after an outage.
const RATE: u32 = 200;
const SECONDS: u32 = 10;
const BACKLOG: u64 = 1_000;

/// Reports when each job was started.
struct StartTimer(mpsc::UnboundedSender<Instant>);

#[async_trait]
impl Handler for StartTimer {
    async fn handle(&self, _: &Job) -> Outcome {
        let _ = self.0.send(Instant::now());
        Outcome::Done
    }

    async fn give_up(&self, job: &Job, reason: &Failure) {
        panic!("{} was given up: {reason}", job.key);
    }
}

/// Never finishes a job.
struct Stuck(mpsc::UnboundedSender<()>);

#[async_trait]
impl Handler for Stuck {
    async fn handle(&self, _: &Job) -> Outcome {
        let _ = self.0.send(());
        std::future::pending().await
    }

    async fn give_up(&self, _: &Job, _: &Failure) {}
}

/// Returns a job with a question in its own thread.
fn next_job() -> NewJob {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    NewJob {
        key: format!("T0123456789/C0123456789/{number}"),
        lane: format!("T0123456789/C0123456789/{number}"),
        payload: json!({
            "channel": "C0123456789", "user": "U0123456789", "ts": number.to_string(),
            "text": "MO 소스 교체 후 퍼지는 몇 번 해야 하나요? How many purge cycles after changing the TMGa bubbler?",
        }),
    }
}

async fn open(path: &Path) -> Queue {
    Queue::open(path, &CONFIG, Clock::system()).await.unwrap()
}

fn print(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1_000];
    println!(
        "{name}: {} times, p50 {:?}, p99 {:?}, longest {:?}",
        times.len(),
        at(500),
        at(990),
        at(1_000)
    );
}

fn enqueue(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = TempDir::new().unwrap();
    let queue = runtime.block_on(open(&folder.path().join("queue.sqlite")));
    let (begun, mut beginnings) = mpsc::unbounded_channel();
    let lifecycle = Lifecycle::default();
    runtime.block_on(async { queue.run(Arc::new(StartTimer(begun)), &lifecycle) });

    runtime.block_on(async {
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / RATE);
        let (sender, mut stored) = mpsc::unbounded_channel();
        let pacing = Lifecycle::default();
        for _ in 0..RATE * SECONDS {
            ticks.tick().await;
            let (queue, sender) = (queue.clone(), sender.clone());
            let start = Instant::now();
            pacing.spawn("event", async move {
                queue.enqueue(&next_job()).await.unwrap();
                sender.send(start.elapsed()).unwrap();
            });
        }
        drop(sender);
        let mut times = Vec::new();
        while let Some(time) = stored.recv().await {
            times.push(time);
        }
        print("enqueue at 200/s while they are done", times);
    });
    runtime.block_on(async {
        while beginnings.try_recv().is_ok() {}
        let mut times = Vec::new();
        for _ in 0..500 {
            while queue.size().await.unwrap() > 0 {
                tokio::task::yield_now().await;
            }
            while beginnings.try_recv().is_ok() {}
            queue.enqueue(&next_job()).await.unwrap();
            let stored = Instant::now();
            times.push(
                beginnings
                    .recv()
                    .await
                    .unwrap()
                    .saturating_duration_since(stored),
            );
        }
        print("stored to begun", times);
    });

    criterion.bench_function("enqueue, one after the other", |bencher| {
        bencher
            .to_async(&runtime)
            .iter(|| async { queue.enqueue(&next_job()).await.unwrap() });
    });
    let mut group = criterion.benchmark_group("throughput");
    group
        .throughput(Throughput::Elements(BACKLOG))
        .sample_size(10);
    group.bench_function("store and do 1,000", |bencher| {
        bencher.to_async(&runtime).iter_custom(|rounds| {
            let queue = queue.clone();
            async move {
                let start = Instant::now();
                for _ in 0..rounds {
                    let jobs: Vec<NewJob> = (0..BACKLOG).map(|_| next_job()).collect();
                    join_all(jobs.iter().map(|job| queue.enqueue(job))).await;
                    while queue.size().await.unwrap() > 0 {
                        tokio::task::yield_now().await;
                    }
                }
                start.elapsed()
            }
        });
    });
    group.finish();
    runtime.block_on(async {
        lifecycle.stop();
        lifecycle.finish(Duration::from_secs(10)).await;
        queue.close().await.unwrap();
    });
}

fn restart(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("queue.sqlite");
    let (begun, mut beginnings) = mpsc::unbounded_channel();
    let crashed = Lifecycle::default();
    runtime.block_on(async {
        let queue = open(&file).await;
        let jobs: Vec<NewJob> = (0..BACKLOG).map(|_| next_job()).collect();
        join_all(jobs.iter().map(|job| queue.enqueue(job))).await;
        queue.run(Arc::new(Stuck(begun)), &crashed);
        for _ in 0..CONFIG.workers {
            beginnings.recv().await;
        }
    });
    // The files are now as a crash would leave them.
    criterion.bench_function(
        "open after a crash with 1,000 open jobs to the first one begun",
        |bencher| {
            bencher.to_async(&runtime).iter_custom(|rounds| {
                let file = file.clone();
                async move {
                    let mut total = Duration::ZERO;
                    for _ in 0..rounds {
                        let copy = TempDir::new().unwrap();
                        for end in ["", "-wal"] {
                            let name = format!("queue.sqlite{end}");
                            std::fs::copy(file.with_file_name(&name), copy.path().join(&name))
                                .unwrap();
                        }
                        let (begun, mut beginnings) = mpsc::unbounded_channel();
                        let lifecycle = Lifecycle::default();
                        let start = Instant::now();
                        let queue = open(&copy.path().join("queue.sqlite")).await;
                        queue.run(Arc::new(StartTimer(begun)), &lifecycle);
                        let first = beginnings.recv().await.unwrap();
                        total += first - start;
                        lifecycle.stop();
                        lifecycle.finish(Duration::from_secs(10)).await;
                        queue.close().await.unwrap();
                    }
                    total
                }
            });
        },
    );
    crashed.stop();
    runtime.block_on(crashed.finish(Duration::ZERO));
}

criterion_group! {
    name = queue;
    config = Criterion::default().sample_size(20);
    targets = enqueue, restart
}
criterion_main!(queue);
