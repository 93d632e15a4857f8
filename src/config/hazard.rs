//! What is said in danger.

use serde::Deserialize;

/// The words of questions about danger, and whom to call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hazard {
    pub always: Vec<String>,
    pub gases: Vec<String>,
    pub dangers: Vec<String>,
    pub protections: Vec<String>,
    pub ways_around: Vec<String>,
    pub contact_korean: String,
    pub contact_english: String,
}
