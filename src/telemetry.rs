//! Logs: to standard error, as lines for a person or JSON for a machine.

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Sends the program's events to standard error, at the configured level.
///
/// # Errors
/// The level is no filter, or logging was set up before.
pub fn start(config: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(quietened(&config.level)).with_context(|| {
        format!(
            "log.level is \"{}\"; write \"info\", or \"info,epibot=debug\"",
            config.level
        )
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match config.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|error| anyhow::anyhow!("logging cannot be set up: {error}"))
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
