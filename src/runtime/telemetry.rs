//! Logs to standard error, as text or JSON, and traces to a collector, if configured.

mod traces;

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::runtime::LogFormat;
use crate::config::settings::Config;

pub use traces::Traces;

/// Sends log events to standard error, at the configured level, and spans to the configured collector. Pending spans are
/// sent when the returned value is dropped.
///
/// # Errors
/// The level is not a filter, the collector's client cannot be created, or logging is already set up.
pub fn start(config: &Config) -> anyhow::Result<Traces> {
    let log = &config.log;
    let filter = EnvFilter::try_new(without_slack_library(&log.level)).with_context(|| {
        format!(
            "log.level is \"{}\"; write \"info\", or \"info,epibot=debug\"",
            log.level
        )
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let (traces, spans) = Traces::start(&config.traces)?;
    tracing_subscriber::registry()
        .with(spans)
        .with(lines.with_filter(filter))
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging cannot be set up: {error}"))?;
    Ok(traces)
}

/// Excludes the logs of the Slack library unless they are requested by name: its errors contain whole messages and URLs
/// with tickets, and epibot's own log reports the same.
fn without_slack_library(level: &str) -> String {
    const LIBRARY: &str = "slack_morphism";
    if level.contains(LIBRARY) || level.trim().is_empty() {
        level.to_owned()
    } else {
        format!("{level},{LIBRARY}=off")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slack_library_is_logged_only_by_name() {
        assert_eq!(
            without_slack_library("info,epibot=debug"),
            "info,epibot=debug,slack_morphism=off"
        );
        assert_eq!(
            without_slack_library("info,slack_morphism=debug"),
            "info,slack_morphism=debug"
        );
    }
}
