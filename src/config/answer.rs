//! How answers are checked before they are shown.

use serde::Deserialize;

/// What becomes of what no cited passage bears out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub check: Check,
    pub second_opinion: bool,
    pub second_opinion_timeout_ms: u64,
}

/// What the check of an answer does with a statement in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Check {
    /// It is shown, marked and listed.
    Mark,
    /// It is not shown. Answers then appear when they are whole.
    Withhold,
}

impl TryFrom<String> for Check {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "mark" => Ok(Self::Mark),
            "withhold" => Ok(Self::Withhold),
            _ => Err(format!(
                "\"{text}\" is nothing that can be done with what is in doubt; write \"mark\" or \"withhold\""
            )),
        }
    }
}
