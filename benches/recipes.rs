//! Speed of parsing recipes, and of answering questions over ten thousand of them.
//!
//! `cargo bench --bench recipes`

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use epibot::domain::access::Access;
use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::language::Language;
use epibot::recipes::alarm;
use epibot::recipes::alarm::Alarm;
use epibot::recipes::ask;
use epibot::recipes::import::aixtron;
use epibot::recipes::record::RecipeRecord;
use epibot::recipes::snapshot::RecipeSnapshot;

const RECIPES: usize = 10_000;
const STEPS: usize = 60;

/// Returns a script of sixty steps that differs from all others.
fn script(number: usize) -> String {
    let mut text = format!(
        "# System: EPI-03\n# Supervisor: A\n# Based on: R{:05}\n# TMGa_1: 5\nvariable Offset = {};\nlayer {{\n",
        number.saturating_sub(1),
        number % 17
    );
    for step in 0..STEPS {
        let (minutes, temperature) = (1 + step % 9, 500 + (number * 7 + step * 13) % 650);
        let pressure = 50 + (number + step * 31) % 700;
        let species = if number.is_multiple_of(5) {
            "TEGa_1"
        } else {
            "TMGa_1"
        };
        let state = if step % 2 == 0 { "open" } else { "close" };
        let step = format!(
            "\t{minutes}:00 \"s{step:02} layer {step}\", ReactorTemp to {temperature}+Offset, ReactorPress to {pressure},\n\
             \t\t{species}.source = {}, {species}.push follow 500 - {species}.source, {species}.run = {};\n",
            10 + step,
            state
        );
        text.push_str(&step);
    }
    text.push_str("}\n");
    text
}

fn document(number: usize) -> Document {
    Document {
        id: DocumentId(format!("{number:016x}")),
        title: format!("R{number:05}.epi"),
        number: None,
        revision: None,
        effective: None,
        source: "recipes".to_owned(),
        path: format!("R{number:05}.epi"),
        collection: "recipes".to_owned(),
        superseded: false,
        url: None,
        format: Format::Text,
        origin: Origin::Corpus,
    }
}

/// Returns the time of each question, sorted.
fn timed(snapshot: &RecipeSnapshot, questions: &[&str]) -> Vec<Duration> {
    let access = Access::Everything;
    let mut took: Vec<Duration> = questions
        .iter()
        .cycle()
        .take(400)
        .map(|question| {
            let begin = Instant::now();
            let reply = ask::answer(question, None, &snapshot.view(&access), Language::English);
            assert!(reply.is_some(), "{question}");
            begin.elapsed()
        })
        .collect();
    took.sort();
    took
}

fn quantile(took: &[Duration], permille: usize) -> Duration {
    took[(took.len() * permille / 1000).min(took.len() - 1)]
}

#[expect(
    clippy::print_stdout,
    reason = "it prints figures that criterion does not report"
)]
fn over_many(criterion: &mut Criterion) {
    let scripts: Vec<String> = (0..RECIPES).map(script).collect();
    let begin = Instant::now();
    let records: Vec<Arc<RecipeRecord>> = scripts
        .iter()
        .enumerate()
        .map(|(number, text)| {
            Arc::new(RecipeRecord {
                document: document(number),
                recipes: vec![aixtron::read(&format!("R{number:05}.epi"), text)],
                alarms: Vec::new(),
                limits: Vec::new(),
                spans: Vec::new(),
            })
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a count of steps")]
    let rate = (RECIPES * STEPS) as f64 / begin.elapsed().as_secs_f64();
    println!("parsed {RECIPES} recipes of {STEPS} steps: {rate:.0} steps/s");
    let begin = Instant::now();
    let snapshot = RecipeSnapshot::new(records.into_iter());
    println!("run through and put in order: {:.2?}", begin.elapsed());

    for (name, questions) in [
        (
            "find by source",
            &["Which recipes use TEGa?", "Which recipes use TMAl?"][..],
        ),
        (
            "filter by bound",
            &[
                "Which recipes go above 1100 °C?",
                "Which steps are at 400 Torr or more?",
                "Which recipes stay below 510 °C?",
            ],
        ),
        (
            "look up",
            &[
                "R04711 temperature in step s10",
                "total time of R00042",
                "R09999 TEGa_1 flow in step s11",
            ],
        ),
        ("compare", &["diff R00001 R00002"]),
    ] {
        let took = timed(&snapshot, questions);
        println!(
            "{name}: p50 {:.2?}, p99 {:.2?}",
            quantile(&took, 500),
            quantile(&took, 990)
        );
    }

    let text = script(7);
    let mut group = criterion.benchmark_group("recipes");
    group.throughput(Throughput::Elements(STEPS as u64));
    group.bench_function("parse", |bencher| {
        bencher.iter(|| black_box(aixtron::read("x.epi", &text)));
    });
    group.finish();
}

#[expect(
    clippy::print_stdout,
    reason = "it prints figures that criterion does not report"
)]
fn alarms(_: &mut Criterion) {
    let alarms: Vec<Alarm> = (0..1_000)
        .map(|number| Alarm {
            code: format!("E-{}", 1000 + number),
            fields: vec![
                ("Text".to_owned(), format!("alarm {number}")),
                ("Remedy".to_owned(), "Check it".to_owned()),
            ],
            line: number + 1,
        })
        .collect();
    let snapshot = RecipeSnapshot::new(std::iter::once(Arc::new(RecipeRecord {
        document: document(0),
        recipes: Vec::new(),
        alarms,
        limits: Vec::new(),
        spans: Vec::new(),
    })));
    let spellings = [
        "E-{}",
        "E{}",
        "e{}",
        "E {}",
        "E_{}",
        "alarm {}",
        "error {}",
        "에러 {}",
        "알람 {}",
        "{}번 알람",
    ];
    let mut took = Vec::new();
    let mut right = 0;
    for number in 0..20 {
        for spelling in spellings {
            let code = (1000 + number * 47).to_string();
            let question = spelling.replace("{}", &code);
            let begin = Instant::now();
            let reply = ask::alarm(
                &alarm::queries(&question),
                &snapshot.view(&Access::Everything),
                Language::Korean,
            );
            took.push(begin.elapsed());
            right += usize::from(
                reply.is_some_and(|reply| reply.text.contains(&format!("**E-{code}**"))),
            );
        }
    }
    took.sort();
    println!(
        "alarm codes: {right} of {} right, p50 {:.2?}, p99 {:.2?}",
        took.len(),
        quantile(&took, 500),
        quantile(&took, 990)
    );
}

criterion_group!(benches, over_many, alarms);
criterion_main!(benches);
