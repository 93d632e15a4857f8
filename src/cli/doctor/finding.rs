//! Results of checks, with their fixes.

use serde::Serialize;

use crate::cli::output::Output;

/// The state of a checked part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FindingState {
    Ok,
    /// It works or cannot be checked, and needs attention.
    Warning,
    /// It does not work.
    Problem,
    /// It is not configured.
    Off,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// The checked part, such as `slack` or `sources`.
    pub part: &'static str,
    pub state: FindingState,
    pub says: String,
    /// How to fix it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Finding {
    fn new(part: &'static str, state: FindingState, says: impl Into<String>, fix: &str) -> Self {
        Self {
            part,
            state,
            says: says.into(),
            fix: (!fix.is_empty()).then(|| fix.to_owned()),
        }
    }

    pub(super) fn ok(part: &'static str, says: impl Into<String>) -> Self {
        Self::new(part, FindingState::Ok, says, "")
    }

    pub(super) fn off(part: &'static str, says: impl Into<String>) -> Self {
        Self::new(part, FindingState::Off, says, "")
    }

    pub(super) fn warning(part: &'static str, says: impl Into<String>, fix: &str) -> Self {
        Self::new(part, FindingState::Warning, says, fix)
    }

    pub(super) fn problem(part: &'static str, says: impl Into<String>, fix: &str) -> Self {
        Self::new(part, FindingState::Problem, says, fix)
    }

    /// A problem from an error, whose message contains the fix after a semicolon.
    pub(super) fn failed(part: &'static str, error: &anyhow::Error) -> Self {
        let message = format!("{error:#}");
        match message.split_once("; ") {
            Some((says, fix)) => Self::problem(part, says, fix),
            None => Self::problem(part, message, ""),
        }
    }

    /// Prints the finding, and the fix on a second line.
    pub(super) fn print(&self, output: Output) {
        let sign = match self.state {
            FindingState::Ok => "ok      ",
            FindingState::Warning => "look at ",
            FindingState::Problem => "PROBLEM ",
            FindingState::Off => "off     ",
        };
        output.line(format!("{sign} {:<10} {}", self.part, self.says));
        if let Some(fix) = &self.fix {
            output.line(format!("                    -> {fix}"));
        }
    }
}
