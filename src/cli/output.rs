//! Output of the commands: text or one JSON document on standard output.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

/// The output of a command. A closed pipe (`| head`) is not an error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    json: bool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(super) fn is_json(self) -> bool {
        self.json
    }

    /// Prints a line of text; nothing with `--json`.
    pub(super) fn line(self, text: impl AsRef<str>) {
        if !self.json {
            let _ = writeln!(io::stdout(), "{}", text.as_ref());
        }
    }

    /// Prints the result as JSON; nothing without `--json`.
    pub(super) fn document(self, value: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            let text = serde_json::to_string_pretty(value)?;
            let _ = writeln!(io::stdout(), "{text}");
        }
        Ok(())
    }

    /// Prints an error with its causes on standard error.
    pub(super) fn problem(error: &anyhow::Error) {
        let _ = writeln!(io::stderr(), "epibot: {error:#}");
    }

    /// A progress bar on standard error; hidden without a terminal and with `--json`.
    pub(super) fn bar(self, template: &str) -> anyhow::Result<ProgressBar> {
        let bar = ProgressBar::new(0)
            .with_style(ProgressStyle::with_template(template)?.progress_chars("█▉▊▋▌▍▎▏ "));
        if self.json || !io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(bar)
    }
}
