//! What an object that the model writes must be like.

use serde::Serialize;
use serde_json::Value;

/// What the object must be like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schema {
    /// As the server logs it: letters and underscores.
    pub name: &'static str,
    /// JSON Schema, with every property required and no others allowed, as servers want it that enforce it.
    pub schema: Value,
}
