//! Schemas for structured output.

use serde::Serialize;
use serde_json::Value;

/// The schema of an object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schema {
    /// Name for the server's logs: letters and underscores.
    pub name: &'static str,
    /// JSON Schema, with every property required and no others allowed, as servers that enforce it require.
    pub schema: Value,
}
