//! `epibot feedback`: exports votes and comments on answers, and unanswered questions.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};

use super::output::Output;
use crate::app::storage::Storage;
use crate::config::settings::Config;
use crate::runtime::clock::Clock;
use crate::storage::answer_log::{AnswerLog, FeedbackLine};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print every vote with its answer, and every question that the documents do not answer
    Export {
        /// One JSON object a line, or a table for a spreadsheet
        #[arg(long, value_enum, default_value_t = Format::Jsonl)]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    Jsonl,
    Csv,
}

pub(super) async fn run(
    config: &Config,
    command: &Command,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let feedback = open(config).await?;
    let lines = feedback.lines().await?;
    let Command::Export { format } = command;
    if output.is_json() {
        output.document(&lines)?;
        return Ok(ExitCode::SUCCESS);
    }
    let written = match format {
        Format::Jsonl => jsonl(&lines)?,
        Format::Csv => csv(&lines)?,
    };
    // A closed pipe is not an error.
    let _ = io::stdout().write_all(&written);
    Ok(ExitCode::SUCCESS)
}

/// Opens the answer log.
pub(super) async fn open(config: &Config) -> anyhow::Result<AnswerLog> {
    let state = Storage::open(config).await?;
    let file = config.feedback_file();
    anyhow::ensure!(
        state.postgres.is_some() || file.exists(),
        "there are no answers in {}; they are kept as soon as `epibot serve` has answered in Slack, so check data.dir",
        file.display()
    );
    state.feedback(Clock::system()).await
}

fn jsonl(lines: &[FeedbackLine]) -> anyhow::Result<Vec<u8>> {
    let mut written = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut written, line)?;
        written.push(b'\n');
    }
    Ok(written)
}

fn csv(lines: &[FeedbackLine]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "kind", "key", "asked", "channel", "user", "question", "answer", "mode", "model",
        "passages", "helpful", "comment", "voted_by", "voted",
    ])?;
    for line in lines {
        let passages: Vec<&str> = line
            .passages
            .iter()
            .map(|passage| passage.id.as_str())
            .collect();
        let helpful = match line.helpful {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        let fields = [
            &line.kind,
            &line.key,
            &line.asked,
            &line.channel,
            &line.user,
            &line.question,
            &line.answer,
            &line.mode,
            &line.model,
        ];
        let fields = fields.map(|field| cell(field));
        let passages = cell(&passages.join(" "));
        let rest = [&line.comment, &line.voted_by, &line.voted].map(|field| cell(field));
        writer.write_record(
            fields
                .iter()
                .map(String::as_str)
                .chain([passages.as_str(), helpful])
                .chain(rest.iter().map(String::as_str)),
        )?;
    }
    Ok(writer.into_inner()?)
}

/// Escapes a cell that a spreadsheet would evaluate as a formula, since its text is untrusted.
pub(super) fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_contains_no_formula() {
        let line = FeedbackLine {
            kind: "feedback".into(),
            key: "T1/C1/1.1".into(),
            asked: "2026-01-15T00:00:00Z".into(),
            channel: "C1".into(),
            user: "U1".into(),
            question: "=HYPERLINK(\"x\")".into(),
            answer: "line one\nline \"two\"".into(),
            mode: "llm".into(),
            model: String::new(),
            passages: Vec::new(),
            helpful: Some(false),
            comment: "@wrong".into(),
            voted_by: "U2".into(),
            voted: String::new(),
        };
        let table = String::from_utf8(csv(&[line]).unwrap()).unwrap();
        assert!(table.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{table}");
        assert!(table.contains(",no,'@wrong,U2,"), "{table}");
    }
}
