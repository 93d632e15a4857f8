//! `epibot doctor`: checks that the configured services work, and says how to fix those that do not.
//!
//! Every check makes a real request: a token is sent to Slack, the model is asked for a word, a text is embedded.

mod finding;
mod index;
mod keys;
mod local;
mod models;
mod slack;
mod web;

use std::process::ExitCode;

use serde_json::json;

use crate::config::settings::Config;

use super::output::Output;
use finding::{Finding, FindingState};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Make the keys that epibot needs on the Meilisearch server, from its master key
    #[arg(long)]
    create_keys: bool,
    /// Where the master key is, as the configuration names secrets. It is used once and kept nowhere
    #[arg(
        long,
        value_name = "WHERE",
        default_value = "env:MEILI_MASTER_KEY",
        requires = "create_keys"
    )]
    master_key: String,
    /// Where an app configuration token (xoxe.xoxp-…) is: with it, the app's event subscriptions are looked at, too
    #[arg(long, value_name = "WHERE")]
    config_token: Option<String>,
}

pub(super) async fn run(
    config: &Config,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    if arguments.create_keys {
        keys::create_keys(config, &arguments.master_key, output).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let token = arguments.config_token.as_deref();
    let (slack, (index, summary), models, web) = tokio::join!(
        slack::check(config, token),
        index::check(config),
        models::check(config),
        web::check(config),
    );
    let local = local::check(config).await;
    let renamed = config.warnings.iter().map(|warning| {
        let (says, fix) = warning.split_once("; ").unwrap_or((warning, ""));
        Finding::warning("configuration", says, fix)
    });
    let findings: Vec<Finding> = [renamed.collect(), slack, index, models, web, local].concat();
    for finding in &findings {
        finding.print(output);
    }
    let count = |state: FindingState| findings.iter().filter(|found| found.state == state).count();
    let (problems, warnings) = (count(FindingState::Problem), count(FindingState::Warning));
    output.line(match (problems, warnings) {
        (0, 0) => "\nEverything that is configured works.".to_owned(),
        (0, warnings) => format!("\nIt works; to be looked at: {warnings}."),
        (problems, warnings) => format!("\nNot working: {problems}. To be looked at: {warnings}."),
    });
    output.document(&json!({
        "ok": problems == 0,
        "findings": findings,
        "index": summary,
    }))?;
    Ok(if problems == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
