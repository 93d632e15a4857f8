//! `epibot audit`: exports the record of all questions, and deletes the data of one person.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Subcommand;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::feedback::{Format, cell, open};
use super::output::Output;
use crate::app::storage::Storage;
use crate::config::settings::Config;
use crate::storage::answer_log::AuditRecord;

/// How many records are read at a time.
const BATCH_SIZE: u32 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a record of every question: who asked where and when, from which passages and by which model it was
    /// answered, and with what outcome
    Export {
        /// One JSON object a line, or a table for a spreadsheet
        #[arg(long, value_enum, default_value_t = Format::Jsonl)]
        format: Format,
        /// Only what was answered from then on, such as 2026-03-01 or 2026-03-01T08:00:00+09:00
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
    },
    /// Delete what is kept of one person: their questions and answers, votes and remarks
    Forget {
        /// Their id in Slack, "U…"
        #[arg(long, value_name = "ID")]
        user: String,
    },
}

pub(super) async fn run(
    config: &Config,
    command: &Command,
    output: Output,
) -> anyhow::Result<ExitCode> {
    match command {
        Command::Export { format, since } => {
            let since = since.as_deref().map_or(Ok(Timestamp::UNIX_EPOCH), time)?;
            export(config, *format, since, output).await?;
        }
        Command::Forget { user } => forget(config, user, output).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(
    config: &Config,
    format: Format,
    since: Timestamp,
    output: Output,
) -> anyhow::Result<()> {
    let feedback = open(config).await?;
    let (mut last, mut all) = (None, Vec::new());
    let mut out = io::stdout();
    if !output.is_json() && matches!(format, Format::Csv) {
        out.write_all(&row(&HEAD.map(str::to_owned))?)?;
    }
    loop {
        let mut batch = feedback.audit(since, last.as_ref(), BATCH_SIZE).await?;
        let Some(newest) = batch.last().cloned() else {
            break;
        };
        last = Some(newest);
        if !config.audit.export_questions {
            for record in &mut batch {
                record.question.clear();
            }
        }
        if output.is_json() {
            all.extend(batch);
            continue;
        }
        for record in &batch {
            let line = match format {
                Format::Jsonl => [serde_json::to_vec(record)?, vec![b'\n']].concat(),
                Format::Csv => row(&fields(record))?,
            };
            // A closed pipe is not an error.
            if out.write_all(&line).is_err() {
                return Ok(());
            }
        }
    }
    output.document(&all)
}

/// Parses a date as midnight UTC, or a time with its offset.
fn time(text: &str) -> anyhow::Result<Timestamp> {
    let midnight = text
        .parse::<Date>()
        .and_then(|date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)));
    text.parse::<Timestamp>().or(midnight).map_err(|_| {
        anyhow!(
            "\"{text}\" is no time; write a date such as 2026-03-01, or 2026-03-01T08:00:00+09:00"
        )
    })
}

const HEAD: [&str; 15] = [
    "key",
    "at",
    "user",
    "team",
    "channel",
    "thread",
    "question",
    "question_sha256",
    "outcome",
    "reason",
    "passages",
    "cited",
    "model",
    "prompt_tokens",
    "completion_tokens",
];

fn fields(record: &AuditRecord) -> [String; 15] {
    [
        record.key.clone(),
        record.at.clone(),
        record.user.clone(),
        record.team.clone(),
        record.channel.clone(),
        record.thread.clone(),
        record.question.clone(),
        record.question_sha256.clone(),
        record.outcome.clone(),
        record.reason.clone(),
        record.passages.join(" "),
        record.cited.join(" "),
        record.model.clone(),
        record.prompt_tokens.to_string(),
        record.completion_tokens.to_string(),
    ]
}

fn row(fields: &[String; 15]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields.iter().map(|field| cell(field)))?;
    Ok(writer.into_inner()?)
}

async fn forget(config: &Config, user: &str, output: Output) -> anyhow::Result<()> {
    let is_id = user.starts_with(['U', 'W'])
        && user
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
    anyhow::ensure!(
        is_id,
        "\"{user}\" is no id of a person; copy it from their profile in Slack, it begins with U"
    );
    let mut forgotten = open(config).await?.forget_person(user).await?;
    let (jobs, waiting) = Storage::open(config).await?.forget_person(user).await?;
    forgotten.jobs = jobs;
    forgotten.open = waiting;
    output.line(format!(
        "Of {user} were deleted: {} answered questions with their votes, {} votes on answers to others, {} remarks, and \
         what {} stored jobs carried.",
        forgotten.answers, forgotten.votes, forgotten.remarks, forgotten.jobs
    ));
    if forgotten.open > 0 {
        output.line(format!(
            "{} of their questions or orders are still to be done; run this again once they are.",
            forgotten.open
        ));
    }
    output.line("What stands in Slack itself, in logs and in backups is not deleted by this.");
    output.document(&json!({ "user": user, "deleted": forgotten }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_or_an_instant() {
        let parsed = |text| time(text).unwrap().to_string();
        assert_eq!(parsed("2026-03-01"), "2026-03-01T00:00:00Z");
        assert_eq!(parsed("2026-03-01T08:00:00+09:00"), "2026-02-28T23:00:00Z");
        let error = time("yesterday").unwrap_err().to_string();
        assert!(error.contains("write a date such as"), "{error}");
    }
}
