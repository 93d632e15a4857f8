//! The command line: parses arguments and runs the command, each of which has its own file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cli::output::Output;
use crate::cli::{
    ask, audit, backup, demo, doctor, documents, eval, feedback, glossary, healthcheck, manifest,
    recipe, reindex, serve, setup,
};
use crate::config;
use crate::config::settings::Config;
use crate::extract::ocr::become_tesseract;
use crate::extract::worker;
use crate::runtime::telemetry;

/// Answers questions from a fab's manuals, in Slack, with sources that open.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    /// The configuration file; what it leaves out keeps its default
    #[arg(long, global = true, value_name = "FILE", env = "EPIBOT_CONFIG")]
    config: Option<PathBuf>,
    /// Print one JSON document instead of text for a person
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer questions in Slack, as configured
    Serve,
    /// Try it out: index the built-in sample documents and open a chat page on this machine
    Demo(demo::Arguments),
    /// Answer one question here, from what is indexed
    Ask(ask::Arguments),
    /// Bring the index up to date with the documents
    Reindex(reindex::Arguments),
    /// Show what is indexed, what is not, and why
    #[command(subcommand)]
    Documents(documents::Command),
    /// Take out what people said about answers, and what the documents do not answer
    #[command(subcommand)]
    Feedback(feedback::Command),
    /// Tell who asked what where, and delete what is kept of one person
    #[command(subcommand)]
    Audit(audit::Command),
    /// Write questions, answers and votes into a file, also while epibot runs
    Backup(backup::Arguments),
    /// Put a backup in the place of questions, answers and votes, while epibot does not run
    Restore(backup::Arguments),
    /// Fetch the PDFium library, which draws the pages that answers cite
    Setup,
    /// Measure how well questions find their passages
    Eval(eval::Arguments),
    /// See whether what is configured works, and make the keys of the search server
    Doctor(doctor::Arguments),
    /// List, show, find, compare and draw recipes
    #[command(subcommand)]
    Recipe(recipe::Command),
    /// Show which words mean the same, and which of them are ambiguous
    Glossary(glossary::Arguments),
    /// Print the Slack app manifest that fits the configuration
    Manifest,
    /// Exit with 0 if the running server is healthy
    Healthcheck,
    /// Read documents for another process
    #[command(hide = true)]
    ExtractWorker { setting: String },
    /// Become tesseract, which reads an image for another process
    #[command(hide = true)]
    OcrWorker { setting: String },
}

/// Runs the program and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = Output::new(arguments.json);
    match run(arguments, output) {
        Ok(code) => code,
        Err(error) => {
            Output::problem(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments, output: Output) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        // A worker has an empty environment and loads no configuration.
        Command::ExtractWorker { setting } => {
            worker::main(setting)?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::OcrWorker { setting } => match become_tesseract(setting)? {},
        _ => {}
    }
    let file = arguments.config;
    let mut config = config::load::load(file.as_deref())?;
    if !matches!(arguments.command, Command::Serve) {
        reduce_logging(&mut config);
    }
    let _traces = telemetry::start(&config)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(async {
            match arguments.command {
                Command::Serve => serve::run(config).await,
                Command::Demo(arguments) => demo::run(config, arguments, output).await,
                Command::Ask(arguments) => ask::run(&config, arguments, output).await,
                Command::Reindex(arguments) => reindex::run(config, arguments, output).await,
                Command::Documents(command) => documents::run(&config, command, output).await,
                Command::Feedback(command) => feedback::run(&config, &command, output).await,
                Command::Audit(command) => audit::run(&config, &command, output).await,
                Command::Backup(arguments) => backup::backup(&config, arguments, output).await,
                Command::Restore(arguments) => backup::restore(&config, arguments, output).await,
                Command::Setup => setup::run(&config, output).await,
                Command::Doctor(arguments) => doctor::run(&config, arguments, output).await,
                Command::Recipe(command) => recipe::run(&config, command, output).await,
                Command::Eval(arguments) => {
                    Box::pin(eval::run(config, file.as_deref(), arguments, output)).await
                }
                Command::Glossary(arguments) => glossary::run(&config, &arguments, output),
                Command::Manifest => manifest::run(&config, output),
                Command::Healthcheck => healthcheck::run(&config, output).await,
                Command::ExtractWorker { .. } | Command::OcrWorker { .. } => {
                    unreachable!("handled above, before the configuration is loaded")
                }
            }
        })
}

/// Raises the default log level to `warn`: an interactive command prints its results itself.
fn reduce_logging(config: &mut Config) {
    if config.log.level == "info" {
        "warn".clone_into(&mut config.log.level);
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_readme_names_every_command() {
        let readme = include_str!("../../README.md");
        let program = Arguments::command();
        let commands = program.get_subcommands();
        let missing: Vec<&str> = commands
            .filter(|command| !command.is_hide_set())
            .map(clap::Command::get_name)
            .filter(|name| {
                let spellings = [format!("`epibot {name}"), format!("`{name}`")];
                !spellings.iter().any(|spelling| readme.contains(spelling))
            })
            .collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
