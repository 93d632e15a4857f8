//! Detection of questions about danger.

use serde::Deserialize;

/// Words that identify questions about danger, and the emergency contact.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hazard {
    pub keywords: Vec<String>,
    pub gases: Vec<String>,
    pub dangers: Vec<String>,
    pub protections: Vec<String>,
    pub bypasses: Vec<String>,
    pub contact_korean: String,
    pub contact_english: String,
}
