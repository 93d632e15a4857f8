//! `epibot eval`: measures how well questions find their passages.

mod explain;
mod subject;
mod table;
mod variants;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::app::services::Services;
use crate::config::index::Engine;
use crate::config::settings::Config;
use crate::eval::plot::{self, Series};
use crate::eval::run::{self, Dataset, Score};
use crate::eval::{question_file, reference};
use crate::extract::pdfium_install;

use super::output::Output;
use subject::{Material, Subject};
use variants::variants;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A question set in the layout of BEIR: corpus.jsonl, queries.jsonl, qrels/test.tsv
    #[arg(required_unless_present_any = ["documents", "explain"], conflicts_with_all = ["documents", "questions"])]
    folder: Option<PathBuf>,
    /// A folder of documents to index
    #[arg(long, value_name = "FOLDER", requires = "questions")]
    documents: Option<PathBuf>,
    /// Questions about them, a JSON object a line: question, file, and page or section
    #[arg(long, value_name = "FILE", requires = "documents")]
    questions: Option<PathBuf>,
    /// Questions that the documents do not answer, a JSON object a line: question. Shows which threshold parts them
    /// best from the others
    #[arg(long, value_name = "FILE", requires = "documents")]
    unanswerable: Option<PathBuf>,
    /// The engine to measure, the configured one where none is named; repeated, they are compared
    #[arg(long, value_name = "ENGINE", value_parser = ["embedded", "meilisearch"])]
    engine: Vec<String>,
    /// Measure with these settings, too, several separated by commas; may be repeated. params.NAME is any constant of
    /// ranking, answerability and grounding
    #[arg(long, value_name = "SECTION.KEY=VALUE,…")]
    compare: Vec<String>,
    /// Name the questions that find nothing right among the first five
    #[arg(long)]
    misses: bool,
    /// Draw recall and times into this file, as PNG
    #[arg(long, value_name = "FILE.png", value_parser = png_file)]
    plot: Option<PathBuf>,
    /// Show why this question finds what it finds: in the documents given, or in the configured index
    #[arg(long, value_name = "QUESTION")]
    explain: Option<String>,
}

/// The score of one engine with its settings.
struct Measured {
    engine: Engine,
    name: String,
    score: Score,
    passages_per_second: f64,
}

pub(super) async fn run(
    mut config: Config,
    file: Option<&Path>,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let material = match (
        &arguments.folder,
        &arguments.documents,
        &arguments.questions,
    ) {
        (Some(folder), ..) => Material::Set(folder.clone()),
        (None, Some(folder), Some(questions)) => Material::Files {
            folder: folder.clone(),
            questions: questions.clone(),
        },
        _ => return explain_configured(&config, &arguments, output).await,
    };
    let place = tempfile::tempdir().context("no temporary folder can be made for the index")?;
    config.extract.pdfium = pdfium_install::library_path(&config);
    let variants = variants(file, &arguments.compare)?;
    let mut measured = Vec::new();
    let mut subject = None;
    for engine in engines(&config, &arguments.engine)? {
        let config = config_for_engine(&config, engine, place.path());
        let prepared = Subject::prepare(config.clone(), &material, output).await?;
        if let Some(question) = &arguments.explain {
            explain::explain(&prepared.app.retriever, question, output).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut settings = vec![("as configured", &config)];
        settings.extend(
            variants
                .iter()
                .map(|(name, config)| (name.as_str(), config)),
        );
        for (name, config) in settings {
            let name = match arguments.engine.len() {
                0 | 1 => name.to_owned(),
                _ => format!("{}, {name}", engine.name()),
            };
            measured.push(measure(name, engine, config, &prepared, &arguments).await?);
        }
        subject = Some(prepared);
    }
    let subject = subject.context("no engine was named")?;
    let references = reference::references(subject.cases.len(), subject.texts);
    let mut documents = table::ranking(&subject, &measured, references, output)?;
    if arguments.misses {
        table::misses(&subject, &measured, output);
    }
    for (one, document) in measured.iter().zip(&mut documents) {
        if let Some(refused) = table::refusals(one, output) {
            document["refused"] = refused;
        }
    }
    if let Some(file) = &arguments.plot {
        draw(file, &subject, &measured, references)?;
        output.line(format!("\n{} shows this as a picture", file.display()));
    }
    output.document(&merged(documents))?;
    Ok(ExitCode::SUCCESS)
}

/// Parses the file name of a plot.
fn png_file(name: &str) -> Result<PathBuf, String> {
    let file = PathBuf::from(name);
    let is_png = file
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
    if is_png {
        Ok(file)
    } else {
        Err("a plot is drawn as PNG; name a file that ends in .png".to_owned())
    }
}

fn engines(config: &Config, named: &[String]) -> anyhow::Result<Vec<Engine>> {
    let named = named.iter().cloned().map(Engine::try_from);
    let mut engines = named
        .collect::<Result<Vec<_>, _>>()
        .map_err(anyhow::Error::msg)?;
    if engines.is_empty() {
        engines.push(config.index.engine);
    }
    ensure!(
        !engines.contains(&Engine::Meilisearch) || !config.meilisearch.url.is_empty(),
        "meilisearch.url is empty; write the address of the server to measure on, such as \
         EPIBOT__MEILISEARCH__URL=http://127.0.0.1:7700"
    );
    Ok(engines)
}

/// The configuration for one engine, with separate indexes, which are cleared first.
fn config_for_engine(config: &Config, engine: Engine, place: &Path) -> Config {
    let mut config = config.clone();
    config.index.engine = engine;
    config.data.dir = place.join(engine.name());
    config.state.database = None;
    config.meilisearch.prefix.push_str("eval_");
    config
}

/// The first document, with the others under `compared`.
fn merged(mut documents: Vec<Value>) -> Value {
    let others = documents.split_off(1);
    let mut first = documents.swap_remove(0);
    if !others.is_empty() {
        first["compared"] = json!(others);
    }
    first
}

async fn explain_configured(
    config: &Config,
    arguments: &Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let app = Services::open(config).await?;
    ensure!(
        app.stores.index.size().await? > 0,
        "nothing is indexed in {} yet; run `epibot reindex FOLDER` first, or name documents to look in",
        config.data.dir.display()
    );
    let question = arguments.explain.as_deref().unwrap_or_default();
    explain::explain(&app.retriever, question, output).await?;
    Ok(ExitCode::SUCCESS)
}

async fn measure(
    name: String,
    engine: Engine,
    config: &Config,
    subject: &Subject,
    arguments: &Arguments,
) -> anyhow::Result<Measured> {
    let unanswerable = arguments.unanswerable.as_deref();
    let unanswerable = unanswerable
        .map(question_file::read_unanswerable)
        .transpose()?;
    let dataset = Dataset {
        index: Arc::clone(&subject.app.stores.index),
        config,
        answerable: &subject.cases,
        unanswerable: unanswerable.as_deref(),
    };
    Ok(Measured {
        engine,
        name,
        score: run::score(&config.retrieval.params, &dataset).await?,
        passages_per_second: subject.passages_per_second,
    })
}

fn draw(
    file: &Path,
    subject: &Subject,
    measured: &[Measured],
    references: &[reference::Reference],
) -> anyhow::Result<()> {
    let Some((_, granularity)) = subject.granularities.last() else {
        return Ok(());
    };
    let series: Vec<Series> = measured
        .iter()
        .map(|one| Series {
            name: one.name.clone(),
            recall: one
                .score
                .answerable
                .recall_curve(&subject.cases, *granularity),
            times_ms: one.score.answerable.times_ms(),
        })
        .collect();
    let picture = plot::png(&series, references)?;
    fs::write(file, picture)
        .with_context(|| format!("the plot cannot be written to {}", file.display()))
}
