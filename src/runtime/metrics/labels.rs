//! Labels of metrics. Each has a fixed set of values, except the methods of Slack's Web API, which are few.

use prometheus_client::encoding::EncodeLabelSet;

/// A label with a fixed set of values.
macro_rules! label {
    ($(#[$meta:meta])* $name:ident, $field:ident, [$($value:ident = $text:literal),+ $(,)?]) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub struct $name {
            $field: &'static str,
        }

        impl $name {
            $(pub const $value: Self = Self { $field: $text };)+

            pub(super) fn all() -> Vec<Self> {
                vec![$(Self::$value),+]
            }
        }
    };
}

label!(
    /// How a question was answered.
    Mode,
    mode,
    [LLM = "llm", EXTRACTIVE = "extractive", NONE_FOUND = "none_found"]
);

impl From<crate::domain::answer::Mode> for Mode {
    fn from(mode: crate::domain::answer::Mode) -> Self {
        Self { mode: mode.name() }
    }
}

label!(
    /// Why the documents did not answer a question.
    Refusal,
    reason,
    [
        NOT_FOUND = "not_found",
        NO_ACCESS = "no_access",
        TOO_MANY = "too_many",
        WAY_AROUND = "way_around",
        FAILED = "failed",
    ]
);
label!(
    /// A stage of a question whose duration users notice.
    Stage,
    stage,
    [
        RETRIEVE = "retrieve",
        FIRST_TOKEN = "first_token",
        CHECK = "check",
        ANSWER = "answer",
        THREAD = "thread",
    ]
);
label!(
    /// The kind of a token.
    Token,
    kind,
    [PROMPT = "prompt", COMPLETION = "completion"]
);
label!(
    /// Why the language model failed.
    Failure,
    reason,
    [
        UNREACHABLE = "unreachable",
        REFUSED = "refused",
        LIMITED = "limited",
        SILENT = "silent",
        CUT = "cut",
        UNUSABLE = "unusable",
    ]
);
label!(
    /// A vote on an answer.
    Vote,
    vote,
    [UP = "up", DOWN = "down"]
);
label!(
    /// Outcome of a reindex run.
    Run,
    outcome,
    [DONE = "done", CANCELLED = "cancelled", FAILED = "failed"]
);

/// Outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    /// Rate limited.
    Limited,
    Failed,
}

/// A call to Slack.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Call {
    pub method: &'static str,
    pub outcome: &'static str,
}

impl Call {
    /// Returns the label of a call to this method with this outcome.
    #[must_use]
    pub fn new(method: &'static str, outcome: Outcome) -> Self {
        Self {
            method,
            outcome: match outcome {
                Outcome::Ok => "ok",
                Outcome::Limited => "limited",
                Outcome::Failed => "failed",
            },
        }
    }
}
