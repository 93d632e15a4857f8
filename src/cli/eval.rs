//! `epibot eval`: measures how well questions find their passages.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::app::App;
use crate::config::{Config, Engine};
use crate::corpus::pdfium;
use crate::corpus::sync::Options;
use crate::eval::{self, Case, Level, Run, beir, documents};
use crate::index::Changes;

use super::output::Output;
use super::reindex;

/// Values of `retrieval.min_coverage` that are tried.
const THRESHOLDS: [f32; 9] = [0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6];

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A question set in the layout of BEIR: corpus.jsonl, queries.jsonl, qrels/test.tsv
    #[arg(required_unless_present = "documents", conflicts_with_all = ["documents", "questions"])]
    folder: Option<PathBuf>,
    /// A folder of documents to index
    #[arg(long, value_name = "FOLDER", requires = "questions")]
    documents: Option<PathBuf>,
    /// Questions about them, a JSON object a line: question, file, and page or section
    #[arg(long, value_name = "FILE", requires = "documents")]
    questions: Option<PathBuf>,
    /// The engine to measure; the configured one where none is named
    #[arg(long, value_name = "ENGINE", value_parser = ["embedded", "meilisearch"])]
    engine: Option<String>,
    /// Questions that the documents do not answer, a JSON object a line: question
    #[arg(long, value_name = "FILE", requires = "documents")]
    unanswerable: Option<PathBuf>,
}

/// What is measured: an index in a temporary folder, and what is asked of it.
struct Subject {
    app: App,
    cases: Vec<Case>,
    levels: Vec<(&'static str, Level)>,
    passages_per_second: f64,
}

pub(super) async fn run(
    mut config: Config,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let place = tempfile::tempdir().context("no temporary folder can be made for the index")?;
    config.extract.pdfium = pdfium::location(&config);
    config.data.dir = place.path().to_owned();
    choose_engine(&mut config, arguments.engine)?;
    let subject = match (arguments.folder, arguments.documents, arguments.questions) {
        (Some(folder), ..) => question_set(&config, &folder, output).await?,
        (None, Some(folder), Some(questions)) => {
            config.sources = reindex::folders_as_sources(&[folder])?;
            real_files(&config, &questions, output).await?
        }
        _ => unreachable!("the command line takes one or the other"),
    };
    let index = subject.app.index.as_ref();
    ensure!(
        index.size().await? > 0,
        "nothing could be indexed, so nothing can be found"
    );
    let run = eval::run(index, &subject.cases).await?;
    let mut document = tell(&subject, config.index.engine, &run, output)?;
    if let Some(file) = arguments.unanswerable {
        let unanswerable = documents::read_unanswerable(&file)?;
        let without = eval::run(index, &unanswerable).await?;
        document["refused"] = tell_refusals(&config, &run, &without, output);
    }
    output.document(&document)?;
    Ok(ExitCode::SUCCESS)
}

/// What is measured goes into indexes of their own, which are emptied first.
fn choose_engine(config: &mut Config, engine: Option<String>) -> anyhow::Result<()> {
    if let Some(engine) = engine {
        config.index.engine = Engine::try_from(engine).map_err(anyhow::Error::msg)?;
    }
    ensure!(
        config.index.engine == Engine::Embedded || !config.meilisearch.url.is_empty(),
        "meilisearch.url is empty; write the address of the server to measure on, such as \
         EPIBOT__MEILISEARCH__URL=http://127.0.0.1:7700"
    );
    config.meilisearch.prefix.push_str("eval_");
    Ok(())
}

async fn question_set(config: &Config, folder: &Path, output: Output) -> anyhow::Result<Subject> {
    let set = beir::read(folder, &config.chunk)?;
    let app = App::open(config).await?;
    app.index.clear().await?;
    let size = set.passages.len();
    let add = Changes {
        remove: Vec::new(),
        add: set.passages,
    };
    let begin = Instant::now();
    app.index.apply(add).await?;
    let passages_per_second = per_second(size, begin.elapsed().as_secs_f64());
    let (asked, texts) = (set.cases.len(), set.texts);
    output.line(format!(
        "{asked} questions over {texts} texts, {size} passages\n"
    ));
    Ok(Subject {
        app,
        cases: set.cases,
        levels: vec![("text", Level::File)],
        passages_per_second,
    })
}

async fn real_files(config: &Config, questions: &Path, output: Output) -> anyhow::Result<Subject> {
    let app = App::open(config).await?;
    app.index.clear().await?;
    let report = reindex::reindex(&app, config, &Options::default(), output).await?;
    let entries = app.catalog.entries().await?;
    let paths: BTreeSet<String> = entries.into_iter().map(|entry| entry.path).collect();
    let cases = documents::read(questions, &paths)?;
    for failure in &report.failed {
        output.line(format!("{}: {}", failure.path, failure.reason));
    }
    output.line(format!(
        "{} questions over {} documents, {} pages, {} passages\n",
        cases.len(),
        report.documents,
        report.pages,
        report.passages
    ));
    let size = usize::try_from(report.passages)?;
    Ok(Subject {
        app,
        cases,
        levels: vec![("file", Level::File), ("page", Level::Page)],
        passages_per_second: per_second(size, report.seconds),
    })
}

/// Prints the figures, and gives them for a machine.
fn tell(subject: &Subject, engine: Engine, run: &Run, output: Output) -> anyhow::Result<Value> {
    output.line("        recall@1      @3      @5     @10   MRR@10  nDCG@10");
    let (latency, rate) = (run.latency(), subject.passages_per_second);
    let mut document = json!({
        "engine": engine.name(),
        "queries": subject.cases.len(),
        "latency_ms": latency,
        "passages_per_second": rate,
    });
    for (name, level) in &subject.levels {
        let ranking = run.ranking(&subject.cases, *level);
        let recall = ranking.recall.values();
        let recall: Vec<String> = recall.map(|value| format!("{value:>8.3}")).collect();
        let recall = recall.concat();
        let (mrr, ndcg) = (ranking.mrr10, ranking.ndcg10);
        output.line(format!("{name:<8}{recall}{mrr:>9.3}{ndcg:>9.3}"));
        let figures = serde_json::to_value(&ranking)?;
        // The figures of a single level stand beside the rest, those of two under their names.
        match (&mut document, figures) {
            (Value::Object(document), Value::Object(figures)) if subject.levels.len() == 1 => {
                document.extend(figures);
            }
            (document, figures) => document[*name] = figures,
        }
    }
    output.line(format!(
        "\nlatency: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms\nindexed: {rate:.0} passages a second",
        latency.p50, latency.p95, latency.p99
    ));
    Ok(document)
}

/// Prints how many questions would be taken to have no answer, at each threshold.
fn tell_refusals(config: &Config, answerable: &Run, unanswerable: &Run, output: Output) -> Value {
    output.line("\nmin_coverage   refused: with an answer   without one");
    for threshold in THRESHOLDS {
        let (wrongly, rightly) = (
            answerable.refused(threshold),
            unanswerable.refused(threshold),
        );
        output.line(format!("{threshold:>12.2}{wrongly:>26.3}{rightly:>14.3}"));
    }
    let threshold = config.retrieval.min_coverage;
    json!({
        "min_coverage": threshold,
        "with_an_answer": answerable.refused(threshold),
        "without_one": unanswerable.refused(threshold),
    })
}

#[expect(clippy::cast_precision_loss, reason = "no index has 2^52 passages")]
fn per_second(passages: usize, seconds: f64) -> f64 {
    passages as f64 / seconds.max(f64::EPSILON)
}
