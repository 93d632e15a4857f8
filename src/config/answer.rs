//! The grounding check of answers.

use serde::Deserialize;

/// How answers are checked against the passages they cite.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub unsupported: UnsupportedPolicy,
    pub llm_judge: bool,
    pub llm_judge_timeout_ms: u64,
}

/// What to do with a sentence that its cited passages do not support.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum UnsupportedPolicy {
    /// Show it, marked and listed.
    Mark,
    /// Leave it out. Answers then appear only when complete.
    Withhold,
}

impl TryFrom<String> for UnsupportedPolicy {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "mark" => Ok(Self::Mark),
            "withhold" => Ok(Self::Withhold),
            _ => Err(format!(
                "\"{text}\" is not a way to treat unsupported sentences; write \"mark\" or \"withhold\""
            )),
        }
    }
}
