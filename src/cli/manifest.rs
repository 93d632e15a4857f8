//! `epibot manifest`: the Slack app manifest for this configuration.

use std::process::ExitCode;

use crate::chat::slack;
use crate::config::settings::Config;

use super::output::Output;

pub(super) fn run(config: &Config, output: Output) -> anyhow::Result<ExitCode> {
    let manifest = slack::manifest(config)?;
    output.line(serde_json::to_string_pretty(&manifest)?);
    output.document(&manifest)?;
    Ok(ExitCode::SUCCESS)
}
