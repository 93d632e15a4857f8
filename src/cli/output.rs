//! What the commands print: text for a person or one JSON document, always on standard output.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

/// Where a command's results go. A reader that went away (`| head`) is no error.
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

    /// A line for a person; nothing where JSON was asked for.
    pub(super) fn line(self, text: impl AsRef<str>) {
        if !self.json {
            let _ = writeln!(io::stdout(), "{}", text.as_ref());
        }
    }

    /// The command's result for a machine; nothing where text was asked for.
    pub(super) fn document(self, value: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            let text = serde_json::to_string_pretty(value)?;
            let _ = writeln!(io::stdout(), "{text}");
        }
        Ok(())
    }

    /// What went wrong, with its causes, on standard error.
    pub(super) fn problem(error: &anyhow::Error) {
        let _ = writeln!(io::stderr(), "epibot: {error:#}");
    }

    /// A progress bar on standard error, drawn only for a person at a terminal.
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
