//! `epibot setup`: fetches the PDFium library into the data folder.

use std::process::ExitCode;

use crate::config::settings::Config;
use crate::extract::pdfium_install;

use super::output::Output;

pub(super) async fn run(config: &Config, output: Output) -> anyhow::Result<ExitCode> {
    let library = pdfium_install::install(config).await?;
    output.line(format!("PDFium is ready: {}", library.display()));
    output.document(&serde_json::json!({ "pdfium": library }))?;
    Ok(ExitCode::SUCCESS)
}
