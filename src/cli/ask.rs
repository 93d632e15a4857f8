//! `epibot ask`: answers one question in the terminal.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Context, bail};
use tokio::sync::watch;

use crate::answer::attachments::Attachments;
use crate::answer::progress::Progress;
use crate::app::services::Services;
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::domain::answer::Answer;
use crate::domain::audience::Audience;
use crate::domain::question::Question;
use crate::i18n;

use super::output::Output;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The question, in Korean or English
    question: String,
    /// Answer from this collection only; may be repeated
    #[arg(long, value_name = "NAME")]
    collection: Vec<String>,
}

pub(super) async fn run(
    config: &Config,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let app = Services::open(config).await?;
    if app.stores.index.size().await? == 0 {
        bail!(
            "nothing is indexed in {} yet; run `epibot reindex FOLDER` first, or `epibot demo` to try the samples",
            config.data.dir.display()
        );
    }
    let access = if arguments.collection.is_empty() {
        config.access.for_everyone()
    } else {
        Access::Only(arguments.collection.into_iter().collect())
    };
    let answer = ask(&app, &arguments.question, access, output)
        .await
        .context("the question could not be answered")?;
    show(&answer, output);
    output.document(&answer)?;
    Ok(ExitCode::SUCCESS)
}

/// Asks a question, with a progress line on a terminal.
pub(super) async fn ask(
    app: &Services,
    text: &str,
    access: Access,
    output: Output,
) -> anyhow::Result<Answer> {
    let question = Question {
        text: text.to_owned(),
        conversation: Vec::new(),
        access,
    };
    let (progress, mut updates) = watch::channel(Progress::default());
    let bar = output.bar("{spinner} {msg}")?;
    let watch = async {
        while updates.changed().await.is_ok() {
            let state = updates.borrow_and_update().clone();
            bar.set_message(match state {
                Progress::Searching => "searching".to_owned(),
                Progress::Reading { passages } => format!("reading {passages} passages"),
                Progress::Writing(text) => text
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .chars()
                    .take(100)
                    .collect(),
            });
        }
        std::future::pending::<()>().await;
    };
    let attachments = Attachments::default();
    let answer = tokio::select! {
        answer = app.answerer.answer(&question, &attachments, &Audience::Everyone, &progress) => answer,
        () = watch => unreachable!("the watch ends only with the answer"),
    };
    bar.finish_and_clear();
    answer
}

/// Prints an answer with its sources.
pub(super) fn show(answer: &Answer, output: Output) {
    output.line(answer.text.trim_end());
    if let Some(drawing) = &answer.drawing {
        let name = drawing.name.trim_end_matches(".png");
        output.line(format!(
            "(epibot recipe plot {name} writes the picture into a file)"
        ));
    }
    if let Some(notice) = &answer.notice {
        output.line(format!("\n{notice}"));
    }
    for citation in &answer.citations {
        let line = i18n::phrase::source_line(answer.language, citation);
        output.line(if citation.n == 1 {
            format!("\n[{}] {line}", citation.n)
        } else {
            format!("[{}] {line}", citation.n)
        });
        if let Some(url) = citation.url.as_ref().filter(|_| !output.is_json()) {
            let url = if std::io::stdout().is_terminal() {
                format!("    \u{1b}[2m{url}\u{1b}[0m")
            } else {
                format!("    {url}")
            };
            output.line(url);
        }
    }
}
