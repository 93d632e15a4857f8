//! The subject of a measurement: an index in a temporary folder, and questions about it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::ensure;

use crate::app::services::Services;
use crate::cli::output::Output;
use crate::cli::reindex;
use crate::config::settings::Config;
use crate::eval::case::{Case, Granularity};
use crate::eval::{beir, question_file};
use crate::ingest::sync::SyncOptions;
use crate::search::index::Changes;

pub(super) struct Subject {
    pub(super) app: Services,
    pub(super) cases: Vec<Case>,
    pub(super) granularities: Vec<(&'static str, Granularity)>,
    /// Number of texts or documents.
    pub(super) texts: usize,
    pub(super) passages_per_second: f64,
}

/// The source of documents and questions.
pub(super) enum Material {
    /// A set in the layout of BEIR.
    Set(PathBuf),
    Files {
        folder: PathBuf,
        questions: PathBuf,
    },
}

impl Subject {
    /// Indexes the material as configured.
    pub(super) async fn prepare(
        mut config: Config,
        material: &Material,
        output: Output,
    ) -> anyhow::Result<Self> {
        let subject = match material {
            Material::Set(folder) => question_set(&config, folder, output).await?,
            Material::Files { folder, questions } => {
                config.sources = reindex::folders_as_sources(std::slice::from_ref(folder))?;
                real_files(&config, questions, output).await?
            }
        };
        ensure!(
            subject.app.stores.index.size().await? > 0,
            "nothing could be indexed, so nothing can be found"
        );
        Ok(subject)
    }
}

async fn question_set(config: &Config, folder: &Path, output: Output) -> anyhow::Result<Subject> {
    let set = beir::read(folder, &config.chunk)?;
    let app = Services::open(config).await?;
    app.stores.index.clear().await?;
    let size = set.passages.len();
    let add = Changes {
        remove: Vec::new(),
        add: set.passages,
    };
    let begin = Instant::now();
    app.stores.index.apply(add).await?;
    let passages_per_second = per_second(size, begin.elapsed().as_secs_f64());
    let (questions, texts) = (set.cases.len(), set.texts);
    output.line(format!(
        "{questions} questions over {texts} texts, {size} passages\n"
    ));
    Ok(Subject {
        app,
        cases: set.cases,
        granularities: vec![("text", Granularity::File)],
        texts,
        passages_per_second,
    })
}

async fn real_files(config: &Config, questions: &Path, output: Output) -> anyhow::Result<Subject> {
    let app = Services::open(config).await?;
    app.stores.index.clear().await?;
    let report = reindex::reindex(&app, config, &SyncOptions::default(), output).await?;
    let entries = app.stores.catalog.entries().await?;
    let paths: BTreeSet<String> = entries.into_iter().map(|entry| entry.path).collect();
    let texts = paths.len();
    let cases = question_file::read(questions, &paths)?;
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
        granularities: vec![("file", Granularity::File), ("page", Granularity::Page)],
        texts,
        passages_per_second: per_second(size, report.seconds),
    })
}

#[expect(clippy::cast_precision_loss, reason = "no index has 2^52 passages")]
fn per_second(passages: usize, seconds: f64) -> f64 {
    passages as f64 / seconds.max(f64::EPSILON)
}
