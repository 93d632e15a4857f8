//! What was found, and what to do about it.

use serde::Serialize;

use crate::cli::output::Output;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Ok,
    /// It works, or is not looked at, and somebody should know.
    Warning,
    /// It does not work.
    Problem,
    /// It is not configured.
    Off,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was looked at, such as `slack` or `sources`.
    pub part: &'static str,
    pub state: State,
    pub says: String,
    /// What to do, where there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Finding {
    fn new(part: &'static str, state: State, says: impl Into<String>, fix: &str) -> Self {
        Self {
            part,
            state,
            says: says.into(),
            fix: (!fix.is_empty()).then(|| fix.to_owned()),
        }
    }

    pub(super) fn ok(part: &'static str, says: impl Into<String>) -> Self {
        Self::new(part, State::Ok, says, "")
    }

    pub(super) fn off(part: &'static str, says: impl Into<String>) -> Self {
        Self::new(part, State::Off, says, "")
    }

    pub(super) fn warning(part: &'static str, says: impl Into<String>, fix: &str) -> Self {
        Self::new(part, State::Warning, says, fix)
    }

    pub(super) fn problem(part: &'static str, says: impl Into<String>, fix: &str) -> Self {
        Self::new(part, State::Problem, says, fix)
    }

    /// A problem by its error, whose sentence says what to do.
    pub(super) fn failed(part: &'static str, error: &anyhow::Error) -> Self {
        let said = format!("{error:#}");
        match said.split_once("; ") {
            Some((says, fix)) => Self::problem(part, says, fix),
            None => Self::problem(part, said, ""),
        }
    }

    /// Two lines for a person: how it is, and what to do.
    pub(super) fn print(&self, output: Output) {
        let sign = match self.state {
            State::Ok => "ok      ",
            State::Warning => "look at ",
            State::Problem => "PROBLEM ",
            State::Off => "off     ",
        };
        output.line(format!("{sign} {:<10} {}", self.part, self.says));
        if let Some(fix) = &self.fix {
            output.line(format!("                    -> {fix}"));
        }
    }
}
