//! Logs, to standard error, as lines for a person or JSON for a machine; and traces, to a collector where there is one.

mod traces;

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::runtime::LogFormat;
use crate::config::settings::Config;

pub use traces::Traces;

/// Sends the program's events to standard error, at the configured level, and its spans to the configured collector.
/// What is not sent yet is sent when the returned value is dropped.
///
/// # Errors
/// The level is no filter, the collector's client cannot be set up, or logging was set up before.
pub fn start(config: &Config) -> anyhow::Result<Traces> {
    let log = &config.log;
    let filter = EnvFilter::try_new(quietened(&log.level)).with_context(|| {
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

/// The level without what the Slack library logs, unless it is asked for by name: its errors carry whole messages and
/// addresses with tickets, and ours tell of the same.
fn quietened(level: &str) -> String {
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
    fn the_slack_library_is_heard_only_by_name() {
        assert_eq!(
            quietened("info,epibot=debug"),
            "info,epibot=debug,slack_morphism=off"
        );
        assert_eq!(
            quietened("info,slack_morphism=debug"),
            "info,slack_morphism=debug"
        );
    }
}
