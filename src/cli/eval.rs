//! `epibot eval`: measures how well questions find their passages.

mod explain;
mod subject;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::app::services::Services;
use crate::config;
use crate::config::index::Engine;
use crate::config::settings::Config;
use crate::eval::plot::Series;
use crate::eval::{self, Run, documents, plot, reference};
use crate::extract::pdfium_install;
use crate::llm::client::Llm;
use crate::search::retrieve::Retriever;

use super::output::Output;
use subject::{Material, Subject};

/// Sections whose settings matter only after the index was made.
const COMPARABLE: [&str; 3] = ["retrieval.", "rerank.", "llm."];

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
    /// Measure with these settings, too, several parted by commas; may be repeated
    #[arg(long, value_name = "SECTION.KEY=VALUE,…")]
    compare: Vec<String>,
    /// Name the questions that find nothing right among the first five
    #[arg(long)]
    misses: bool,
    /// Draw recall and times into this file, as SVG
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Show why this question finds what it finds: in the documents given, or in the configured index
    #[arg(long, value_name = "QUESTION")]
    explain: Option<String>,
}

/// One engine with its settings, and what came of it.
struct Measured {
    engine: Engine,
    name: String,
    min_evidence: f32,
    run: Run,
    /// The questions without an answer.
    unanswerable: Option<Run>,
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
        let config = on_engine(&config, engine, place.path());
        let prepared = Subject::prepare(config.clone(), &material, output).await?;
        if let Some(question) = &arguments.explain {
            let document = explain::explain(&prepared.app.retriever, question, output).await?;
            output.document(&document)?;
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

/// What is measured goes into indexes of their own, which are emptied first.
fn on_engine(config: &Config, engine: Engine, place: &Path) -> Config {
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
        app.index.size().await? > 0,
        "nothing is indexed in {} yet; run `epibot reindex FOLDER` first, or name documents to look in",
        config.data.dir.display()
    );
    let question = arguments.explain.as_deref().unwrap_or_default();
    let document = explain::explain(&app.retriever, question, output).await?;
    output.document(&document)?;
    Ok(ExitCode::SUCCESS)
}

/// The configuration with each set of other settings, and what it is called.
fn variants(file: Option<&Path>, compare: &[String]) -> anyhow::Result<Vec<(String, Config)>> {
    compare
        .iter()
        .map(|settings| {
            let mut others = Vec::new();
            for setting in settings.split(',') {
                let Some((key, value)) = setting.split_once('=') else {
                    bail!("--compare \"{setting}\" has no value; write such as \"retrieval.passages=4\"");
                };
                if !COMPARABLE.iter().any(|section| key.trim().starts_with(section)) {
                    bail!(
                        "--compare takes settings of {} only, since others would need another index; \
                         measure \"{}\" by itself, with --config",
                        COMPARABLE.map(|section| section.trim_end_matches('.')).join(", "),
                        key.trim()
                    );
                }
                others.push((key.trim().to_owned(), value.trim().to_owned()));
            }
            Ok((settings.clone(), config::load::load_with(file, &others)?))
        })
        .collect()
}

async fn measure(
    name: String,
    engine: Engine,
    config: &Config,
    subject: &Subject,
    arguments: &Arguments,
) -> anyhow::Result<Measured> {
    let llm = Llm::new(&config.llm)?;
    let retriever = Retriever::new(Arc::clone(&subject.app.index), llm.as_ref(), config)?;
    let run = eval::run(&retriever, &subject.cases).await?;
    let unanswerable = match &arguments.unanswerable {
        Some(file) => Some(eval::run(&retriever, &documents::read_unanswerable(file)?).await?),
        None => None,
    };
    Ok(Measured {
        engine,
        name,
        min_evidence: retriever.min_evidence(),
        run,
        unanswerable,
        passages_per_second: subject.passages_per_second,
    })
}

fn draw(
    file: &Path,
    subject: &Subject,
    measured: &[Measured],
    references: &[reference::Reference],
) -> anyhow::Result<()> {
    let Some((_, level)) = subject.levels.last() else {
        return Ok(());
    };
    let series: Vec<Series> = measured
        .iter()
        .map(|one| Series {
            name: one.name.clone(),
            recall: one.run.recall_curve(&subject.cases, *level),
            times_ms: one.run.times_ms(),
        })
        .collect();
    let picture = plot::svg(&series, references)?;
    fs::write(file, picture)
        .with_context(|| format!("the plot cannot be written to {}", file.display()))
}
