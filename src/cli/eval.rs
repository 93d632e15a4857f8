//! `epibot eval`: measures how well questions find their passages.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::app::App;
use crate::config::Config;
use crate::corpus::pdfium;
use crate::corpus::sync::Options;
use crate::eval::{self, Case, Latency, Level, Ranking, beir, documents};
use crate::index::Changes;

use super::output::Output;
use super::reindex;

/// The only engine there is.
const ENGINE: &str = "embedded";

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
}

pub(super) async fn run(
    mut config: Config,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let place = tempfile::tempdir().context("no temporary folder can be made for the index")?;
    config.extract.pdfium = pdfium::location(&config);
    config.data.dir = place.path().to_owned();
    match (arguments.folder, arguments.documents, arguments.questions) {
        (Some(folder), ..) => {
            let set = beir::read(&folder, &config.chunk)?;
            let app = App::open(&config).await?;
            let (texts, size) = (set.texts, set.passages.len());
            let begin = Instant::now();
            app.index
                .apply(Changes {
                    remove: Vec::new(),
                    add: set.passages,
                })
                .await?;
            let rate = per_second(size, begin.elapsed().as_secs_f64());
            output.line(format!(
                "{} questions over {texts} texts, {size} passages\n",
                set.cases.len()
            ));
            measure(&app, &set.cases, &[("text", Level::File)], rate, output).await?;
        }
        (None, Some(folder), Some(questions)) => {
            config.sources = reindex::folders_as_sources(&[folder])?;
            let app = App::open(&config).await?;
            let report = reindex::reindex(&app, &config, &Options::default(), output).await?;
            let paths: BTreeSet<String> = app
                .catalog
                .entries()
                .await?
                .into_iter()
                .map(|entry| entry.path)
                .collect();
            let cases = documents::read(&questions, &paths)?;
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
            let levels = [("file", Level::File), ("page", Level::Page)];
            measure(
                &app,
                &cases,
                &levels,
                per_second(size, report.seconds),
                output,
            )
            .await?;
        }
        _ => unreachable!("the command line takes one or the other"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure(
    app: &App,
    cases: &[Case],
    levels: &[(&str, Level)],
    passages_per_second: f64,
    output: Output,
) -> anyhow::Result<()> {
    ensure!(
        app.index.size().await? > 0,
        "nothing could be indexed, so nothing can be found"
    );
    let run = eval::run(app.index.as_ref(), cases).await?;
    let rankings: Vec<(&str, Ranking)> = levels
        .iter()
        .map(|(name, level)| (*name, run.ranking(cases, *level)))
        .collect();
    let latency = run.latency();
    show(&rankings, &latency, passages_per_second, output);
    let mut document = json!({
        "engine": ENGINE,
        "queries": cases.len(),
        "latency_ms": latency,
        "passages_per_second": passages_per_second,
    });
    // The figures of a single level stand beside the rest, those of two under their names.
    for (name, ranking) in &rankings {
        let figures = serde_json::to_value(ranking)?;
        match (&mut document, figures) {
            (Value::Object(document), Value::Object(figures)) if rankings.len() == 1 => {
                document.extend(figures);
            }
            (document, figures) => document[*name] = figures,
        }
    }
    output.document(&document)
}

fn show(rankings: &[(&str, Ranking)], latency: &Latency, rate: f64, output: Output) {
    output.line("        recall@1      @3      @5     @10   MRR@10  nDCG@10");
    for (name, ranking) in rankings {
        let recall: Vec<String> = ranking
            .recall
            .values()
            .map(|value| format!("{value:>8.3}"))
            .collect();
        output.line(format!(
            "{name:<8}{}{:>9.3}{:>9.3}",
            recall.join(""),
            ranking.mrr10,
            ranking.ndcg10
        ));
    }
    output.line(format!(
        "\nlatency: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms\nindexed: {rate:.0} passages a second",
        latency.p50, latency.p95, latency.p99
    ));
}

#[expect(clippy::cast_precision_loss, reason = "no index has 2^52 passages")]
fn per_second(passages: usize, seconds: f64) -> f64 {
    passages as f64 / seconds.max(f64::EPSILON)
}
