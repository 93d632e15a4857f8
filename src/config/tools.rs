//! Tool calls of the language model.

use serde::Deserialize;

/// Limits of tool calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tools {
    pub mode: ToolMode,
    pub max_calls: usize,
    pub timeout_s: u64,
}

/// Whether the model is offered tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum ToolMode {
    /// For questions about recipes.
    Auto,
    Off,
}

impl TryFrom<String> for ToolMode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "auto" => Ok(Self::Auto),
            "off" => Ok(Self::Off),
            _ => Err(format!(
                "\"{text}\" is no way to use tools; write \"auto\" or \"off\""
            )),
        }
    }
}
